"""The four dashboards of the runbook: performance, database, security, business."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk import metrics
from cdk.config import Stage
from cdk.log_metrics import WATCHED, LogMetrics
from cdk.service import ServiceStack

MINUTE, FIVE = Duration.minutes(1), Duration.minutes(5)
WIDTH, HEIGHT = 8, 6


class Dashboards(Construct):
    """Named `brutal-patches-STAGE-…`; each says at its head which question it answers."""

    def __init__(
        self, scope: Construct, stage: Stage, service: ServiceStack, tables: Sequence[str], log_metrics: LogMetrics
    ) -> None:
        super().__init__(scope, "Dashboards")
        self.stage = stage
        self._dashboard("performance", "Is the service fast, and does it answer?", _performance(stage, service))
        self._dashboard("database", "Do the tables keep up, and what do they cost?", _database(stage, tables))
        self._dashboard("security", "Is somebody trying to get in?", _security(stage, log_metrics))
        self._dashboard("business", "What are people doing here?", _business(stage))

    def _dashboard(self, name: str, question: str, widgets: Sequence[cloudwatch.IWidget]) -> None:
        board = cloudwatch.Dashboard(
            self,
            name.title(),
            dashboard_name=f"{self.stage.prefix}-{name}",
            default_interval=Duration.hours(3),
        )
        board.add_widgets(cloudwatch.TextWidget(markdown=f"# {question}", width=24, height=1))
        for first in range(0, len(widgets), 24 // WIDTH):
            board.add_widgets(*widgets[first : first + 24 // WIDTH])


def _graph(
    title: str, *lines: cloudwatch.IMetric, limit: float | None = None, stacked: bool = False
) -> cloudwatch.GraphWidget:
    """Lines over time, and the runbook's threshold as a line across."""
    marks = [cloudwatch.HorizontalAnnotation(value=limit, color=cloudwatch.Color.RED)] if limit is not None else None
    return cloudwatch.GraphWidget(
        title=title, left=list(lines), left_annotations=marks, stacked=stacked, width=WIDTH, height=HEIGHT
    )


def _performance(stage: Stage, service: ServiceStack) -> list[cloudwatch.IWidget]:
    front = service.balancer
    return [
        _graph("Response time, s", *(metrics.latency(front, MINUTE, p) for p in ("p50", "p95", "p99")), limit=2),
        _graph("Failed, %", metrics.error_percent(front, MINUTE), limit=1),
        _graph("Available in an hour, %", metrics.availability_percent(front, Duration.hours(1)), limit=99.9),
        _graph("Requests", metrics.requests(front, MINUTE)),
        _graph("Requests by route", metrics.by(stage, "http_requests_total", ["route"]), stacked=True),
        _graph("Requests by status", metrics.by(stage, "http_requests_total", ["status_code"]), stacked=True),
        _graph("p95 by route, s", metrics.by(stage, "http_request_duration_seconds", ["route"], "p95"), limit=2),
        _graph("p95 in the service, s", metrics.ours(stage, "http_request_duration_seconds", "p95"), limit=2),
        _graph("Errors by type", metrics.by(stage, "errors_total", ["type"]), stacked=True),
        _graph("Ready tasks", metrics.healthy_tasks(service.front.targets, MINUTE)),
        _graph(
            "CPU and memory, %",
            metrics.task(stage, "CPUUtilization", "Average", MINUTE),
            metrics.task(stage, "MemoryUtilization", "Maximum", MINUTE),
            limit=80,
        ),
        _graph("Open connections", metrics.ours(stage, "active_connections", "Maximum")),
        _graph("Event loop late, s", metrics.ours(stage, "event_loop_lag_seconds", "Maximum")),
        _graph("CPU time, s", metrics.ours(stage, "process_cpu_seconds_total")),
        _graph("Memory of a process, bytes", metrics.ours(stage, "process_memory_bytes", "Maximum")),
        _graph("Pictures waiting to be drawn", metrics.ours(stage, "rendering_queue", "Maximum")),
        _graph("Telemetry that was lost", metrics.ours(stage, "telemetry_dropped_total")),
    ]


def _database(stage: Stage, tables: Sequence[str]) -> list[cloudwatch.IWidget]:
    units = {"Consumed reads": "ConsumedReadCapacityUnits", "Consumed writes": "ConsumedWriteCapacityUnits"}
    throttles = ("ReadThrottleEvents", "WriteThrottleEvents")
    return [
        _graph(
            "p95 of queries, s", metrics.by(stage, "database_query_duration_seconds", ["operation", "table"], "p95")
        ),
        _graph("Requests that are being worked on", metrics.ours(stage, "active_connections", "Maximum")),
        _graph("Queries", metrics.by(stage, "database_query_duration_seconds", ["operation", "table"], "SampleCount")),
        _graph("Cache", metrics.by(stage, "cache_operations_total", ["operation", "result"]), stacked=True),
        *(
            _graph(title, *(metrics.table(table, metric, MINUTE) for table in tables))
            for title, metric in units.items()
        ),
        _graph("Throttled", *(metrics.throttled(table, metric, MINUTE) for table in tables for metric in throttles)),
        _graph(
            "DynamoDB's own latency, ms",
            *(
                metrics.table(table, "SuccessfulRequestLatency", FIVE, "p95", Operation=operation)
                for table in tables
                for operation in ("GetItem", "Query", "TransactWriteItems")
            ),
        ),
        _graph(
            "Conditions that did not hold",
            *(metrics.table(table, "ConditionalCheckFailedRequests", FIVE) for table in tables),
        ),
        _graph("Catalogue's age, s", metrics.ours(stage, "catalogue_age_seconds", "Maximum"), limit=60),
        _graph("Catalogue's drift", metrics.ours(stage, "catalogue_drift", "Maximum"), limit=0),
    ]


def _security(stage: Stage, log_metrics: LogMetrics) -> list[cloudwatch.IWidget]:
    rankings = [
        _graph(
            f"Most {name.replace('-', ' ')} a minute from one address",
            cloudwatch.MathExpression(
                expression=f"INSIGHT_RULE_METRIC('{rule}', 'MaxContributorValue')",
                using_metrics={},
                label="one address",
                period=MINUTE,
            ),
            cloudwatch.MathExpression(
                expression=f"INSIGHT_RULE_METRIC('{rule}', 'UniqueContributors')",
                using_metrics={},
                label="addresses",
                period=MINUTE,
            ),
        )
        for name, rule in log_metrics.rankings.items()
    ]
    return [
        _graph("Authentication events", metrics.by(stage, "auth_events_total", ["event"]), stacked=True),
        _graph("Rejected tokens", metrics.by(stage, "jwt_tokens_rejected_total", ["reason"]), stacked=True),
        _graph("Issued tokens", metrics.ours(stage, "jwt_tokens_issued_total")),
        _graph("Passwords waiting to be hashed", metrics.ours(stage, "hashing_queue", "Maximum"), limit=6),
        *(_graph(watched.name, metrics.from_logs(stage, watched.name, FIVE)) for watched in WATCHED),
        *rankings,
        _graph("Refused at the edge", *(metrics.firewall(stage, rule, FIVE) for rule in _RULES), stacked=True),
    ]


_RULES = (
    "blocked-ipv4",
    "blocked-ipv6",
    "rate-sign-in",
    "rate-everything",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)


def _business(stage: Stage) -> list[cloudwatch.IWidget]:
    return [
        _graph("What is done with patches", metrics.by(stage, "patch_operations_total", ["operation"]), stacked=True),
        _graph("What users do", metrics.by(stage, "user_operations_total", ["operation"]), stacked=True),
        _graph("Patches", metrics.ours(stage, "catalogue_patches", "Maximum")),
        _graph("Tokens issued", metrics.ours(stage, "jwt_tokens_issued_total")),
        _graph("Patch operations", metrics.ours(stage, "patch_operations_total")),
        _graph("User operations", metrics.ours(stage, "user_operations_total")),
        _graph("Requests by route", metrics.by(stage, "http_requests_total", ["route"]), stacked=True),
    ]
