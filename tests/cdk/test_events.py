"""Every event that production watches or asks for is one that the service really writes, seen in its log."""

import json
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
from loguru import logger

from brutal_patches.app import Service
from brutal_patches.audit.events import Event
from brutal_patches.operations.insights import catalogue
from brutal_patches.settings import Settings, read_settings
from brutal_patches.telemetry.logs import Logs
from cdk.log_metrics import ADDRESS, EVENT, PER_ADDRESS, WATCHED
from tests.accounts.conftest import Letterbox
from tests.accounts.test_changes import token_of
from tests.admin.conftest import promoted
from tests.client import PASSWORD, Client, running
from tests.clocks import AheadClock
from tests.operations.test_queries import values
from tests.telemetry.kept import Kept

ASKED_FOR = {event for query in catalogue().values() for event in values(query.text, "event")} - {"request"}
COUNTED = {watched.event for watched in WATCHED} | {event for event, _ in PER_ADDRESS.values()}
BURGLAR = "192.0.2.66"
NEW = "eight knobs at one"


@pytest.fixture
async def lines(settings: Settings) -> AsyncIterator[list[dict[str, Any]]]:
    """What the log of an evening holds in which all of it happens."""
    kept, clock = Kept(), AheadClock()
    async with running(settings, clock, Logs(read_settings({"APP_ENV": "test"}), kept)) as service:
        client = Client(service, BURGLAR)
        await promoted(service, await client.register("boss"), "boss")
        await _break_in(client, await client.register("ada"), clock)
        await _forget(client, service)
    logger.remove()
    yield [json.loads(line) for line in kept.lines]


async def _break_in(client: Client, ada: Client, clock: AheadClock) -> None:
    """Wrong passwords until the door is locked, a forged token, a page for admins, a refresh token twice."""
    answers = [await client.post("/api/auth/login", {"username": "ada", "password": f"guess {n}"}) for n in range(7)]
    assert {401, 429} == {answer.status_code for answer in answers}
    forged = Client(client.service, BURGLAR, {"access_token": "a.b.c"})
    assert 401 == (await forged.get("/api/users/profile")).status_code
    assert 403 == (await ada.get("/api/admin/settings")).status_code
    stolen = {"refresh_token": ada.tokens["refresh_token"]}
    assert 200 == (await client.post("/api/auth/refresh", stolen)).status_code
    clock.forward(seconds=11)
    assert 401 == (await client.post("/api/auth/refresh", stolen)).status_code


async def _forget(client: Client, service: Service) -> None:
    """A password that is reset, one that is changed, a logout, and an account that goes."""
    service.parts.accounts._mailer = letterbox = Letterbox()
    robin = await client.register("robin")
    assert 202 == (await client.post("/api/auth/forgot-password", {"email": "robin@example.com"})).status_code
    token = await token_of(letterbox, service)
    assert 204 == (await client.post("/api/auth/reset-password", {"token": token, "password": NEW})).status_code
    robin = await client.log_in("robin", NEW)
    changed = {"currentPassword": NEW, "newPassword": NEW + "!"}
    assert 204 == (await robin.put("/api/auth/password", changed)).status_code
    robin = await client.log_in("robin", NEW + "!")
    assert 204 == (await robin.post("/api/auth/logout")).status_code
    vera = await client.register("vera")
    assert (await vera.delete("/api/users/me", json={"password": PASSWORD, "patches": "delete"})).status_code < 300


def found(line: dict[str, Any], path: str) -> Any:
    """What a filter's path leads to in a line."""
    for step in path.removeprefix("$.").split("."):
        line = line.get(step, {})
    return line


async def test_what_is_watched_and_asked_for_really_happens(lines: list[dict[str, Any]]) -> None:
    """Each event is in a line where its filter looks, with the address that the ranking counts by."""
    wanted = COUNTED | ASKED_FOR
    assert wanted <= set(get_args(Event.__value__))
    written = {event: [line for line in lines if found(line, EVENT) == event] for event in wanted}
    assert set() == {event for event, those in written.items() if not those}
    for event in COUNTED:
        assert {BURGLAR} == {found(line, ADDRESS) for line in written[event]}, event
    assert any(found(line, EVENT) == "request" for line in lines)
