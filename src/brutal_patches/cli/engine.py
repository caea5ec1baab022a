"""DynamoDB engines as child processes, for development and tests: ministack and DynamoDB Local."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from brutal_patches.cli import dynamodb_local

MINISTACK_VERSION = "1.5.33"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


class EngineFailed(Exception):
    """The engine could not be started; the message is one sentence that says why."""


class Engine:
    """A running engine: what it is, where it listens, and the process that is it."""

    def __init__(self, name: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self.process = process
        self.log = log
        self.stopping = False

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the process by its own id, gracefully, so that it saves what it holds."""
        self.stopping = True
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.log.parent, ignore_errors=True)


def start_ministack(folder: Path | None = None, port: int = 0, services: str = "dynamodb,dynamodbstreams") -> Engine:
    """ministack, keeping its data in `folder` across graceful stops, or nowhere."""
    port = _port(port)
    environment = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": services,
        "PERSIST_STATE": "1" if folder else "0",
        "STATE_DIR": str(_usable(folder)) if folder else "",
    }
    # It pins another botocore than aioboto3 does, so it lives in an environment of its own.
    command = [_uv(), "tool", "run", "--from", f"ministack=={MINISTACK_VERSION}", "ministack"]
    return _start(f"ministack {MINISTACK_VERSION}", command, port, environment)


def start_dynamodb_local(folder: Path | None = None, port: int = 0) -> Engine:
    """DynamoDB Local, keeping its data in `folder`, or in memory."""
    port = _port(port)
    jar = dynamodb_local.jar_folder()
    place = ["-dbPath", str(_usable(folder))] if folder else ["-inMemory"]
    command = [
        *dynamodb_local.java(),
        *("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *(f"-Djava.library.path={jar / 'DynamoDBLocal_lib'}", "-jar", str(jar / "DynamoDBLocal.jar")),
        *("-sharedDb", "-disableTelemetry", "-port", str(port), *place),
    ]
    return _start(f"DynamoDB Local {dynamodb_local.VERSION}", command, port, {})


def port_is_free(port: int) -> bool:
    """Whether nothing listens on this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _port(wanted: int) -> int:
    if wanted:
        if not port_is_free(wanted):
            raise EngineFailed(f"Port {wanted} is in use, so the engine cannot listen on it.")
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _usable(folder: Path) -> Path:
    """`folder`, made if need be; refused with a sentence where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder.resolve()
    except OSError as fault:
        raise EngineFailed(f"The data folder {folder} cannot be written to ({fault.strerror}).") from fault


def _start(name: str, command: Sequence[str], port: int, environment: dict[str, str]) -> Engine:
    log = Path(tempfile.mkdtemp(prefix="brutal-patches-engine-")) / "log"
    try:
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                # A Ctrl-C in the terminal must not reach the engine: it is stopped last, after the service.
                start_new_session=True,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - there is no other way, and it only makes one system call.
            )
    except OSError as fault:
        raise EngineFailed(f"{name} could not be started ({fault}).") from fault
    engine = Engine(name, port, process, log)
    _wait(engine)
    return engine


def _wait(engine: Engine) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if not engine.alive():
            raise EngineFailed(f"{engine.name} ended as it started: {_last_words(engine)}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", engine.port)) == 0:
                return
        time.sleep(0.05)
    engine.stop()
    raise EngineFailed(f"{engine.name} did not listen within {_START_SECONDS:.0f} seconds.")


def _last_words(engine: Engine) -> str:
    lines = [line for line in engine.log.read_text(errors="replace").splitlines() if line.strip()]
    shutil.rmtree(engine.log.parent, ignore_errors=True)
    return lines[-1][:300] if lines else "it said nothing."


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux the child gets a SIGTERM when its parent dies, however it dies, and so saves its state."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _uv() -> str:
    return os.environ.get("UV") or shutil.which("uv") or f"{sys.prefix}/bin/uv"
