"""Sessions: refreshed, taken back, and never forked."""

import asyncio

import pytest

from brutal_patches.accounts import store
from brutal_patches.accounts.refreshing import Generation, RefreshTokens
from brutal_patches.accounts.revocations import barrier_at
from brutal_patches.settings import Settings
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete
from tests.client import PASSWORD, Client, running
from tests.clocks import AheadClock


async def refresh(client: Client, token: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    answer = await Client(client.service).post("/api/auth/refresh", {"refresh_token": token})
    return answer.status_code, answer.json()


def place(token: str) -> tuple[str, int]:
    session_id, number, _ = token.split(".")
    return session_id, int(number)


async def test_the_web_client_refreshes_with_its_bearer_token(ada: Client) -> None:
    """An empty body will do, while the token holds; the refresh token stays the same."""
    for body in ({}, None):
        answer = await ada.post("/api/auth/refresh", body)
        assert 200 == answer.status_code
        assert (True, "ada", ada.tokens["refresh_token"]) == (
            answer.json()["refreshed"],
            answer.json()["username"],
            answer.json()["refresh_token"],
        )
    assert 401 == (await Client(ada.service).post("/api/auth/refresh", {})).status_code


async def test_a_refresh_token_is_followed_by_the_next(ada: Client, clock: AheadClock) -> None:
    """The one before it is good for ten more seconds, and gives the same."""
    first = ada.tokens["refresh_token"]
    status, second = await refresh(ada, first)
    assert (200, True, 3600) == (status, second["refreshed"], second["expires_in"])

    assert second["refresh_token"] == (await refresh(ada, first))[1]["refresh_token"]
    assert (place(first)[0], 1) == place(second["refresh_token"])
    clock.forward(seconds=5)
    assert 200 == (await refresh(ada, second["refresh_token"]))[0]


async def test_a_token_used_twice_ends_the_session_before_the_answer(ada: Client, clock: AheadClock) -> None:
    """Whoever holds the other copy is out as well."""
    first = ada.tokens["refresh_token"]
    _, second = await refresh(ada, first)
    clock.forward(seconds=11)

    status, _ = await refresh(ada, first)

    session = await store.find_session(ada.service.parts.table, place(first)[0])
    assert session is not None
    assert (401, "token used twice") == (status, session.revoked_why)
    assert 401 == (await refresh(ada, second["refresh_token"]))[0]
    assert 401 == (await Client(ada.service, tokens=second).get("/api/users/profile")).status_code


async def test_a_token_two_generations_old_is_a_theft_even_at_once(ada: Client) -> None:
    """No lost answer explains it."""
    first = ada.tokens["refresh_token"]
    _, second = await refresh(ada, first)
    _, third = await refresh(ada, second["refresh_token"])
    assert 401 == (await refresh(ada, first))[0]
    assert 401 == (await refresh(ada, third["refresh_token"]))[0]


@pytest.mark.both_engines
async def test_racing_refreshes_do_not_fork_a_session(ada: Client) -> None:
    """Twelve clients with one token all get the same successor."""
    answers = await asyncio.gather(*(refresh(ada, ada.tokens["refresh_token"]) for _ in range(12)))
    assert {200} == {status for status, _ in answers}
    assert 1 == len({tokens["refresh_token"] for _, tokens in answers})
    session = await store.find_session(ada.service.parts.table, place(ada.tokens["refresh_token"])[0])
    assert session is not None
    assert 1 == session.generation


async def test_a_forged_token_is_not_looked_up() -> None:
    """Another signature, number, form or session is nothing."""
    tokens = RefreshTokens(["a secret", "an older one"])
    good = tokens.make(Generation("0" * 26, 7))
    assert Generation("0" * 26, 7) == tokens.read(good)
    assert Generation("0" * 26, 7) == tokens.read(RefreshTokens(["an older one"]).make(Generation("0" * 26, 7)))
    head, number, mac = good.split(".")
    for forged in (
        f"{head}.8.{mac}",
        f"{'1' * 26}.7.{mac}",
        f"{head}.07.{mac}",
        f"{head}.{number}",
        "",
        mac,
        good + "=",
    ):
        assert tokens.read(forged) is None


async def test_a_session_ends_for_good(client: Client, clock: AheadClock) -> None:
    """Seven days after the login, however often it was refreshed."""
    ada = await client.register("ada")
    token = ada.tokens["refresh_token"]
    for _ in range(6):
        clock.forward(days=1)
        token = (await refresh(ada, token))[1]["refresh_token"]
    clock.forward(hours=23, minutes=30)
    status, last = await refresh(ada, token)
    assert 200 == status
    assert last["expires_in"] <= 1800
    clock.forward(minutes=31)
    assert 401 == (await refresh(ada, last["refresh_token"]))[0]
    assert 401 == (await Client(ada.service, tokens=last).post("/api/auth/refresh", {})).status_code


async def test_logging_out_ends_this_session_alone(client: Client, ada: Client) -> None:
    """At once, on this task; the other device stays."""
    phone = await client.log_in("ada")
    assert 204 == (await ada.post("/api/auth/logout")).status_code
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert 401 == (await refresh(ada, ada.tokens["refresh_token"]))[0]
    assert 200 == (await phone.get("/api/users/profile")).status_code
    assert 401 == (await ada.post("/api/auth/logout")).status_code


async def test_logging_out_everywhere(client: Client, ada: Client) -> None:
    """Every device, this one included."""
    phone = await client.log_in("ada")
    assert 204 == (await ada.post("/api/auth/logout-all")).status_code
    for device in (ada, phone):
        assert 401 == (await device.get("/api/users/profile")).status_code
        assert 401 == (await refresh(device, device.tokens["refresh_token"]))[0]
    assert (await client.log_in("ada")).tokens


async def test_sessions_are_listed_and_ended_one_by_one(client: Client, ada: Client, robin: Client) -> None:
    """One's own only."""
    phone = await client.log_in("ada", address="203.0.113.4")
    listed = (await ada.get("/api/auth/sessions")).json()
    assert [False, True] == sorted(line["current"] for line in listed)
    assert {"192.0.2.1", "203.0.113.4"} == {line["address"] for line in listed}
    other = next(line["id"] for line in listed if not line["current"])

    assert 404 == (await robin.delete(f"/api/auth/sessions/{other}")).status_code
    assert 204 == (await ada.delete(f"/api/auth/sessions/{other}")).status_code
    assert 404 == (await ada.delete(f"/api/auth/sessions/{other}")).status_code
    assert 401 == (await phone.get("/api/users/profile")).status_code
    assert 1 == len((await ada.get("/api/auth/sessions")).json())


async def test_nobody_has_more_than_twenty_sessions(client: Client, ada: Client) -> None:
    """The oldest makes room."""
    for _ in range(20):
        newest = await client.log_in("ada")
    assert 20 == len((await newest.get("/api/auth/sessions")).json())
    assert 401 == (await ada.get("/api/users/profile")).status_code


async def test_a_revocation_reaches_another_task(client: Client, ada: Client, settings: Settings) -> None:
    """Through the feed, within seconds; a write asks the table and knows at once."""
    async with running(settings) as other:
        there = Client(other, tokens=ada.tokens)
        assert 200 == (await there.get("/api/users/profile")).status_code
        await ada.post("/api/auth/logout")
        assert 401 == (await there.post("/api/patches", {"title": "Late"})).status_code
        await other.parts.revocations.refresh()
        assert 401 == (await there.get("/api/users/profile")).status_code


async def test_a_barrier_refuses_every_earlier_token(ada: Client, clock: AheadClock) -> None:
    """As after a restore of the tables."""
    clock.forward(seconds=2)
    await ada.service.parts.table.write(barrier_at(clock.now()))
    await ada.service.parts.revocations.refresh()
    assert 401 == (await ada.get("/api/users/profile")).status_code
    old = {"refresh_token": ada.tokens["refresh_token"]}
    assert 401 == (await Client(ada.service).post("/api/auth/refresh", old)).status_code
    assert (await Client(ada.service).log_in("ada")).tokens


async def test_without_the_feed_writes_are_refused_and_reads_go_on(ada: Client) -> None:
    """Nobody can tell what was revoked."""
    ada.service.parts.revocations._read_at -= 61
    assert 503 == (await ada.post("/api/patches", {"title": "Sub"})).status_code
    assert 200 == (await ada.get("/api/patches/latest")).status_code
    assert 200 == (await ada.get("/api/users/profile")).status_code


async def test_what_is_forgotten_is_only_what_nobody_needs(ada: Client, clock: AheadClock) -> None:
    """Memory of revocations is bounded by the life of tokens."""
    revocations = ada.service.parts.revocations
    await ada.post("/api/auth/logout-all")
    await (await Client(ada.service).log_in("ada")).post("/api/auth/logout")
    assert revocations._sessions
    assert revocations._versions
    clock.forward(hours=2)
    await revocations.refresh()
    assert not revocations._sessions
    assert not revocations._versions


async def test_storage_never_holds_a_token(ada: Client) -> None:
    """Not even a part of one that would let anybody in."""
    items = [item async for page in ada.service.parts.table.scan("ephemeral") for item in page]
    assert ada.tokens["refresh_token"].split(".")[2] not in str(items)
    assert ada.tokens["access_token"].split(".")[2] not in str(items)
    assert PASSWORD not in str(items)
    assert all("expires" in item for item in items), "everything ephemeral ends by itself"


async def test_a_session_of_a_user_who_is_gone_does_not_count(ada: Client) -> None:
    """Deleted behind our back, in the table."""
    user_id = (await ada.get("/api/users/profile")).json()["user"]["id"]
    await ada.service.parts.table.write(Delete(keys.user(user_id)))
    assert 401 == (await ada.post("/api/auth/refresh", {})).status_code
    assert 401 == (await refresh(ada, ada.tokens["refresh_token"]))[0]
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert 401 == (await ada.get("/api/auth/sessions")).status_code
