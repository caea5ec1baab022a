"""An alarm for each threshold and objective of the runbook, and for what precedes them.

An alarm that means P1 wakes nobody by itself: the composite `p1` does, once, however many of them go off.
"""

from collections.abc import Sequence

import msgspec
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk import metrics
from cdk.canary import Canary
from cdk.config import Stage
from cdk.log_metrics import PER_ADDRESS, WATCHED, LogMetrics
from cdk.notices import NoticesStack
from cdk.service import ServiceStack

MINUTE, FIVE, HOUR = Duration.minutes(1), Duration.minutes(5), Duration.hours(1)


class Burn(msgspec.Struct, frozen=True):
    """So many times faster than 99.9 % allows, over a long window and still in the short one."""

    name: str
    factor: float
    long_minutes: int
    short_minutes: int
    page: bool


BURNS = (
    Burn("fast", 14.4, 60, 5, page=True),  # 2 % of a month's budget in an hour.
    Burn("steady", 6, 360, 30, page=True),  # 5 % in six hours.
    Burn("slow", 3, 1440, 120, page=False),  # 10 % in a day.
)
BUDGET_PERCENT = 0.1


class Alarms(Construct):
    """Named `brutal-patches-STAGE-NAME`, so that the runbook can point at each."""

    def __init__(self, scope: Construct, stage: Stage, service: ServiceStack, notices: NoticesStack) -> None:
        super().__init__(scope, "Alarms")
        self.stage, self.service, self.notices = stage, service, notices
        self.urgent: list[cloudwatch.IAlarm] = []

    def everything(self, tables: Sequence[str], log_metrics: LogMetrics, canary: Canary | None) -> None:
        """All alarms of a stage, and the composite of those that mean P1."""
        self._thresholds()
        self._objectives()
        self._burn_rates()
        self._tasks()
        self._catalogue()
        self._tables(tables)
        self._security(log_metrics)
        self._operations()
        if canary:
            self._canary(canary)
        self._composite("p1", self.urgent, "The service is failing its users.", self.notices.page, any_of=True)

    def _thresholds(self) -> None:
        """The runbook's: 5 s, 5 % in five minutes, 99 % in an hour, memory over 80 %."""
        front = self.service.balancer
        self._alarm("response-time", metrics.latency(front, MINUTE), 5, "p95 is above 5 s.", of=(5, 3), p1=True)
        self._alarm("error-rate", metrics.error_percent(front, FIVE), 5, "More than 5 % of requests fail.", p1=True)
        self._alarm(
            "availability", metrics.availability_percent(front, HOUR), 99, "Under 99 % in an hour.", p1=True, below=True
        )
        memory = metrics.task(self.stage, "MemoryUtilization", "Maximum", FIVE)
        self._alarm("memory", memory, 80, "A task uses more than 80 % of its memory.", of=(2, 2), p1=True)

    def _objectives(self) -> None:
        """The runbook's: p95 under 2 s, fewer than 1 % errors."""
        front = self.service.balancer
        self._alarm("objective-latency", metrics.latency(front, FIVE), 2, "p95 is above 2 s.", of=(3, 3))
        self._alarm("objective-errors", metrics.error_percent(front, FIVE), 1, "Over 1 % of requests fail.", of=(3, 3))

    def _burn_rates(self) -> None:
        """The objective of 99.9 %: what would use a month's budget up too early."""
        for burn in BURNS:
            limit = burn.factor * BUDGET_PERCENT
            windows = [
                self._alarm(
                    f"burn-{burn.name}-{minutes}m",
                    metrics.error_percent(self.service.balancer, Duration.minutes(minutes)),
                    limit,
                    f"Part of burn-{burn.name}: over {limit:.2f} % failed in {minutes} minutes.",
                    silent=True,
                )
                for minutes in (burn.long_minutes, burn.short_minutes)
            ]
            meaning = f"The error budget of 99.9 % is used {burn.factor} times too fast."
            composite = self._composite(
                f"burn-{burn.name}", windows, meaning, None if burn.page else self.notices.notice
            )
            if burn.page:
                self.urgent.append(composite)

    def _tasks(self) -> None:
        ready = metrics.healthy_tasks(self.service.front.targets, MINUTE)
        self._alarm("no-tasks", ready, 1, "No task is ready.", of=(2, 2), p1=True, below=True, missing_is_bad=True)
        least = self.stage.capacity.least
        self._alarm("few-tasks", ready, least, "Fewer tasks are ready than should be.", of=(10, 10), below=True)
        cpu = metrics.task(self.stage, "CPUUtilization", "Average", FIVE)
        self._alarm("cpu", cpu, 85, "Scaling does not keep up.", of=(3, 3))
        running = metrics.insights(self.stage, "RunningTaskCount", FIVE)
        most = self.stage.capacity.most
        self._alarm("at-capacity", running, most - 1, "Scaling has reached its upper bound.", of=(3, 3))
        rejected = self.service.balancer.metrics.rejected_connection_count(period=FIVE)
        self._alarm("rejected-connections", rejected, 0, "The load balancer is at its limit.")

    def _catalogue(self) -> None:
        """What readers see, beside what the table says."""
        drift = metrics.ours(self.stage, "catalogue_drift", "Maximum")
        self._alarm("catalogue-drift", drift, 0, "The catalogue differed from the table.")
        age = metrics.ours(self.stage, "catalogue_age_seconds", "Maximum", MINUTE)
        self._alarm("catalogue-age", age, 60, "The catalogue does not follow the table.", of=(3, 3))
        queue = metrics.ours(self.stage, "hashing_queue", "Maximum", MINUTE)
        self._alarm("hashing-queue", queue, 6, "Logins wait for each other: a flood of them?", of=(5, 5))

    def _tables(self, tables: Sequence[str]) -> None:
        for name in tables:
            short = name.rpartition("-")[2]
            for metric, meaning in (
                ("ReadThrottleEvents", "Reads are throttled: a hot key, or the table's maximum."),
                ("WriteThrottleEvents", "Writes are throttled: a hot key, or the table's maximum."),
            ):
                kind = metric.removesuffix("ThrottleEvents").lower()
                self._alarm(f"{short}-{kind}-throttles", metrics.throttled(name, metric, FIVE), 10, meaning, of=(2, 2))
            failing = _sum_of_operations(name)
            self._alarm(f"{short}-failing", failing, 5, "DynamoDB itself is failing.", of=(2, 2), p1=short == "core")

    def _security(self, log_metrics: LogMetrics) -> None:
        for watched in WATCHED:
            metric = metrics.from_logs(self.stage, watched.name, Duration.minutes(watched.minutes))
            self._alarm(f"security-{watched.name}", metric, watched.more_than, watched.meaning)
        for name, rule in log_metrics.rankings.items():
            expression = cloudwatch.MathExpression(
                expression=f"INSIGHT_RULE_METRIC('{rule}', 'MaxContributorValue')",
                using_metrics={},
                label=name,
                period=MINUTE,
            )
            most = PER_ADDRESS[name][1]
            self._alarm(f"security-{name}-one-address", expression, most, f"One address: over {most} {name} a minute.")
        for rule in ("rate-sign-in", "rate-everything"):
            blocked = metrics.firewall(self.stage, rule, FIVE)
            self._alarm(f"security-{rule}", blocked, 500, "Somebody goes on although the edge answers 429.")

    def _operations(self) -> None:
        rotation = cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions_map={"FunctionName": f"{self.stage.prefix}-rotation"},
            statistic="Sum",
            period=FIVE,
        )
        self._alarm("rotation", rotation, 0, "The signing key was not rotated.")
        if self.stage.mail_domain:
            for kind, share in (("Bounce", 0.05), ("Complaint", 0.001)):
                rate = cloudwatch.Metric(
                    namespace="AWS/SES",
                    metric_name=f"Reputation.{kind}Rate",
                    dimensions_map={"ses:configuration-set": self.stage.prefix},
                    statistic="Average",
                    period=HOUR,
                )
                self._alarm(f"mail-{kind.lower()}s", rate, share, "SES will stop sending for us.")

    def _canary(self, canary: Canary) -> None:
        success = canary.resource.metric_success_percent(period=FIVE, statistic="Average")
        self._alarm("canary", success, 100, "The journey fails.", of=(2, 2), p1=True, below=True, missing_is_bad=True)
        slow = canary.resource.metric_duration(period=FIVE, statistic="Average")
        self._alarm("canary-slow", slow, 10_000, "The journey takes over 10 s.", of=(3, 3))

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        meaning: str,
        *,
        of: tuple[int, int] = (1, 1),
        p1: bool = False,
        silent: bool = False,
        below: bool = False,
        missing_is_bad: bool = False,
    ) -> cloudwatch.Alarm:
        """Goes off when `of[1]` of the last `of[0]` periods are above `threshold` (or `below` it)."""
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=self.stage.names.alarm(name),
            alarm_description=f"{meaning} Runbook: alarm {name}.",
            metric=metric,
            threshold=threshold,
            evaluation_periods=of[0],
            datapoints_to_alarm=of[1],
            comparison_operator=_LESS if below else _GREATER,
            treat_missing_data=_BREACHING if missing_is_bad else _FINE,
        )
        if p1:
            self.urgent.append(alarm)
        elif not silent:
            topic = actions.SnsAction(self.notices.notice)
            alarm.add_alarm_action(topic)
            alarm.add_ok_action(topic)
        return alarm

    def _composite(
        self,
        name: str,
        parts: Sequence[cloudwatch.IAlarm],
        meaning: str,
        topic: sns.ITopic | None,
        *,
        any_of: bool = False,
    ) -> cloudwatch.CompositeAlarm:
        states = [cloudwatch.AlarmRule.from_alarm(part, cloudwatch.AlarmState.ALARM) for part in parts]
        rule = cloudwatch.AlarmRule.any_of(*states) if any_of else cloudwatch.AlarmRule.all_of(*states)
        alarm = cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=self.stage.names.alarm(name),
            alarm_description=f"{meaning} Runbook: alarm {name}.",
            alarm_rule=rule,
        )
        if topic:
            alarm.add_alarm_action(actions.SnsAction(topic))
            alarm.add_ok_action(actions.SnsAction(topic))
        return alarm


_GREATER = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_LESS = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
_FINE = cloudwatch.TreatMissingData.NOT_BREACHING
_BREACHING = cloudwatch.TreatMissingData.BREACHING


def _sum_of_operations(table: str) -> cloudwatch.MathExpression:
    """Failures on DynamoDB's side are counted for each operation."""
    operations = ("GetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems")
    failures = {
        f"f{number}": metrics.table(table, "SystemErrors", FIVE, Operation=operation)
        for number, operation in enumerate(operations)
    }
    return cloudwatch.MathExpression(
        expression="+".join(f"FILL({name},0)" for name in failures),
        using_metrics=dict(failures),
        label="system errors",
        period=FIVE,
    )
