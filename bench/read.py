"""Reads beside two limits and a peer: `make bench`. Everything runs on this machine's loopback and ends by itself.

- limit: the same bytes from bare uvicorn, and from a plain Litestar handler with nothing around it;
- peer: FastAPI, pydantic and aioboto3 without a catalogue, on the same tables;
- ours: everything on, as in production: authentication, limits, headers, metrics, a line of log for each request, and
  5 % of all requests traced to a collector that takes them.

All sizes of the catalogue, the limits and the peers are asked by wrk in turn, several rounds interleaved; the
figures are medians, the ratios of one run. `--only` measures some of the rows, `--patches` some of the sizes.
"""

import argparse
import asyncio
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from bench.driving import (
    CONNECTIONS,
    OURS,
    Load,
    Server,
    compile_ours,
    everything_on,
    server,
    start_engine,
    tables,
    uvicorn,
    wrk,
    wrk_path,
)
from bench.figures import HEAD, Figure, keep
from bench.loading import load
from bench.questions import HARD, hardest, known_questions, new_questions, new_words
from bench.seeing import obeyed_elsewhere, seen_elsewhere
from brutal_patches.cli.engine import Engine
from brutal_patches.settings import read_settings
from tests.telemetry.receiver import Collector, collecting

SIZES = (610, 100_000)
ROUNDS = 3
SEEN = "seen elsewhere"
OBEYED = "obeyed elsewhere"
HARDEST = "hardest"


class Read(msgspec.Struct, frozen=True):
    """A read to measure: its path, a Lua script that asks for others of its kind, and whether the peer has it too.

    HALF in the path is a patch from the middle of the catalogue.
    """

    path: str
    script: str = ""
    has_peer: bool = False


READS = {
    "by id": Read("/api/patches/HALF", has_peer=True),
    "latest": Read("/api/patches/latest?limit=20", has_peer=True),
    "related": Read("/api/patches/HALF/related?limit=10"),
    "search": Read("/api/patches/search?q=bass", known_questions()),
    "search, each question new": Read("/api/patches/search?q=bass", new_questions()),
    "search, words not looked for before": Read("/api/patches/search?q=bass", new_words()),
}


class Sized(msgspec.Struct, frozen=True):
    """One size of the catalogue: our service and the peer's on the same tables."""

    count: int
    ours: Server
    peer: Server

    def path(self, read: Read) -> str:
        return read.path.replace("HALF", str(self.count // 2))


def start(engine: Engine, collector: Collector, count: int, stack: ExitStack) -> Sized:
    """Fill the tables, and start both services on them."""
    environment = tables(engine, f"bench-{count}")
    asyncio.run(load(read_settings(environment), count))
    ours = stack.enter_context(server(OURS, environment | everything_on(collector.endpoint), "/health/ready"))
    peer = stack.enter_context(server(uvicorn("bench.peer.app:app"), environment, "/api/patches/1"))
    return Sized(count, ours, peer)


def measure(name: str, read: Read, sizes: list[Sized]) -> list[Figure]:
    """One read at every size, each beside limits that send the bytes that it sends."""
    with ExitStack() as stack:
        script = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".lua"))
        script.write(read.script)
        script.flush()
        asked: dict[tuple[int, str], tuple[int, str]] = {}
        for each in sizes:
            limits = _limits(each, read, stack)
            servers = {"ours": each.ours, **limits} | ({"peer": each.peer} if read.has_peer else {})
            asked |= {(each.count, who): (found.port, each.path(read)) for who, found in servers.items()}
        rounds: dict[tuple[int, str], list[Load]] = {key: [] for key in asked}
        for _ in range(ROUNDS):
            for key, (port, path) in asked.items():
                rounds[key].append(wrk(port, path, script.name if read.script and key[1] == "ours" else ""))
    medians = {key: _median(loads) for key, loads in rounds.items()}
    rows = [row for each in sizes for row in _figures(name, each.count, medians)]
    return rows + list(_growth(name, [(each.count, medians[each.count, "ours"]) for each in sizes]))


def _limits(sized: Sized, read: Read, stack: ExitStack) -> dict[str, Server]:
    """What does nothing but send the bytes that our service sends."""
    with urllib.request.urlopen(f"http://127.0.0.1:{sized.ours.port}{sized.path(read)}") as answer:
        body = answer.read()
    file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "body"
    file.write_bytes(body)
    return {
        name: stack.enter_context(server(uvicorn(f"bench.limits:{name}"), {"BENCH_BODY": str(file)}, "/x"))
        for name in ("bare", "plain")
    }


def _median(loads: list[Load]) -> Load:
    return Load(statistics.median(each.rate for each in loads), statistics.median(each.p99 for each in loads))


def _figures(name: str, count: int, medians: dict[tuple[int, str], Load]) -> list[Figure]:
    ours, bare, plain = (medians[count, who] for who in ("ours", "bare", "plain"))
    row = Figure(f"{name}, {count} patches", "requests/s", ours.rate, plain.rate)
    row.ratio_to_limit = ours.rate / plain.rate
    if peer := medians.get((count, "peer")):
        row.peer, row.ratio_to_peer = peer.rate, ours.rate / peer.rate
    beside = Figure(f"{name}, {count} patches, beside bare uvicorn", "requests/s", ours.rate, bare.rate)
    beside.ratio_to_limit = ours.rate / bare.rate
    return [
        row,
        beside,
        Figure(f"{name}, {count} patches, p99 at {CONNECTIONS} connections", "ms", ours.p99, plain.p99),
    ]


def _growth(name: str, found: list[tuple[int, Load]]) -> Iterator[Figure]:
    """What a read costs among the most patches, beside what it costs among the fewest."""
    (few, cheap), (many, dear) = found[0], found[-1]
    if few != many:
        yield Figure(f"{name}, cost at {many} patches beside {few}", "x", cheap.rate / dear.rate)


def run(only: list[str], counts: list[int]) -> Iterator[list[Figure]]:
    """The rows that are asked for, as they are measured."""
    compile_ours()
    engine = start_engine()
    try:
        with collecting() as collector:
            with ExitStack() as stack:
                yield from _reads(only, [start(engine, collector, count, stack) for count in counts])
            if SEEN in only:
                yield [seen_elsewhere(engine, collector, counts[-1])]
            if OBEYED in only:
                yield [obeyed_elsewhere(engine, collector, counts[0])]
            if not collector.spans:
                raise RuntimeError("nothing was traced")
    finally:
        engine.stop()


def _reads(only: list[str], sizes: list[Sized]) -> Iterator[list[Figure]]:
    yield [Figure(f"ready, {each.count} patches", "s", each.ours.ready) for each in sizes]
    for name, read in READS.items():
        if name in only:
            yield measure(name, read, sizes)
    if HARDEST in only:
        name = f"search, slowest of {len(HARD)} hard questions, each asked alone"
        yield [Figure(f"{name}, {each.count} patches", "ms", hardest(each.ours.port)) for each in sizes]
    yield [Figure(f"memory, {each.count} patches", "MB", each.ours.megabytes) for each in sizes]


def main() -> None:
    rows = [*READS, HARDEST, SEEN, OBEYED]
    parser = argparse.ArgumentParser(description="Measure reads beside their limits and a peer.")
    parser.add_argument("--only", action="append", choices=rows, help="a row to measure; again for another")
    parser.add_argument("--patches", type=int, action="append", help="a size of the catalogue; again for another")
    asked = parser.parse_args()
    wrk_path()
    print(HEAD, end="")
    for figures in run(asked.only or rows, asked.patches or list(SIZES)):
        # Kept at once: a run that is stopped has measured something.
        print(keep(figures).removeprefix(HEAD), end="", flush=True)


if __name__ == "__main__":
    main()
