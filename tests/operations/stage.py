"""A stage on an emulated region: what the commands look for, made by the names they share with the stacks."""

import io
import zipfile
from typing import Any

import boto3

from brutal_patches.cli.engine import Engine
from brutal_patches.operations.names import TABLE_PREFIX, Names

SERVICES = (
    "dynamodb,dynamodbstreams,secretsmanager,iam,backup,logs,ssm,elbv2,ecs,wafv2,cloudwatch,application-autoscaling,"
    "sts,ec2,lambda,monitoring"
)
NAMES = Names("dev")


class Stage:
    """The dev stage, as far as the emulator goes."""

    def __init__(self, engine: Engine) -> None:
        self.endpoint = engine.endpoint
        self.environment = {
            "AWS_ENDPOINT_URL": engine.endpoint,
            "AWS_ACCESS_KEY_ID": "emulated",
            "AWS_SECRET_ACCESS_KEY": "emulated",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_PROFILE": None,
            "DYNAMODB_ENDPOINT_URL": "",
            "STAGE": "dev",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="emulated",
            aws_secret_access_key="emulated",
        )

    def revise(self, tag: str) -> str:
        """One more revision of the task."""
        answer = self.client("ecs").register_task_definition(
            family=NAMES.family,
            networkMode="awsvpc",
            containerDefinitions=[
                {"name": "api", "image": f"registry.example.com/api:{tag}", "essential": True},
                {"name": "collector", "image": "registry.example.com/collector:v1", "essential": False},
            ],
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def make(self) -> "Stage":
        """Everything but the tables, which the command line makes."""
        self._serve()
        for version in (4, 6):
            self.client("wafv2").create_ip_set(
                Name=NAMES.block_list(version), Scope="REGIONAL", IPAddressVersion=f"IPV{version}", Addresses=[]
            )
        self.client("ssm").put_parameter(
            Name=NAMES.parameter(TABLE_PREFIX), Value=NAMES.table_prefix, Type="String", Overwrite=True
        )
        secrets = self.client("secretsmanager")
        secrets.create_secret(
            Name=NAMES.secret("jwt"), SecretString='{"current":"first","previous":"","announced":"no"}'
        )
        secrets.create_secret(Name=NAMES.secret("ops-token"), SecretString="first")
        self.client("logs").create_log_group(logGroupName=NAMES.log_group("api"))
        return self

    def _serve(self) -> None:
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=NAMES.cluster)
        for tag in ("one", "two", "three"):
            latest = self.revise(tag)
        ecs.create_service(
            cluster=NAMES.cluster,
            serviceName=NAMES.service,
            taskDefinition=latest,
            desiredCount=0,
            launchType="FARGATE",
        )


def archive(code: str) -> bytes:
    """A function's package with this code."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as found:
        found.writestr("index.py", code)
    return packed.getvalue()
