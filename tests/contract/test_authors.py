"""What authors meet when something is in the way, over HTTP."""

import asyncio
from typing import Any

import pytest

from brutal_patches.storage import keys
from brutal_patches.storage.operations import Query
from tests.client import Client


async def test_a_key_makes_creating_safe_to_repeat(ada: Client) -> None:
    """The same answer again; another body is refused; storage holds one patch."""
    headers = {"idempotency-key": "key-1"}
    first = await ada.post("/api/patches", {"title": "Sub"}, headers=headers)
    again = await ada.post("/api/patches", {"title": "Sub"}, headers=headers)
    other = await ada.post("/api/patches", {"title": "Other"}, headers=headers)
    assert [201, 201, 422] == [answer.status_code for answer in (first, again, other)]
    assert first.json() == again.json()
    assert 1 == (await ada.get("/api/patches/my/total")).json()
    for bad in ("", " ", "x" * 201, "tab\there"):
        refused = await ada.post("/api/patches", {"title": "Sub"}, headers={"idempotency-key": bad})
        assert 400 == refused.status_code


@pytest.mark.both_engines
async def test_racing_repeats_make_one_patch(ada: Client) -> None:
    """And all get its answer."""
    headers = {"idempotency-key": "key-1"}
    racing = [ada.post("/api/patches", {"title": "Sub"}, headers=headers) for _ in range(6)]
    answers = await asyncio.gather(*racing)
    assert {201} == {answer.status_code for answer in answers}
    assert 1 == len({answer.json()["id"] for answer in answers})
    assert 1 == (await ada.get("/api/patches/my/total")).json()


async def test_keys_are_ones_own(ada: Client, robin: Client) -> None:
    """Another user's same key is another key."""
    headers = {"idempotency-key": "key-1"}
    one = await ada.post("/api/patches", {"title": "Sub"}, headers=headers)
    other = await robin.post("/api/patches", {"title": "Sub"}, headers=headers)
    assert one.json()["id"] != other.json()["id"]


async def test_an_edit_of_what_has_changed_is_refused(ada: Client) -> None:
    """With If-Match; the tag of the answer leads to the next edit."""
    patch = await ada.create()
    path = f"/api/patches/{patch['id']}"
    seen = (await ada.get(path)).headers["etag"]
    first = await ada.put(path, {"title": "One"}, headers={"if-match": seen})
    late = await ada.put(path, {"title": "Two"}, headers={"if-match": seen})
    next_one = await ada.put(path, {"title": "Three"}, headers={"if-match": first.headers["etag"]})
    assert [200, 412, 200] == [answer.status_code for answer in (first, late, next_one)]
    assert 412 == (await ada.delete(path, headers={"if-match": seen})).status_code
    assert 400 == (await ada.put(path, {"title": "x"}, headers={"if-match": "nonsense"})).status_code
    public = (await Client(ada.service).get(path)).headers["etag"]
    assert 204 == (await ada.delete(path, headers={"if-match": public})).status_code


@pytest.mark.both_engines
async def test_of_racing_edits_none_is_lost(ada: Client) -> None:
    """Without If-Match all go through, each as a version of its own; with it, one does."""
    path = f"/api/patches/{(await ada.create())['id']}"
    await asyncio.gather(*(ada.put(path, {"title": f"Edit {number}"}) for number in range(4)))
    history = (await ada.get(f"{path}/history")).json()
    assert [5, 4, 3, 2, 1] == [version["version"] for version in history["versions"]]
    tag = (await ada.get(path)).headers["etag"]
    racing = [ada.put(path, {"title": f"Last {number}"}, headers={"if-match": tag}) for number in range(6)]
    assert [200] + [412] * 5 == sorted(answer.status_code for answer in await asyncio.gather(*racing))
    items = await ada.service.parts.table.query(Query(keys.patch_versions(int(path.rpartition("/")[2]))))
    assert 6 == len(items.items)


FAULTS: dict[str, Any] = {
    "cutoff": 101,
    "mode": 3,
    "octave": 6,
    "saw": "50",
    "title": "",
    "description": "x" * 5001,
    "tags": ["x"] * 3 + ["y" * 41],
    "category": "polka",
    "isPublic": "yes",
    "modmatrix": [{"source": "mod-lfo", "target": "mod-nowhere"}],
}


async def test_every_faulty_field_of_a_patch_is_named(ada: Client) -> None:
    """At once; nothing is stored; in a version note too."""
    refused = await ada.post("/api/patches", FAULTS)
    assert 400 == refused.status_code
    named = {error["field"].partition("[")[0] for error in refused.json()["errors"]}
    assert set(FAULTS) == named
    assert 0 == (await ada.get("/api/patches/my/total")).json()
    patch = await ada.create()
    path = f"/api/patches/{patch['id']}/version"
    noted = await ada.put(path, {"patch": {"title": "x", "cutoff": 200}, "changes": "c"})
    assert ["patch.cutoff"] == [error["field"] for error in noted.json()["errors"]]
    for sent in ({"patch": {"title": "x"}, "changes": 5}, {"patch": {"title": "x"}, "changes": "x" * 1001}, {}, []):
        assert 400 == (await ada.put(path, sent)).status_code


async def test_strangers_and_guests(ada: Client, robin: Client, client: Client) -> None:
    """A public patch is forbidden to change, a private one is not there, and a guest is asked to log in."""
    public, private = await ada.create(), await ada.create(isPublic=False)
    for patch, status in ((public, 403), (private, 404)):
        path = f"/api/patches/{patch['id']}"
        for answer in (
            await robin.put(path, {"title": "Mine"}),
            await robin.delete(path),
            await robin.put(f"{path}/version", {"patch": {"title": "Mine"}, "changes": ""}),
            await robin.post(f"{path}/version/1/restore"),
        ):
            assert status == answer.status_code
        assert 401 == (await client.put(path, {"title": "Mine"})).status_code
        assert 404 == (await robin.post(f"{path}/restore")).status_code
    hidden = f"/api/patches/{private['id']}"
    for path in (
        hidden,
        f"{hidden}/history",
        f"{hidden}/version/1",
        f"/api/patches/{public['id']}/compare/{private['id']}",
    ):
        assert 404 == (await robin.get(path)).status_code
    assert 404 == (await robin.post(f"{hidden}/fork", {})).status_code


async def test_a_guest_with_an_old_token_reads_as_a_guest(ada: Client) -> None:
    """Public pages do not ask for a login that nobody needs."""
    stale = Client(ada.service, tokens={"access_token": "old"})
    assert 200 == (await stale.get("/api/patches/latest")).status_code
    assert 401 == (await stale.get("/api/patches/my")).status_code
    assert 401 == (await stale.post("/api/patches", {"title": "x"})).status_code


async def test_a_fork_keeps_its_lineage_when_its_parent_goes(ada: Client, robin: Client) -> None:
    """Credited by name; private parents can only be forked by their owner."""
    parent = await ada.create("Parent")
    fork = (await robin.post(f"/api/patches/{parent['id']}/fork")).json()
    assert ("Parent", {"id": parent["id"], "title": "Parent", "username": "ada"}) == (fork["title"], fork["forkedFrom"])
    await ada.delete(f"/api/patches/{parent['id']}")
    kept = (await robin.get(f"/api/patches/{fork['id']}")).json()
    assert fork["forkedFrom"] == kept["forkedFrom"]
    assert 404 == (await robin.post(f"/api/patches/{parent['id']}/fork")).status_code
    assert 400 == (await robin.post(f"/api/patches/{fork['id']}/fork", {"title": "x" * 121})).status_code
