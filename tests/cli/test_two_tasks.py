"""Two processes of the service on one engine, and an engine that goes away and comes back."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx

from brutal_patches.cli.engine import start_dynamodb_local
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage.creation import create_tables
from tests.cli.test_serving import free_port, of, process

PERSON = {"username": "ada", "password": "seven knobs at noon"}


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


def test_what_one_process_writes_the_other_reads(settings: Settings) -> None:
    """Within seconds, and a session that one ends is over on the other."""
    first, second = free_port(), free_port()
    with (
        process(["serve"], of(settings), first),
        process(["serve"], of(settings), second),
        httpx.Client(base_url=f"http://127.0.0.1:{first}") as writer,
        httpx.Client(base_url=f"http://127.0.0.1:{second}") as reader,
    ):
        headers = logged_in(writer)
        patch = writer.post("/api/patches", json={"title": "Seen"}, headers=headers).json()
        eventually(lambda: reader.get(f"/api/patches/{patch['id']}").status_code == 200, 10)
        assert 1 == reader.get("/api/patches/search?q=seen").json()["total"]
        assert 200 == reader.get("/api/users/profile", headers=headers).status_code
        assert 204 == writer.post("/api/auth/logout", headers=headers).status_code
        eventually(lambda: reader.get("/api/users/profile", headers=headers).status_code == 401, 10)


def test_an_engine_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    """Reads go on, writes are refused for now, and afterwards all is as if nothing had been."""
    engine = start_dynamodb_local(tmp_path)
    settings = read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": "away"})

    asyncio.run(create_tables(settings.dynamodb))
    port = free_port()
    try:
        with process(["serve"], of(settings), port), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            headers = logged_in(client)
            patch = client.post("/api/patches", json={"title": "Kept"}, headers=headers).json()
            engine.stop()
            for _ in range(20):
                assert 200 == client.get(f"/api/patches/{patch['id']}").status_code
                assert 200 == client.get("/api/patches/search?q=kept").status_code
            refused = client.post("/api/patches", json={"title": "Later"}, headers=headers, timeout=30)
            assert 503 == refused.status_code
            assert refused.headers["retry-after"]
            assert 200 == client.get("/health/ready").status_code
            engine = start_dynamodb_local(tmp_path, engine.port)
            eventually(
                lambda: client.post("/api/patches", json={"title": "Now"}, headers=headers).status_code == 201, 30
            )
            assert "Now" == client.get("/api/patches/latest").json()["patches"][0]["title"]
    finally:
        engine.stop()
