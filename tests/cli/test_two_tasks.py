"""Two processes of the service on one engine, and an engine that goes away and comes back."""

import asyncio
import itertools
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from brutal_patches.cli.engine import start_dynamodb_local
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage.creation import create_tables
from tests.cli.test_serving import free_port, of, process

PERSON = {"username": "ada", "password": "seven knobs at noon"}
PATIENT = 60
"""Seconds after which a test gives up. How long answers may take is asked elsewhere: this machine may be busy."""


def logged_in(client: httpx.Client) -> dict[str, str]:
    client.post("/api/users/create", json=PERSON | {"email": "ada@example.com"})
    token = client.post("/api/auth/login", json=PERSON).json()["access_token"]
    return {"authorization": f"Bearer {token}"}


def eventually(read: Any, seconds: float) -> float:
    """Seconds until `read` is true."""
    started = time.monotonic()
    while not read():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)
    return time.monotonic() - started


class Traffic:
    """Reads without a pause, until it is stopped and tells which statuses were answered, and what failed."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self._address, self._paths = f"http://127.0.0.1:{port}", paths
        self._found: set[int | str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with httpx.Client(base_url=self._address, timeout=PATIENT) as client:
            for path in itertools.cycle(self._paths):
                if self._over.wait(0.01):
                    return
                try:
                    self._found.add(client.get(path).status_code)
                except httpx.TransportError as fault:
                    self._found.add(f"{path}: {fault!r}")

    def stop(self) -> set[int | str]:
        self._over.set()
        self._thread.join()
        return self._found


def test_what_one_process_writes_the_other_reads(settings: Settings) -> None:
    """Within seconds, and a session that one ends is over on the other."""
    first, second = free_port(), free_port()
    with (
        process(["serve"], of(settings), first),
        process(["serve"], of(settings), second),
        httpx.Client(base_url=f"http://127.0.0.1:{first}", timeout=PATIENT) as writer,
        httpx.Client(base_url=f"http://127.0.0.1:{second}", timeout=PATIENT) as reader,
    ):
        headers = logged_in(writer)
        patch = writer.post("/api/patches", json={"title": "Seen"}, headers=headers).json()
        eventually(lambda: reader.get(f"/api/patches/{patch['id']}").status_code == 200, PATIENT)
        assert 1 == reader.get("/api/patches/search?q=seen").json()["total"]
        assert 200 == reader.get("/api/users/profile", headers=headers).status_code
        assert 204 == writer.post("/api/auth/logout", headers=headers).status_code
        eventually(lambda: reader.get("/api/users/profile", headers=headers).status_code == 401, PATIENT)


def test_an_engine_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    """Reads go on, writes are refused for now, and afterwards all is as if nothing had been."""
    engine = start_dynamodb_local(tmp_path)
    settings = read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": "away"})

    asyncio.run(create_tables(settings.dynamodb))
    port = free_port()
    try:
        with (
            process(["serve"], of(settings), port),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENT) as client,
            ExitStack() as stack,
        ):
            headers = logged_in(client)
            patch = client.post("/api/patches", json={"title": "Kept"}, headers=headers).json()
            traffic = Traffic(
                port, [f"/api/patches/{patch['id']}", "/api/patches/latest", "/api/patches/search?q=kept"]
            )
            stack.callback(traffic.stop)
            engine.stop()
            eventually(lambda: "x-catalogue-age" in client.get("/api/patches/latest").headers, PATIENT)
            assert "failing" == client.get("/health/detailed").json()["checks"]["catalogue"]["status"]
            refused = client.post("/api/patches", json={"title": "Later"}, headers=headers)
            assert 503 == refused.status_code
            assert refused.headers["retry-after"]
            assert 200 == client.get("/health/ready").status_code
            engine = start_dynamodb_local(tmp_path, engine.port)
            eventually(
                lambda: client.post("/api/patches", json={"title": "Now"}, headers=headers).status_code == 201, PATIENT
            )
            assert "Now" == client.get("/api/patches/latest").json()["patches"][0]["title"]
            eventually(lambda: "x-catalogue-age" not in client.get("/api/patches/latest").headers, PATIENT)
            assert {200} == traffic.stop()
    finally:
        engine.stop()
