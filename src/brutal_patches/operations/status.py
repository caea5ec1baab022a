"""A stage on one screen."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from brutal_patches.clock import Clock
from brutal_patches.errors import DomainError, NotFound
from brutal_patches.operations import revisions, tables
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import Names

MINUTES = 5
_PERIOD = MINUTES * 60


class Load(msgspec.Struct, frozen=True):
    """The last whole five minutes; None where nothing was measured."""

    requests: float | None
    p95_seconds: float | None
    error_percent: float | None
    cpu_percent: float | None
    memory_percent: float | None


class TableLoad(msgspec.Struct, frozen=True):
    """One table: its state, units a second beside the most it may use, and calls that were throttled."""

    name: str
    state: str
    read: float
    most_read: int | None
    write: float
    most_write: int | None
    throttled: float


class Status(msgspec.Struct, frozen=True):
    """What the screen shows."""

    stage: str
    at: datetime
    health: revisions.Health
    least: int | None
    most: int | None
    deployments: list[revisions.Revision]
    alarms: list[str]
    load: Load
    tables: list[TableLoad]

    @property
    def is_well(self) -> bool:
        # Nobody may have set the service to fewer tasks than scaling would keep, either.
        return (
            self.health.running >= max(self.health.desired, self.least or 0)
            and not self.health.unready
            and not self.alarms
            and all(table.state == "ACTIVE" for table in self.tables)
        )


async def status(cloud: Cloud, names: Names, clock: Clock) -> Status:
    """Look at tasks, deployments, alarms, answers and capacity."""
    found = await revisions.revisions(cloud, names, limit=3)
    now = clock.now().astimezone(UTC)
    least, most = await _or(cloud, _bounds(cloud, names), (None, None))
    prefix = await tables.live_prefix(cloud, names)
    figures = await _or(cloud, _measured(cloud, names, now, list(names.tables(prefix).values())), {})
    return Status(
        stage=names.stage,
        at=now,
        health=await revisions.health(cloud, names),
        least=least,
        most=most,
        deployments=[one for one in found if one.state != "earlier"],
        alarms=await _alarms(cloud, names),
        load=_load(figures),
        tables=[await _table(cloud, name, figures) for name in names.tables(prefix).values()],
    )


async def _or[T](cloud: Cloud, work: Awaitable[T], unknown: T) -> T:
    """What cannot be read is shown as unknown, and why is told: the rest of the screen is needed all the more."""
    try:
        return await work
    except DomainError as fault:
        cloud.tell(f"not known: {fault.message}")
        return unknown


async def _alarms(cloud: Cloud, names: Names) -> list[str]:
    found: list[str] = []
    for kind in ("MetricAlarms", "CompositeAlarms"):
        async for one in cloud.pages(
            "cloudwatch",
            "describe_alarms",
            kind,
            AlarmNamePrefix=f"{names.prefix}-",
            StateValue="ALARM",
            AlarmTypes=[kind.removesuffix("s")],
        ):
            found.append(one["AlarmName"].removeprefix(f"{names.prefix}-"))
    return sorted(found)


async def _bounds(cloud: Cloud, names: Names) -> tuple[int | None, int | None]:
    """Between how many tasks scaling keeps the service."""
    answer = await cloud.ask(
        "application-autoscaling",
        "describe_scalable_targets",
        ServiceNamespace="ecs",
        ResourceIds=[f"service/{names.cluster}/{names.service}"],
    )
    targets = answer["ScalableTargets"]
    return (targets[0]["MinCapacity"], targets[0]["MaxCapacity"]) if targets else (None, None)


async def _balancer(cloud: Cloud, names: Names) -> str | None:
    """The load balancer as CloudWatch calls it; None where there is none."""
    try:
        answer = await cloud.ask("elbv2", "describe_load_balancers", Names=[names.prefix])
    except NotFound:
        return None
    return str(answer["LoadBalancers"][0]["LoadBalancerArn"]).partition(":loadbalancer/")[2]


async def _measured(cloud: Cloud, names: Names, now: datetime, found: list[str]) -> dict[str, float]:
    """The newest value of each figure; those that have none are absent."""
    wanted = list(_task_figures(names))
    if balancer := await _balancer(cloud, names):
        wanted += _balancer_figures(balancer)
    for number, table in enumerate(found):
        wanted += _table_figures(number, table)
    end = now.replace(second=0, microsecond=0)
    answer = await cloud.ask(
        "cloudwatch",
        "get_metric_data",
        MetricDataQueries=wanted,
        StartTime=end - timedelta(seconds=2 * _PERIOD),
        EndTime=end,
        ScanBy="TimestampDescending",
    )
    labels = {query["Id"]: query["Label"] for query in wanted}
    return {labels[one["Id"]]: one["Values"][0] for one in answer["MetricDataResults"] if one["Values"]}


def _figure(label: str, number: int, namespace: str, metric: str, statistic: str, **dimensions: str) -> dict[str, Any]:
    return {
        "Id": f"m{number}",
        "Label": label,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            },
            "Period": _PERIOD,
            "Stat": statistic,
        },
    }


def _task_figures(names: Names) -> list[dict[str, Any]]:
    place = {"ClusterName": names.cluster, "ServiceName": names.service}
    return [
        _figure("cpu", 0, "AWS/ECS", "CPUUtilization", "Average", **place),
        _figure("memory", 1, "AWS/ECS", "MemoryUtilization", "Maximum", **place),
    ]


def _balancer_figures(balancer: str) -> list[dict[str, Any]]:
    space = "AWS/ApplicationELB"
    return [
        _figure("requests", 10, space, "RequestCount", "Sum", LoadBalancer=balancer),
        _figure("p95", 11, space, "TargetResponseTime", "p95", LoadBalancer=balancer),
        _figure("failed", 12, space, "HTTPCode_Target_5XX_Count", "Sum", LoadBalancer=balancer),
        _figure("refused", 13, space, "HTTPCode_ELB_5XX_Count", "Sum", LoadBalancer=balancer),
    ]


def _table_figures(number: int, table: str) -> list[dict[str, Any]]:
    metrics = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents")
    return [
        _figure(f"{table} {metric}", 100 + 10 * number + offset, "AWS/DynamoDB", metric, "Sum", TableName=table)
        for offset, metric in enumerate(metrics)
    ]


def _load(figures: dict[str, float]) -> Load:
    requests = figures.get("requests")
    failed = figures.get("failed", 0) + figures.get("refused", 0)
    # The load balancer's own errors are not among the requests that it counts.
    all_of_them = (requests or 0) + figures.get("refused", 0)
    return Load(
        requests=requests,
        p95_seconds=figures.get("p95"),
        error_percent=100 * failed / all_of_them if all_of_them else None,
        cpu_percent=figures.get("cpu"),
        memory_percent=figures.get("memory"),
    )


async def _table(cloud: Cloud, name: str, figures: dict[str, float]) -> TableLoad:
    found = await tables.described(cloud, name) or {}
    bounds = found.get("OnDemandThroughput", {})

    def of(metric: str) -> float:
        return figures.get(f"{name} {metric}", 0)

    return TableLoad(
        name=name,
        state=found.get("TableStatus", "MISSING"),
        read=of("ConsumedReadCapacityUnits") / _PERIOD,
        most_read=bounds.get("MaxReadRequestUnits"),
        write=of("ConsumedWriteCapacityUnits") / _PERIOD,
        most_write=bounds.get("MaxWriteRequestUnits"),
        throttled=of("ReadThrottleEvents") + of("WriteThrottleEvents"),
    )
