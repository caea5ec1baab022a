"""Servers in processes of their own, and wrk that asks them as fast as they answer. All on the loopback."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.figures import ROOT
from brutal_patches.cli.engine import Engine, EngineFailed, start_dynamodb_local, start_ministack

CONNECTIONS = 32
START_SECONDS = 120
OURS = [str(Path(sys.executable).parent / "brutal-patches"), "serve"]
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
_PRODUCTION = {
    "APP_ENV": "production",
    "JWT_SECRET": "a secret of this benchmark alone, of more than 32 bytes",
    "OPS_TOKEN": "a token of this benchmark alone",
    "PUBLIC_URL": "https://example.com",
    "LOG_LEVEL": "info",
}


class Load(msgspec.Struct):
    """What wrk measured: requests a second, and the milliseconds that 99 of 100 answers took at most."""

    rate: float
    p99: float


class Server(msgspec.Struct, frozen=True):
    """A server that answers; `ready` are the seconds until it first did."""

    port: int
    pid: int
    ready: float

    @property
    def megabytes(self) -> float:
        """What the process has in memory, as the kernel counts it."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(r"VmRSS:\s+(\d+)", status)
        return int(match[1]) / 1024 if match else 0.0


def compile_ours() -> None:
    """Have the code of the service compiled before its start is measured, as in the image."""
    command = [sys.executable, "-c", "import brutal_patches.cli.main"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **_COMPILED}, check=True)


def start_engine() -> Engine:
    """AWS's own engine, or the one that needs no Java where there is none."""
    try:
        return start_dynamodb_local()
    except EngineFailed as fault:
        print(f"{fault} Measuring on ministack instead.", file=sys.stderr)
        return start_ministack()


@contextmanager
def server(command: list[str], environment: dict[str, str], path: str) -> Iterator[Server]:
    """`command`, in which PORT stands for a free port, until `path` answers; stopped at the end."""
    port = _free_port()
    started = time.monotonic()
    running = subprocess.Popen(
        [part.replace("PORT", str(port)) for part in command],
        cwd=ROOT,
        env={**os.environ, **_COMPILED, **environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(port, path):
            if running.poll() is not None or time.monotonic() - started > START_SECONDS:
                raise RuntimeError(f"{' '.join(command)} did not start")
            time.sleep(0.05)
        yield Server(port, running.pid, time.monotonic() - started)
    finally:
        running.terminate()
        running.wait()


def uvicorn(application: str) -> list[str]:
    """The command for an application that is not ours."""
    return [sys.executable, "-m", "uvicorn", application, "--port", "PORT", "--no-access-log", "--log-level", "error"]


def tables(engine: Engine, prefix: str) -> dict[str, str]:
    """The environment of a service on these tables."""
    return {"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": prefix}


def everything_on(collector: str) -> dict[str, str]:
    """The environment of a service as in production, a line of log for each request and 5 % of them traced.

    Requests are counted against a limit, but it is one that does not end the measurement.
    """
    return _PRODUCTION | {
        "RATE_LIMIT_MAX": "100000000",
        "DRAIN_SECONDS": "0",
        "TRACE_RATIO": "0.05",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
    }


def answers(port: int, path: str) -> bool:
    """Whether `path` is answered with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wrk(port: int, path: str, script: str = "", seconds: float = 2, connections: int = CONNECTIONS) -> Load:
    """Ask for `path`, or for what a Lua script says, as fast as it goes."""
    command = [wrk_path(), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{path}"]
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


def wrk_path() -> str:
    """Where wrk is; without it there is nothing to measure with."""
    return shutil.which("wrk") or sys.exit(
        "This benchmark drives the load with wrk: apt install wrk (Debian, Ubuntu) or brew install wrk (macOS)"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
