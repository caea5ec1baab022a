"""The screen's figures and the rows of a query, from what AWS answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from brutal_patches.cli.ops.screen import screen
from brutal_patches.clock import Clock
from brutal_patches.errors import Conflict
from brutal_patches.operations import insights
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.status import status
from tests.operations.conftest import stubbed
from tests.operations.stage import NAMES

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
REVISION = "arn:aws:ecs:us-east-1:123456789012:task-definition/brutal-patches-dev-api:7"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/brutal-patches-dev/50dc6c495c0c9188"
MEASURED = {
    "m0": 31.04,  # CPU
    "m1": 54.0,  # memory
    "m10": 1200.0,  # requests
    "m11": 0.0423,  # p95
    "m12": 5.0,  # failed
    "m13": 1.0,  # refused
    "m100": 3600.0,  # read units of core
    "m101": 900.0,  # written units
    "m103": 2.0,  # throttled writes
}
MAXIMUM = {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 500}


class Noon(Clock):
    """Always the same moment."""

    def now(self) -> datetime:
        return datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)

    def random(self, size: int) -> bytes:
        return bytes(size)


class Asked:
    """Equal to whatever it is compared with, and keeps it."""

    value: Any = None

    def __eq__(self, other: object) -> bool:
        self.value = other
        return True

    __hash__ = object.__hash__


async def answering(cloud: Cloud, measured: dict[str, float], alarms: list[str]) -> Asked:
    """A stage of two tasks; what CloudWatch is asked for."""
    await _serving(cloud)
    watch, asked = await stubbed(cloud, "cloudwatch"), Asked()
    results = [{"Id": name, "Values": [value, 0.0]} for name, value in measured.items()]
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    span = {"StartTime": noon - timedelta(minutes=10), "EndTime": noon, "ScanBy": "TimestampDescending"}
    watch.add_response("get_metric_data", {"MetricDataResults": results}, {"MetricDataQueries": asked, **span})
    named = [{"AlarmName": NAMES.alarm(name), "StateValue": "ALARM"} for name in alarms]
    watch.add_response("describe_alarms", {"MetricAlarms": []})
    watch.add_response("describe_alarms", {"MetricAlarms": named})
    watch.add_response("describe_alarms", {"CompositeAlarms": []})
    tables = await stubbed(cloud, "dynamodb")
    for _ in range(2):
        tables.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE", "OnDemandThroughput": MAXIMUM}})
    return asked


async def _serving(cloud: Cloud) -> None:
    ecs, balancing = await stubbed(cloud, "ecs"), await stubbed(cloud, "elbv2")
    deployment = {"status": "PRIMARY", "taskDefinition": REVISION, "rolloutState": "COMPLETED", "runningCount": 2}
    counts = {"runningCount": 2, "desiredCount": 2, "loadBalancers": [{"targetGroupArn": "targets"}]}
    service = {"services": [{"status": "ACTIVE", "deployments": [deployment], **counts}]}
    image = {"name": "api", "image": "registry.example.com/api:2.1.0"}
    ecs.add_response("describe_services", service)
    ecs.add_response("list_task_definitions", {"taskDefinitionArns": [REVISION]})
    ecs.add_response("describe_task_definition", {"taskDefinition": {"revision": 7, "containerDefinitions": [image]}})
    ecs.add_response("describe_services", service)
    balancing.add_response("describe_load_balancers", {"LoadBalancers": [{"LoadBalancerArn": BALANCER}]})
    states = [{"TargetHealth": {"State": state}} for state in ("healthy", "healthy")]
    balancing.add_response("describe_target_health", {"TargetHealthDescriptions": states})
    scaled = {"ServiceNamespace": "ecs", "ResourceId": "service/brutal-patches-dev/api", "RoleARN": "role"}
    scaled |= {"ScalableDimension": "ecs:service:DesiredCount", "CreationTime": Noon().now()}
    bounds = {"MinCapacity": 2, "MaxCapacity": 4}
    scaling, parameters = await stubbed(cloud, "application-autoscaling"), await stubbed(cloud, "ssm")
    scaling.add_response("describe_scalable_targets", {"ScalableTargets": [{**scaled, **bounds}]})
    parameters.add_response("get_parameter", {"Parameter": {"Value": "BrutalPatches-dev"}})


async def test_the_screen_has_figures(cloud: Cloud) -> None:
    """p95, the share that failed with the load balancer's own refusals, use, capacity beside its bound."""
    asked = await answering(cloud, MEASURED, [])
    seen = await status(cloud, NAMES, Noon())
    assert seen.is_well
    text = screen(seen)
    for line in (
        "brutal-patches dev   2026-11-25 12:00:30 UTC   all well",
        "tasks        2 of 2 run, 2 ready, 0 not ready (scaling between 2 and 4)",
        "deployments  revision 7 serving, 2 tasks, registry.example.com/api:2.1.0",
        "requests     1200 in 5 minutes, p95 0.042 s, failed 0.50 %",
        "use of tasks CPU 31.0 %, memory 54.0 %",
        "BrutalPatches-dev-core  ACTIVE, reads 12.0 of 1000 and writes 3.0 of 500 units/s, 2 throttled",
    ):
        assert line in text, text
    stats = {one["Label"]: one["MetricStat"] for one in asked.value}
    assert ("TargetResponseTime", "p95") == (stats["p95"]["Metric"]["MetricName"], stats["p95"]["Stat"])
    assert [{"Name": "LoadBalancer", "Value": "app/brutal-patches-dev/50dc6c495c0c9188"}] == stats["failed"]["Metric"][
        "Dimensions"
    ]
    assert {300} == {one["Period"] for one in stats.values()}
    # Fewer tasks than scaling keeps: somebody has turned the service down by hand.
    assert not msgspec.structs.replace(seen, least=3).is_well


async def test_what_was_not_measured_is_unknown_and_an_alarm_is_not_well(cloud: Cloud) -> None:
    """Silence is not zero."""
    await answering(cloud, {}, ["p1"])
    seen = await status(cloud, NAMES, Noon())
    assert not seen.is_well
    text = screen(seen)
    assert "NOT WELL" in text
    assert "alarms       p1" in text
    assert "requests     unknown in 5 minutes, p95 unknown, failed unknown" in text


async def test_rows_come_back_when_the_query_is_complete(cloud: Cloud) -> None:
    """Without Insights' own pointers, from the log that the query is put to."""
    query, stub = insights.catalogue()["failed-logins"], await stubbed(cloud, "logs")
    wanted = {
        "logGroupName": "/brutal-patches/dev/api",
        "startTime": 100,
        "endTime": 200,
        "queryString": query.text,
        "limit": 50,
    }
    stub.add_response("start_query", {"queryId": "q"}, wanted)
    stub.add_response("get_query_results", {"status": "Running", "results": []}, {"queryId": "q"})
    cells = {"client_address": "192.0.2.7", "failures": "12", "@ptr": "pointer"}
    row = [{"field": name, "value": value} for name, value in cells.items()]
    stub.add_response("get_query_results", {"status": "Complete", "results": [row]}, {"queryId": "q"})
    rows = await insights.ask(cloud, NAMES, query, query.text, (100, 200), 50)
    assert [{"client_address": "192.0.2.7", "failures": "12"}] == rows
    stub.add_response("start_query", {"queryId": "q"})
    stub.add_response("get_query_results", {"status": "Failed"})
    with pytest.raises(Conflict, match="Failed"):
        await insights.ask(cloud, NAMES, query, query.text, (100, 200), 50)
