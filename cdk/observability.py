"""What operators look at, and what looks for them."""

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from cdk.alarms import Alarms
from cdk.canary import Canary
from cdk.config import Stage
from cdk.dashboards import Dashboards
from cdk.log_metrics import LogMetrics
from cdk.notices import NoticesStack, by_arn
from cdk.service import ServiceStack
from cdk.stack import StageStack


class ObservabilityStack(StageStack):
    """Metrics from logs, dashboards, alarms, and the visitor who checks the public address."""

    def __init__(
        self, scope: Construct, stage: Stage, service: ServiceStack, notices: NoticesStack, tables: Sequence[str]
    ) -> None:
        super().__init__(scope, stage, "observability", "dashboards, alarms and the canary")
        log_metrics = LogMetrics(self, stage, service.task.logs)
        canary = Canary(self, stage, service.public_url) if stage.canary else None
        Dashboards(self, stage, service, tables, log_metrics)
        Alarms(self, stage, service, notices).everything(tables, log_metrics, canary)
        _tell_of_failed_deployments(self, stage, service, notices)


def _tell_of_failed_deployments(scope: Construct, stage: Stage, service: ServiceStack, notices: NoticesStack) -> None:
    """ECS rolls back by itself; somebody should know that it did."""
    events.Rule(
        scope,
        "FailedDeployments",
        rule_name=f"{stage.prefix}-failed-deployments",
        description="A deployment failed and is rolled back",
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Deployment State Change"],
            detail={"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            resources=[service.service.service_arn],
        ),
        targets=[targets.SnsTopic(by_arn(scope, notices.notice))],
    )
