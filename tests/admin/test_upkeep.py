"""Maintenance tasks find what is wrong, put it right, and say so."""

import asyncio
from typing import Any

import pytest

from brutal_patches.actor import SYSTEM
from brutal_patches.app import Service
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Put, Update
from tests.admin.conftest import id_of
from tests.client import Client


async def done(boss: Client, *tasks: str) -> dict[str, Any]:
    answer = await boss.post("/api/admin/maintenance", {"tasks": list(tasks)})
    assert 200 == answer.status_code, answer.text
    return dict(answer.json()["results"])


async def test_nothing_wrong_is_nothing_done(boss: Client, ada: Client, robin: Client) -> None:
    """After an evening of play; and it is audited."""
    patch = await ada.create("One")
    await robin.put(f"/api/patches/{patch['id']}/rating", {"rating": 4})
    await robin.put(f"/api/patches/{patch['id']}/favourite")
    await ada.post("/api/patches/collections", {"name": "Set"})
    assert {
        "recount": {"checked": 1, "repaired": 0},
        "orphans": {"removed": 0, "listed": 0, "deletionsFinished": 0},
        "reconcile": {"missing": 0, "outdated": 0, "surplus": 0},
        "analytics": {"days": 1, "filled": 0},
    } == await done(boss, "recount", "orphans", "reconcile", "analytics")
    assert 1 == (await boss.get("/api/admin/logs?type=maintenance")).json()["total"]
    assert 400 == (await boss.post("/api/admin/maintenance", {"tasks": ["sleep"]})).status_code
    assert 400 == (await boss.post("/api/admin/maintenance", {"tasks": []})).status_code


async def test_wrong_aggregates_are_counted_anew(boss: Client, ada: Client, robin: Client, service: Service) -> None:
    """Everybody sees the right ones."""
    patch = await ada.create("One")
    path = f"/api/patches/{patch['id']}"
    await robin.put(f"{path}/rating", {"rating": 4})
    spoil = Update(keys.patch(patch["id"]), "ADD rating_sum :n, rating_count :n, favourites :n", {":n": 7})
    await service.parts.table.write(spoil)
    assert {"checked": 1, "repaired": 1} == (await done(boss, "recount"))["recount"]
    found = (await robin.get(path)).json()
    assert ("4", 1, 0) == (found["average_rating"], found["ratingCount"], found["favouriteCount"])
    assert 0 == (await done(boss, "recount"))["recount"]["repaired"]


async def test_what_takes_long_goes_on_after_the_answer(
    boss: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time; what it came to is told when it is done."""
    monkeypatch.setattr("brutal_patches.admin.upkeep.PATIENCE_SECONDS", 0.01)
    assert "Nothing" in (await boss.get("/api/admin/maintenance")).json()["message"]
    gate = asyncio.Event()
    sweep = service.parts.leaving.sweep

    async def slowly() -> int:
        await gate.wait()
        return await sweep()

    monkeypatch.setattr(service.parts.leaving, "sweep", slowly)
    begun = (await boss.post("/api/admin/maintenance", {"tasks": ["orphans"]})).json()
    assert ("Still at work", {}) == (begun["message"][:13], begun["results"])
    assert 409 == (await boss.post("/api/admin/maintenance", {"tasks": ["recount"]})).status_code
    assert "Still" in (await boss.get("/api/admin/maintenance")).json()["message"]
    gate.set()
    await service.parts.upkeep.finished()
    found = (await boss.get("/api/admin/maintenance")).json()
    assert 0 == found["results"]["orphans"]["removed"]


async def test_orphans_are_swept_and_lists_completed(boss: Client, ada: Client, service: Service) -> None:
    """Lines of what is gone go; what is missing from a list comes back."""
    table = service.parts.table
    user_id = await id_of(service, "ada")
    await ada.create("One")
    for lost in (keys.owned_patch(user_id, 99), keys.favourite(user_id, 99), keys.owned_collection(user_id, "gone")):
        await table.write(Put(lost, {"id": 99}))
    await table.write(Delete(keys.listed_user(user_id)))
    assert 1 == (await boss.get("/api/admin/users")).json()["total"]
    swept = (await done(boss, "orphans"))["orphans"]
    assert (3, 1) == (swept["removed"], swept["listed"])
    assert 2 == (await boss.get("/api/admin/users")).json()["total"]
    assert 1 == (await ada.get("/api/patches/my/total")).json()


async def test_nothing_is_left_of_a_patch_that_has_expired(
    boss: Client, ada: Client, robin: Client, service: Service
) -> None:
    """Its versions, votes and comments go, and their lines with who made them; those of others stay."""
    table = service.parts.table
    gone, stays = (await ada.create("Gone"))["id"], (await ada.create("Stays"))["id"]
    for patch_id in (gone, stays):
        await robin.put(f"/api/patches/{patch_id}/rating", {"rating": 4})
        await robin.put(f"/api/patches/{patch_id}/favourite")
        await robin.post(f"/api/patches/{patch_id}/comments", {"text": "Deep."})
    before = [item async for page in table.scan("core") for item in page]
    await table.write(Delete(keys.patch(gone)))
    swept = (await done(boss, "orphans"))["orphans"]
    after = [item async for page in table.scan("core") for item in page]
    assert 8 == swept["removed"]
    assert [] == [item for item in after if item["pk"] == f"PATCH#{gone}"]
    kept = [item for item in before if item["pk"] == f"PATCH#{stays}"]
    assert kept == [item for item in after if item["pk"] == f"PATCH#{stays}"]
    assert 0 == (await done(boss, "orphans"))["orphans"]["removed"]


async def test_a_deletion_that_was_cut_off_is_finished(boss: Client, ada: Client, service: Service) -> None:
    """The account was marked, and then the machine went away."""
    patch = await ada.create("One")
    user = await service.parts.standings.find(await id_of(service, "ada"))
    await service.parts.standings.begin_leaving(SYSTEM, user, "keep", "")
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert 1 == (await done(boss, "orphans"))["orphans"]["deletionsFinished"]
    assert "legacy-user" == (await boss.get(f"/api/patches/{patch['id']}")).json()["username"]
