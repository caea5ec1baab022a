"""Logging in, and what keeps others from it."""

import asyncio
import os
import sys
import threading

import bcrypt
import pytest

from brutal_patches.accounts import store
from brutal_patches.accounts.attempts import LONGEST_WAIT, Tries, next_try
from brutal_patches.accounts.passwords import NICENESS, WAITING_AT_MOST, Passwords
from brutal_patches.actor import SYSTEM, Actor
from brutal_patches.app import Service
from brutal_patches.errors import Unavailable
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Put
from tests.client import PASSWORD, Client
from tests.clocks import AheadClock

WRONG = "wrong knobs at noon"


async def try_login(client: Client, username: str = "ada", password: str = WRONG) -> int:
    return (await client.post("/api/auth/login", {"username": username, "password": password})).status_code


async def user_id(service: Service, name: str = "ada") -> str:
    return str(await store.find_id(service.parts.table, name))


async def test_wrong_in_any_way_is_the_same_answer(client: Client, service: Service) -> None:
    """Unknown name, wrong password, wrong password for a suspended account, absurd input."""
    await client.register("ada")
    await client.register("robin")
    await service.parts.standings.decide(SYSTEM, await user_id(service, "robin"), "suspend", "Spam")
    tries = [
        ("nobody", "x"),
        ("ada", "wrong"),
        ("robin", "wrong"),
        ("", ""),
        ("\x00", "\x00" * 2000),
        ("a" * 5000, "y"),
    ]

    answers = [await client.post("/api/auth/login", {"username": name, "password": word}) for name, word in tries]

    assert {401} == {answer.status_code for answer in answers}
    assert {"Username or password is wrong."} == {answer.json()["message"] for answer in answers}


async def test_the_right_password_of_a_suspended_account_is_told_why(client: Client, service: Service) -> None:
    """Its owner may know; its sessions have ended."""
    ada = await client.register("ada")
    await service.parts.standings.decide(SYSTEM, await user_id(service), "suspend", "Spam in comments.")

    answer = await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD})

    assert (403, "This account is suspended. Spam in comments.") == (answer.status_code, answer.json()["message"])
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert 401 == (await client.post("/api/auth/refresh", {"refresh_token": ada.tokens["refresh_token"]})).status_code
    await service.parts.standings.decide(SYSTEM, await user_id(service), "activate", "")
    assert 200 == await try_login(client, password=PASSWORD)


@pytest.mark.both_engines
async def test_five_failures_make_that_pair_wait(client: Client, clock: AheadClock) -> None:
    """Longer each time; other addresses and other accounts do not notice."""
    await client.register("ada")
    await client.register("robin")

    assert [401] * 5 + [429] == [await try_login(client) for _ in range(6)]
    waiting = await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD})
    assert 429 == waiting.status_code
    assert 29 <= int(waiting.headers["retry-after"]) <= 30
    assert 200 == await try_login(client, "robin", PASSWORD)
    assert 200 == await try_login(client.at("192.0.2.9"), password=PASSWORD)

    clock.forward(seconds=31)
    assert [401, 429] == [await try_login(client) for _ in range(2)]
    again = await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD})
    assert 50 < int(again.headers["retry-after"]) <= 60
    clock.forward(seconds=61)
    assert 200 == await try_login(client, password=PASSWORD)


async def test_racing_guesses_are_counted_too(client: Client) -> None:
    """Many at once get no more tries than one after the other; those that find no room get none."""
    await client.register("ada")
    answers = await asyncio.gather(*(try_login(client) for _ in range(12)))
    assert answers.count(401) <= 5
    assert {401, 429, 503} == set(answers) | {429, 503}


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    """And are forgotten after an hour of peace."""
    tries, now, waits = Tries(), 1_000_000, []
    for _ in range(5):
        tries = next_try(tries, now)
    for _ in range(8):
        tries = next_try(tries, now)
        waits.append(tries.until - now)
        now = tries.until + 1
        tries = next_try(tries, now)
    assert [30, 60, 120, 240, 480, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT] == waits
    assert Tries(count=1, since=now + 4000, stamp=tries.stamp + 1) == next_try(tries, now + 4000)


async def test_an_account_under_attack_lets_its_owner_in(client: Client, service: Service, clock: AheadClock) -> None:
    """After fifty failures from anywhere, new addresses wait; one that is known goes on."""
    home = client.at("198.51.100.7")
    await home.register("ada")
    for number in range(50):
        await service.parts.accounts._attempts.failed(_stranger(number), "ada")

    assert 429 == await try_login(client.at("203.0.113.5"), password=PASSWORD)
    assert 200 == await try_login(home, password=PASSWORD)
    clock.forward(hours=1)
    assert 200 == await try_login(client.at("203.0.113.5"), password=PASSWORD)


def _stranger(number: int) -> Actor:
    return Actor(address=f"203.0.113.{number}")


async def test_a_bcrypt_hash_is_accepted_and_replaced(client: Client, service: Service) -> None:
    """Also for a password beyond bcrypt's 72 bytes, which is then hashed whole."""
    await client.register("ada")
    long = "é" * 40 + "tail"
    legacy = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", "$2a$")
    ada = await user_id(service)
    await service.parts.table.write(store.set_hash(ada, legacy, "2015-01-01T00:00:00.000000Z"))

    assert 401 == await try_login(client, password="é" * 30)
    assert 200 == await try_login(client, password=long)
    assert str(await store.read_hash(service.parts.table, ada)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert 200 == await try_login(client, password=long)
    assert 401 == await try_login(client, password="é" * 40 + "other")


async def test_no_password_is_a_500(client: Client, service: Service) -> None:
    """Whatever bcrypt's library thinks of it."""
    await client.register("ada")
    legacy = bcrypt.hashpw(b"something", bcrypt.gensalt(4)).decode()
    await service.parts.table.write(store.set_hash(await user_id(service), legacy, ""))
    for word in ("\x00", "nul\x00inside", "x" * 100_000, "é" * 500):
        assert await try_login(client, password=word) in {401, 429}


async def test_a_broken_hash_is_only_a_wrong_password(service: Service, client: Client) -> None:
    """The row is damaged, the service is not."""
    await client.register("ada")
    await service.parts.table.write(Put(keys.credentials(await user_id(service)), {"hash": "$2b$broken"}))
    assert 401 == await try_login(client, password=PASSWORD)


async def test_hashing_refuses_what_would_queue_too_long() -> None:
    """One thread a core and eight waiting; the rest is told to come back."""
    passwords = Passwords(threads=1)
    answers = await asyncio.gather(*(passwords.hash("x" * 20) for _ in range(20)), return_exceptions=True)
    passwords.close()
    assert 9 == sum(isinstance(answer, str) for answer in answers)
    assert 11 == sum(isinstance(answer, Unavailable) for answer in answers)


@pytest.mark.parametrize("idle", [False, True])
async def test_hashing_gives_way_to_the_loop(idle: bool) -> None:
    """Where threads have priorities of their own, which is on Linux."""

    def priority() -> tuple[int, int]:
        return os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    passwords = Passwords(idle=idle)
    linux = sys.platform == "linux"
    found = await passwords.run(priority) if linux else None
    passwords.close()
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert found == (None if not linux else (os.SCHED_IDLE, own) if idle else (os.SCHED_OTHER, NICENESS))


async def test_a_login_too_many_is_refused_before_it_costs(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storage is not asked, nothing is counted, and there is room again when one of the others is through."""
    await client.register("ada")
    places = [service.parts.passwords.place() for _ in range(WAITING_AT_MOST + service.parts.passwords._threads)]
    for place in places:
        place.__enter__()
    with monkeypatch.context() as nobody:
        nobody.setattr(service.parts.table, "_call", None)
        assert 503 == await try_login(client)
        answer = await client.post(
            "/api/users/create", {"username": "bob", "email": "b@example.com", "password": PASSWORD}
        )
        assert (503, "2") == (answer.status_code, answer.headers["retry-after"])
        with pytest.raises(Unavailable), service.parts.passwords.place():
            pass
    places.pop().__exit__(None, None, None)
    assert 200 == await try_login(client, password=PASSWORD)
