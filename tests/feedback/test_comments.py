"""Comments, reports and what moderators make of them."""

from collections.abc import AsyncIterator

import pytest

from brutal_patches.actor import SYSTEM
from brutal_patches.app import Service
from brutal_patches.settings import Settings
from tests.admin.conftest import promoted
from tests.client import Client, running
from tests.clocks import AheadClock


@pytest.fixture
def clock() -> AheadClock:
    """The service's clock."""
    return AheadClock()


@pytest.fixture
async def service(settings: Settings, clock: AheadClock) -> AsyncIterator[Service]:
    """The service on that clock."""
    async with running(settings, clock) as started:
        yield started


@pytest.mark.both_engines
async def test_a_comment_is_written_changed_and_removed(
    ada: Client, robin: Client, client: Client, clock: AheadClock
) -> None:
    """By its author, for a quarter of an hour; by the patch's owner at any time."""
    path = f"/api/patches/{(await ada.create())['id']}/comments"
    first = (await robin.post(path, {"text": " Lovely \r\n bass "})).json()
    assert ("Lovely \n bass", "robin") == (first["text"], first["username"])
    second = (await ada.post(path, {"text": "Thank you"})).json()
    listed = (await client.get(path)).json()
    assert [second["id"], first["id"]] == [each["id"] for each in listed["comments"]]

    changed = (await robin.put(f"{path}/{first['id']}", {"text": "Lovely lead"})).json()
    assert ("Lovely lead", True) == (changed["text"], bool(changed["edited_at"]))
    assert 403 == (await ada.put(f"{path}/{first['id']}", {"text": "Mine"})).status_code
    clock.forward(minutes=16)
    assert 409 == (await robin.put(f"{path}/{first['id']}", {"text": "Too late"})).status_code
    assert 403 == (await robin.delete(f"{path}/{second['id']}")).status_code
    assert 204 == (await ada.delete(f"{path}/{first['id']}")).status_code
    for answer in (await ada.delete(f"{path}/{first['id']}"), await robin.put(f"{path}/{first['id']}", {"text": "x"})):
        assert 404 == answer.status_code
    assert 204 == (await ada.delete(f"{path}/{second['id']}")).status_code
    assert {"comments": [], "hasMore": False} == (await client.get(path)).json()


async def test_pages_of_comments_go_on(ada: Client, client: Client) -> None:
    """With a cursor of their own."""
    path = f"/api/patches/{(await ada.create())['id']}/comments"
    other = f"/api/patches/{(await ada.create())['id']}/comments"
    for number in range(5):
        await ada.post(path, {"text": f"C{number}"})
    first = (await client.get(f"{path}?limit=3")).json()
    rest = (await client.get(path, params={"limit": 3, "cursor": first["nextCursor"]})).json()
    assert ["C4", "C3", "C2", "C1", "C0"] == [each["text"] for page in (first, rest) for each in page["comments"]]
    assert 400 == (await client.get(other, params={"cursor": first["nextCursor"]})).status_code


async def test_what_is_no_comment(ada: Client, robin: Client, client: Client) -> None:
    """Nothing, too much, control characters; on what one cannot see; without a login."""
    path = f"/api/patches/{(await ada.create())['id']}/comments"
    for text in ("", "   ", "x" * 2001, "bell\x07", 5):
        assert 400 == (await robin.post(path, {"text": text})).status_code
    assert 401 == (await client.post(path, {"text": "Hello"})).status_code
    hidden = f"/api/patches/{(await ada.create(isPublic=False))['id']}/comments"
    assert 404 == (await robin.post(hidden, {"text": "Hello"})).status_code
    assert 404 == (await robin.get(hidden)).status_code


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
        assert "gold" not in (await client.get(where)).text.lower()
    assert 0 == (await boss.get("/api/admin/moderation/queue")).json()["total"]
    assert 404 == (await boss.put(f"/api/admin/moderation/patch:{patch['id']}", {"action": "approve"})).status_code
    await service.parts.reports.set_hidden(SYSTEM, patch["id"], "")
    assert 200 == (await client.get(path)).status_code
    actions = {item.get("action") async for page in service.parts.table.scan("core") for item in page}
    assert {"moderation.rejected", "patch.shown"} <= actions


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
