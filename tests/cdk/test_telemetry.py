"""What the service really sends and logs, against what production makes of it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from brutal_patches.settings import read_settings
from brutal_patches.telemetry.names import METRICS
from brutal_patches.telemetry.watch import Telemetry
from cdk.log_metrics import ADDRESS, EVENT
from tests.telemetry.receiver import collecting

COLLECTOR = yaml.safe_load((Path(__file__).parents[2] / "docker" / "collector" / "production.yaml").read_text())
LINE = """
from brutal_patches.actor import Actor
from brutal_patches.audit.events import announce
from brutal_patches.settings import read_settings
from brutal_patches.telemetry.logs import set_up_logs
set_up_logs(read_settings({
    "APP_ENV": "production", "JWT_SECRET": "x" * 64, "OPS_TOKEN": "y" * 48, "PUBLIC_URL": "https://example.com",
}))
announce("authn_login_fail", Actor(address="192.0.2.1"))
"""


@pytest.fixture
def received() -> Iterator[dict[str, Any]]:
    """Every metric that the service sends, after one thing of each kind has happened."""
    with collecting() as collector:
        telemetry = Telemetry(read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}))
        metrics = telemetry.metrics
        for path in ("/api/patches", "/api/users/create"):
            metrics.count_operation({"route_handler": type("Route", (), {"operation_id": "something"})()}, path)
        for method, status in (("POST", 201), ("GET", 500)):
            metrics.observe_requests([(method, "/api/patches", status, 7.0, 7.01, "/api/patches", {})])
        metrics.observe_query("get_item", "core", 0.002)
        metrics.caches.add("read", "hit")
        metrics.issued.add("access")
        metrics.rejected.add("expired")
        metrics.events.add("authn_login_fail")
        for gauge in (
            "active_connections",
            "catalogue_patches",
            "catalogue_age_seconds",
            "catalogue_drift",
            "hashing_queue",
            "rendering_queue",
        ):
            metrics.gauge(gauge, lambda: 1)
        telemetry.close()
        yield collector.metrics


def renamed(name: str) -> str:
    """What the collector calls a metric."""
    for transform in COLLECTOR["processors"]["metricstransform"]["transforms"]:
        if transform.get("match_type") != "regexp":
            if name == transform["include"]:
                return str(transform["new_name"])
        elif re.search(transform["include"], name):
            return re.sub(transform["include"], transform["new_name"].replace("$${1}", r"\1"), name)
    return name


def labels(metric: Any) -> set[str]:
    kind = getattr(metric, metric.WhichOneof("data"))
    return {attribute.key for attribute in kind.data_points[0].attributes}


def test_what_is_sent_becomes_what_is_watched(received: dict[str, Any]) -> None:
    """Under the runbook's name, with every label that a declared dimension asks for."""
    sent = {renamed(name): labels(metric) for name, metric in received.items()}
    assert set(METRICS) == set(sent)
    declarations = COLLECTOR["exporters"]["awsemf"]["metric_declarations"]
    for one in declarations:
        for selector in one["metric_name_selectors"]:
            names = [name for name in sent if re.search(selector, name)]
            assert names, selector
            for name in names:
                for dimensions in one["dimensions"]:
                    assert set(dimensions) - {"stage"} <= sent[name], name


def test_durations_keep_their_percentiles(received: dict[str, Any]) -> None:
    """Exponential buckets for CloudWatch, which knows sum and count alone of fixed ones."""
    for name in ("http_request_duration", "database_query_duration"):
        assert "exponential_histogram" == received[name].WhichOneof("data")


def test_security_events_are_where_filters_look() -> None:
    """In a line as production writes it."""
    done = subprocess.run([sys.executable, "-c", LINE], capture_output=True, text=True, check=True)
    line = json.loads(done.stdout)
    for path, value in ((EVENT, "authn_login_fail"), (ADDRESS, "192.0.2.1")):
        found = line
        for step in path.removeprefix("$.").split("."):
            found = found[step]
        assert value == found
