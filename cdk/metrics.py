"""The metrics that dashboards show and alarms watch, each named once.

The service's own come through the collector, whose `docker/collector/production.yaml` declares the sets of dimensions;
a test holds the two together.
"""

from collections.abc import Iterable, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb

from brutal_patches.storage.schema import TABLES
from brutal_patches.telemetry.names import METRICS, NAMESPACE, STAGE
from cdk.config import Stage

LOG_NAMESPACE = "BrutalPatches/Logs"
_TOO_FEW = 20
_FIVE_MINUTES = Duration.minutes(5)


def ours(
    stage: Stage, name: str, statistic: str = "Sum", period: Duration = _FIVE_MINUTES, **labels: str
) -> cloudwatch.Metric:
    """A metric of the service, for one set of label values."""
    _check(name, labels)
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={STAGE: stage.name, **labels},
        statistic=statistic,
        period=period,
    )


def by(
    stage: Stage, name: str, labels: Sequence[str], statistic: str = "Sum", period: Duration = _FIVE_MINUTES
) -> cloudwatch.MathExpression:
    """A metric of the service, one line for each value that `labels` have had."""
    _check(name, labels)
    # A namespace with a slash must be quoted in a search.
    dimensions = ",".join((f'"{NAMESPACE}"', STAGE, *labels))
    search = f'{{{dimensions}}} MetricName="{name}" {STAGE}="{stage.name}"'
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{search}', '{statistic}', {period.to_seconds():.0f})",
        using_metrics={},
        label="",
        period=period,
    )


def _check(name: str, labels: Iterable[str]) -> None:
    """A line for what nobody sends would stay empty for ever."""
    if not METRICS[name].observed_by(frozenset(labels)):
        raise ValueError(f"CloudWatch does not keep {name} by {sorted(labels)}")


def from_logs(stage: Stage, name: str, period: Duration) -> cloudwatch.Metric:
    """How often a security event was logged."""
    return cloudwatch.Metric(
        namespace=f"{LOG_NAMESPACE}/{stage.name}", metric_name=name, statistic="Sum", period=period
    )


def latency(balancer: elb.ApplicationLoadBalancer, period: Duration, statistic: str = "p95") -> cloudwatch.Metric:
    """Seconds that tasks take to answer, as the load balancer measures them."""
    return balancer.metrics.target_response_time(statistic=statistic, period=period)


def requests(balancer: elb.ApplicationLoadBalancer, period: Duration) -> cloudwatch.Metric:
    return balancer.metrics.request_count(statistic="Sum", period=period)


def requests_per_task(stage: Stage, balancer: elb.ApplicationLoadBalancer) -> cloudwatch.MathExpression:
    """Requests of a minute for each task that runs, over all target groups."""
    minute = Duration.minutes(1)
    return cloudwatch.MathExpression(
        expression="r/t",
        using_metrics={"r": requests(balancer, minute), "t": insights(stage, "RunningTaskCount", minute)},
        label="requests a minute of each task",
        period=minute,
    )


def _failures(balancer: elb.ApplicationLoadBalancer, period: Duration) -> dict[str, cloudwatch.IMetric]:
    """Answers of 5xx by tasks, and by the load balancer, whose own are not among the requests it counts."""
    return {
        "r": requests(balancer, period),
        "t": balancer.metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT, statistic="Sum", period=period),
        "e": balancer.metrics.http_code_elb(elb.HttpCodeElb.ELB_5XX_COUNT, statistic="Sum", period=period),
    }


def error_percent(balancer: elb.ApplicationLoadBalancer, period: Duration) -> cloudwatch.MathExpression:
    """Share of requests that failed; of fewer than twenty requests nothing is said."""
    all_of_them = "(FILL(r,0)+FILL(e,0))"
    return cloudwatch.MathExpression(
        expression=f"IF({all_of_them}>={_TOO_FEW}, 100*(FILL(t,0)+FILL(e,0))/{all_of_them}, 0)",
        using_metrics=_failures(balancer, period),
        label="failed, %",
        period=period,
    )


def availability_percent(balancer: elb.ApplicationLoadBalancer, period: Duration) -> cloudwatch.MathExpression:
    """Share of requests that were answered."""
    return cloudwatch.MathExpression(
        expression="100*(1-(FILL(t,0)+FILL(e,0))/(FILL(r,0)+FILL(e,0)))",
        using_metrics=_failures(balancer, period),
        label="available, %",
        period=period,
    )


def healthy_tasks(targets: Sequence[elb.ApplicationTargetGroup], period: Duration) -> cloudwatch.MathExpression:
    """Tasks that the load balancer finds ready, in whichever target group they are."""
    names = [f"h{number}" for number, _ in enumerate(targets)]
    return cloudwatch.MathExpression(
        expression="+".join(f"FILL({name},0)" for name in names),
        using_metrics={
            name: group.metrics.healthy_host_count(statistic="Minimum", period=period)
            for name, group in zip(names, targets, strict=True)
        },
        label="ready tasks",
        period=period,
    )


def task(stage: Stage, name: str, statistic: str, period: Duration) -> cloudwatch.Metric:
    """CPU or memory of the tasks, in percent."""
    return cloudwatch.Metric(
        namespace="AWS/ECS",
        metric_name=name,
        dimensions_map={"ClusterName": stage.cluster, "ServiceName": stage.service},
        statistic=statistic,
        period=period,
    )


def insights(stage: Stage, name: str, period: Duration) -> cloudwatch.Metric:
    """What Container Insights counts of the service."""
    return cloudwatch.Metric(
        namespace="ECS/ContainerInsights",
        metric_name=name,
        dimensions_map={"ClusterName": stage.cluster, "ServiceName": stage.service},
        statistic="Average",
        period=period,
    )


def table(name: str, metric: str, period: Duration, statistic: str = "Sum", **dimensions: str) -> cloudwatch.Metric:
    """DynamoDB's own measure of one table."""
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=metric,
        dimensions_map={"TableName": name, **dimensions},
        statistic=statistic,
        period=period,
    )


def throttled(name: str, metric: str, period: Duration) -> cloudwatch.IMetric:
    """Throttled reads or writes of a table and of its indexes, which DynamoDB counts apart."""
    of_table = table(name, metric, period)
    indexes = [index.name for schema in TABLES if name.endswith(f"-{schema.name}") for index in schema.indexes]
    if not indexes:
        return of_table
    # A graph with several of these wants each part under an id of its own.
    own = f"{name.rpartition('-')[2]}_{metric[0].lower()}"
    parts: dict[str, cloudwatch.IMetric] = {own: of_table}
    parts |= {f"{own}{n}": table(name, metric, period, GlobalSecondaryIndexName=one) for n, one in enumerate(indexes)}
    return cloudwatch.MathExpression(
        expression="+".join(f"FILL({part},0)" for part in parts),
        using_metrics=parts,
        label=f"{name} {metric}",
        period=period,
    )


def firewall(stage: Stage, rule: str, period: Duration) -> cloudwatch.Metric:
    """Requests that one rule of the firewall refused."""
    return cloudwatch.Metric(
        namespace="AWS/WAFV2",
        metric_name="BlockedRequests",
        dimensions_map={"WebACL": stage.prefix, "Region": stage.region, "Rule": rule},
        statistic="Sum",
        period=period,
    )
