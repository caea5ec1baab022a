"""What it costs to be seen: throughput with all telemetry on, beside the same with none, in turns, in one run.

On: metrics, a line for each request as JSON on stdout, traces of TRACE_RATIO of them by OTLP to a receiver, which runs
in this process. Off: the same service and none of it. The servers are asked one right after the other, and a rate is
that of the best round: whatever else the machine does only ever takes from it.
"""

import asyncio
import sys
from contextlib import ExitStack

from bench.driving import OURS, answers, everything_on, server, start_engine, tables, wrk
from bench.figures import Figure, keep
from bench.loading import load
from brutal_patches.settings import read_settings
from tests.telemetry.receiver import collecting

PATCHES = 610
ROUNDS = 12
SECONDS = 1
SILENT = [sys.executable, "-m", "bench.silent"]
PATHS = {
    "by id": f"/api/patches/{PATCHES // 2}",
    "latest": "/api/patches/latest?limit=20",
    "beside the express lane": "/api/patches/random",
}
DEAD = "http://127.0.0.1:9"


def measure() -> list[Figure]:
    """Off, on, and on with a collector that is not there, for each kind of read."""
    engine = start_engine()
    with ExitStack() as stack:
        stack.callback(engine.stop)
        environment = tables(engine, "bench-telemetry")
        asyncio.run(load(read_settings(environment), PATCHES))
        collector = stack.enter_context(collecting())
        started = {
            "off": server(SILENT, environment | everything_on(""), "/health/ready"),
            "on": server(OURS, environment | everything_on(collector.endpoint), "/health/ready"),
            "dead": server(OURS, environment | everything_on(DEAD), "/health/ready"),
        }
        ports = {name: stack.enter_context(each).port for name, each in started.items()}
        found = {name: _turns(ports, path) for name, path in PATHS.items()}
        if not collector.spans:
            raise RuntimeError("nothing was traced")
    return [row for name, ratios in found.items() for row in _rows(name, ratios)]


def _turns(ports: dict[str, int], path: str) -> dict[str, list[float]]:
    """Rates by server, asked in turns so that what disturbs the machine disturbs all; the order changes each round."""
    rates: dict[str, list[float]] = {name: [] for name in ports}
    names = list(ports)
    for number in range(ROUNDS):
        for name in names[number % 3 :] + names[: number % 3]:
            if not answers(ports[name], path):
                raise RuntimeError(f"{path} is not answered")
            rates[name].append(wrk(ports[name], path, seconds=SECONDS).rate)
    return rates


def _rows(name: str, rates: dict[str, list[float]]) -> list[Figure]:
    return [
        _row(f"telemetry on, {name}", rates["on"], rates["off"]),
        _row(f"collector dead, {name}", rates["dead"], rates["on"]),
    ]


def _row(name: str, ours: list[float], limit: list[float]) -> Figure:
    return Figure(name, "requests/s", max(ours), max(limit), ratio_to_limit=max(ours) / max(limit))


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
