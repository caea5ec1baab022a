"""Traces and metrics as a collector receives them, from a service that really worked."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from brutal_patches.app import Service
from brutal_patches.errors import Unavailable
from brutal_patches.settings import Settings
from brutal_patches.telemetry import export, tracing
from brutal_patches.telemetry.names import METRICS
from brutal_patches.telemetry.propagation import XRAY, Origin, origin
from tests.client import PASSWORD, Client, running
from tests.faults.proxy import fault_proxy
from tests.telemetry.receiver import Collector, Meeting, attributes, collecting, dawdle, points, refuse, welcome

BEGUN = 0x5759E988BD862E3FE1BE46A994272793
AB, CD = int("ab" * 16, 16), int("cd" * 8, 16)
ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
SAMPLED = {"x-amzn-trace-id": f"Root={ROOT};Parent={PARENT};Sampled=1"}
IDS = [f"1-5759e988-{number:024x}" for number in range(1, 100)]


def asked(number: int) -> dict[str, str]:
    """The header of a load balancer whose caller wants trace `number`."""
    return {"x-amzn-trace-id": f"Root={IDS[number]};Sampled=1"}


def to(settings: Settings, endpoint: str, ratio: float = 0.0) -> Settings:
    telemetry = msgspec.structs.replace(settings.telemetry, otlp_endpoint=endpoint, trace_ratio=ratio)
    return msgspec.structs.replace(settings, telemetry=telemetry)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


@pytest.fixture
async def evening(settings: Settings, collector: Collector) -> AsyncIterator[Collector]:
    """What a collector has after a service has lived, and stopped."""
    async with running(to(settings, collector.endpoint)) as service:
        client = Client(service)
        ada = await client.register("ada")
        await ada.post("/api/patches", {"title": "Low Bass"}, headers=SAMPLED)
        await client.get("/api/patches/search?q=bass", headers=asked(0))
        await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD}, headers=asked(1))
        await client.get("/api/patches/1", headers=asked(2))
        await client.get("/api/patches/1", headers={"x-amzn-trace-id": f"Root={IDS[3]};Sampled=0"})
        await client.get("/api/patches/1")
        await client.post("/api/auth/login", {"username": "ada", "password": "wrong-1-wrong"})
        await client.get("/api/auth/me/roles", headers={"authorization": "Bearer forged"})
        await client.get("/api/auth/me/roles", headers={"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"})
        await fail(service, client)
    yield collector


async def fail(service: Service, client: Client) -> None:
    """A request that fails because storage does, with trace 4."""
    original = service.parts.table.ping

    async def broken(*_: Any, **__: Any) -> None:
        raise Unavailable("DynamoDB is away, says vera@example.com")

    service.parts.collections.public = broken  # type: ignore[method-assign,assignment]
    answer = await client.get("/api/patches/collections/public", headers=asked(4))
    assert (503, original) == (answer.status_code, service.parts.table.ping)


async def test_a_write_is_one_trace_down_to_dynamodb(evening: Collector) -> None:
    """Under the load balancer's trace and its caller's span; each call with operation, table, capacity and retries."""
    root = evening.root(ROOT)
    assert ("POST /api/patches", PARENT) == (root.name, root.parent_span_id.hex())
    told = attributes(root)
    assert ("POST", "/api/patches", 201) == tuple(
        told[f"http.{name}"] for name in ("request.method", "route", "response.status_code")
    )
    assert ("192.0.2.1", "/api/patches") == (told["client.address"], told["url.path"])
    children = [span for span in evening.trace(ROOT) if span is not root]
    assert {root.span_id} == {span.parent_span_id for span in children}
    (write,) = [span for span in children if span.name == "DynamoDB.TransactWriteItems"]
    assert write.SPAN_KIND_CLIENT == write.kind
    assert root.start_time_unix_nano <= write.start_time_unix_nano < write.end_time_unix_nano
    assert write.end_time_unix_nano <= root.end_time_unix_nano + 1_000_000
    call = attributes(write)
    assert ("aws-api", "DynamoDB", "TransactWriteItems") == tuple(
        call[f"rpc.{name}"] for name in ("system", "service", "method")
    )
    assert ("aws.dynamodb", ["core"], 0) == (
        call["db.system.name"],
        call["aws.dynamodb.table_names"],
        call["http.request.resend_count"],
    )
    used = json.loads(call["aws.dynamodb.consumed_capacity"][0])
    assert used["CapacityUnits"] >= 2


async def test_retries_are_on_the_span(settings: Settings, collector: Collector) -> None:
    """One call that DynamoDB refused twice is one span, which says so."""
    async with fault_proxy(settings.dynamodb.endpoint_url) as proxy:
        through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
        async with running(msgspec.structs.replace(to(settings, collector.endpoint), dynamodb=through)) as service:
            ada = await Client(service).register("ada")
            proxy.plan("TransactWriteItems", "throttle", "error")
            assert 201 == (await ada.post("/api/patches", {"title": "Low Bass"}, headers=SAMPLED)).status_code
    (write,) = [span for span in collector.trace(ROOT) if span.name == "DynamoDB.TransactWriteItems"]
    assert 2 == attributes(write)["http.request.resend_count"]


async def test_hashing_searching_and_loading_have_spans(evening: Collector) -> None:
    """Below their requests; the load at start is a trace of its own, with its queries."""
    (search,) = [span for span in evening.trace(IDS[0]) if span.name == "catalogue search"]
    assert (evening.root(IDS[0]).span_id, 1) == (search.parent_span_id, attributes(search)["hits"])
    (verify,) = [span for span in evening.trace(IDS[1]) if span.name == "password verify"]
    assert evening.root(IDS[1]).span_id == verify.parent_span_id
    (load,) = [span for span in evening.spans if span.name == "catalogue load"]
    assert b"" == load.parent_span_id
    assert {"DynamoDB.Query"} == {span.name for span in evening.spans if span.parent_span_id == load.span_id}


async def test_the_express_lane_is_traced(evening: Collector) -> None:
    """By its route's template too."""
    root = evening.root(IDS[2])
    assert ("GET /api/patches/{patch_id}", 200) == (root.name, attributes(root)["http.response.status_code"])


async def test_what_is_not_sampled_is_not_there(evening: Collector) -> None:
    """With a ratio of nothing only what callers asked for, W3C's header included; a refusal counts as well."""
    assert [] == evening.trace(IDS[3])
    roots = [span for span in evening.spans if span.kind == span.SPAN_KIND_SERVER]
    assert 6 == len(roots)
    (w3c,) = [span for span in roots if span.trace_id.hex() == "ab" * 16]
    assert ("cd" * 8, "GET /api/auth/me/roles") == (w3c.parent_span_id.hex(), w3c.name)
    assert {"brutal-patches-api"} == {resource["service.name"] for resource in evening.resources}


async def test_failures_are_on_their_span(evening: Collector) -> None:
    """What went wrong, without what must not be told."""
    root = evening.root(IDS[4])
    assert (root.status.STATUS_CODE_ERROR, "Unavailable") == (root.status.code, attributes(root)["error.type"])
    (event,) = root.events
    told = attributes(event)
    assert ("exception", "DynamoDB is away, says [redacted]") == (event.name, told["exception.message"])
    assert "in broken" in told["exception.stacktrace"]


async def test_every_metric_arrives(evening: Collector) -> None:
    """With the labels that are declared, and values that are true."""
    sent = {renamed(name): metric for name, metric in evening.metrics.items()}
    assert set(METRICS) == set(sent)
    for name, metric in METRICS.items():
        for point in points(sent[name]):
            assert set(metric.labels) == set(attributes(point)), name

    def count(name: str, **labels: str) -> float:
        found = [one for one in points(sent[name]) if labels.items() <= attributes(one).items()]
        return sum(one.as_int or one.as_double for one in found)

    assert 2 == count("auth_events_total", event="authn_token_created")
    assert 1 == count("auth_events_total", event="authn_login_fail")
    assert (2, 2) == (count("jwt_tokens_issued_total", type="access"), count("jwt_tokens_issued_total", type="refresh"))
    assert 1 == count("jwt_tokens_rejected_total", reason="invalid")
    assert 2 == count("cache_operations_total", operation="express", result="hit")
    assert 1 == count("cache_operations_total", operation="catalogue", result="miss")
    assert count("cache_operations_total", operation="token", result="miss") >= 1
    assert 1 == count("errors_total", type="server")
    assert 1 == count("catalogue_patches")
    assert count("process_memory_bytes") > 10_000_000
    assert count("process_cpu_seconds_total") > 0.1
    assert 0 == count("telemetry_dropped_total")


def renamed(stem: str) -> str:
    (name,) = [
        one
        for one in METRICS
        if one in {stem, f"{stem}_total", f"{stem}_seconds", f"{stem}_bytes"} or (one == f"{stem}_seconds_total")
    ]
    return name


async def test_a_share_is_traced_and_answers_say_so(settings: Settings, collector: Collector) -> None:
    """Of a hundred at 0.3 about thirty, each of whose answers names its trace, with a time in its id."""
    async with running(to(settings, collector.endpoint, 0.3)) as service:
        answers = [await Client(service).get("/health") for _ in range(100)]
    named = [answer.headers["x-amzn-trace-id"] for answer in answers if "x-amzn-trace-id" in answer.headers]
    roots = [span for span in collector.spans if span.kind == span.SPAN_KIND_SERVER]
    assert {f"Root=1-{i[:8]}-{i[8:]};Sampled=1" for i in (span.trace_id.hex() for span in roots)} == set(named)
    assert 10 < len(named) < 55
    assert abs(int(named[0][7:15], 16) - time.time()) < 60


async def test_strangers_cannot_have_everything_traced(settings: Settings, collector: Collector) -> None:
    """Beyond a hundred a second a caller's wish is passed over."""
    async with running(to(settings, collector.endpoint)) as service:
        now = time.monotonic()
        for _ in range(600):
            await Client(service).get("/health", headers=SAMPLED)
        seconds = int(time.monotonic() - now) + 2
    assert len(collector.spans) <= tracing.TRACES_A_SECOND * seconds + 20


async def test_an_unsampled_request_makes_no_span(settings: Settings, collector: Collector, monkeypatch: Any) -> None:
    """Not even one that records nothing."""
    async with running(to(settings, collector.endpoint)) as service:
        monkeypatch.setattr(tracing, "Open", None)
        ada = await Client(service).register("ada")
        assert 201 == (await ada.post("/api/patches", {"title": "One"})).status_code


@pytest.mark.parametrize("meet", [welcome, refuse, dawdle, None], ids=["well", "refusing", "slow", "dead"])
async def test_no_collector_harms_a_request(settings: Settings, meet: Meeting | None, monkeypatch: Any) -> None:
    """Answers come as ever, what is lost is counted, the log stays quiet, and a stop is soon over."""
    monkeypatch.setattr(tracing, "TRACES_A_SECOND", 10_000)
    if meet is not welcome:
        monkeypatch.setattr(export, "QUEUE", 200)
        monkeypatch.setattr(export, "BATCH", 100)
    with collecting(meet or welcome) as collector:
        endpoint = collector.endpoint if meet else "http://127.0.0.1:9"
        service = Service(to(settings, endpoint, 1.0))
        async with service.live():
            client, slowest = Client(service), 0.0
            for _ in range(600):
                began = time.monotonic()
                assert 200 == (await client.get("/health")).status_code
                slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.1)
            stopping = time.monotonic()
        assert time.monotonic() - stopping < 5
        losses = service.telemetry.losses
        arrived = sum(span.name == "GET /health" for span in collector.spans)
        if meet is welcome:
            assert (600, 0) == (arrived, losses.full + losses.spans)
        else:
            assert 0 == arrived
            assert losses.full + losses.spans > 0
        assert losses.full + losses.spans + arrived <= 600 + 20


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({XRAY: f"Root={ROOT}".encode()}, Origin(BEGUN)),
        ({XRAY: SAMPLED["x-amzn-trace-id"].encode()}, Origin(BEGUN, int(PARENT, 16), True)),
        ({XRAY: f"Self=1-67891234-1;Root={ROOT};Sampled=?".encode()}, Origin(BEGUN)),
        ({b"traceparent": b"00-" + b"ab" * 16 + b"-" + b"cd" * 8 + b"-00"}, Origin(AB, CD, False)),
        ({b"traceparent": b"00-" + b"0" * 32 + b"-" + b"cd" * 8 + b"-01"}, None),
        ({b"traceparent": b"ff-" + b"ab" * 16 + b"-" + b"cd" * 8 + b"-01"}, None),
        ({XRAY: b"Root=1-zzzz"}, None),
        ({XRAY: b"\xff" * 5000}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_headers_of_traces(headers: dict[bytes, bytes], expected: Origin | None) -> None:
    """X-Ray's and W3C's; what is neither is passed over."""
    assert expected == origin(headers)


def test_only_telemetry_knows_the_sdk() -> None:
    """Everybody else is handed a watch."""
    source = Path(tracing.__file__).parents[1]
    users = {path for path in source.rglob("*.py") if "from opentelemetry" in path.read_text()}
    assert {"telemetry"} == {path.parent.name for path in users}
