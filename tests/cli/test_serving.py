"""The service as a process: started, spoken to over real sockets, and stopped."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
import uvloop

from brutal_patches.cli.engine import Engine
from brutal_patches.cli.serving import ACCEPTED_A_TURN, server_of
from brutal_patches.settings import Settings
from brutal_patches.telemetry.watch import Telemetry

COMMAND = [str(Path(sys.executable).parent / "brutal-patches")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(arguments: list[str], environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[str]]:
    """A command that serves on `port`; it has ended when the context ends."""
    running = subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, "PORT": str(port), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and running.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.wait()
        if running.stdout:
            running.stdout.close()


def of(settings: Settings, **more: str) -> dict[str, str]:
    return {
        "APP_ENV": "test",
        "DYNAMODB_ENDPOINT_URL": settings.dynamodb.endpoint_url,
        "DYNAMODB_TABLE_PREFIX": settings.dynamodb.table_prefix,
        "RATE_LIMIT_MAX": "1000000",
        **more,
    }


async def test_a_stop_loses_no_request(settings: Settings) -> None:
    """Readiness fails first, requests go on, then it ends with 0."""
    port = free_port()
    with process(["serve"], of(settings, DRAIN_SECONDS="1"), port) as running:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert 200 == (await client.get("/health/ready")).status_code
            running.send_signal(signal.SIGTERM)
            statuses, stopped = [], time.monotonic()
            while running.poll() is None and len(statuses) < 400:
                try:
                    answer = await client.get("/api/patches/latest")
                except (httpx.ConnectError, httpx.ReadError):
                    # Once it has drained, nobody is accepted: refused, or cut off in the listener's queue.
                    assert time.monotonic() - stopped > 1
                    break
                statuses.append(answer.status_code)
                if len(statuses) == 5:
                    assert 503 == (await client.get("/health/ready")).status_code
                    assert "close" == answer.headers["connection"]
                await asyncio.sleep(0.01)
        assert {200} == set(statuses)
        assert len(statuses) > 20
        assert 0 == running.wait(30)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_without_draining_ends_well_too(settings: Settings, stop: signal.Signals) -> None:
    """With 0, as whoever asked for it will look."""
    port = free_port()
    with process(["serve"], of(settings), port) as running:
        running.send_signal(stop)
        assert 0 == running.wait(30)


def answer_to(port: int, sent: bytes, wait: float = 5) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as talk:
        talk.settimeout(wait)
        talk.sendall(sent)
        received = b""
        try:
            while part := talk.recv(65536):
                received += part
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def test_odd_requests_get_one_answer(settings: Settings) -> None:
    """Two hosts, no host, endless headers, contradictory lengths."""
    port = free_port()
    with process(["serve"], of(settings), port):
        fine = answer_to(port, b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        assert fine.startswith(b"HTTP/1.1 200")
        assert b"server:" not in fine.lower()
        odd = {
            b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n": b"400",
            b"GET / HTTP/1.1\r\n\r\n": b"400",
            b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 10_000 + b"\r\n": b"431",
            b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n": b"400",
            b"NONSENSE\r\n\r\n": b"400",
        }
        for sent, status in odd.items():
            answer = answer_to(port, sent)
            assert answer.startswith(b"HTTP/1.1 " + status), (sent[:60], answer[:80])
            assert 1 == answer.count(b"HTTP/1.1 ")


def test_slow_headers_are_given_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds, with 408."""
    port = free_port()
    with process(["serve"], of(settings), port):
        started = time.monotonic()
        answer = answer_to(port, b"GET / HTTP/1.1\r\nhost: a\r\n", wait=15)
        assert answer.startswith(b"HTTP/1.1 408")
        assert 8 < time.monotonic() - started < 14


def test_without_tables_it_does_not_start(settings: Settings) -> None:
    """And says what is missing."""
    port = free_port()
    with process(["serve"], of(settings, DYNAMODB_TABLE_PREFIX="nothing-here"), port) as running:
        assert 3 == running.wait(30)
        assert running.stdout
        assert "Make it: brutal-patches db create" in running.stdout.read()


def test_development_needs_nothing_else(tmp_path: Path) -> None:
    """One command: engine, tables, demo data, service; and the data is there the next time."""
    for added in ("2 users", "0 users"):
        port = free_port()
        with process(["dev", "--no-reload", "--data-dir", str(tmp_path)], {}, port) as running:
            assert 41 == httpx.get(f"http://127.0.0.1:{port}/api/patches/total").json()
            running.send_signal(signal.SIGINT)
            running.wait(30)
            assert running.stdout
            said = running.stdout.read()
            assert added in said
            assert f"curl -s 'http://127.0.0.1:{port}/api/patches/1'" in said


def test_development_says_in_a_sentence_what_is_in_the_way(tmp_path: Path, engine: Engine) -> None:
    """A port in use, a folder that is none."""
    taken = subprocess.run(
        [*COMMAND, "dev"], env={**os.environ, "PORT": str(engine.port)}, capture_output=True, text=True, check=False
    )
    assert (3, f"Port {engine.port} is in use.") == (taken.returncode, taken.stderr.partition(" Stop")[0])
    file = tmp_path / "file"
    file.touch()
    broken = subprocess.run(
        [*COMMAND, "dev", "--data-dir", str(file)],
        env={**os.environ, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (3, 1) == (broken.returncode, len(broken.stderr.splitlines()))
    assert "cannot be written to" in broken.stderr


def test_connections_that_come_at_once_are_accepted_at_once(settings: Settings) -> None:
    """Within a few turns of the loop, however long a turn takes."""
    port, many = free_port(), 2 * ACCEPTED_A_TURN
    ready = msgspec.structs.replace(settings, http=msgspec.structs.replace(settings.http, port=port))
    server = server_of(ready, Telemetry(ready))

    async def turns() -> int:
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it.
            await asyncio.sleep(0.01)
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(many)]
        taken = 0
        while len(server.server_state.connections) < many:
            await asyncio.sleep(0)
            taken += 1
        for client in clients:
            client.close()
        server.should_exit = True
        await serving
        return taken

    assert asyncio.run(turns(), loop_factory=uvloop.new_event_loop) < many // 2
