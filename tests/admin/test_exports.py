"""Exports and orders for many patches."""

import csv
import io
import json
from typing import Any

import pytest

from brutal_patches.accounts.model import User
from brutal_patches.app import Service
from brutal_patches.storage import keys
from brutal_patches.storage.codec import to_item
from brutal_patches.storage.operations import Put
from tests.client import Client

PATCHES = "/api/admin/patches/bulk"


async def exported(boss: Client, what: str, kind: str) -> dict[str, Any]:
    answer = await boss.get(f"/api/admin/export/{what}?format={kind}")
    assert 200 == answer.status_code, answer.text
    assert {"filename", "data", "contentType"} == set(answer.json())
    return dict(answer.json())


async def test_everything_is_exported_as_json(boss: Client, ada: Client) -> None:
    """Private things too, and nothing that is secret."""
    ids = [(await ada.create(title, isPublic=public))["id"] for title, public in (("One", True), ("Two", False))]
    one, two = [(await ada.get(f"/api/patches/{each}")).json() for each in ids]
    await ada.post("/api/patches/collections", {"name": "Set", "patchIds": [one["id"]], "isPublic": False})
    export = await exported(boss, "all", "json")
    assert "application/json" == export["contentType"]
    assert export["filename"].endswith(".json")
    found = json.loads(export["data"])
    assert ["boss", "ada"] == [user["username"] for user in found["users"]]
    assert [one, two] == found["patches"]
    assert [("Set", [one["id"]])] == [(each["name"], each["patchIds"]) for each in found["collections"]]
    assert "hash" not in export["data"]
    for what in ("users", "patches", "collections"):
        assert found[what] == json.loads((await exported(boss, what, "json"))["data"])


async def test_a_table_cannot_calculate(boss: Client, ada: Client) -> None:
    """What a spreadsheet would take for a formula is text in it, and line ends and quotes stay in their cell."""
    evil = '=HYPERLINK("http://example.com","x")'
    await ada.create(evil, description='say "hi"\nthen, +go', tags=["@SUM(1)", "-2"])
    export = await exported(boss, "patches", "csv")
    assert export["contentType"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(export["data"]))
    assert f"'{evil}" == row["title"]
    assert 'say "hi"\nthen, +go' == row["description"]
    assert ["@SUM(1)", "-2"] == json.loads(row["tags"])
    assert ("true", "ada", "50") == (row["isPublic"], row["username"], row["env_amt"])
    for cell in row.values():
        assert not cell.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A", "\t=1", " =1", "\n=1", "\uff1d1", "\uff0b1"])
async def test_no_formula_slips_through(boss: Client, ada: Client, text: str) -> None:
    """With blanks before it, or in wide letters."""
    await ada.create("One", description=text)
    (row,) = csv.DictReader(io.StringIO((await exported(boss, "patches", "csv"))["data"], newline=""))
    assert f"'{text}" == row["description"]


async def test_a_large_export_comes_in_parts(boss: Client, service: Service) -> None:
    """Of bounded size, however many users there are; nobody is missing, in their order."""
    table = service.parts.table
    moment = "2026-01-01T00:00:00.000000Z"
    users = [
        User(id=f"u{number:05d}", username=f"n{number}", email="", created_at=moment, updated_at=moment)
        for number in range(1200)
    ]
    await table.write_many([Put(keys.user(user.id), to_item(user)) for user in users])
    await table.write_many([Put(keys.listed_user(user.id), {"id": user.id}) for user in users])
    parts = [part async for part in service.parts.exports.parts("users", "json")]
    assert max(map(len, parts)) < sum(map(len, parts)) / 2
    assert ["boss", *(user.username for user in users)] == [user["username"] for user in json.loads("".join(parts))]
    assert json.loads("".join(parts)) == json.loads((await exported(boss, "users", "json"))["data"])


async def test_all_kinds_in_one_table(boss: Client, ada: Client) -> None:
    """A first column tells which is which."""
    await ada.create("One")
    rows = list(csv.DictReader(io.StringIO((await exported(boss, "all", "csv"))["data"])))
    assert ["users", "users", "patches"] == [row["kind"] for row in rows]
    assert len({tuple(row) for row in rows}) == 1


async def test_a_file_is_a_file(boss: Client, ada: Client) -> None:
    """Without an object around it, for whoever saves it."""
    await ada.create("One")
    answer = await boss.get("/api/admin/export/patches?format=csv&download=true")
    assert answer.headers["content-disposition"].startswith('attachment; filename="brutal-patches-patches-')
    assert "One" == next(csv.DictReader(io.StringIO(answer.text)))["title"]


@pytest.mark.parametrize("path", ["secrets", "users?format=xml"])
async def test_what_cannot_be_exported_is_refused(boss: Client, path: str) -> None:
    """With a name of what is wrong."""
    assert (await boss.get(f"/api/admin/export/{path}")).status_code in {400, 404}


async def test_exports_are_audited(boss: Client, ada: Client) -> None:
    """Who, what, from where."""
    await exported(boss, "users", "csv")
    assert 403 == (await ada.get("/api/admin/export/users")).status_code
    (line,) = (await boss.get("/api/admin/logs?type=export")).json()["logs"]
    assert ("boss", "export/users", {"format": "csv"}) == (line["username"], line["subject"], line["after"])


async def test_an_empty_export_is_valid(boss: Client) -> None:
    """There are no patches yet."""
    assert [] == json.loads((await exported(boss, "patches", "json"))["data"])


async def test_many_patches_are_deleted(boss: Client, ada: Client, client: Client, service: Service) -> None:
    """Each is audited; their owner can bring them back."""
    ids = [(await ada.create(title))["id"] for title in ("One", "Two")]
    sent = {"operation": "delete", "patchIds": [*ids, 999], "params": {"reason": "Spam."}}
    done = (await boss.post(PATCHES, sent)).json()
    assert (False, 2, 1) == (done["success"], done["results"]["done"], done["results"]["failed"])
    assert 404 == (await client.get(f"/api/patches/{ids[0]}")).status_code
    assert 2 == (await boss.get("/api/admin/logs?type=patch.deleted&user=boss")).json()["total"]
    assert 200 == (await ada.post(f"/api/patches/{ids[0]}/restore")).status_code


async def test_many_patches_are_hidden_and_shown(boss: Client, ada: Client, client: Client) -> None:
    """Their author sees why."""
    patch = await ada.create("One")
    path = f"/api/patches/{patch['id']}"
    sent = {"operation": "moderate", "patchIds": [patch["id"]], "params": {"action": "hide", "reason": "Rude."}}
    assert (await boss.post(PATCHES, sent)).json()["success"]
    assert 404 == (await client.get(path)).status_code
    assert "Rude." == (await ada.get(path)).json()["hiddenReason"]
    await boss.post(PATCHES, sent | {"params": {"action": "show"}})
    assert 200 == (await client.get(path)).status_code


async def test_many_patches_are_brought_out(boss: Client, ada: Client) -> None:
    """And those that are not there are named."""
    created = await ada.create("One", isPublic=False)
    patch = (await ada.get(f"/api/patches/{created['id']}")).json()
    done = (await boss.post(PATCHES, {"operation": "export", "patchIds": [patch["id"], 999]})).json()
    assert ([patch], [999]) == (done["results"]["patches"], done["results"]["missing"])
