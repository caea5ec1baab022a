"""Reads beside two limits and a peer: `make bench`. Everything runs on this machine's loopback and ends by itself.

- limit: the same bytes from bare uvicorn, and from a plain Litestar handler with nothing around it;
- peer: FastAPI, pydantic and aioboto3 without a catalogue, on the same tables;
- ours: everything on.

Each is asked by wrk in turn, several rounds interleaved; the figures are medians, the ratios of one run.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from bench.loading import load
from brutal_patches.cli.engine import Engine, start_dynamodb_local
from brutal_patches.settings import read_settings

ROUNDS = 3
SECONDS = 2
CONNECTIONS = 32
ROOT = Path(__file__).parents[1]
QUERIES = (
    "q=bass", "q=deep+bass", "q=acid", "q=warm+pad", "q=szuro", "q=doux", "q=basss", "q=ambient+drone",
    "category=bass", "category=lead&sortBy=title", "tags=deep", "tags=warm,soft", "cutoff.min=20&cutoff.max=60",
    "mode=hp&resonance.min=50", "cable=lfo-filter", "q=pluck&cable=lfo-filter", "username=author7", "q=lullaby",
    "dateFrom=2018-01-01&dateTo=2018-12-31", "q=siren&sortBy=created_at", "similarTo=5", "q=flute&octave=0",
)  # fmt: skip


class Figure(msgspec.Struct):
    """One row of the table; rates are requests a second, latencies milliseconds."""

    name: str
    unit: str
    ours: float
    limit: float | None = None
    peer: float | None = None
    ratio_to_limit: float | None = None
    ratio_to_peer: float | None = None


class Load(msgspec.Struct):
    """What wrk measured."""

    rate: float
    p99: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(command: list[str], environment: dict[str, str], path: str) -> Iterator[tuple[int, int, float]]:
    """A server in a process of its own: its port, its process id, and the seconds until it answered."""
    port = free_port()
    arguments = [part.replace("PORT", str(port)) for part in command]
    started = time.monotonic()
    running = subprocess.Popen(
        arguments,
        cwd=ROOT,
        env={**os.environ, **environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, path):
            if running.poll() is not None or time.monotonic() - started > 120:
                raise RuntimeError(f"{' '.join(command)} did not start")
            time.sleep(0.05)
        yield port, running.pid, time.monotonic() - started
    finally:
        running.terminate()
        running.wait()


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wrk(port: int, path: str, script: str = "", seconds: int = SECONDS) -> Load:
    """Ask for `path` as fast as it goes."""
    command = [_wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(
        [*command, *(["-s", script] if script else [])], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{path} answered with errors: {said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if rate is None or p99 is None:
        raise RuntimeError(said)
    return Load(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def uvicorn(application: str) -> list[str]:
    return [sys.executable, "-m", "uvicorn", application, "--port", "PORT", "--no-access-log", "--log-level", "error"]


def tables(engine: Engine, prefix: str) -> dict[str, str]:
    return {
        "DYNAMODB_ENDPOINT_URL": engine.endpoint,
        "DYNAMODB_TABLE_PREFIX": prefix,
        "RATE_LIMIT_MAX": "100000000",
        "LOG_LEVEL": "warning",
    }


def memory_megabytes(pid: int) -> float:
    """What the process has of its own, from the kernel."""
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"VmRSS:\s+(\d+)", status)
    return int(match[1]) / 1024 if match else 0.0


def compare(port: int, path: str, stack: ExitStack, peer: int | None, script: str = "") -> tuple[dict[str, Load], int]:
    """Ours, the limits and the peer in turn, each with the same bytes where it is a limit."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        body = answer.read()
    file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "body"
    file.write_bytes(body)
    given = {"BENCH_BODY": str(file)}
    with (
        server(uvicorn("bench.limits:bare"), given, "/") as bare,
        server(uvicorn("bench.limits:plain"), given, "/x") as plain,
    ):
        asked = {"ours": port, "bare": bare[0], "plain": plain[0]} | ({"peer": peer} if peer else {})
        rounds: dict[str, list[Load]] = {name: [] for name in asked}
        for _ in range(ROUNDS):
            for name, where in asked.items():
                rounds[name].append(wrk(where, path, script if name == "ours" else ""))
    return {
        name: Load(statistics.median(each.rate for each in found), statistics.median(each.p99 for each in found))
        for name, found in rounds.items()
    }, len(body)


def figure(name: str, loads: dict[str, Load]) -> list[Figure]:
    ours, plain, peer = loads["ours"].rate, loads["plain"].rate, loads.get("peer")
    row = Figure(name, "requests/s", ours, plain, peer.rate if peer else None, ours / plain)
    row.ratio_to_peer = ours / peer.rate if peer else None
    bare = Figure(f"{name}, beside bare uvicorn", "requests/s", ours, loads["bare"].rate)
    bare.ratio_to_limit = ours / loads["bare"].rate
    return [row, bare, Figure(f"{name}, p99 at {CONNECTIONS} connections", "ms", loads["ours"].p99, loads["plain"].p99)]


def search_script(stack: ExitStack) -> str:
    """A script for wrk that asks one query after the other."""
    file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "queries.lua"
    listed = ", ".join(f'"/api/patches/search?{query}"' for query in QUERIES)
    file.write_text(
        f"local paths = {{{listed}}}\nlocal next = 0\n"
        "request = function()\n  next = next % #paths + 1\n  return wrk.format('GET', paths[next])\nend\n"
    )
    return str(file)


def measure(engine: Engine, count: int) -> list[Figure]:
    """All figures on `count` patches."""
    environment = tables(engine, f"bench-{count}")
    asyncio.run(load(read_settings(environment), count))
    figures: list[Figure] = []
    ours = [str(Path(sys.executable).parent / "brutal-patches"), "serve"]
    with ExitStack() as stack:
        port, pid, ready = stack.enter_context(server(ours, environment, "/health/ready"))
        peer, _, _ = stack.enter_context(server(uvicorn("bench.peer.app:app"), environment, "/api/patches/1"))
        figures += [Figure(f"ready, {count} patches", "s", ready)]
        for name, path, beside in (
            ("by id", f"/api/patches/{count // 2}", peer),
            ("latest", "/api/patches/latest?limit=20", peer),
            ("related", f"/api/patches/{count // 2}/related?limit=10", None),
        ):
            figures += figure(f"{name}, {count} patches", compare(port, path, stack, beside)[0])
        script = search_script(stack)
        found, _ = compare(port, "/api/patches/search?q=bass", stack, None, script)
        figures += figure(f"search, {count} patches", found)
        figures += [Figure(f"memory, {count} patches", "MB", memory_megabytes(pid))]
    return figures


def visibility(engine: Engine, count: int) -> Figure:
    """How long until another task shows a write, while both are read as fast as they go."""
    environment = tables(engine, f"bench-{count}")
    ours = [str(Path(sys.executable).parent / "brutal-patches"), "serve"]
    waits = []
    with (
        server(ours, environment, "/health/ready") as (writing, _, _),
        server(ours, environment, "/health/ready") as (reading, _, _),
    ):
        token = _log_in(writing)
        busy = [
            subprocess.Popen(
                [_wrk(), "-t1", "-c4", "-d60s", f"http://127.0.0.1:{port}/api/patches/latest"],
                stdout=subprocess.DEVNULL,
            )
            for port in (writing, reading)
        ]
        for number in range(10):
            made = _patiently(lambda title: _post(writing, "/api/patches", {"title": title}, token), f"Seen {number}")
            started = time.monotonic()
            while not _answers(reading, f"/api/patches/{made}"):
                time.sleep(0.01)
            waits.append(time.monotonic() - started)
        for each in busy:
            each.terminate()
            each.wait()
    return Figure(f"a write seen on another task under load, longest of 10, {count} patches", "s", max(waits))


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


def _wrk() -> str:
    return shutil.which("wrk") or sys.exit(
        "This benchmark drives the load with wrk: apt install wrk, or brew install wrk"
    )


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


def growth(figures: list[Figure]) -> list[Figure]:
    """What a read costs at the most patches, beside the same at the fewest."""
    rates = {row.name: row.ours for row in figures}
    return [
        Figure(f"{name}: cost at 100,000 beside 610 patches", "x", round(rates[f"{name}, 610 patches"] / large, 2))
        for name in ("by id", "latest", "related", "search")
        if (large := rates.get(f"{name}, 100000 patches"))
    ]


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""

    def cell(value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:,.{digits}f}"

    lines = ["| | unit | ours | limit | peer | of the limit | times the peer |", "|---|---|---:|---:|---:|---:|---:|"]
    for row in figures:
        digits = 0 if row.unit == "requests/s" else 2
        values = [cell(each, digits) for each in (row.ours, row.limit, row.peer)]
        ratios = [cell(row.ratio_to_limit, 2), cell(row.ratio_to_peer, 1)]
        lines.append(f"| {row.name} | {row.unit} | {' | '.join([*values, *ratios])} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    counts = [int(each) for each in os.environ.get("BENCH_PATCHES", "610,100000").split(",")]
    engine = start_dynamodb_local()
    try:
        figures = [row for count in counts for row in measure(engine, count)]
        figures.append(visibility(engine, counts[-1]))
    finally:
        engine.stop()
    figures += growth(figures)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "benchmarks.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    page = (ROOT / "docs" / "benchmarks.md").read_text().partition("\n| ")[0] + "\n" + table(figures)
    (ROOT / "docs" / "benchmarks.md").write_text(page)
    print(table(figures))


if __name__ == "__main__":
    main()
