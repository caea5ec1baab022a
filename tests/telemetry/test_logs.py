"""The log answers who did what and how long it took, in one shape, and gives no secret away."""

import fcntl
import json
import logging
import os
import re
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from loguru import logger
from msgspec.structs import replace

from brutal_patches.settings import Settings, read_settings
from brutal_patches.telemetry import routing
from brutal_patches.telemetry.lines import Access, written
from brutal_patches.telemetry.logs import PROBES_A_LINE, Logs
from brutal_patches.telemetry.names import LOG_FIELDS
from brutal_patches.telemetry.redaction import redacted
from brutal_patches.telemetry.stream import Stream
from tests.admin.conftest import promoted
from tests.cli.test_serving import free_port, of, process
from tests.client import Client, running
from tests.telemetry.kept import Kept

PASSWORD = "seven knobs at noon"
TRACE = "1-5759e988-bd862e3fe1be46a994272793"
PRODUCTION = {
    "APP_ENV": "production",
    "JWT_SECRET": "x" * 64,
    "OPS_TOKEN": "y" * 48,
    "PUBLIC_URL": "https://example.com",
}


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def logs(kept: Kept) -> Any:
    """A log in production's form."""
    yield Logs(read_settings({"APP_ENV": "test"}), kept)
    logger.remove()
    logging.basicConfig(handlers=[], force=True)


def live(base: str) -> tuple[list[str], list[str]]:
    """An evening of somebody's; the secrets of it, and the ids of its requests."""
    with httpx.Client(base_url=base, headers={"x-amzn-trace-id": f"Root={TRACE}"}) as client:
        person = {"username": "vera", "email": "vera@example.com", "password": PASSWORD}
        answers = [client.post("/api/users/create", json=person)]
        answers.append(client.post("/api/auth/login", json={**person, "password": "wrong-password-1"}))
        answers.append(client.post("/api/auth/login", json=person))
        tokens = answers[-1].json()
        mine = {"authorization": f"Bearer {tokens['access_token']}"}
        body = {"title": "A title of hers", "description": "tell nobody quince-jelly"}
        answers.append(client.post("/api/patches", json=body, headers=mine))
        answers.append(client.get("/api/patches/1", params={"token": "in-a-query-quince"}))
        answers.append(client.get("/api/users/getUserByUsername/vera@example.com"))
        answers.append(client.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]}))
        answers.append(client.post("/api/auth/forgot-password", json={"email": "vera@example.com"}))
        answers.append(client.get("/api/auth/me/roles", headers={"authorization": "Bearer forged.token.here-quince"}))
        answers.append(client.get("/nowhere/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"))
    refreshed = answers[6].json()
    secrets = [
        PASSWORD,
        "wrong-password-1",
        "vera@example.com",
        "quince-jelly",
        "in-a-query-quince",
        "here-quince",
        "A title of hers",
    ]
    secrets += [tokens["access_token"], tokens["refresh_token"], refreshed["access_token"], "eyJ", "argon2", "x" * 64]
    return secrets, [answer.headers["x-request-id"] for answer in answers]


def test_production_writes_json_without_secrets(settings: Settings) -> None:
    """A whole evening: each request has one line, every field is documented, and no search finds a secret."""
    port = free_port()
    with process(["serve"], of(settings, **PRODUCTION, DRAIN_SECONDS="0"), port) as served:
        secrets, ids = live(f"http://127.0.0.1:{port}")
        served.send_signal(signal.SIGTERM)
        assert served.stdout is not None
        said = served.stdout.read()
        assert 0 == served.wait(30)
    lines = [json.loads(line) for line in said.splitlines()]
    assert ids == [line["request_id"] for line in lines if line.get("event") == "request"]
    assert {name for line in lines for name in line} <= set(LOG_FIELDS)
    assert [] == [secret for secret in secrets if secret in said]
    # The mail of the reset is here, as there is no mailer; its token, 256 bits in base64url, is not.
    assert "Set a new password" in said
    assert [] == re.findall(r"(?<![\w-])[\w-]{43}(?![\w-])", said)
    (created,) = [line for line in lines if line["message"] == "POST /api/patches 201"]
    assert {TRACE} == {line["trace_id"] for line in lines if "request_id" in line}
    assert ("/api/patches", 201, "127.0.0.1") == (created["route"], created["status"], created["client_address"])
    assert 26 == len(created["user_id"])
    assert 0 < created["duration_ms"] < 5000
    (failed,) = [line for line in lines if line.get("event") == "authn_login_fail"]
    assert ("WARNING", "127.0.0.1", ids[1]) == (failed["level"], failed["client_address"], failed["request_id"])
    assert any(line["logger"] == "uvicorn.error" for line in lines if "logger" in line)


async def test_probes_are_sampled(settings: Settings, logs: Logs, kept: Kept) -> None:
    """One line for sixty that went well."""
    async with running(settings, logs=logs) as service:
        client = Client(service)
        for _ in range(2 * PROBES_A_LINE):
            await client.get("/health/ready")
        service.vitals.draining = True
        await client.get("/health/ready")
    assert 2 == len(kept.read(route="/health/ready", status=200))
    assert 1 == len(kept.read(route="/health/ready", status=503, level="ERROR"))


async def test_admins_turn_the_level_while_it_runs(settings: Settings, logs: Logs, kept: Kept) -> None:
    """Up to debug and back to what the environment says."""
    async with running(settings, logs=logs) as service:
        admin = await promoted(service, await Client(service).register("ada"), "ada")
        for level, expected in (
            ("debug", ["debug", "info", "warning"]),
            ("warning", ["warning"]),
            (None, ["info", "warning"]),
        ):
            answer = await admin.put("/api/admin/settings", {"logLevel": level})
            assert 200 == answer.status_code, answer.text
            kept.lines.clear()
            for name in ("debug", "info", "warning"):
                logger.log(name.upper(), "{}", name)
            assert expected == [line["message"] for line in kept.read()]


def test_libraries_log_into_the_same_stream(logs: Logs, kept: Kept) -> None:
    """With their names and tracebacks; of the AWS SDK warnings only, as its other lines quote requests."""
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("botocore.endpoint").info("Sending http request with %s", "everything")
    logging.getLogger("botocore.endpoint").warning("a warning")
    try:
        raise ValueError("about vera@example.com")
    except ValueError:
        logging.getLogger("somebody").exception("it broke")
    first, second, third = kept.read()
    assert ("Started server process [7]", "uvicorn.error", "INFO") == (
        first["message"],
        first["logger"],
        first["level"],
    )
    assert ("a warning", "botocore.endpoint") == (second["message"], second["logger"])
    assert "ValueError: about [redacted]" in third["exception"]


def test_a_library_s_flood_is_kept_back(logs: Logs, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of a kind a minute; the next minute's first says how many there were."""
    handler = logging.getLogger().handlers[0]
    (sparing,) = [each for each in handler.filters if isinstance(each, routing.Sparing)]
    now = [1000.0]
    monkeypatch.setattr(sparing, "_now", lambda: now[0])

    def complain() -> None:
        logging.getLogger("opentelemetry.exporter").error("Failed to export")

    for _ in range(100):
        complain()
    assert 5 == len(kept.read())
    now[0] += 61
    complain()
    assert "Failed to export (and 95 more like it before)" == kept.read()[-1]["message"]


def test_a_stream_that_nobody_reads_drops_lines_and_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dropped is counted."""
    monkeypatch.setattr("brutal_patches.telemetry.stream.MAX_LINES", 100)
    reading, writing = os.pipe()
    stream = Stream(writing)
    for _ in range(5000):
        stream.write(b"x" * 999 + b"\n")
    assert stream.dropped > 4000
    os.close(reading)
    stream.close()
    os.close(writing)


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "01k5m0c6xw8v5q0d4y6n2h7j3t.0.Zm9yZ2VkLWZvcmdlZC1mb3JnZWQtZm9yZ2VkLWZvcmdlZ",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        "$2b$12$abcdefghijklmnopqrstuv",
        "vera.long+tag@mail.example.co.uk",
        "hunter2hunter2",
    ],
)
def test_secrets_are_crossed_out(secret: str) -> None:
    """Whoever has put them into a message."""
    said = f'{{"password": "hunter2hunter2"}} authorization: Bearer {secret} and {secret!r}'
    said = said if secret.startswith("hunter") is False else '{"password": "hunter2hunter2"}'
    assert secret not in redacted(said)
    assert "GET /api/patches/{patch_id} 200" == redacted("GET /api/patches/{patch_id} 200")


def test_development_s_lines_are_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    """Time, level, what was asked, and how long it took."""
    logs = Logs(read_settings({}))
    logs.answered([("GET", "/api/patches/latest", 200, 7.0, 7.0123, "/api/patches/latest", {})])
    logger.remove()
    logs.flush()
    assert "INFO    GET /api/patches/latest 200 12.3 ms\n" == capfd.readouterr().out[13:]


@pytest.mark.parametrize("environment", [{}, PRODUCTION], ids=["development", "production"])
def test_nobody_waits_for_a_reader_of_the_log(settings: Settings, environment: dict[str, str]) -> None:
    """Requests are answered although what is said of them fits nowhere."""
    port = free_port()
    with (
        process(["serve"], of(settings, **environment, DRAIN_SECONDS="0"), port) as served,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        assert served.stdout is not None
        room = fcntl.fcntl(served.stdout, fcntl.F_SETPIPE_SZ, 4096)
        for _ in range(room // 20):
            assert 200 == client.get("/api/patches/latest").status_code


def test_every_field_is_documented() -> None:
    """In the words of the code."""
    page = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()
    for name, meaning in LOG_FIELDS.items():
        assert f"| `{name}` | {meaning} |" in page


def test_a_line_that_cannot_be_written_is_left_out_alone() -> None:
    """Half a surrogate is no text; whoever sends one silences nobody."""
    whole = Access(
        datetime(2026, 11, 25, tzinfo=UTC), "INFO", "m", "request", "GET", "/a", 200, 0.021, "r", "192.0.2.1"
    )
    broken = replace(whole, path="\ud800")
    lines = written([whole, broken, whole]).splitlines()
    assert [whole, whole] == [msgspec.json.decode(line, type=Access) for line in lines]
    assert b'{"timestamp":"2026-11-25T00:00:00Z"' == lines[0][:35]
