"""What is no HTTP, or too much of it, or too slow: one answer, never a 5xx, and the next caller notices nothing."""

import asyncio
import os
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from brutal_patches.app import Service
from brutal_patches.cli import protocol
from brutal_patches.cli.engine import Engine
from brutal_patches.http import incoming
from brutal_patches.settings import read_settings
from brutal_patches.storage.creation import create_tables
from tests.cli.test_serving import free_port, process
from tests.security.probes import END, LOGIN, PROBES, H, get
from tests.security.wire import listening, say

MUTANTS = int(os.environ.get("WIRE_MUTANTS", "150"))
IDLE = int(os.environ.get("WIRE_IDLE", "500"))
KEPT = b"GET /health HTTP/1.1\r\n" + H + b"\r\n"
SLOW = 0.2


@pytest.fixture(scope="module")
def serving(engine: Engine) -> Iterator[int]:
    """The port of the service, in a process of its own as in production."""
    port = free_port()
    environment = {
        "APP_ENV": "test",
        "DYNAMODB_ENDPOINT_URL": engine.endpoint,
        "DYNAMODB_TABLE_PREFIX": f"wire-{port}",
        "RATE_LIMIT_MAX": "1000000",
        "LOG_LEVEL": "error",
    }
    asyncio.run(create_tables(read_settings(environment).dynamodb))
    with process(["serve"], environment, port):
        yield port


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, in less time."""
    for name in ("HEADER_SECONDS", "BODY_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(protocol, name, SLOW)


async def test_each_probe_has_its_answer(serving: int) -> None:
    """One, the right one, and the connection ends."""
    assert len(PROBES) >= 95
    found = {name: (await say(serving, sent), status) for name, (sent, status) in PROBES.items()}
    wrong = {name: (heard.statuses, heard.ended, status) for name, (heard, status) in found.items()
             if heard.statuses != (status,) or not heard.ended}  # fmt: skip
    assert {} == wrong


async def test_no_answer_tells_what_it_is_made_of(serving: int) -> None:
    """Whatever was sent."""
    for name, (sent, _) in PROBES.items():
        for body in (await say(serving, sent)).bodies:
            for internal in (b"Traceback", b"uvicorn", b"httptools", b"litestar", b"msgspec", b"python"):
                assert internal not in body.lower(), name


async def test_mutants_of_probes_are_answered_too(serving: int) -> None:
    """Bytes changed, cut out, doubled and mixed: never a 5xx, nothing that is not HTTP, and it serves on."""
    chance = random.Random(7)
    sent = [mutant(chance) for _ in range(MUTANTS)]
    for start in range(0, len(sent), 25):
        heard = await asyncio.gather(*(say(serving, each, wait=0.3) for each in sent[start : start + 25]))
        for each, answer in zip(sent[start : start + 25], heard, strict=True):
            assert all(status < 500 for status in answer.statuses), (each[:300], answer.statuses)
    assert (200,) == (await say(serving, get())).statuses


def mutant(chance: random.Random) -> bytes:
    """A probe that something has happened to."""
    probe = bytearray(chance.choice([sent for sent, _ in PROBES.values() if len(sent) < 4096]))
    other = chance.choice([sent for sent, _ in PROBES.values() if len(sent) < 4096])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(probe))
        match chance.randrange(4):
            case 0:
                probe[at] = chance.randrange(256)
            case 1:
                del probe[at : at + chance.randint(1, 8)]
            case 2:
                probe[at:at] = probe[at : at + chance.randint(1, 40)]
            case _:
                probe[at:at] = other[: chance.randint(1, len(other))]
        if not probe:
            break
    return bytes(probe)


async def test_what_is_pipelined_is_answered_in_order(service: Service) -> None:
    """Each with its own answer, up to a length; beyond that the connection ends after what it owes."""
    patch = b"GET /api/patches/%d HTTP/1.1\r\n" + H + b"\r\n"
    async with listening(service.app) as here:
        heard = await say(here.port, KEPT + patch % 9 + KEPT + get(b"/nowhere"))
        assert ((200, 404, 200, 404), True) == (heard.statuses, heard.ended)
        flood = await say(here.port, *[patch % 9 * 2000] * 3)
        assert ({404}, True) == (set(flood.statuses), flood.ended)
        assert len(flood.statuses) <= protocol.MAX_PIPELINED + 1


async def test_nonsense_after_a_request_gets_no_answer_of_its_own(service: Service) -> None:
    """A second answer could be taken for that to somebody else's request."""
    async with listening(service.app) as here:
        heard = await say(here.port, b"GET /api/patches/9 HTTP/1.1\r\n" + H + b"\r\nNONSENSE\r\n\r\n")
        assert ((404,), True) == (heard.statuses, heard.ended)


async def test_slow_headers_are_given_up(service: Service, hurried: None) -> None:
    """One byte after another does not extend the time; neither do blank lines, nor silence."""
    async with listening(service.app) as here:
        drip = [bytes([byte]) for byte in get()]
        assert ((408,), True) == (await say(here.port, *drip, pause=0.05))[::2]
        assert ((408,), True) == (await say(here.port))[::2]
        assert ((200, 408), True) == (await say(here.port, KEPT, b"\r\n", pause=0.05))[::2]
        assert not here.connections


async def test_slow_bodies_are_given_up(service: Service, hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether somebody waits for them, or they were answered before they came; with one answer."""
    monkeypatch.setattr(incoming, "BODY_SECONDS", SLOW / 2)
    begun = LOGIN + b"content-length: 1000\r\n\r\n"
    refused = begun.replace(b"application/json", b"text/plain")
    read = begun.replace(b"POST /api/auth/login", b"GET /health")
    drip = [b" "] * 40
    async with listening(service.app) as here:
        assert ((408,), True) == (await say(here.port, begun, *drip, pause=0.05))[::2]
        assert ((415,), True) == (await say(here.port, refused, *drip, pause=0.05))[::2]
        assert ((200,), True) == (await say(here.port, read, *drip, pause=0.05))[::2]
        assert not here.connections
        assert 0 == service.app.active


class Large:
    """An application whose answer is larger than any buffer, in parts."""

    def __init__(self) -> None:
        self.answering = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.answering += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(200):
                await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.answering -= 1


async def test_whoever_does_not_read_an_answer_is_let_go(hurried: None) -> None:
    """It would keep a place from others; whoever reads slowly, but does, gets it whole."""
    app = Large()
    async with listening(app) as here:
        _, writer = await asyncio.open_connection("127.0.0.1", here.port, limit=1024)
        writer.write(get())
        for _ in range(200):
            await asyncio.sleep(SLOW / 2)
            if not here.connections:
                break
        assert (0, set()) == (app.answering, here.connections)
        writer.transport.abort()
        assert 20_000_000 == len((await say(here.port, get())).bodies[0])


class Crowd(NamedTuple):
    """Connections that are open and do nothing."""

    writers: list[asyncio.StreamWriter]

    async def gather(self, port: int, number: int, sent: bytes) -> None:
        for start in range(0, number, 100):
            opened = await asyncio.gather(
                *(asyncio.open_connection("127.0.0.1", port) for _ in range(min(100, number - start)))
            )
            for _, writer in opened:
                writer.write(sent)
                self.writers.append(writer)

    def leave(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", KEPT, LOGIN + END + b"content-length: 9\r\n\r\n{"])
async def test_idle_connections_keep_nobody_out(serving: int, sent: bytes) -> None:
    """Silent, half a line, a request and no other, half a body: by the hundred, and others are answered."""
    crowd = Crowd([])
    try:
        await crowd.gather(serving, IDLE, sent)
        heard = await asyncio.gather(*(say(serving, get()) for _ in range(20)))
        assert {(200,)} == {answer.statuses for answer in heard}
    finally:
        crowd.leave()
    assert (400,) == (await say(serving, PROBES["not a number"][0])).statuses
