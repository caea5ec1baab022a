"""What an admin turns on one task, another obeys within seconds."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import httpx

from brutal_patches.settings import Settings
from tests.cli.test_serving import COMMAND, free_port, of, process
from tests.telemetry.test_logs import PRODUCTION

PROMISED_SECONDS = 5.0
LOADED = 3
"""A machine that does much else at once may take so many times as long."""
TURNS = 2
PASSWORD = "seven knobs at noon"


class Heard:
    """The lines of a process, read as they come so that it never waits for a reader."""

    def __init__(self, stdout: IO[str] | None) -> None:
        assert stdout is not None
        self.lines: list[str] = []
        self._stdout = stdout
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        self.lines.extend(iter(self._stdout.readline, ""))

    def has(self, request_id: str) -> bool:
        return any(request_id in line for line in self.lines)


@contextmanager
def admin_at(base: str, environment: dict[str, str]) -> Iterator[httpx.Client]:
    """An admin, logged in on the task at `base`."""
    command = [*COMMAND, "users", "create-admin", "boss", "--email", "boss@example.com", "--password", PASSWORD]
    subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
    with httpx.Client(base_url=base, timeout=30) as client:
        token = client.post("/api/auth/login", json={"username": "boss", "password": PASSWORD}).json()["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        yield client


def wait(read: Callable[[], bool]) -> float:
    """Seconds until `read` is true."""
    began = time.monotonic()
    while not read():
        assert time.monotonic() - began < PROMISED_SECONDS * LOADED
        time.sleep(0.02)
    return time.monotonic() - began


def test_another_task_obeys(settings: Settings, record_property: Callable[[str, object], None]) -> None:
    """Maintenance and the level of the log, on and off again; how long it took is in the report."""
    first, second = free_port(), free_port()
    environment = of(settings, **PRODUCTION, LOG_LEVEL="warning", DRAIN_SECONDS="0")
    waits: list[float] = []
    with (
        process(["serve"], environment, first) as here,
        process(["serve"], environment, second) as there,
        admin_at(f"http://127.0.0.1:{first}", environment) as admin,
        httpx.Client(base_url=f"http://127.0.0.1:{second}", timeout=30) as elsewhere,
    ):
        Heard(here.stdout)
        heard, asked = Heard(there.stdout), 0

        def refuses() -> bool:
            # What is sent is no patch and nobody is logged in, so outside maintenance the refusal is another.
            return elsewhere.post("/api/users/create", json={}).status_code == 503

        def logs() -> bool:
            nonlocal asked
            asked += 1
            elsewhere.get("/api/patches/latest", headers={"x-request-id": f"asked-here-{asked}"})
            time.sleep(0.15)
            return heard.has(f'"asked-here-{asked}"')

        for turned in [True, False] * (TURNS // 2):
            level = "info" if turned else None
            answer = admin.put("/api/admin/settings", json={"maintenance": turned, "logLevel": level})
            assert 200 == answer.status_code, answer.text
            waits.append(wait(lambda turned=turned: refuses() == turned))  # type: ignore[misc]
            wait(lambda turned=turned: logs() == turned)  # type: ignore[misc]
        for one in (here, there):
            one.terminate()
            assert 0 == one.wait(30)
    record_property("longest of seconds until obeyed", round(max(waits), 2))
