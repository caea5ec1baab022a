"""Patches as items, and the writes of them, on every engine."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.clock import rfc3339
from brutal_patches.errors import Conflict, DomainError, NotFound, PreconditionFailed
from brutal_patches.patches import store
from brutal_patches.patches.model import Origin, Patch, PatchRecord
from brutal_patches.patches.submission import read_body
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table
from tests.patches.strategies import SENT

MOMENT = "2026-01-01T00:00:00.000000Z"
# Far ahead: what ends in the past is soon taken away by the engine, whichever time the test takes it to be.
NOON = datetime(2096, 1, 1, 12, tzinfo=UTC)


def record(sent: dict[str, Any] | None = None, **fields: Any) -> PatchRecord:
    """A stored patch number 1 of a user named ann."""
    body = read_body({"title": "Sub", **(sent or {})})
    server_given = {"id": 1, "username": "ann", "created_at": rfc3339(NOON), "updated_at": rfc3339(NOON)}
    own = {name: fields.pop(name) for name in ("owner_id", "rating_sum", "forks", "deleted_at") if name in fields}
    patch = Patch(**msgspec.structs.asdict(body), **server_given | fields)
    return PatchRecord(patch=patch, **{"owner_id": "u1", **own})


async def stored(table: Table, patch_id: int = 1) -> PatchRecord:
    item = await table.get(keys.patch(patch_id))
    assert item is not None
    return store.from_item(item)


@given(SENT, st.integers(0, 50), st.booleans())
def test_every_record_survives_as_an_item(sent: dict[str, Any], votes: int, forked: bool) -> None:
    """What was stored is what is read."""
    origin: dict[str, Any] = {"parent_id": 7, "forked_from": Origin(7, "Old", "bob")} if forked else {}
    rating = {"rating_sum": 4 * votes, "rating_count": votes, "average_rating": "4" if votes else ""}
    original = record(sent, **origin, **rating, forks=3)

    assert original == store.from_item(store.to_item(original))


@pytest.mark.parametrize(
    ("total", "count", "shown"),
    [(0, 0, ""), (9, 2, "4.5"), (5, 1, "5"), (10, 3, "3.33"), (100, 20, "5"), (14, 4, "3.5")],
)
def test_an_average_is_text_with_two_decimals_at_most(total: int, count: int, shown: str) -> None:
    """As the contract has it: empty while nobody has rated."""
    assert shown == store.average(total, count)


@pytest.mark.both_engines
async def test_a_patch_is_added_once(table: Table) -> None:
    """With its first version and its place in its owner's list."""
    await table.write(*store.add(record()))
    with pytest.raises(Conflict):
        await table.write(*store.add(record({"title": "Other"})))

    assert "Sub" == (await stored(table)).patch.title
    version = await table.get(keys.patch_version(1, 1))
    assert version is not None
    assert ("Sub", True) == ((kept := store.version_from_item(version, 1)).body.title, kept.is_latest)
    assert [1] == [item["id"] for item in (await table.query(Query(keys.owned_patches("u1")))).items]


@pytest.mark.both_engines
async def test_an_edit_must_start_from_the_current_version(table: Table) -> None:
    """The second of two edits of version 1 is refused; ratings that came in meanwhile stay."""
    await table.write(*store.add(record({"category": "bass"})))
    await table.write(store.count_fork(1, MOMENT))

    await table.write(store.replace(record({"title": "New"}, version=2)))
    with pytest.raises(PreconditionFailed):
        await table.write(store.replace(record({"title": "Late"}, version=2)))

    found = await stored(table)
    assert ("New", 2, 1, msgspec.UNSET) == (found.patch.title, found.patch.version, found.forks, found.patch.category)


@pytest.mark.both_engines
@pytest.mark.parametrize("forks", [0, 2])
async def test_a_deletion_can_be_undone_until_it_expires(table: Table, forks: int) -> None:
    """A forked patch stays as a tombstone for good."""
    await table.write(*store.add(record(forks=forks)))
    deleted = msgspec.structs.replace(record(forks=forks), deleted_at=rfc3339(NOON))

    await table.write(*store.bury(deleted, NOON))

    item = await table.get(keys.patch(1)) or {}
    assert (forks == 0) == ("expires" in item)
    assert not store.from_item(item).is_public
    assert 0 == await table.count(Query(keys.owned_patches("u1")))
    assert 1 == await table.count(Query(keys.deleted_patches("u1")))
    for refused in (
        store.bury(deleted, NOON),
        [store.count_fork(1, MOMENT)],
        [store.replace(record(version=2))],
    ):
        with pytest.raises(DomainError):
            await table.write(*refused)

    await table.write(*store.unbury(record()))

    restored = await table.get(keys.patch(1)) or {}
    assert "expires" not in restored
    assert store.from_item(restored).is_public
    assert 1 == await table.count(Query(keys.owned_patches("u1")))
    assert 0 == await table.count(Query(keys.deleted_patches("u1")))
    with pytest.raises(NotFound):
        await table.write(*store.unbury(record()))


@pytest.mark.both_engines
async def test_ids_ascend_and_jump_ahead_of_an_import(table: Table) -> None:
    """The counter never goes back."""
    assert 1 == (await table.change(store.next_id()))["value"]
    await table.write(store.jump_ahead(1129))
    with pytest.raises(Conflict):
        await table.write(store.jump_ahead(610))

    assert 1130 == (await table.change(store.next_id()))["value"]
