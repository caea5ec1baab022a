"""Negative controls: each promise is kept, and the same check fails where its protection is taken away."""

import asyncio
from typing import Any

import pytest

from brutal_patches.accounts import store
from brutal_patches.accounts.attempts import Attempts
from brutal_patches.accounts.passwords import Passwords
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.actor import Actor
from brutal_patches.app import Service
from brutal_patches.http.edge import Edge
from brutal_patches.http.incoming import Arrivals
from tests.client import Client
from tests.security.probes import LOGIN, get
from tests.security.wire import listening, say

WRONG = {"username": "ada", "password": "not her password"}


async def strangers_change_nothing(service: Service) -> None:
    """Of a public patch: not its title, not its settings, and it is not gone."""
    nobody = Client(service)
    ada, robin = [await nobody.log_in(name) for name in ("ada", "robin")]
    patch = await ada.create("Hers")
    address = f"/api/patches/{patch['id']}"
    before = (await ada.get(address)).json()
    found = [await robin.put(address, {"title": "His"}), await robin.delete(address)]
    assert [403, 403] == [answer.status_code for answer in found]
    assert before == (await ada.get(address)).json()


async def a_stolen_token_ends_the_session(service: Service) -> None:
    """On record before it is told, for the thief and for who was robbed."""
    ada = await Client(service).log_in("ada")
    stolen = ada.tokens["refresh_token"]
    nobody = Client(service)
    latest = stolen
    for _ in range(2):
        latest = (await nobody.post("/api/auth/refresh", {"refresh_token": latest})).json()["refresh_token"]
    answer = await nobody.post("/api/auth/refresh", {"refresh_token": stolen})
    session = await store.find_session(service.parts.table, stolen.partition(".")[0])
    assert session is not None
    assert (401, "token used twice") == (answer.status_code, session.revoked_why)
    assert 401 == (await nobody.post("/api/auth/refresh", {"refresh_token": latest})).status_code


async def guesses_are_slowed(service: Service) -> None:
    """The sixth within a minute waits."""
    guesser = Client(service, "198.51.100.66")
    found = [(await guesser.post("/api/auth/login", WRONG)).status_code for _ in range(6)]
    assert [401] * 5 + [429] == found


async def nobody_can_tell_who_has_an_account(service: Service) -> None:
    """The answer is the same, and the same work is done for it."""
    worked: list[bool] = []
    verify = service.parts.passwords._verify

    def counted(password: str, stored: str | None) -> Any:
        worked.append(stored is None)
        return verify(password, stored)

    service.parts.passwords._verify = counted  # type: ignore[method-assign]
    found = [
        await Client(service, f"198.51.100.{number}").post("/api/auth/login", WRONG | {"username": name})
        for number, name in enumerate(("ada", "nobody-here"))
    ]
    assert [401, 401] == [answer.status_code for answer in found]
    assert 1 == len({answer.json()["message"] for answer in found})
    assert [False, True] == worked


async def slow_bodies_keep_nobody_out(service: Service) -> None:
    """With more of them than there are places."""
    # Logins have places of their own, which are fewer.
    begun = LOGIN.replace(b"/api/auth/login", b"/api/panels/random") + b"content-length: 9\r\n\r\n{"
    async with listening(service.app) as here:
        slow = [asyncio.create_task(say(here.port, begun, wait=2)) for _ in range(80)]
        await asyncio.sleep(1)
        try:
            assert (404,) == (await say(here.port, get(b"/nowhere"))).statuses
        finally:
            for each in slow:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)


PROMISES = [
    strangers_change_nothing,
    a_stolen_token_ends_the_session,
    guesses_are_slowed,
    nobody_can_tell_who_has_an_account,
    slow_bodies_keep_nobody_out,
]


@pytest.fixture
async def two(service: Service) -> Service:
    """A service that ada and robin have joined."""
    for name in ("ada", "robin"):
        await Client(service).register(name)
    return service


@pytest.mark.parametrize("promise", PROMISES)
async def test_a_promise_is_kept(two: Service, promise: Any) -> None:
    """With everything in its place."""
    await promise(two)


async def test_without_ownership_strangers_change_patches(two: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the check says so."""
    monkeypatch.setattr(Actor, "owns", lambda actor, owner_id: bool(actor.user_id))
    with pytest.raises(AssertionError):
        await strangers_change_nothing(two)


async def test_without_detection_a_thief_goes_on(two: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the check says so."""

    async def forgive(sessions: Sessions, actor: Actor, place: Any) -> Any:
        return await store.find_session(sessions._table, place.session_id)

    monkeypatch.setattr(Sessions, "_forgive", forgive)
    with pytest.raises(AssertionError):
        await a_stolen_token_ends_the_session(two)


async def test_without_counting_guesses_go_on(two: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the check says so."""

    async def begin(attempts: Attempts, actor: Actor, name: str, user_id: str | None) -> None:
        """Count nothing."""

    monkeypatch.setattr(Attempts, "begin", begin)
    with pytest.raises(AssertionError):
        await guesses_are_slowed(two)


async def test_without_the_dummy_an_account_can_be_told(two: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the check says so."""
    verify = Passwords.verify

    async def hasty(passwords: Passwords, password: str, stored: str | None) -> Any:
        return await verify(passwords, password, stored) if stored else _Wrong()

    monkeypatch.setattr(Passwords, "verify", hasty)
    with pytest.raises(AssertionError):
        await nobody_can_tell_who_has_an_account(two)


class _Wrong:
    is_right = False
    upgrade = ""


async def test_without_arrivals_slow_bodies_keep_others_out(two: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the check says so."""

    async def whole(_arrivals: Arrivals, receive: Any, _neighbour: str) -> Any:
        return receive

    assert two.app.__class__ is Edge
    monkeypatch.setattr(Arrivals, "whole", whole)
    with pytest.raises(AssertionError):
        await slow_bodies_keep_nobody_out(two)
