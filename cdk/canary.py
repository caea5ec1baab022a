"""A visitor who never sleeps: every five minutes it checks health and walks through what needs no login."""

from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_synthetics as synthetics
from constructs import Construct

from cdk.buckets import record_bucket
from cdk.config import Stage
from cdk.stack import accept, removal

JOURNEY = Path(__file__).parent / "journey.js"


class Canary(Construct):
    """Runs `journey.js` against the public address, from outside the network as a player would."""

    def __init__(self, scope: Construct, stage: Stage, public_url: str) -> None:
        super().__init__(scope, "Canary")
        # A canary's name has at most 21 letters on old runtimes, so it is shorter than the prefix.
        self.name = f"bp-{stage.name}-journey"
        bucket = record_bucket(self, "Artifacts", stage)
        self.resource = synthetics.Canary(
            self,
            "Resource",
            canary_name=self.name,
            runtime=synthetics.Runtime.SYNTHETICS_NODEJS_PUPPETEER_13_0,
            test=synthetics.Test.custom(code=synthetics.Code.from_inline(JOURNEY.read_text()), handler="index.handler"),
            schedule=synthetics.Schedule.rate(Duration.minutes(5)),
            timeout=Duration.seconds(60),
            environment_variables={"PUBLIC_URL": public_url},
            artifacts_bucket_location=synthetics.ArtifactsBucketLocation(bucket=bucket),
            success_retention_period=Duration.days(7),
            failure_retention_period=Duration.days(31),
            provisioned_resource_cleanup=True,
            role=_role(self, self.name, bucket.bucket_arn),
        )
        self.resource.apply_removal_policy(removal(stage))


def _role(scope: Construct, name: str, bucket_arn: str) -> iam.Role:
    stack = Stack.of(scope)
    logs = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:/aws/lambda/cwsyn-{name}-*"
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    for statement in (
        iam.PolicyStatement(actions=["s3:GetBucketLocation"], resources=[bucket_arn]),
        iam.PolicyStatement(actions=["s3:PutObject"], resources=[f"{bucket_arn}/*"]),
        iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]),
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs]
        ),
        iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": "CloudWatchSynthetics"}},
        ),
    ):
        role.add_to_principal_policy(statement)
    accept(
        role,
        "Synthetics names its objects, functions and metrics itself.",
        "IAM5[Resource::*]",
        "IAM5[Resource::<CanaryArtifacts7ADD0D0B.Arn>/*]",
        f"IAM5[Resource::arn:aws:logs:{stack.region}:<AWS::AccountId>:log-group:/aws/lambda/cwsyn-{name}-*]",
    )
    return role
