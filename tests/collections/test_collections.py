"""Collections, over HTTP."""

import asyncio
import io
import json
import zipfile
from typing import Any

import pytest
from defusedxml import ElementTree

from brutal_patches.storage.operations import Item
from tests.client import Client

PATH = "/api/patches/collections"


async def made(client: Client, *patch_ids: int, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, {"name": "Saturday", "patchIds": list(patch_ids)} | fields)
    assert 201 == answer.status_code, answer.text
    return dict(answer.json())


@pytest.mark.both_engines
async def test_a_collection_from_beginning_to_end(ada: Client, robin: Client, client: Client) -> None:
    """Made, filled, reordered, renamed, copied, deleted; its patches stay."""
    ids = [(await ada.create(f"P{number}"))["id"] for number in range(3)]
    made_one = await made(ada, ids[0], tags=["live"])
    assert {"id", "name", "description", "userId", "patchIds", "isPublic", "tags", "created_at", "updated_at"} <= set(
        made_one
    )
    path = f"{PATH}/{made_one['id']}"
    for patch_id in (ids[1], ids[2], ids[1]):
        added = (await ada.put(f"{path}/patches/{patch_id}")).json()
    assert ids == added["patchIds"]
    turned = (await ada.put(path, {"name": "Sunday", "patchIds": ids[::-1]})).json()
    assert (ids[::-1], "Sunday") == (turned["patchIds"], turned["name"])
    assert ids[:0:-1] == (await ada.delete(f"{path}/patches/{ids[0]}")).json()["patchIds"]
    assert ids[:0:-1] == (await ada.delete(f"{path}/patches/{ids[0]}")).json()["patchIds"]

    page = (await client.get(path)).json()
    assert [("P2", ids[2]), ("P1", ids[1])] == [(patch["title"], patch["id"]) for patch in page["patches"]]
    assert [made_one["id"]] == [each["id"] for each in (await client.get(f"{PATH}/public")).json()]
    copy = (await robin.post(f"{path}/duplicate")).json()
    assert ("robin", False, ids[:0:-1]) == (copy["username"], copy["isPublic"], copy["patchIds"])
    assert [copy["id"]] == [each["id"] for each in (await robin.get(f"{PATH}/my")).json()]

    assert 204 == (await ada.delete(path)).status_code
    for answer in (await ada.get(path), await ada.delete(path), await ada.put(f"{path}/patches/{ids[0]}")):
        assert 404 == answer.status_code
    assert [] == (await ada.get(f"{PATH}/my")).json() == (await client.get(f"{PATH}/public")).json()
    assert 200 == (await client.get(f"/api/patches/{ids[2]}")).status_code


async def test_private_patches_in_a_public_collection_stay_hidden(ada: Client, robin: Client, client: Client) -> None:
    """From the page, the lists, the copy and the pack; also when they become private later, or go."""
    shown, hidden = await ada.create("Shown"), await ada.create("Hidden", isPublic=False)
    later, gone = await ada.create("Later"), await ada.create("Gone")
    collection = await made(ada, *(patch["id"] for patch in (shown, hidden, later, gone)))
    await ada.put(f"/api/patches/{later['id']}", {"title": "Later", "isPublic": False})
    await ada.delete(f"/api/patches/{gone['id']}")
    path = f"{PATH}/{collection['id']}"

    assert [shown["id"]] == (await client.get(path)).json()["patchIds"]
    assert [shown["id"]] == (await client.get(f"{PATH}/public")).json()[0]["patchIds"]
    assert [shown["id"]] == (await robin.post(f"{path}/duplicate")).json()["patchIds"]
    assert "Hidden" not in str(unpacked((await client.get(f"{path}/pack.zip")).content))
    assert [shown["id"], hidden["id"], later["id"]] == (await ada.get(path)).json()["patchIds"]


async def test_a_private_collection_is_its_owners(ada: Client, robin: Client, client: Client) -> None:
    """To others it is not there; a public one is theirs to look at only."""
    private, public = await made(ada, isPublic=False), await made(ada)
    for collection, status in ((private, 404), (public, 403)):
        path = f"{PATH}/{collection['id']}"
        for answer in (
            await robin.put(path, {"name": "Mine"}),
            await robin.delete(path),
            await robin.put(f"{path}/patches/1") if status == 404 else await robin.delete(f"{path}/patches/1"),
        ):
            assert status == answer.status_code
        assert 401 == (await client.delete(path)).status_code
    assert 404 == (await robin.get(f"{PATH}/{private['id']}")).status_code
    assert 404 == (await robin.post(f"{PATH}/{private['id']}/duplicate")).status_code
    await ada.put(f"{PATH}/{private['id']}", {"name": "Open now", "isPublic": True})
    assert 2 == len((await client.get(f"{PATH}/public")).json())
    await ada.put(f"{PATH}/{public['id']}", {"name": "Closed now", "isPublic": False})
    assert ["Open now"] == [each["name"] for each in (await client.get(f"{PATH}/public")).json()]


async def test_what_is_not_named_stays(ada: Client) -> None:
    """Renaming a set does not empty it; what is named as it is changes nothing."""
    ids = [(await ada.create(title))["id"] for title in ("One", "Two")]
    collection = await made(ada, *ids, description="For the train.", tags=["live"])
    path = f"{PATH}/{collection['id']}"
    renamed = (await ada.put(path, {"name": "Sunday"})).json()
    assert collection | {"name": "Sunday", "version": 2, "updated_at": renamed["updated_at"]} == renamed
    for sent in ({"name": "Sunday"}, {"patchIds": ids}, {}):
        assert renamed == (await ada.put(path, sent)).json()
    assert 400 == (await ada.put(path, {"name": ""})).status_code


async def test_an_edit_of_what_has_changed_is_refused(ada: Client, client: Client) -> None:
    """With If-Match; the tag of the answer leads to the next edit, and a reader's too."""
    collection = await made(ada)
    path = f"{PATH}/{collection['id']}"
    seen = (await client.get(path)).headers["etag"]
    first = await ada.put(path, {"name": "One"}, headers={"if-match": seen})
    late = await ada.put(path, {"name": "Two"}, headers={"if-match": seen})
    next_one = await ada.put(path, {"name": "Three"}, headers={"if-match": first.headers["etag"]})
    assert [200, 412, 200] == [answer.status_code for answer in (first, late, next_one)]
    assert 412 == (await ada.delete(path, headers={"if-match": seen})).status_code
    assert "Three" == (await ada.get(path)).json()["name"]
    assert 204 == (await ada.delete(path, headers={"if-match": next_one.headers["etag"]})).status_code


async def test_others_patches_that_become_private_are_in_no_answer(ada: Client, robin: Client) -> None:
    """Not even to who had collected them; they are back when their author shows them again."""
    hers, later = await ada.create("Hers"), await robin.create("Later")
    collection = await made(ada, hers["id"], later["id"])
    path = f"{PATH}/{collection['id']}"
    await robin.put(f"/api/patches/{later['id']}", {"title": "Later", "isPublic": False})
    for answer in (
        await ada.put(path, {"name": "Renamed"}),
        await ada.put(f"{path}/patches/{hers['id']}"),
        await ada.get(path),
        await ada.delete(f"{path}/patches/999"),
    ):
        assert [hers["id"]] == answer.json()["patchIds"]
    assert [hers["id"]] == (await ada.get(f"{PATH}/my")).json()[0]["patchIds"]
    await robin.put(f"/api/patches/{later['id']}", {"title": "Later", "isPublic": True})
    assert [hers["id"], later["id"]] == (await ada.get(path)).json()["patchIds"]


async def test_what_cannot_be_collected_is_named(ada: Client, robin: Client) -> None:
    """A patch that is not there, or not for these eyes; a name of nothing; too many."""
    hidden = await robin.create("Hidden", isPublic=False)
    for sent, field in (
        ({"name": "x", "patchIds": [99]}, "patchIds"),
        ({"name": "x", "patchIds": [hidden["id"]]}, "patchIds"),
        ({"name": ""}, "name"),
        ({}, "name"),
        ({"name": "x", "patchIds": list(range(501))}, "patchIds"),
        ({"name": "x", "tags": [""]}, "tags"),
    ):
        refused = await ada.post(PATH, sent)
        assert 400 == refused.status_code
        assert field == refused.json()["errors"][0]["field"].partition("[")[0]
    collection = await made(ada)
    assert 404 == (await ada.put(f"{PATH}/{collection['id']}/patches/{hidden['id']}")).status_code


async def test_racing_additions_are_all_kept(ada: Client) -> None:
    """None is lost, none is double."""
    ids = [(await ada.create(f"P{number}"))["id"] for number in range(4)]
    collection = await made(ada)
    path = f"{PATH}/{collection['id']}"
    answers = await asyncio.gather(*(ada.put(f"{path}/patches/{patch_id}") for patch_id in ids))
    assert {200} == {answer.status_code for answer in answers}
    assert set(ids) == set((await ada.get(path)).json()["patchIds"])


async def test_making_one_is_safe_to_repeat(ada: Client) -> None:
    """Under a key."""
    headers = {"idempotency-key": "set-1"}
    first = await ada.post(PATH, {"name": "Saturday"}, headers=headers)
    again = await ada.post(PATH, {"name": "Saturday"}, headers=headers)
    assert first.json() == again.json()
    assert 1 == len((await ada.get(f"{PATH}/my")).json())
    copies = [
        await ada.post(f"{PATH}/{first.json()['id']}/duplicate", headers={"idempotency-key": "copy-1"})
        for _ in range(2)
    ]
    assert copies[0].json() == copies[1].json()
    assert 2 == len((await ada.get(f"{PATH}/my")).json())


async def test_public_ones_are_passed_over(ada: Client, client: Client) -> None:
    """As many as one says."""
    for number in range(5):
        await made(ada, name=f"S{number}")
    found = (await client.get(f"{PATH}/public?offset=1&limit=3")).json()
    assert ["S3", "S2", "S1"] == [each["name"] for each in found]
    assert [] == (await client.get(f"{PATH}/public?offset=5&limit=3")).json()


def unpacked(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name).decode() for name in packed.namelist()}


async def test_a_pack_is_the_collection_without_a_network(ada: Client, client: Client) -> None:
    """An index to read, and a file for each patch."""
    ids = [(await ada.create(title))["id"] for title in ("One", "Two")]
    collection = await made(ada, *ids, description="For the train.")
    answer = await client.get(f"{PATH}/{collection['id']}/pack.zip")
    assert "application/zip" == answer.headers["content-type"]
    assert collection["id"] in answer.headers["content-disposition"]
    files = unpacked(answer.content)
    stems = [f"{position:03d}-{patch_id}" for position, patch_id in enumerate(ids, 1)]
    wanted = {f"patches/{stem}.json" for stem in stems} | {f"sheets/{stem}.svg" for stem in stems}
    assert {"collection.json", "index.html", "index.txt", *wanted} == set(files)
    sheet = ElementTree.fromstring(files[f"sheets/{stems[1]}.svg"])
    assert "Two by ada, MicroBrute patch" == sheet.findtext("{http://www.w3.org/2000/svg}title")
    assert all(f'src="sheets/{stem}.svg"' in files["index.html"] for stem in stems)
    assert "Two" == json.loads(files[f"patches/002-{ids[1]}.json"])["title"]
    assert "2. Two by ada" in files["index.txt"]
    item: Item = json.loads(files["collection.json"])
    assert "For the train." == item["description"]
