"""Changing and recovering an account."""

import asyncio
import re

import pytest

from brutal_patches.accounts import store
from brutal_patches.actor import SYSTEM, Actor
from brutal_patches.app import Service
from brutal_patches.errors import Conflict, Invalid, NotFound, Unavailable
from brutal_patches.storage import keys
from tests.accounts.conftest import Letterbox
from tests.client import PASSWORD, Client
from tests.clocks import AheadClock

NEW = "eight knobs at dusk"


async def test_a_new_password_ends_the_other_sessions(client: Client, ada: Client, letterbox: Letterbox) -> None:
    """This one goes on with a refreshed token, and the owner is told by mail."""
    phone = await client.log_in("ada")
    changed = await ada.put("/api/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW})

    assert 204 == changed.status_code
    assert 401 == (await phone.get("/api/users/profile")).status_code
    assert 401 == (await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD})).status_code
    assert (await client.log_in("ada", NEW)).tokens
    here = await Client(ada.service).post("/api/auth/refresh", {"refresh_token": ada.tokens["refresh_token"]})
    assert 200 == here.status_code
    dead = await Client(ada.service).post("/api/auth/refresh", {"refresh_token": phone.tokens["refresh_token"]})
    assert 401 == dead.status_code
    await ada.service.parts.accounts.close()
    assert [("ada@example.com", "Your Brutal Patches password was changed")] == [
        letter[:2] for letter in letterbox.letters
    ]


async def test_a_change_asks_for_the_present_password(ada: Client) -> None:
    """403 names the field; nothing is changed; guessing is counted."""
    for _ in range(5):
        wrong = await ada.put("/api/auth/password", {"currentPassword": "wrong", "newPassword": NEW})
        assert (403, "currentPassword") == (wrong.status_code, wrong.json()["errors"][0]["field"])
    waits = await ada.put("/api/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW})
    assert 429 == waits.status_code


async def test_a_weak_new_password_is_refused(ada: Client) -> None:
    """With the reason."""
    weak = await ada.put("/api/auth/password", {"currentPassword": PASSWORD, "newPassword": "12345678"})
    assert (400, "newPassword") == (weak.status_code, weak.json()["errors"][0]["field"])


async def test_a_new_address_frees_the_old_one(
    client: Client, ada: Client, robin: Client, letterbox: Letterbox
) -> None:
    """Taken ones are refused; the old address learns of it."""
    taken = await ada.put("/api/auth/email", {"email": "Robin@example.com", "password": PASSWORD})
    assert 409 == taken.status_code
    assert 400 == (await ada.put("/api/auth/email", {"email": "nonsense", "password": PASSWORD})).status_code
    moved = await ada.put("/api/auth/email", {"email": "ada@example.org", "password": PASSWORD})
    assert (200, "ada@example.org") == (moved.status_code, moved.json()["email"])
    await ada.service.parts.accounts.close()
    assert "ada@example.com" == letterbox.letters[0][0]
    again = await client.post(
        "/api/users/create", {"username": "ada2", "email": "ada@example.com", "password": PASSWORD}
    )
    assert 201 == again.status_code


async def test_the_same_address_in_another_spelling_is_fine(client: Client, ada: Client) -> None:
    """It is the same claim."""
    moved = await ada.put("/api/auth/email", {"email": "ADA@example.com", "password": PASSWORD})
    assert (200, "ADA@example.com") == (moved.status_code, moved.json()["email"])


@pytest.mark.both_engines
async def test_racing_moves_to_one_address(ada: Client, robin: Client, service: Service) -> None:
    """One gets it; the other keeps what they had."""
    sent = {"email": "shared@example.com", "password": PASSWORD}
    answers = await asyncio.gather(ada.put("/api/auth/email", sent), robin.put("/api/auth/email", sent))
    assert [200, 409] == sorted(answer.status_code for answer in answers)
    held = [await service.parts.table.get(keys.email(f"{name}@example.com")) for name in ("ada", "robin", "shared")]
    assert 2 == sum(item is not None for item in held)


async def token_of(letterbox: Letterbox, service: Service) -> str:
    await service.parts.accounts.close()
    match = re.search(r"token=([A-Za-z0-9_-]{43})", letterbox.letters[-1][2])
    assert match
    return match[1]


async def test_a_forgotten_password_is_replaced_by_mail(
    client: Client, ada: Client, service: Service, letterbox: Letterbox
) -> None:
    """Once; every session ends; storage holds the token's hash only."""
    asked = await client.post("/api/auth/forgot-password", {"email": "ADA@example.com"})
    assert 202 == asked.status_code
    token = await token_of(letterbox, service)
    items = [item async for page in service.parts.table.scan("ephemeral") for item in page]
    assert token not in str(items)

    weak = await client.post("/api/auth/reset-password", {"token": token, "password": "password"})
    done = await client.post("/api/auth/reset-password", {"token": token, "password": NEW})
    again = await client.post("/api/auth/reset-password", {"token": token, "password": NEW + "!"})

    assert [400, 204, 400] == [weak.status_code, done.status_code, again.status_code]
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert (await client.log_in("ada", NEW)).tokens


async def test_of_racing_resets_one_counts(client: Client, ada: Client, service: Service, letterbox: Letterbox) -> None:
    """A token is used up once."""
    await client.post("/api/auth/forgot-password", {"email": "ada@example.com"})
    token = await token_of(letterbox, service)
    racing = [
        client.post("/api/auth/reset-password", {"token": token, "password": f"{NEW} {number}"}) for number in range(4)
    ]
    answers = sorted(answer.status_code for answer in await asyncio.gather(*racing))
    assert 204 == answers[0]
    assert set(answers[1:]) <= {400, 409}


async def test_a_reset_ends_after_half_an_hour(
    client: Client, ada: Client, service: Service, letterbox: Letterbox, clock: AheadClock
) -> None:
    """And asking says the same whether or not there is such an account."""
    known = await client.post("/api/auth/forgot-password", {"email": "ada@example.com"})
    unknown = await client.post("/api/auth/forgot-password", {"email": "nobody@example.com"})
    nonsense = await client.post("/api/auth/forgot-password", {"email": "@"})
    assert 1 == len({answer.text for answer in (known, unknown, nonsense)})
    token = await token_of(letterbox, service)
    assert 1 == len(letterbox.letters)
    clock.forward(minutes=31)
    late = await client.post("/api/auth/reset-password", {"token": token, "password": NEW})
    assert 400 == late.status_code


async def test_one_account_is_not_flooded_with_mail(
    client: Client, ada: Client, service: Service, letterbox: Letterbox
) -> None:
    """From however many addresses they are asked for."""
    service.parts.accounts._limits = type(service.parts.accounts._limits)()
    for number in range(8):
        await client.at(f"203.0.113.{number}").post("/api/auth/forgot-password", {"email": "ada@example.com"})
        await service.parts.accounts.close()
    assert 5 == len(letterbox.letters)


async def test_one_address_has_limits(client: Client, service: Service) -> None:
    """Registrations, logins and resets are counted in the table, for all tasks."""
    service.parts.accounts._limits = type(service.parts.accounts._limits)(2, 2, 2, 2)
    for path, sent in {
        "/api/auth/forgot-password": {"email": "x@example.com"},
        "/api/auth/login": {"username": "x", "password": "y"},
        "/api/users/create": {"username": "x", "email": "y", "password": "z"},
    }.items():
        answers = [await client.post(path, sent) for _ in range(3)]
        assert 429 == answers[2].status_code != answers[1].status_code
        assert 0 < int(answers[2].headers["retry-after"]) <= 3600


async def test_a_mail_that_cannot_be_sent_is_no_ones_error(client: Client, ada: Client, service: Service) -> None:
    """It is logged."""

    class Broken:
        async def send(self, to: str, subject: str, text: str) -> None:
            raise Unavailable("The mail could not be sent.")

    service.parts.accounts._mailer = Broken()
    assert 202 == (await client.post("/api/auth/forgot-password", {"email": "ada@example.com"})).status_code
    await service.parts.accounts.close()


async def test_roles_take_effect_at_once_and_leave_the_session(client: Client, ada: Client, service: Service) -> None:
    """The old token is refused, the session gives a new one with the new roles."""
    user_id = (await ada.get("/api/users/profile")).json()["user"]["id"]
    standings = service.parts.standings
    await standings.set_roles(SYSTEM, user_id, ("moderator",))

    assert 401 == (await ada.get("/api/auth/me/roles")).status_code
    fresh = (await client.post("/api/auth/refresh", {"refresh_token": ada.tokens["refresh_token"]})).json()
    roles = (await Client(service, tokens=fresh).get("/api/auth/me/roles")).json()
    assert (["moderator", "user"], False) == (roles["roles"], roles["isAdmin"])
    assert "moderation:write" in roles["permissions"]

    with pytest.raises(Invalid, match="no such roles"):
        await standings.set_roles(SYSTEM, user_id, ("root",))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await standings.set_roles(SYSTEM, "nobody", ("user",))


async def test_nobody_locks_themselves_out(admin: Client, service: Service) -> None:
    """An admin keeps their own role and standing."""
    user_id = (await admin.get("/api/users/profile")).json()["user"]["id"]
    boss = Actor(user_id=user_id, username="boss", roles=frozenset({"admin"}))
    with pytest.raises(Conflict):
        await service.parts.standings.set_roles(boss, user_id, ("user",))
    with pytest.raises(Conflict):
        await service.parts.standings.decide(boss, user_id, "ban", "")


async def test_staff_can_log_a_user_out(ada: Client, service: Service) -> None:
    """Everywhere; it is audited."""
    user_id = (await ada.get("/api/users/profile")).json()["user"]["id"]
    await service.parts.standings.end_sessions(SYSTEM, user_id)
    assert 401 == (await ada.get("/api/users/profile")).status_code
    items = [item async for page in service.parts.table.scan("core") for item in page]
    assert "user.sessions_ended" in {item.get("action") for item in items}


async def test_a_banned_user_has_no_public_profile(client: Client, ada: Client, service: Service) -> None:
    """To others there is no such user."""
    user_id = str(await store.find_id(service.parts.table, "ada"))
    await service.parts.standings.decide(SYSTEM, user_id, "ban", "Fraud")
    assert 404 == (await client.get("/api/users/getUserByUsername/ada")).status_code
