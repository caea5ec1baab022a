"""Statements of docs/security.md that no room's own tests look at."""

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from brutal_patches.accounts.revocations import POLL_SECONDS
from brutal_patches.app import Service
from brutal_patches.settings import Settings
from tests.accounts.conftest import Letterbox
from tests.client import PASSWORD, Client, running
from tests.security.callers import doors

SOURCE = Path(__file__).parents[2] / "src" / "brutal_patches"
OUTGOING = {"httpx", "requests", "aiohttp", "urllib3", "urllib.request", "http.client", "socket", "ftplib", "smtplib"}
_SECRET_NAMES = re.compile(r"token|password|secret|key|authorization|session$", re.IGNORECASE)


@pytest.fixture
def letterbox(service: Service) -> Letterbox:
    """Where the service's mails go."""
    box = Letterbox()
    service.parts.accounts._mailer = box
    return box


async def test_asking_for_a_reset_tells_nothing(client: Client, ada: Client, letterbox: Letterbox) -> None:
    """Known, unknown or no address at all: the same answer, and a mail for the one."""
    asked = [
        await client.at(f"203.0.113.{number}").post("/api/auth/forgot-password", {"email": email})
        for number, email in enumerate(("ada@example.com", "nobody@example.com", "ADA@EXAMPLE.COM"))
    ]
    await client.service.parts.accounts.close()
    assert {202} == {answer.status_code for answer in asked}
    assert 1 == len({answer.text for answer in asked})
    assert {"ada@example.com"} == {letter[0] for letter in letterbox.letters}


async def test_a_link_in_a_mail_leads_to_us(client: Client, ada: Client, letterbox: Letterbox) -> None:
    """Whatever host the request was sent to."""
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    await client.request("POST", "/api/auth/forgot-password", {"email": "ada@example.com"}, headers=forged)
    await client.service.parts.accounts.close()
    text = letterbox.letters[0][2]
    assert "evil.example" not in text
    assert f"{client.service.parts.accounts._public_url}/reset-password?token=" in text


async def test_a_revocation_arrives_by_itself(client: Client, ada: Client, settings: Settings) -> None:
    """A task that nobody tells reads the feed once a second, which leaves four for a slow read."""
    assert POLL_SECONDS <= 1
    async with running(settings) as other:
        there = Client(other, tokens=ada.tokens)
        assert 200 == (await there.get("/api/users/profile")).status_code
        await ada.post("/api/auth/logout")
        for _ in range(600):
            status = (await there.get("/api/users/profile")).status_code
            if status != 200:
                break
            await asyncio.sleep(0.1)
        assert 401 == status


async def test_no_cookie_is_ever_set(client: Client, ada: Client) -> None:
    """A browser sends nothing by itself, so another site cannot make it act."""
    sent = {"username": "ada", "password": PASSWORD}
    answers = [
        await client.post("/api/auth/login", sent),
        await ada.post("/api/auth/refresh", {}),
        await ada.get("/api/users/profile"),
        await client.get("/api-docs"),
    ]
    assert [200] * 4 == [answer.status_code for answer in answers]
    assert not [answer for answer in answers if "set-cookie" in answer.headers]
    bare = await client.get("/api/users/profile", headers={"cookie": f"access_token={ada.tokens['access_token']}"})
    assert 401 == bare.status_code


async def test_nobody_gives_themselves_what_is_not_theirs_to_give(client: Client, service: Service) -> None:
    """Roles, ids, owners, ratings and versions in a body are passed over, at the door and in storage."""
    more = {"roles": ["admin"], "isAdmin": True, "id": "me", "status": "active", "tokenVersion": 9}
    sent = {"username": "eve", "email": "eve@example.com", "password": PASSWORD}
    made = await client.post("/api/users/create", sent | more)
    eve = await client.log_in("eve")
    assert ["user"] == made.json()["data"]["roles"] == (await eve.get("/api/auth/me/roles")).json()["roles"]
    assert 403 == (await eve.get("/api/admin/users")).status_code
    forged = {"username": "ada", "userId": "me", "average_rating": "5", "version": 7, "isLatest": False, "parentId": 3}
    patch = await eve.create("Hers", **forged | {"created_at": "1999-01-01", "isHidden": False, "featured": True})
    changed = await eve.put(f"/api/patches/{patch['id']}", {"title": "Still hers"} | forged)
    for told in (patch, changed.json()):
        assert ("eve", "") == (told["username"], told["average_rating"])
        assert not told["created_at"].startswith("1999")
        assert "parentId" not in told or told["parentId"] is None
    assert [1, 2] == [patch["version"], changed.json()["version"]]


async def documented(client: Client) -> list[tuple[str, dict[str, Any]]]:
    document = (await client.get("/api-docs/openapi.json")).json()
    return [
        (f"{method} {path}", parameter)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", [])
    ]


async def test_every_list_is_capped(client: Client, ada: Client) -> None:
    """Wherever there is a `limit`, 1001 is too many."""
    limited = [
        name for name, parameter in await documented(client) if parameter["name"] == "limit" and name[:3] == "get"
    ]
    assert len(limited) > 10
    places = {"{patch_id}": str((await ada.create())["id"]), "{username}": "ada"}
    for name in limited:
        path = name.partition(" ")[2]
        for place, thing in places.items():
            path = path.replace(place, thing)
        answer = await ada.get(path, params={"limit": "1001"})
        assert answer.status_code in ({403} if "/admin/" in path else {400}), name


async def test_no_secret_is_part_of_an_address(client: Client) -> None:
    """Addresses are logged and kept by browsers and proxies."""
    found = [
        (name, parameter["name"])
        for name, parameter in await documented(client)
        if parameter["in"] in {"query", "path"} and _SECRET_NAMES.search(parameter["name"])
    ]
    assert [] == [pair for pair in found if pair[1] != "session_id"]


def test_the_service_calls_nobody_that_a_user_names() -> None:
    """Nothing that serves requests can open a connection but storage and telemetry, whose ends are settings."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        room = file.relative_to(SOURCE).parts[0]
        if room in {"cli", "operations", "migration", "storage", "telemetry"}:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if caught := OUTGOING & set(names):
                found[str(file.relative_to(SOURCE))] = caught
    assert {} == found


def test_nothing_is_evaluated() -> None:
    """No input becomes code, a shell's command, or an object of its own choice."""
    never = {"eval", "exec", "compile", "__import__"}
    modules = {"pickle", "marshal", "shelve", "yaml"}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in never, file
            if isinstance(node, ast.Import):
                assert not modules & {alias.name for alias in node.names}, file
            if isinstance(node, ast.keyword) and node.arg == "shell":
                raise AssertionError(file)


async def test_nobody_edits_what_was_written_down(service: Service) -> None:
    """The journal is read; no route changes or deletes it, and storage's entries are only ever put anew."""
    journal = [door for door in doors(service.litestar) if "logs" in door.template or "audit" in door.template]
    assert {"GET"} == {door.method for door in journal}
    text = (SOURCE / "audit" / "entries.py").read_text()
    assert "Put(" in text
    assert not re.search(r"\b(Delete|Update)\(", text)
