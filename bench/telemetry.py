"""What it costs to be seen: throughput with all telemetry on, beside the same with none, in turns, in one run.

On: metrics, a line for each request as JSON on stdout, traces of TRACE_RATIO of them by OTLP to a receiver, which runs
in this process. Off: the same service and none of it, which answers with as many bytes.

In each round the servers are asked one right after the other, and a ratio is the median of those of the rounds, so that
what disturbs the machine disturbs both sides or is passed over. All servers are started several times, because a
process is a little faster or slower for as long as it lives, by where its memory happens to lie.
"""

import asyncio
import sys
import urllib.request
from contextlib import ExitStack
from statistics import median

from bench.driving import OURS, answers, everything_on, server, start_engine, tables, wrk
from bench.figures import Figure, keep
from bench.loading import load
from brutal_patches.settings import read_settings
from tests.telemetry.receiver import collecting

PATCHES = 610
STARTS = 4
ROUNDS = 6
SECONDS = 1
SILENT = [sys.executable, "-m", "bench.silent"]
PATHS = {
    "by id": f"/api/patches/{PATCHES // 2}",
    "latest": "/api/patches/latest?limit=20",
    "beside the express lane": "/api/patches/random",
}
BY_CHANCE = {"/api/patches/random"}
DEAD = "http://127.0.0.1:9"

type Rates = dict[str, list[float]]


def measure() -> list[Figure]:
    """Off, on, and on with a collector that is not there, for each kind of read."""
    engine = start_engine()
    with ExitStack() as stack:
        stack.callback(engine.stop)
        environment = tables(engine, "bench-telemetry")
        asyncio.run(load(read_settings(environment), PATCHES))
        collector = stack.enter_context(collecting())
        found: dict[str, Rates] = {name: {"off": [], "on": [], "dead": []} for name in PATHS}
        for _ in range(STARTS):
            _start(environment, collector.endpoint, found)
        if not collector.spans:
            raise RuntimeError("nothing was traced")
    return [row for name, rates in found.items() for row in _rows(name, rates)]


def _start(environment: dict[str, str], endpoint: str, found: dict[str, Rates]) -> None:
    """Start all servers, and add to `found` what they do in `ROUNDS` rounds."""
    started = {
        "off": server(SILENT, environment | everything_on(""), "/health/ready"),
        "on": server(OURS, environment | everything_on(endpoint), "/health/ready"),
        "dead": server(OURS, environment | everything_on(DEAD), "/health/ready"),
    }
    with ExitStack() as stack:
        ports = {name: stack.enter_context(each).port for name, each in started.items()}
        for name, path in PATHS.items():
            _compare(ports, path)
            _turns(ports, path, found[name])


def _compare(ports: dict[str, int], path: str) -> None:
    """All answer, and with as many bytes."""
    if not all(answers(port, path) for port in ports.values()):
        raise RuntimeError(f"{path} is not answered")
    if path not in BY_CHANCE and len({_bytes(port, path) for port in ports.values()}) > 1:
        raise RuntimeError(f"{path} has different answers")


def _bytes(port: int, path: str) -> int:
    # Only how many: a cursor is sealed anew by each server.
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return len(answer.read())


def _turns(ports: dict[str, int], path: str, rates: Rates) -> None:
    """Rates by server, asked in turns; the order changes each round."""
    names = list(ports)
    for number in range(ROUNDS):
        for name in names[number % 3 :] + names[: number % 3]:
            rates[name].append(wrk(ports[name], path, seconds=SECONDS).rate)


def _rows(name: str, rates: Rates) -> list[Figure]:
    return [
        _row(f"telemetry on, {name}", rates["on"], rates["off"]),
        _row(f"collector dead, {name}", rates["dead"], rates["on"]),
    ]


def _row(name: str, ours: list[float], limit: list[float]) -> Figure:
    ratio = median(one / other for one, other in zip(ours, limit, strict=True))
    return Figure(name, "requests/s", median(ours), median(limit), ratio_to_limit=ratio)


def summed(rows: list[Figure]) -> list[Figure]:
    """The two figures that count: the worst of the reads."""
    worst = [
        min((row for row in rows if row.name.startswith(kind)), key=lambda row: row.ratio_to_limit or 0)
        for kind in ("telemetry on", "collector dead")
    ]
    return [
        Figure(row.name.partition(",")[0], row.unit, row.ours, row.limit, ratio_to_limit=row.ratio_to_limit)
        for row in worst
    ]


def main() -> None:
    rows = measure()
    print(keep([*summed(rows), *rows]))


if __name__ == "__main__":
    main()
