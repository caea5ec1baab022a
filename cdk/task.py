"""The task: the service and, beside it, the collector of its traces and metrics."""

from pathlib import Path

from aws_cdk import CfnParameter, Duration, Size
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from brutal_patches.operations.names import TABLE_PREFIX
from cdk.config import COLLECTOR_TAG, DRAIN_SECONDS, PORT, STOP_SECONDS, Stage
from cdk.images import ImagesStack
from cdk.permissions import execution_role, task_role
from cdk.resources import Resources
from cdk.stack import accept, log_group

COLLECTOR = Path(__file__).parents[1] / "docker" / "collector" / "production.yaml"
COLLECTOR_MEMORY = 256
SCRATCH_MEMORY = 64
_BUFFER = Size.mebibytes(25)
LIVE = "import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/health', timeout=2)"


class Task(Construct):
    """A definition whose every revision names one image for ever: what operators return to when they roll back."""

    def __init__(self, scope: Construct, stage: Stage, images: ImagesStack, uses: Resources, public_url: str) -> None:
        super().__init__(scope, "Task")
        self.stage = stage
        self.logs = log_group(self, stage, "api")
        self.metrics = log_group(self, stage, "metrics", days=14)
        self.parameters = self._parameters()
        self.definition = ecs.FargateTaskDefinition(
            self,
            "Definition",
            family=stage.names.family,
            cpu=stage.capacity.cpu,
            memory_limit_mib=stage.capacity.memory,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
            task_role=task_role(self, stage, uses, self.metrics),
            execution_role=execution_role(self),
        )
        collector = self._collector(images)
        api = self._api(images, uses, public_url)
        # The collector starts first and is stopped last, so that the last spans and counts still arrive.
        api.add_container_dependencies(
            ecs.ContainerDependency(container=collector, condition=ecs.ContainerDependencyCondition.START)
        )
        accept(
            self.definition,
            "What is set openly is no secret: names, addresses and levels. Secrets come from Secrets Manager.",
            "ECS2",
        )

    def _parameters(self) -> dict[str, ssm.StringParameter]:
        """What operators may turn without a deployment: change the parameter, then start the tasks anew."""
        defaults = {
            TABLE_PREFIX: self.stage.live_prefix,
            "log-level": self.stage.log_level,
            "trace-ratio": self.stage.trace_ratio,
            "rate-limit-max": "600",
            "collector": _collector_configuration(),
        }
        return {
            name: ssm.StringParameter(
                self,
                f"{name.title()}Parameter",
                parameter_name=self.stage.names.parameter(name),
                string_value=value,
                description=f"{name} of the service, read when a task starts",
            )
            for name, value in defaults.items()
        }

    def _api(self, images: ImagesStack, uses: Resources, public_url: str) -> ecs.ContainerDefinition:
        tag = CfnParameter(
            self.node.scope,  # type: ignore[arg-type]  # A node knows its scope as any construct; it is the stack.
            "ImageTag",
            description="Tag of the service's image, already pushed",
            allowed_pattern="[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
        )
        container = self.definition.add_container(
            "Api",
            container_name="api",
            image=ecs.ContainerImage.from_ecr_repository(images.api, tag.value_as_string),
            essential=True,
            user="10001:10001",
            readonly_root_filesystem=True,
            linux_parameters=_with_scratch(_least_privilege(self, "ApiLinux")),
            environment=environment(self.stage, public_url, uses.sender),
            secrets={
                "JWT_SECRET": ecs.Secret.from_secrets_manager(uses.jwt, "current"),
                "JWT_PREVIOUS_SECRET": ecs.Secret.from_secrets_manager(uses.jwt, "previous"),
                "OPS_TOKEN": ecs.Secret.from_secrets_manager(uses.ops),
                "DYNAMODB_TABLE_PREFIX": ecs.Secret.from_ssm_parameter(self.parameters[TABLE_PREFIX]),
                "LOG_LEVEL": ecs.Secret.from_ssm_parameter(self.parameters["log-level"]),
                "TRACE_RATIO": ecs.Secret.from_ssm_parameter(self.parameters["trace-ratio"]),
                "RATE_LIMIT_MAX": ecs.Secret.from_ssm_parameter(self.parameters["rate-limit-max"]),
            },
            memory_limit_mib=self.stage.capacity.memory - COLLECTOR_MEMORY,
            logging=self._logging("api"),
            health_check=_check(["CMD", "python", "-c", LIVE.format(port=PORT)], start_seconds=60),
            stop_timeout=Duration.seconds(STOP_SECONDS),
            port_mappings=[ecs.PortMapping(container_port=PORT)],
        )
        container.add_ulimits(ecs.Ulimit(name=ecs.UlimitName.NOFILE, soft_limit=65536, hard_limit=65536))
        return container

    def _collector(self, images: ImagesStack) -> ecs.ContainerDefinition:
        """Not essential, and restarted where it fails: losing telemetry must never lose a request."""
        return self.definition.add_container(
            "Collector",
            container_name="collector",
            image=ecs.ContainerImage.from_ecr_repository(images.collector, COLLECTOR_TAG),
            essential=False,
            enable_restart_policy=True,
            user="10002:10002",
            readonly_root_filesystem=True,
            linux_parameters=_least_privilege(self, "CollectorLinux"),
            environment={"STAGE": self.stage.name, "AWS_REGION": self.stage.region},
            secrets={"AOT_CONFIG_CONTENT": ecs.Secret.from_ssm_parameter(self.parameters["collector"])},
            memory_limit_mib=COLLECTOR_MEMORY,
            logging=self._logging("collector"),
            health_check=_check(["CMD", "/healthcheck"], start_seconds=10),
            stop_timeout=Duration.seconds(STOP_SECONDS),
        )

    def _logging(self, stream: str) -> ecs.LogDriver:
        """A full buffer drops lines rather than stop the service."""
        return ecs.LogDrivers.aws_logs(
            stream_prefix=stream, log_group=self.logs, mode=ecs.AwsLogDriverMode.NON_BLOCKING, max_buffer_size=_BUFFER
        )


def environment(stage: Stage, public_url: str, sender: str | None) -> dict[str, str]:
    """The service's variables that are no secret and change with a deployment only."""
    variables = {
        "APP_ENV": stage.app_env,
        "AWS_REGION": stage.region,
        "HOST": "0.0.0.0",  # noqa: S104 - Reached by the load balancer alone, as its security group says.
        "PORT": str(PORT),
        "PUBLIC_URL": public_url,
        "CORS_ORIGIN": ",".join(stage.domain.origins) if stage.domain else "*",
        "TRUSTED_PROXIES": stage.cidr,
        "DRAIN_SECONDS": str(DRAIN_SECONDS),
        "HASHING_PRIORITY": "idle",
        "MAIL_FROM": sender or "",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
    }
    return {name: value for name, value in variables.items() if value}


def _collector_configuration() -> str:
    """The file without its comments: a parameter holds 4 KB."""
    lines = COLLECTOR.read_text().splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _least_privilege(scope: Construct, construct_id: str) -> ecs.LinuxParameters:
    parameters = ecs.LinuxParameters(scope, construct_id, init_process_enabled=True)
    parameters.drop_capabilities(ecs.Capability.ALL)
    return parameters


def _with_scratch(parameters: ecs.LinuxParameters) -> ecs.LinuxParameters:
    """The one place the service may write to. A volume would be root's; tmpfs is everybody's, and counts as memory."""
    options = [ecs.TmpfsMountOption.NOSUID, ecs.TmpfsMountOption.NODEV, ecs.TmpfsMountOption.NOEXEC]
    parameters.add_tmpfs(ecs.Tmpfs(container_path="/tmp", size=SCRATCH_MEMORY, mount_options=options))  # noqa: S108  # The task's own.
    return parameters


def _check(command: list[str], start_seconds: int) -> ecs.HealthCheck:
    return ecs.HealthCheck(
        command=command,
        interval=Duration.seconds(10),
        timeout=Duration.seconds(5),
        retries=3,
        start_period=Duration.seconds(start_seconds),
    )
