"""The signing keys with their rotation, and the token of the operators."""

from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk.config import Stage
from cdk.stack import StageStack, accept, log_group, removal

HANDLER = Path(__file__).parent / "rotation" / "handler.py"


class SecretsStack(StageStack):
    """Generated here, never seen by a person; tasks get them as environment variables when they start."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, stage, "secrets", "signing keys and the operators' token")
        self.jwt: secretsmanager.ISecret
        self.ops: secretsmanager.ISecret
        if stage.takes_over:
            # The replicas that are there; they rotate again once operators have made them secrets of their own.
            self.jwt, self.ops = (
                secretsmanager.Secret.from_secret_name_v2(self, name.title(), stage.names.secret(name))
                for name in ("jwt", "ops-token")
            )
            return
        self._make(stage)

    def _make(self, stage: Stage) -> None:
        jwt = self._secret(
            stage,
            "Jwt",
            "jwt",
            "The key tokens are signed with, and one more that verifies",
            secretsmanager.SecretStringGenerator(
                secret_string_template='{"previous": "", "announced": "no"}',
                generate_string_key="current",
                password_length=64,
                exclude_punctuation=True,
            ),
        )
        ops = self._secret(
            stage,
            "Ops",
            "ops-token",
            "Bearer token of /health/detailed and /monitoring/metrics",
            secretsmanager.SecretStringGenerator(password_length=48, exclude_punctuation=True),
        )
        accept(
            ops,
            "Whoever scrapes has a copy, so a timer would break monitoring; operators rotate it by hand.",
            "SMG4",
        )
        rotation = self._rotation(stage)
        schedule = jwt.add_rotation_schedule(
            "Rotation",
            rotation_lambda=rotation,
            automatically_after=Duration.days(stage.rotation_days),
            # At once the first time, so that there are two keys before the first task starts.
            rotate_immediately_on_update=True,
        )
        schedule.node.add_dependency(rotation.role or rotation)
        self.jwt, self.ops = jwt, ops

    def _secret(
        self,
        stage: Stage,
        construct_id: str,
        name: str,
        description: str,
        generated: secretsmanager.SecretStringGenerator,
    ) -> secretsmanager.Secret:
        replicas = [secretsmanager.ReplicaRegion(region=stage.replica_region)] if stage.replica_region else None
        return secretsmanager.Secret(
            self,
            construct_id,
            secret_name=stage.names.secret(name),
            description=description,
            generate_secret_string=generated,
            replica_regions=replicas,
            removal_policy=removal(stage),
        )

    def _rotation(self, stage: Stage) -> functions.Function:
        group = log_group(self, stage, "rotation")
        role = iam.Role(self, "RotationRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        group.grant_write(role)
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["ecs:UpdateService"], resources=[service_arn(self, stage)])
        )
        accept(
            role,
            "The CDK lets every rotation ask for random passwords, which are nobody's resource.",
            "IAM5[Resource::*]",
        )
        return functions.Function(
            self,
            "RotationFunction",
            function_name=f"{stage.prefix}-rotation",
            description="Rotates the signing key half a step at a time",
            runtime=functions.Runtime.PYTHON_3_14,
            architecture=functions.Architecture.ARM_64,
            handler="index.handler",
            # Inline, so that there is nothing to build or upload.
            code=functions.Code.from_inline(HANDLER.read_text()),
            timeout=Duration.seconds(30),
            environment={"CLUSTER": stage.cluster, "SERVICE": stage.service},
            log_group=group,
            role=role,
        )


def service_arn(scope: Construct, stage: Stage) -> str:
    """The ECS service by its name, because it is made after the secrets it reads."""
    return Stack.of(scope).format_arn(
        service="ecs", resource="service", resource_name=f"{stage.cluster}/{stage.service}"
    )
