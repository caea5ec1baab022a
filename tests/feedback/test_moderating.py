"""Reports, and what moderators make of them."""

import asyncio
from typing import Any

import pytest

from brutal_patches.actor import SYSTEM, Actor
from brutal_patches.app import Service
from brutal_patches.feedback.model import ReportBody
from tests.admin.conftest import id_of, promoted
from tests.client import Client


async def test_reports_make_a_queue(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """Grouped by subject, counted, the most pressing first; one report of each user."""
    spam, rude = await ada.create("Buy gold"), await ada.create("Fine")
    comment = (await robin.post(f"/api/patches/{rude['id']}/comments", {"text": "Rude"})).json()
    eve = await client.register("eve")
    for reporter in (robin, eve):
        reported = await reporter.post(f"/api/patches/{spam['id']}/report", {"reason": "spam"})
        assert 202 == reported.status_code
    assert 409 == (await eve.post(f"/api/patches/{spam['id']}/report", {"reason": "spam"})).status_code
    where = f"/api/patches/{rude['id']}/comments/{comment['id']}/report"
    assert 202 == (await eve.post(where, {"reason": "abuse", "details": "See for yourself"})).status_code
    assert 202 == (await eve.post("/api/users/ROBIN/report", {"reason": "other"})).status_code
    assert 400 == (await eve.post(where, {"reason": "bored"})).status_code
    assert 404 == (await eve.post("/api/users/nobody/report", {"reason": "other"})).status_code
    assert 401 == (await client.post(f"/api/patches/{spam['id']}/report", {"reason": "spam"})).status_code

    assert 403 == (await eve.get("/api/admin/moderation/queue")).status_code
    boss = await promoted(service, client, "eve")
    queue = (await boss.get("/api/admin/moderation/queue")).json()
    assert 3 == queue["total"]
    assert [("patch", 2, {"spam": 2}), ("comment", 1, {"abuse": 1}), ("user", 1, {"other": 1})] == [
        (item["kind"], item["count"], item["reasons"]) for item in queue["items"]
    ]


async def test_what_is_rejected_is_hidden_and_its_author_sees_why(
    ada: Client, robin: Client, client: Client, service: Service
) -> None:
    """To others it is not there, in no list; its reports are worked off; it is audited."""
    patch = await ada.create("Buy gold", tags=["gold"])
    path = f"/api/patches/{patch['id']}"
    comment = (await robin.post(f"{path}/comments", {"text": "Me too"})).json()
    await robin.post(f"{path}/report", {"reason": "spam"})
    await ada.post(f"{path}/comments/{comment['id']}/report", {"reason": "spam"})
    await client.register("eve")
    boss = await promoted(service, client, "eve")

    decided = await boss.put(f"/api/admin/moderation/comment:{patch['id']}:{comment['id']}", {"action": "reject"})
    assert (200, True) == (decided.status_code, decided.json()["success"])
    assert [] == (await client.get(f"{path}/comments")).json()["comments"]
    assert "Hidden by a moderator." == (await robin.get(f"{path}/comments")).json()["comments"][0]["hidden"]
    assert 404 == (await ada.delete(f"{path}/comments/{comment['id']}")).status_code

    await boss.put(f"/api/admin/moderation/patch:{patch['id']}", {"action": "hide", "notes": "An advertisement."})
    assert 404 == (await client.get(path)).status_code == (await robin.get(path)).status_code
    assert "An advertisement." == (await ada.get(path)).json()["hiddenReason"]
    assert 200 == (await boss.get(path)).status_code
    for where in ("/api/patches/total", "/api/patches/tags", "/api/patches/latest", "/api/patches/search?q=gold"):
        assert "buy gold" not in (await client.get(where)).text.lower()
    assert 0 == (await boss.get("/api/admin/moderation/queue")).json()["total"]
    lines = (await boss.get("/api/admin/logs?type=moderation")).json()["logs"]
    assert [
        ("moderation.hidden", f"patch/{patch['id']}", "", "An advertisement.", 1, "192.0.2.1"),
        ("moderation.rejected", f"comment/{patch['id']}/{comment['id']}", "", "Hidden by a moderator.", 1, "192.0.2.1"),
    ] == [
        (
            *(line["action"], line["subject"], line["before"]["hidden"], line["after"]["hidden"]),
            *(line["before"]["reports"], line["address"]),
        )
        for line in lines
    ]


async def test_what_is_hidden_is_nowhere(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """In no list, total, search, collection, pack, feed, activity or comparison; others cannot act on it."""
    patch, other = await ada.create("Buy gold", tags=["gold"], category="lead"), await robin.create("Fine")
    await robin.put(f"/api/patches/{patch['id']}/favourite")
    await robin.post(f"/api/patches/{patch['id']}/comments", {"text": "Gold!"})
    collection = (await robin.post(COLLECTIONS, {"name": "Set", "patchIds": [patch["id"], other["id"]]})).json()
    boss = await promoted(service, await client.register("eve"), "eve", "moderator")
    assert 200 == (await boss.put(f"{ITEMS}/patch:{patch['id']}", {"action": "hide", "notes": "Ad."})).status_code
    path, related = f"/api/patches/{patch['id']}", f"/api/patches/{other['id']}/related"
    for where in LISTS:
        assert "buy gold" not in (await client.get(where)).text.lower(), where
    assert 404 == (await client.get("/feeds/tags/gold.atom")).status_code
    assert 1 == (await client.get("/api/patches/total")).json()
    assert 0 == (await client.get("/api/patches/users/ada/total")).json()
    assert [] == (await client.get(related)).json() == (await robin.get("/api/patches/favourites")).json()["patches"]
    assert [other["id"]] == (await client.get(f"{COLLECTIONS}/{collection['id']}")).json()["patchIds"]
    assert b"gold" not in (await client.get(f"{COLLECTIONS}/{collection['id']}/pack.zip")).content.lower()
    refused = [await robin.get(f"{path}{below}") for below in ("", "/history", "/version/1", "/comments", "/rating")]
    refused += [await robin.get(f"{path}/compare/{other['id']}"), await robin.post(f"{path}/fork")]
    refused += [await robin.put(f"{path}/rating", {"rating": 5}), await robin.post(f"{path}/report", SPAM)]
    assert {404} == {answer.status_code for answer in refused}
    assert "Ad." == (await ada.get("/api/patches/my")).json()["patches"][0]["hiddenReason"]


COLLECTIONS = "/api/patches/collections"
ITEMS = "/api/admin/moderation"
SPAM = {"reason": "spam"}
LISTS = [
    *("/api/patches", "/api/patches/latest", "/api/patches/latest?offset=0", "/api/patches/trending"),
    *("/api/patches/search?q=gold", "/api/patches/search?tags=gold", "/api/patches/search?category=lead"),
    *("/api/patches/users/ada", "/api/patches/users/ada?offset=0", "/api/patches/featured", "/api/patches/tags"),
    *("/api/users/ada/activity", "/api/users/robin/activity", "/api/users/getUserByUsername/ada"),
    *("/feeds/latest.atom", "/feeds/users/ada.atom", "/api/patches/collections/public"),
]


async def test_what_was_hidden_is_shown_again(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """By a moderator who thinks better of it; patches and comments."""
    patch = await ada.create("Fine")
    path = f"/api/patches/{patch['id']}"
    comment = (await robin.post(f"{path}/comments", {"text": "Nice"})).json()
    boss = await promoted(service, await client.register("eve"), "eve", "moderator")
    for item in (f"patch:{patch['id']}", f"comment:{patch['id']}:{comment['id']}"):
        assert 404 == (await boss.put(f"{ITEMS}/{item}", {"action": "approve"})).status_code
        assert 200 == (await boss.put(f"{ITEMS}/{item}", {"action": "hide", "notes": "Rude."})).status_code
    assert 404 == (await client.get(path)).status_code
    for item in (f"patch:{patch['id']}", f"comment:{patch['id']}:{comment['id']}"):
        assert 200 == (await boss.put(f"{ITEMS}/{item}", {"action": "approve", "notes": "My mistake."})).status_code
    assert "hiddenReason" not in (await client.get(path)).json()
    assert ["Nice"] == [each["text"] for each in (await client.get(f"{path}/comments")).json()["comments"]]
    told = (await boss.get(f"{ITEMS}/decisions")).json()
    assert (4, "My mistake.", "Rude.", "") == (
        told["total"],
        told["logs"][0]["reason"],
        told["logs"][0]["before"]["hidden"],
        told["logs"][0]["after"]["hidden"],
    )


async def test_moderators_do_not_read_what_is_private(ada: Client, client: Client, service: Service) -> None:
    """Nor by hiding it first; and there are subjects that cannot be."""
    private = await ada.create("Private", isPublic=False)
    moderator = await promoted(service, await client.register("eve"), "eve", "moderator")
    user = f"user:{await id_of(service, 'ada')}"
    for item in (f"patch:{private['id']}", user, "patch:99", "patch:x", "collection:1", "user:../x", "comment:1:none"):
        assert 404 == (await moderator.put(f"{ITEMS}/{item}", {"action": "hide"})).status_code, item
    assert 404 == (await moderator.get(f"/api/patches/{private['id']}")).status_code
    assert "hiddenReason" not in (await ada.get(f"/api/patches/{private['id']}")).json()


async def test_moderators_read_what_was_said(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """By whom and why, page by page."""
    ids = [(await ada.create(f"P{number}"))["id"] for number in range(3)]
    for patch_id in ids:
        await robin.post(f"/api/patches/{patch_id}/report", {"reason": "wrong", "details": f"About {patch_id}"})
    boss = await promoted(service, await client.register("eve"), "eve", "moderator")
    page = (await boss.get(f"{ITEMS}/queue?limit=1&offset=1")).json()
    assert (3, [f"patch:{ids[1]}"]) == (page["total"], [item["id"] for item in page["items"]])
    (said,) = page["items"][0]["reports"]
    assert (await id_of(service, "robin"), "wrong", f"About {ids[1]}") == (
        said["userId"],
        said["reason"],
        said["details"],
    )


async def test_very_many_reports_are_worked_off_whole(ada: Client, client: Client, service: Service) -> None:
    """More than go into one transaction; whoever reported can report again."""
    patch_id = (await ada.create("Hated"))["id"]
    reporters = [Actor(user_id=f"u{number}", roles=frozenset({"user"})) for number in range(101)]
    for start in range(0, 101, 25):
        some = reporters[start : start + 25]
        await asyncio.gather(*(service.parts.reports.of_patch(each, patch_id, ReportBody("spam")) for each in some))
    boss = await promoted(service, await client.register("eve"), "eve", "moderator")
    (item,) = (await boss.get(f"{ITEMS}/queue")).json()["items"]
    assert (101, 20) == (item["count"], len(item["reports"]))
    assert 200 == (await boss.put(f"{ITEMS}/patch:{patch_id}", {"action": "approve"})).status_code
    await service.parts.reports.of_patch(reporters[100], patch_id, ReportBody("spam"))
    assert [1] == [item["count"] for item in (await boss.get(f"{ITEMS}/queue")).json()["items"]]


async def test_a_report_that_comes_in_meanwhile_is_not_lost(
    ada: Client, robin: Client, client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is decided with the others."""
    patch_id = (await ada.create("Hated"))["id"]
    eve = await client.register("eve")
    await robin.post(f"/api/patches/{patch_id}/report", SPAM)
    closing = service.parts.moderating._closing

    async def interrupted(*asked: Any) -> Any:
        writes = await closing(*asked)
        await eve.post(f"/api/patches/{patch_id}/report", SPAM)
        return writes

    monkeypatch.setattr(service.parts.moderating, "_closing", interrupted)
    await service.parts.moderating.decide(SYSTEM, f"patch:{patch_id}", "approve", "")
    assert 0 == (await service.parts.reports.queue(10, 0)).total
    monkeypatch.undo()
    assert 202 == (await eve.post(f"/api/patches/{patch_id}/report", SPAM)).status_code


async def test_many_are_decided_at_once(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """Each on its own: one that is gone does not keep the others; users are left to admins."""
    ids = [(await ada.create(f"P{number}"))["id"] for number in range(3)]
    for patch_id in ids:
        await robin.post(f"/api/patches/{patch_id}/report", {"reason": "wrong"})
    await robin.post("/api/users/ada/report", {"reason": "other"})
    await client.register("eve")
    boss = await promoted(service, client, "eve")
    items = [item["id"] for item in (await boss.get("/api/admin/moderation/queue")).json()["items"]]
    approved = await boss.post("/api/admin/moderation/bulk", {"action": "approve", "itemIds": [*items[:3], "patch:99"]})
    results = approved.json()["results"]
    assert (3, 1, "patch:99") == (results["done"], results["failed"], results["failures"][0]["id"])
    left = (await boss.get("/api/admin/moderation/queue")).json()["items"][0]["id"]
    await boss.post("/api/admin/moderation/bulk", {"action": "reject", "itemIds": [left]})
    assert 3 == (await client.get("/api/patches/total")).json()
    assert 400 == (await boss.post("/api/admin/moderation/bulk", {"action": "approve", "itemIds": []})).status_code


async def test_a_reported_user_is_suspended(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """By a moderator; staff only by an admin."""
    moderator = await promoted(service, await client.register("jude"), "jude", "moderator")
    await promoted(service, robin, "robin", "moderator")
    for name in ("ada", "robin"):
        sent = {"reason": "abuse", "details": "Rude."}
        assert 202 == (await moderator.post(f"/api/users/{name}/report", sent)).status_code
    items = (await moderator.get("/api/admin/moderation/queue")).json()["items"]
    ids = {item["title"]: item["id"] for item in items}
    decision = {"action": "reject", "notes": "Rude."}
    done = [await moderator.put(f"/api/admin/moderation/{ids[name]}", decision) for name in ("ada", "robin")]
    assert [200, 403] == [answer.status_code for answer in done]
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert ["robin"] == [item["title"] for item in (await moderator.get("/api/admin/moderation/queue")).json()["items"]]
