"""How long a write takes to be seen on another task, while both are read as fast as they go."""

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


def _wait(writing: Server, reading: Server, token: str, number: int) -> float:
    made = _patiently(lambda title: _post(writing.port, "/api/patches", {"title": title}, token), f"Seen {number}")
    started = time.monotonic()
    while not answers(reading.port, f"/api/patches/{made}"):
        time.sleep(0.01)
    return time.monotonic() - started


@contextmanager
def _busy(*servers: Server) -> Iterator[None]:
    running = [
        subprocess.Popen(
            [wrk_path(), "-t1", "-c4", "-d60s", f"http://127.0.0.1:{each.port}/api/patches/latest"],
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


def _patiently(create: Callable[[str], dict[str, object]], title: str) -> object:
    """Try again where the machine is so busy that the engine does not answer in time."""
    for _ in range(20):
        try:
            return create(title)["id"]
        except urllib.error.HTTPError as refused:
            if refused.code != 503:
                raise
            time.sleep(0.2)
    raise RuntimeError("the engine never answered in time")


def _log_in(port: int) -> str:
    person = {"username": f"bench{os.getpid() % 10_000}", "password": "seven knobs at noon"}
    _post(port, "/api/users/create", person | {"email": f"{person['username']}@example.com"}, "")
    return str(_post(port, "/api/auth/login", person, "")["access_token"])


def _post(port: int, path: str, sent: object, token: str) -> dict[str, object]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        json.dumps(sent).encode(),
        {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {}),
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return dict(json.loads(answer.read()))
