"""Metrics have the runbook's names, true values, and labels that are bounded."""

import re

from brutal_patches.telemetry import metrics
from brutal_patches.telemetry.metrics import Tally
from tests.client import Client


async def test_requests_are_counted_by_route(client: Client, ada: Client) -> None:
    """By template, never by the path itself; ready answers too."""
    for number in range(5):
        await client.get(f"/api/patches/{number}")
    patch = await ada.create("Sub")
    await client.get(f"/api/patches/{patch['id']}")
    await client.get("/nowhere/at/all")
    text = (await client.get("/monitoring/metrics")).text
    template = "/api/patches/{patch_id}"
    assert f'http_requests_total{{method="GET",route="{template}",status_code="404"}} 5.0' in text
    assert f'http_requests_total{{method="GET",route="{template}",status_code="200"}} 1.0' in text
    assert f'http_request_duration_seconds_count{{method="GET",route="{template}"}} 6.0' in text
    assert 'http_requests_total{method="GET",route="unrouted",status_code="404"} 1.0' in text
    assert 'patch_operations_total{operation="createPatch"} 1.0' in text
    assert 'user_operations_total{operation="register"} 1.0' in text
    assert 'errors_total{severity="warning",type="client"} 6.0' in text
    assert re.search(r'database_query_duration_seconds_count\{operation="get_item",table="core"\} \d+', text)
    assert 'http_request_duration_seconds_bucket{le="0.001"' in text
    assert 'http_request_duration_seconds_bucket{le="5.0"' in text
    for name in (
        "active_connections",
        "catalogue_patches",
        "catalogue_age_seconds",
        "catalogue_drift",
        "hashing_queue",
        "rendering_queue",
    ):
        assert f"# TYPE {name} gauge" in text
    assert "catalogue_patches 1.0" in text


async def test_no_label_is_what_somebody_sent(client: Client) -> None:
    """Neither a path nor a method."""
    for number in range(20):
        await client.get(f"/made-up-{number}")
        await client.request(f"VERB{number}", "/health")
    text = (await client.get("/monitoring/metrics")).text
    assert "made-up" not in text
    assert "VERB" not in text


def test_label_sets_are_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """What is beyond shares one."""
    monkeypatch.setattr(metrics, "MAX_LABEL_SETS", 3)
    tally = Tally("route")
    for number in range(10):
        tally.add(str(number))
    assert 10 == tally.total()
    observed = {observation.attributes["route"]: observation.value for observation in tally(None)}  # type: ignore
    assert {"0": 1, "1": 1, "2": 1, "other": 7} == observed
