"""Alarms for every line of the runbook, dashboards that show real metrics, a collector that sends them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from brutal_patches.storage.schema import TABLES
from brutal_patches.telemetry.names import METRICS, NAMESPACE, STAGE
from cdk.alarms import BURNS
from cdk.log_metrics import ADDRESS, EVENT, PER_ADDRESS, WATCHED
from tests.cdk.templates import Stacks, flat

COLLECTOR = Path(__file__).parents[2] / "docker" / "collector" / "production.yaml"


def alarm(stacks: Stacks, name: str) -> dict[str, Any]:
    (found,) = [
        one
        for one in stacks["observability"].of("CloudWatch::Alarm")
        if re.fullmatch(f".*-(dev|staging|prod)-{name}", one["AlarmName"])
    ]
    return found


def seconds(found: dict[str, Any]) -> int:
    """The period of an alarm, or of what its expression reads."""
    return found.get("Period") or max(one["MetricStat"]["Period"] for one in found["Metrics"] if "MetricStat" in one)


@pytest.mark.parametrize(
    ("name", "threshold", "comparison", "period"),
    [
        ("response-time", 5, "GreaterThanThreshold", 60),
        ("error-rate", 5, "GreaterThanThreshold", 300),
        ("availability", 99, "LessThanThreshold", 3600),
        ("memory", 80, "GreaterThanThreshold", 300),
        ("objective-latency", 2, "GreaterThanThreshold", 300),
        ("objective-errors", 1, "GreaterThanThreshold", 300),
    ],
)
def test_the_runbook_s_thresholds_are_alarms(
    stacks: Stacks, name: str, threshold: float, comparison: str, period: int
) -> None:
    found = alarm(stacks, name)
    assert (threshold, comparison, period) == (found["Threshold"], found["ComparisonOperator"], seconds(found))


def test_p1_is_one_alarm_that_pages(stacks: Stacks) -> None:
    """Whatever means P1 is in it, and nothing else pages."""
    template = stacks["observability"]
    composites = {
        name: one["Properties"]
        for name, one in template.resources.items()
        if one["Type"] == "AWS::CloudWatch::CompositeAlarm"
    }
    (p1,) = [one for one in composites.values() if one["AlarmName"].endswith("-p1")]
    rule = str(p1["AlarmRule"])
    for part in (
        "responsetime",
        "errorrate",
        "availability",
        "memory",
        "notasks",
        "corefailing",
        "burnfast",
        "burnsteady",
    ):
        assert part in rule.replace("-", ""), part
    assert "Page" in str(p1["AlarmActions"])
    others = [*template.of("CloudWatch::Alarm"), *(one for one in composites.values() if one is not p1)]
    assert not [one for one in others if "Page" in str(one.get("AlarmActions"))]


def test_production_s_canary_is_part_of_p1(prod: Stacks) -> None:
    (p1,) = [one for one in prod["observability"].of("CloudWatch::CompositeAlarm") if one["AlarmName"].endswith("-p1")]
    assert "Alarmscanary" in str(p1["AlarmRule"])
    assert "breaching" == alarm(prod, "canary")["TreatMissingData"]


@pytest.mark.parametrize("burn", BURNS, ids=lambda burn: burn.name)
def test_burn_rates_look_through_two_windows(stacks: Stacks, burn: Any) -> None:
    """Both above the limit that 99.9 % allows, times the factor."""
    for minutes in (burn.long_minutes, burn.short_minutes):
        found = alarm(stacks, f"burn-{burn.name}-{minutes}m")
        assert (pytest.approx(burn.factor * 0.1), minutes * 60) == (found["Threshold"], seconds(found))
        assert seconds(found) * found["EvaluationPeriods"] <= 86400
    (composite,) = [
        one
        for one in stacks["observability"].of("CloudWatch::CompositeAlarm")
        if one["AlarmName"].endswith(f"-burn-{burn.name}")
    ]
    assert " AND " in flat(composite["AlarmRule"])


@pytest.mark.parametrize("watched", WATCHED, ids=lambda watched: watched.name)
def test_security_events_are_counted_and_watched(stacks: Stacks, watched: Any) -> None:
    template = stacks["observability"]
    (found,) = [
        one
        for one in template.of("Logs::MetricFilter")
        if one["MetricTransformations"][0]["MetricName"] == watched.name
    ]
    assert f'{{ {EVENT} = "{watched.event}" }}' == found["FilterPattern"]
    assert "Dimensions" not in found["MetricTransformations"][0]
    warning = alarm(stacks, f"security-{watched.name}")
    assert (watched.name, watched.more_than) == (warning["MetricName"], warning["Threshold"])
    assert found["MetricTransformations"][0]["MetricNamespace"] == warning["Namespace"]


def test_more_than_five_failed_logins_a_minute_from_one_address(stacks: Stacks) -> None:
    """Ranked by address without a metric for each."""
    assert ("authn_login_fail", 5) == PER_ADDRESS["failed-logins"]
    found = alarm(stacks, "security-failed-logins-one-address")
    (expression,) = [one["Expression"] for one in found["Metrics"]]
    rules = {
        one["RuleName"]: json.loads(one["RuleBody"]) for one in stacks["observability"].of("CloudWatch::InsightRule")
    }
    (name,) = re.findall(r"INSIGHT_RULE_METRIC\('([^']+)', 'MaxContributorValue'\)", expression)
    assert {"Keys": [ADDRESS], "Filters": [{"Match": EVENT, "In": ["authn_login_fail"]}]} == rules[name]["Contribution"]
    assert [name.partition("-failed")[0].replace("brutal-patches-", "/brutal-patches/") + "/api"] == rules[name][
        "LogGroupNames"
    ]
    assert (5, "GreaterThanThreshold", 60) == (
        found["Threshold"],
        found["ComparisonOperator"],
        found.get("Period") or found["Metrics"][0].get("Period"),
    )


def test_throttling_is_seen_in_tables_and_their_indexes(stacks: Stacks) -> None:
    """Which DynamoDB counts apart."""
    for schema in TABLES:
        for kind in ("Read", "Write"):
            found = alarm(stacks, f"{schema.name}-{kind.lower()}-throttles")
            stats = [one["MetricStat"]["Metric"] for one in found.get("Metrics", []) if "MetricStat" in one] or [found]
            assert {f"{kind}ThrottleEvents"} == {one["MetricName"] for one in stats}
            named = [{each["Name"]: each["Value"] for each in one["Dimensions"]} for one in stats]
            assert 1 + len(schema.indexes) == len(named)
            assert {index.name for index in schema.indexes} == {
                one["GlobalSecondaryIndexName"] for one in named if len(one) == 2
            }


def test_what_is_shown_of_the_firewall_are_its_rules(stacks: Stacks) -> None:
    """Alarms and dashboards name rules as the firewall's metrics do."""
    acl = stacks["edge"].only("WAFv2::WebACL")
    rules = {rule["VisibilityConfig"]["MetricName"] for rule in acl["Rules"]}
    text = json.dumps([stacks["observability"].of("CloudWatch::Alarm"), boards(stacks)["security"]])
    shown = set(re.findall(r'"Name": "Rule", "Value": "([^"]+)"', text)) | set(re.findall(r'"Rule", "([^"]+)"', text))
    assert rules == shown - {"Value"}
    assert acl["VisibilityConfig"]["MetricName"] in text


def test_every_ranking_that_is_asked_is_there(stacks: Stacks) -> None:
    """By alarms and by the dashboard, of an event that is logged."""
    template = stacks["observability"]
    text = json.dumps([template.of("CloudWatch::Alarm"), boards(stacks)["security"]])
    asked = set(re.findall(r"INSIGHT_RULE_METRIC\('([^']+)'", text))
    found = {one["RuleName"]: json.loads(one["RuleBody"]) for one in template.of("CloudWatch::InsightRule")}
    assert set(found) == asked
    groups = {one["LogGroupName"] for one in stacks["service"].of("Logs::LogGroup")}
    assert all(set(body["LogGroupNames"]) <= groups for body in found.values())


def test_every_alarm_says_what_it_means_and_tells_somebody(stacks: Stacks) -> None:
    """By itself, or as a part of a composite."""
    template = stacks["observability"]
    rules = str([one["AlarmRule"] for one in template.of("CloudWatch::CompositeAlarm")])
    for name, found in template.resources.items():
        if found["Type"] == "AWS::CloudWatch::Alarm":
            assert "Runbook: alarm" in found["Properties"]["AlarmDescription"]
            assert found["Properties"].get("AlarmActions") or f"'{name}'" in rules, name


def test_failed_deployments_and_backups_are_told(prod: Stacks) -> None:
    rule = prod["observability"].only("Events::Rule")
    assert {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]} == rule["EventPattern"]["detail"]
    assert "Notice" in str(rule["Targets"])
    assert "Notice" in str(prod["data"].only("Backup::BackupVault")["Notifications"])


def test_messages_are_encrypted_and_reach_people(prod: Stacks) -> None:
    notices = prod["notices"]
    assert all("KmsMasterKeyId" in topic for topic in notices.of("SNS::Topic"))
    assert {"oncall@brutalpatches.com", "operations@brutalpatches.com"} == {
        one["Endpoint"] for one in notices.of("SNS::Subscription")
    }


def test_logs_end(stacks: Stacks) -> None:
    """Every log group of every stack has a retention."""
    groups = [group for template in stacks.values() for group in template.of("Logs::LogGroup")]
    assert len(groups) >= 5
    assert all(group["RetentionInDays"] <= 90 for group in groups)


def boards(stacks: Stacks) -> dict[str, dict[str, Any]]:
    return {
        one["DashboardName"].rpartition("-")[2]: json.loads(flat(one["DashboardBody"]))
        for one in stacks["observability"].of("CloudWatch::Dashboard")
    }


def lines(stacks: Stacks) -> Iterator[tuple[str, frozenset[str]]]:
    """Each metric of the service that a dashboard shows, and by which dimensions."""
    for board in boards(stacks).values():
        for widget in board["widgets"]:
            for line in widget["properties"].get("metrics", []):
                if isinstance(line[0], dict):
                    for dimensions, name in re.findall(
                        r'\{"BrutalPatches/API",([^}]+)\} MetricName="(\w+)"', line[0].get("expression", "")
                    ):
                        yield name, frozenset(dimensions.split(","))
                elif line[0] == NAMESPACE:
                    yield line[1], frozenset(one for one in line[2::2] if isinstance(one, str))


def test_there_are_the_four_dashboards(stacks: Stacks) -> None:
    found = boards(stacks)
    assert {"performance", "database", "security", "business"} == set(found)
    assert all(len(board["widgets"]) > 5 for board in found.values())


@pytest.mark.parametrize(
    ("board", "shown"),
    [
        ("performance", {"http_request_duration_seconds", "errors_total", "http_requests_total"}),
        ("performance", {"TargetResponseTime", "RequestCount", "HTTPCode_Target_5XX_Count"}),
        ("database", {"database_query_duration_seconds", "active_connections", "cache_operations_total"}),
        ("database", {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents"}),
        ("security", {"auth_events_total", "jwt_tokens_rejected_total", "FailedLogins", "Lockouts", "BlockedRequests"}),
        ("business", {"patch_operations_total", "user_operations_total", "catalogue_patches"}),
    ],
)
def test_boards_show_what_the_runbook_asks_of_them(stacks: Stacks, board: str, shown: set[str]) -> None:
    """Latency, errors, throughput; queries and connections; logins and who fails them; patches and people."""
    text = json.dumps(boards(stacks)[board])
    assert set() == {name for name in shown if name not in text}


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_on_a_dashboard(stacks: Stacks, name: str) -> None:
    assert name in {shown for shown, _ in lines(stacks)}


def test_the_collector_declares_what_dashboards_show(stacks: Stacks) -> None:
    """A line for dimensions that nobody sends would stay empty for ever."""
    declarations = yaml.safe_load(COLLECTOR.read_text())["exporters"]["awsemf"]["metric_declarations"]
    declared = {
        (name, frozenset(dimensions))
        for one in declarations
        for selector in one["metric_name_selectors"]
        for name in METRICS
        if re.search(selector, name)
        for dimensions in one["dimensions"]
    }
    assert set(lines(stacks)) <= declared
    assert NAMESPACE == yaml.safe_load(COLLECTOR.read_text())["exporters"]["awsemf"]["namespace"]
    assert declared == {
        (name, frozenset((STAGE, *labels))) for name, metric in METRICS.items() for labels in metric.dimensions
    }


def test_the_catalogue_is_watched(stacks: Stacks) -> None:
    """It must never differ from the table, and never be old."""
    assert ("catalogue_drift", 0) == (
        alarm(stacks, "catalogue-drift")["MetricName"],
        alarm(stacks, "catalogue-drift")["Threshold"],
    )
    assert ("catalogue_age_seconds", 60) == (
        alarm(stacks, "catalogue-age")["MetricName"],
        alarm(stacks, "catalogue-age")["Threshold"],
    )


def test_the_collector_listens_inside_the_task_only() -> None:
    """And every part that a pipeline names is there."""
    found = yaml.safe_load(COLLECTOR.read_text())
    assert "127.0.0.1:4317" == found["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]
    for pipeline in found["service"]["pipelines"].values():
        for kind, names in pipeline.items():
            assert set(names) <= set(found[kind])
        assert "memory_limiter" == pipeline["processors"][0]


def test_the_collector_s_configuration_fits_a_parameter(stacks: Stacks) -> None:
    (value,) = [one["Value"] for one in stacks["service"].of("SSM::Parameter") if one["Name"].endswith("/collector")]
    assert len(value) <= 4096
    assert yaml.safe_load(COLLECTOR.read_text()) == yaml.safe_load(value)


def test_metrics_go_where_the_task_may_write(stacks: Stacks) -> None:
    """The exporter's log group is the one its role names, stage by stage."""
    name = yaml.safe_load(COLLECTOR.read_text())["exporters"]["awsemf"]["log_group_name"]
    groups = {one["LogGroupName"] for one in stacks["service"].of("Logs::LogGroup")}
    assert any(group == name.replace("${env:STAGE}", group.split("/")[2]) for group in groups)
