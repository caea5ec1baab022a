"""Names in the runbook that no command line knows: alarms, metrics, keys."""

import re
from pathlib import Path
from typing import Any

import pytest

from brutal_patches.operations.insights import catalogue
from brutal_patches.storage import keys
from brutal_patches.telemetry.names import METRICS, NAMESPACE
from cdk.app import build
from cdk.config import PROD
from cdk.log_metrics import PER_ADDRESS, WATCHED
from tests.operations.test_queries import values

TEXT = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()


def section(title: str) -> str:
    """The text under a heading of the second level."""
    found = re.search(rf"^## {title}$(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


@pytest.fixture(scope="module")
def alarms() -> set[str]:
    """The names that the alarms of prod have, without what begins all of them."""
    templates: list[Any] = [stack.template for stack in build(PROD, checked=False).synth().stacks_recursively]
    found = set()
    for resource in (each for template in templates for each in template.get("Resources", {}).values()):
        properties = resource.get("Properties", {})
        name = properties.get("AlarmName") or properties.get("CompositeAlarmName")
        if name and resource["Type"].startswith("AWS::CloudWatch::"):
            found.add(str(name).removeprefix(f"{PROD.prefix}-"))
    return found


def test_every_alarm_says_where_to_look(alarms: set[str]) -> None:
    """Those of the table are those there are; parts of a burn rate and of a deployment are told by their whole."""
    told = set()
    for row in re.findall(r"^\| (`[^|]*) \|", section("Alarms"), re.MULTILINE):
        told |= set(re.findall(r"`([a-z-]+)`", row))
    assert set() == {name for name in told if not name.endswith("-")} - alarms
    silent = re.compile(r"(security|deployment|ephemeral)-|burn-[a-z]+-\d|p1$")
    assert set() == {name for name in alarms if not silent.match(name)} - told


def test_metrics_are_those_there_are() -> None:
    """By the name and in the place that CloudWatch keeps them."""
    named = set(re.findall(r"--namespace (BrutalPatches\S*) --metric-name (\S+)", TEXT))
    assert named
    assert {NAMESPACE} == {place for place, _ in named}
    prometheus = re.findall(r"\b((?:http|errors|active|database|cache|jwt|auth|catalogue)_[a-z_]+)\b", TEXT)
    known = set(METRICS) | {f"{name}_count" for name in METRICS} | {"jwt_tokens_", "http_code"}
    assert set() == set(prometheus) - known
    assert {"http_requests_total", "errors_total", "active_connections", "cache_operations_total"} <= set(prometheus)


def test_what_is_too_many_is_what_alarms_say() -> None:
    """Each row of the security table that has a filter or a ranking behind its query tells its limits."""
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| `([a-z-]+)`", section("Security"), re.MULTILINE)
    limits = {query: limit for limit, query in rows}
    told = 0
    for name, query in catalogue().items():
        for event in values(query.text, "event") if name in limits else ():
            for watched in (each for each in WATCHED if each.event == event and each.more_than):
                assert f"{watched.more_than} in {watched.minutes} minutes" in limits[name], name
                told += 1
            for most in (most for other, most in PER_ADDRESS.values() if other == event):
                assert re.search(rf"\b{most} a minute", limits[name]), name
                told += 1
    assert told >= 6


def test_hot_keys_are_keys_of_ours() -> None:
    """Each begins as a key of the page of keys does."""
    named = re.findall(r"`([A-Z]+)#", section("Hot partitions"))
    page = Path(keys.__file__).read_text()
    assert len(named) >= 6
    for name in named:
        assert f'"{name}#' in page, name
