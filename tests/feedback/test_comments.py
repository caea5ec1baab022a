"""Comments."""

from collections.abc import AsyncIterator

import pytest

from brutal_patches.app import Service
from brutal_patches.settings import Settings
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
    rest = (await client.get(path, params={"limit": 2, "cursor": first["nextCursor"]})).json()
    assert (True, False) == (first["hasMore"], rest["hasMore"])
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


async def test_writing_one_is_safe_to_repeat(ada: Client) -> None:
    """Under a key."""
    path = f"/api/patches/{(await ada.create())['id']}/comments"
    headers = {"idempotency-key": "word-1"}
    answers = [await ada.post(path, {"text": "Deep."}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert 422 == (await ada.post(path, {"text": "Other"}, headers=headers)).status_code
    assert 1 == len((await ada.get(path)).json()["comments"])
