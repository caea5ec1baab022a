"""How soon another task sees a write and obeys a setting, while both tasks are read as fast as they go."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.driving import OURS, Server, answers, everything_on, server, tables, wrk_path
from bench.figures import Figure
from brutal_patches.cli.engine import Engine
from tests.telemetry.receiver import Collector

WRITES = 10
TURNS = 50
_BOSS = {"username": "boss", "password": "seven knobs at noon"}


def seen_elsewhere(engine: Engine, collector: Collector, count: int) -> Figure:
    """Two processes on one engine: created on one, asked of the other until it has it."""
    environment = tables(engine, f"bench-{count}") | everything_on(collector.endpoint)
    with (
        server(OURS, environment, "/health/ready") as writing,
        server(OURS, environment, "/health/ready") as reading,
    ):
        token = _log_in(writing.port)
        with _busy(writing, reading):
            waits = [_wait(writing, reading, token, number) for number in range(WRITES)]
    return Figure(f"a write seen on another task under load, longest of {WRITES}, {count} patches", "s", max(waits))


def obeyed_elsewhere(engine: Engine, collector: Collector, count: int) -> Figure:
    """Two processes on one engine: maintenance is turned on one, and asked of the other until it knows."""
    environment = tables(engine, f"bench-{count}") | everything_on(collector.endpoint)
    given = {**os.environ, **environment, "ADMIN_PASSWORD": _BOSS["password"]}
    command = [OURS[0], "users", "create-admin", _BOSS["username"], "--email", "boss@example.com"]
    subprocess.run(command, env=given, check=True, capture_output=True)
    with (
        server(OURS, environment, "/health/ready") as turning,
        server(OURS, environment, "/health/ready") as obeying,
    ):
        token = str(_post(turning.port, "/api/auth/login", _BOSS, "")["access_token"])
        with _busy(turning, obeying):
            waits = sorted(_obeyed(turning, obeying, token, number % 2 == 0) for number in range(TURNS))
    return Figure(f"a setting obeyed on another task under load, p99 of {TURNS}", "s", waits[int(TURNS * 0.99)])


def _obeyed(turning: Server, obeying: Server, token: str, maintenance: bool) -> float:
    _patiently(lambda: _post(turning.port, "/api/admin/settings", {"maintenance": maintenance}, token, "PUT"))
    started = time.monotonic()
    while _rests(obeying) != maintenance:
        time.sleep(0.01)
    return time.monotonic() - started


def _rests(asked: Server) -> bool:
    """Whether a change is refused for maintenance; what is sent is none, so that otherwise it is refused as such."""
    try:
        _post(asked.port, "/api/users/create", {}, "")
    except urllib.error.HTTPError as refused:
        return refused.code == 503
    raise RuntimeError("an empty registration was taken")


def _wait(writing: Server, reading: Server, token: str, number: int) -> float:
    made = _patiently(lambda: _post(writing.port, "/api/patches", {"title": f"Seen {number}"}, token))["id"]
    started = time.monotonic()
    while not answers(reading.port, f"/api/patches/{made}"):
        time.sleep(0.01)
    return time.monotonic() - started


@contextmanager
def _busy(*servers: Server) -> Iterator[None]:
    running = [
        subprocess.Popen(
            [wrk_path(), "-t1", "-c4", "-d300s", f"http://127.0.0.1:{each.port}/api/patches/latest"],
            stdout=subprocess.DEVNULL,
        )
        for each in servers
    ]
    try:
        yield
    finally:
        for each in running:
            each.terminate()
            each.wait()


def _patiently(send: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Try again where the machine is so busy that the engine does not answer in time."""
    for _ in range(20):
        try:
            return send()
        except urllib.error.HTTPError as refused:
            if refused.code != 503:
                raise
            time.sleep(0.2)
    raise RuntimeError("the engine never answered in time")


def _log_in(port: int) -> str:
    person = {"username": f"bench{os.getpid() % 10_000}", "password": "seven knobs at noon"}
    _post(port, "/api/users/create", person | {"email": f"{person['username']}@example.com"}, "")
    return str(_post(port, "/api/auth/login", person, "")["access_token"])


def _post(port: int, path: str, sent: object, token: str, method: str = "POST") -> dict[str, object]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        json.dumps(sent).encode(),
        {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {}),
        method=method,
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - The service's own address.
        return dict(json.loads(answer.read()))
