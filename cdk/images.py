"""The registries of the two images a task is made of.

The collector is mirrored rather than pulled from its public registry: private subnets need no way there, and
a scale-out at night does not depend on somebody else's service. With each change of `COLLECTOR_TAG`:
`crane copy public.ecr.aws/aws-observability/aws-otel-collector:TAG ACCOUNT.dkr.ecr.REGION.amazonaws.com/brutal-patches-STAGE-collector:TAG`
"""  # noqa: E501 - A command on one line.

from aws_cdk import Duration
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from cdk.config import Stage
from cdk.stack import StageStack, removal

KEPT = 50


class ImagesStack(StageStack):
    """Tags cannot be moved, so a task revision names one image for ever, and can be returned to."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, stage, "images", "registries of the service's images")
        self.api = self._repository(stage, "Api", f"{stage.prefix}-api")
        self.collector = self._repository(stage, "Collector", f"{stage.prefix}-collector")

    def _repository(self, stage: Stage, construct_id: str, name: str) -> ecr.Repository:
        return ecr.Repository(
            self,
            construct_id,
            repository_name=name,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            encryption=ecr.RepositoryEncryption.AES_256,
            removal_policy=removal(stage),
            lifecycle_rules=[
                ecr.LifecycleRule(rule_priority=1, tag_status=ecr.TagStatus.UNTAGGED, max_image_age=Duration.days(7)),
                ecr.LifecycleRule(rule_priority=2, tag_status=ecr.TagStatus.ANY, max_image_count=KEPT),
            ],
        )
