"""Refused tokens and callers are announced: who, where and why, never with what, and never in a flood."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from loguru import logger
from msgspec.structs import replace

from brutal_patches.actor import Actor
from brutal_patches.app import Service
from brutal_patches.audit.refusals import MOST_OF_ALL, MOST_OF_ONE, WINDOW_SECONDS, Refusals
from brutal_patches.settings import Settings, read_settings
from brutal_patches.telemetry.logs import Logs
from brutal_patches.watching import Watch
from tests.client import Client, running
from tests.clocks import AheadClock
from tests.telemetry.kept import Kept

FORGED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def clock() -> AheadClock:
    """The service's clock."""
    return AheadClock()


@pytest.fixture
def kept() -> Kept:
    """What is logged."""
    return Kept()


@pytest.fixture
async def service(settings: Settings, clock: AheadClock, kept: Kept) -> AsyncIterator[Service]:
    """The service on that clock, with a log in production's form."""
    async with running(settings, clock, Logs(read_settings({"APP_ENV": "test"}), kept)) as started:
        yield started
    logger.remove()


def told(kept: Kept, event: str) -> list[tuple[str, ...]]:
    """Where and why, in the order of the lines."""
    return [(line["route"], line["reason"], line["client_address"]) for line in kept.read(event=event, level="WARNING")]


async def test_a_forged_token_is_announced(client: Client, kept: Kept) -> None:
    """On a route that needs a login and on one that does not; the token itself is in no line."""
    forger = Client(client.service, "192.0.2.7", {"access_token": FORGED})
    assert 401 == (await forger.get("/api/users/profile")).status_code
    assert 200 == (await forger.get("/api/patches/latest")).status_code
    assert 401 == (await forger.post("/api/auth/refresh", {"refresh_token": FORGED})).status_code
    assert [
        ("/api/users/profile", "invalid", "192.0.2.7"),
        ("/api/patches/latest", "invalid", "192.0.2.7"),
        # The bearer's token and the one in the body.
        ("/api/auth/refresh", "invalid", "192.0.2.7"),
        ("/api/auth/refresh", "invalid", "192.0.2.7"),
    ] == told(kept, "authn_token_rejected")
    assert not [line for line in kept.lines if FORGED.encode() in line]


async def test_a_token_of_a_login_that_is_over_is_announced_where_it_is_needed(
    ada: Client, clock: AheadClock, kept: Kept
) -> None:
    """Its reason tells a client that does not refresh from one that goes on after a logout."""
    other = await ada.log_in("ada")
    await other.post("/api/auth/logout")
    await other.get("/api/users/profile")
    await Client(ada.service).post("/api/auth/refresh", {"refresh_token": other.tokens["refresh_token"]})
    clock.forward(seconds=3601)
    await ada.get("/api/users/profile")
    await ada.get("/api/patches/latest")
    assert [
        ("/api/users/profile", "revoked", "192.0.2.1"),
        ("/api/auth/refresh", "revoked", "192.0.2.1"),
        ("/api/users/profile", "expired", "192.0.2.1"),
    ] == told(kept, "authn_token_rejected")


async def test_who_lacks_the_role_is_announced(ada: Client, kept: Kept) -> None:
    """By id, with the role that it takes; who is not logged in at all is only asked to."""
    mine = (await ada.get("/api/users/profile")).json()["user"]["id"]
    assert 403 == (await ada.get("/api/admin/settings")).status_code
    assert 401 == (await Client(ada.service).get("/api/admin/settings")).status_code
    assert [("/api/admin/settings", "not admin", "192.0.2.1")] == told(kept, "authz_fail")
    assert mine == kept.read(event="authz_fail")[0]["user_id"]


async def test_a_wrong_operators_token_is_announced(settings: Settings, kept: Kept) -> None:
    """And that there is none is not."""
    logs = Logs(read_settings({"APP_ENV": "test"}), kept)
    guarded = replace(settings, http=replace(settings.http, ops_token="z" * 48))
    async with running(guarded, logs=logs) as service:
        assert 401 == (await Client(service).get("/monitoring/metrics")).status_code
        assert 401 == (await Client(service, tokens={"access_token": "y" * 48}).get("/monitoring/metrics")).status_code
    logger.remove()
    assert [("/monitoring/metrics", "invalid", "192.0.2.1")] == told(kept, "authn_token_rejected")


class Counting(Watch):
    """Counts refused tokens."""

    count = 0

    def rejected(self, reason: str) -> None:
        self.count += 1


def test_a_flood_is_counted_and_not_logged() -> None:
    """So much of one address, so much of all; the next minutes are heard again, and metrics miss none."""
    said: list[Any] = []
    sink = logger.add(lambda message: said.append(message.record["extra"]["client_address"]), level="INFO")
    now, watch = [0.0], Counting()
    refusals = Refusals(watch, lambda: now[0])
    try:
        for _ in range(1000):
            refusals.token(Actor(address="192.0.2.1"), "invalid")
        assert MOST_OF_ONE == len(said)
        for number in range(1000):
            refusals.token(Actor(address=f"198.51.100.{number % 250}"), "invalid")
        assert MOST_OF_ALL == len(said)
        refusals.role(Actor(address="192.0.2.1"), "admin")
        assert MOST_OF_ALL + 1 == len(said)
        now[0] = 2.0 * WINDOW_SECONDS
        refusals.token(Actor(address="192.0.2.1"), "invalid")
    finally:
        logger.remove(sink)
    assert (MOST_OF_ALL + 2, 2001) == (len(said), watch.count)
