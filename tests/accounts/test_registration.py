"""Making an account."""

import asyncio
import base64
import json

import pytest

from brutal_patches.app import Service
from brutal_patches.storage import keys
from tests.client import PASSWORD, Client


def sent(username: str = "ada", email: str = "ada@example.com", password: str = PASSWORD) -> dict[str, str]:
    return {"username": username, "email": email, "password": password}


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"username": "ab"}, "username", "3 to 20"),
        ({"username": "a b c"}, "username", "3 to 20"),
        ({"username": "x" * 21}, "username", "3 to 20"),
        ({"username": "Admin"}, "username", "reserved"),
        ({"username": "legacy-user"}, "username", "reserved"),
        ({"email": "ada"}, "email", "e-mail address"),
        ({"email": "a@b@example.com"}, "email", "e-mail address"),
        ({"email": "a" * 250 + "@example.com"}, "email", "e-mail address"),
        ({"password": "short"}, "password", "8 to 128"),
        ({"password": "x" * 129}, "password", "8 to 128"),
        ({"password": "password1"}, "password", "too easy to guess"),
        ({"password": "qwertyui"}, "password", "too easy to guess"),
        ({"username": "adalovelace", "password": "AdaLovelace"}, "password", "your name"),
        ({"email": "lovelace@example.com", "password": "lovelace"}, "password", "your name or e-mail"),
    ],
)
async def test_a_faulty_field_is_named_with_its_reason(
    client: Client, changed: dict[str, str], field: str, reason: str
) -> None:
    """And nothing is stored."""
    answer = await client.post("/api/users/create", sent() | changed)

    assert 400 == answer.status_code
    assert [field] == [error["field"] for error in answer.json()["errors"]]
    assert reason in answer.json()["errors"][0]["message"]
    assert 404 == (await client.get("/api/users/getUserByUsername/ada")).status_code


async def test_all_faults_are_named_at_once(client: Client) -> None:
    """Nobody has to try three times."""
    answer = await client.post("/api/users/create", sent("a", "b", "c"))
    missing = await client.post("/api/users/create", {"username": 5})

    assert ["username", "email", "password"] == [error["field"] for error in answer.json()["errors"]]
    assert ["username", "email", "password"] == [error["field"] for error in missing.json()["errors"]]


async def test_any_characters_make_a_password(client: Client) -> None:
    """However they are composed, and up to the longest."""
    password = "na\u0308chtlicher 🎛 drone"
    await client.register("ada", password)
    assert (await client.log_in("ada", "n\u00e4chtlicher 🎛 drone")).tokens
    await client.register("robin", "".join(chr(0x4E00 + 37 * number) for number in range(128)))


async def test_names_and_addresses_are_taken_whatever_their_case(client: Client) -> None:
    """409 says which of them."""
    await client.register("Ada")

    name = await client.post("/api/users/create", sent("aDA", "other@example.com"))
    email = await client.post("/api/users/create", sent("other", "ADA@Example.com"))

    assert (409, "This username is taken.") == (name.status_code, name.json()["message"])
    assert (409, "This e-mail address is registered already.") == (email.status_code, email.json()["message"])


@pytest.mark.both_engines
async def test_of_racing_registrations_one_wins(client: Client, service: Service) -> None:
    """Whichever it is, storage holds one user of that name, with one address."""
    racing = [client.post("/api/users/create", sent("Racer", f"r{number}@example.com")) for number in range(8)]
    answers = await asyncio.gather(*racing)

    assert [201] + [409] * 7 == sorted(answer.status_code for answer in answers)
    winner = next(answer.json()["data"] for answer in answers if answer.status_code == 201)
    claimed = await service.parts.table.get(keys.username("racer"))
    assert claimed is not None
    assert winner["id"] == claimed["user_id"]
    emails = [await service.parts.table.get(keys.email(f"r{number}@example.com")) for number in range(8)]
    assert [winner["id"]] == [item["user_id"] for item in emails if item]


async def test_the_answers_never_hold_a_secret(client: Client) -> None:
    """Neither the password nor its hash."""
    answer = await client.post("/api/users/create", sent())
    ada = await client.log_in("ada")
    profile = await ada.get("/api/users/profile")
    for text in (answer.text, profile.text):
        assert "password" not in text
        assert "argon2" not in text
    assert {"id", "username", "email", "roles", "patches", "createdAt", "updatedAt"} == set(profile.json()["user"])


async def test_a_public_profile_tells_little(client: Client) -> None:
    """Name, date and public patches; 404 has `ok: false`."""
    await client.register("Ada")
    found = (await client.get("/api/users/getUserByUsername/ada")).json()
    missing = await client.get("/api/users/getUserByUsername/nobody")

    assert (True, {"username", "patches", "createdAt"}) == (found["ok"], set(found["user"]))
    assert (404, False) == (missing.status_code, missing.json()["ok"])
    assert 404 == (await client.get("/api/users/getUserByUsername/%00%ff")).status_code


async def test_the_test_route_is_for_development(ada: Client) -> None:
    """It says who is logged in."""
    assert {"ok": True, "user": {"id": ada_id(ada), "username": "ada"}} == (await ada.get("/api/users/test")).json()


def ada_id(client: Client) -> str:
    """The id in a client's token."""
    part = client.tokens["access_token"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(part + "=="))["sub"])
