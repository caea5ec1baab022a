"""What the service really sends and logs, against what production makes of it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as messages
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as services

from brutal_patches.settings import read_settings
from brutal_patches.telemetry.metrics import Metrics
from cdk.log_metrics import ADDRESS, EVENT

COLLECTOR = yaml.safe_load((Path(__file__).parents[2] / "docker" / "collector" / "production.yaml").read_text())
LINE = """
from brutal_patches.settings import read_settings
from brutal_patches.telemetry.logs import set_up_logs
from loguru import logger
set_up_logs(read_settings({
    "APP_ENV": "production", "JWT_SECRET": "x" * 64, "OPS_TOKEN": "y" * 48, "PUBLIC_URL": "https://example.com",
}))
logger.bind(event="authn_login_fail", address="192.0.2.1").warning("{}", "authn_login_fail")
"""


class Receiver(services.MetricsServiceServicer):  # type: ignore[misc]
    """A collector that remembers."""

    def __init__(self) -> None:
        self.metrics: dict[str, Any] = {}

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - Named by the protocol.
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                self.metrics |= {metric.name: metric for metric in scope.metrics}
        return messages.ExportMetricsServiceResponse()


@pytest.fixture
def received() -> Iterator[dict[str, Any]]:
    """Every metric that the service sends, after one thing of each kind has happened."""
    server, receiver = grpc.server(ThreadPoolExecutor(2)), Receiver()
    services.add_MetricsServiceServicer_to_server(receiver, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    metrics = Metrics(read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}))
    for path in ("/api/patches", "/api/users/create"):
        route = type("Route", (), {"operation_id": "something"})()
        metrics.observe_request({"method": "POST", "path_template": path, "route_handler": route}, 201, 0.01)
    metrics.observe_request({"method": "GET", "path_template": "/api/patches"}, 500, 0.01)
    metrics.observe_query("get_item", "core", 0.002)
    metrics.caches.add("read", "hit")
    metrics.issued.add("access")
    metrics.rejected.add("expired")
    metrics.events.add("authn_login_fail")
    metrics.gauge("active_connections", "Requests that are being worked on.", lambda: 1)
    metrics.shutdown()
    yield receiver.metrics
    server.stop(0).wait()


def renamed(name: str) -> str:
    """What the collector calls a metric."""
    for transform in COLLECTOR["processors"]["metricstransform"]["transforms"]:
        if re.search(transform["include"], name):
            return re.sub(transform["include"], transform["new_name"].replace("$${1}", r"\1"), name)
    return name


def labels(metric: Any) -> set[str]:
    kind = getattr(metric, metric.WhichOneof("data"))
    return {attribute.key for attribute in kind.data_points[0].attributes}


def test_what_is_sent_becomes_what_is_watched(received: dict[str, Any]) -> None:
    """Under the runbook's name, with every label that a declared dimension asks for."""
    sent = {renamed(name): labels(metric) for name, metric in received.items()}
    declarations = COLLECTOR["exporters"]["awsemf"]["metric_declarations"]
    for one in declarations:
        for selector in one["metric_name_selectors"]:
            if "catalogue" in selector or "hashing" in selector:
                continue  # Gauges without labels, which the whole service adds.
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
