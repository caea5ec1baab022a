"""What the storage kernel promises, on every engine."""

import asyncio

import pytest

from brutal_patches.errors import Conflict, NotFound
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Check, Delete, Item, Put, Query, Update, create
from brutal_patches.storage.table import Table

pytestmark = pytest.mark.both_engines

TAKEN = Conflict("This is taken.")


async def test_what_was_put_is_read_back_with_its_types(table: Table) -> None:
    """Text, numbers, truth, bytes, lists and maps come back as they went in."""
    item: Item = {
        "title": "Wobble",
        "count": 7,
        "big": 2**60,
        "public": False,
        "panel": b"\x00\xff",
        "tags": ["a", {"b": 1}],
    }
    await table.write(Put(keys.patch(1), item))

    found = await table.get(keys.patch(1))

    assert found is not None
    assert item == {name: found[name] for name in item}


async def test_absent_values_are_not_stored(table: Table) -> None:
    """None means that there is no such attribute."""
    await table.write(Put(keys.patch(1), {"category": None, "title": "x"}))

    assert "category" not in (await table.get(keys.patch(1)) or {})


async def test_nothing_is_found_where_nothing_is(table: Table) -> None:
    """A key without an item is None, not an error."""
    assert await table.get(keys.patch(404)) is None


async def test_get_many_keeps_the_order_that_was_asked_for(table: Table) -> None:
    """Missing keys are None in their place, and a key may be asked for twice."""
    await table.write_many([Put(keys.patch(number), {"id": number}) for number in range(120)])

    found = await table.get_many([keys.patch(number) for number in (119, 500, 0, 0, *range(110))])

    assert [119, None, 0, 0, *range(110)] == [item and item["id"] for item in found]


async def test_reserved_words_are_ordinary_names(table: Table) -> None:
    """Names that DynamoDB reserves may be used in changes and conditions."""
    await table.write(Put(keys.user("u"), {"roles": ["user"], "status": "active", "name": "n", "value": 1}))

    await table.write(
        Update(
            keys.user("u"),
            "SET roles = :roles, name = :name ADD value :one",
            {":roles": ["admin"], ":name": "m", ":one": 1, ":active": "active"},
            condition="status = :active",
        )
    )

    found = await table.get(keys.user("u")) or {}
    assert (["admin"], "m", 2) == (found["roles"], found["name"], found["value"])


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "in a transaction"])
async def test_a_failed_condition_raises_its_own_error(table: Table, others: int) -> None:
    """The error is the one that the refused operation carries, and nothing is written."""
    await table.write(create(keys.username("ann"), {"id": "1"}))
    extra = [create(keys.user("2"), {"id": "2"}, NotFound("never"))] * others

    with pytest.raises(Conflict) as refused:
        await table.write(*extra, create(keys.username("ann"), {"id": "2"}, TAKEN))

    assert TAKEN is refused.value
    assert "1" == (await table.get(keys.username("ann")) or {})["id"]
    assert await table.get(keys.user("2")) is None


async def test_a_check_guards_a_transaction(table: Table) -> None:
    """A Check changes nothing, and its failure refuses the rest."""
    guard = Check(keys.setting("open"), "value = :yes", {":yes": True}, TAKEN)

    with pytest.raises(Conflict):
        await table.write(Put(keys.patch(1), {"id": 1}), guard)
    await table.write(Put(keys.setting("open"), {"value": True}))
    await table.write(Put(keys.patch(1), {"id": 1}), guard)

    assert await table.get(keys.patch(1)) is not None


async def test_delete_removes_only_under_its_condition(table: Table) -> None:
    """A refused delete leaves the item."""
    await table.write(Put(keys.patch(1), {"version": 2}))
    with pytest.raises(Conflict):
        await table.write(Delete(keys.patch(1), "version = :seen", {":seen": 1}, TAKEN))
    assert await table.get(keys.patch(1)) is not None

    await table.write(Delete(keys.patch(1), "version = :seen", {":seen": 2}, TAKEN))

    assert await table.get(keys.patch(1)) is None


async def test_change_returns_the_item_as_it_is_afterwards(table: Table) -> None:
    """A counter starts at nothing and counts."""
    numbers = [
        (await table.change(Update(keys.counter("patches"), "ADD value :n", {":n": 2})))["value"] for _ in range(3)
    ]

    assert [2, 4, 6] == numbers


async def test_change_refused_by_its_condition_raises_its_error(table: Table) -> None:
    """`change` judges conditions as `write` does."""
    with pytest.raises(Conflict):
        await table.change(Update(keys.user("u"), "SET value = :n", {":n": 1}, "attribute_exists(pk)", TAKEN))


async def test_of_many_racing_creates_one_wins(table: Table) -> None:
    """One is told yes, the others are told that it is taken, and storage holds the winner."""

    async def claim(number: int) -> int | None:
        try:
            await table.write(
                create(keys.username("ann"), {"id": str(number)}, TAKEN),
                Put(keys.user(str(number)), {"id": str(number)}),
            )
        except Conflict:
            return None
        return number

    winners = [
        number for number in await asyncio.gather(*(claim(number) for number in range(12))) if number is not None
    ]

    assert 1 == len(winners)
    assert str(winners[0]) == (await table.get(keys.username("ann")) or {})["id"]


async def test_a_query_pages_through_a_partition_both_ways(table: Table) -> None:
    """Pages are in the order of the sort key, and the next page starts where the last one ended."""
    await table.write_many([Put(keys.patch_version(1, number), {"n": number}) for number in range(1, 8)])
    await table.write(Put(keys.patch(1), {"n": 0}))
    query = Query(keys.patch_versions(1), limit=3)

    forward = [[item["n"] for item in page] async for page in table.pages(query)]
    first = await table.query(Query(keys.patch_versions(1), limit=2, newest_first=True))

    assert [[1, 2, 3], [4, 5, 6], [7]] == forward
    assert [7, 6] == [item["n"] for item in first.items]
    assert 7 == await table.count(query)


async def test_a_query_is_bounded_within_its_prefix(table: Table) -> None:
    """`after` and `before` are inclusive and do not reach items of another kind."""
    await table.write_many([Put(keys.patch_version(1, number), {"n": number}) for number in range(1, 8)])
    partition = keys.patch_versions(1)

    middle = await table.query(Query(partition, after="00000003", before="00000005"))
    end = await table.query(Query(partition, after="00000006"))

    assert [3, 4, 5] == [item["n"] for item in middle.items]
    assert [6, 7] == [item["n"] for item in end.items]


async def test_large_partitions_are_read_whole(table: Table) -> None:
    """More than the 1 MB of one answer comes in several pages, and none is lost."""
    await table.write_many([Put(keys.patch_version(1, number), {"text": "x" * 30_000}) for number in range(80)])

    pages = [len(page) async for page in table.pages(Query(keys.patch_versions(1)))]

    assert 80 == sum(pages)
    assert len(pages) > 1
    assert 80 == await table.count(Query(keys.patch_versions(1)))


async def test_a_scan_meets_every_item_once(table: Table) -> None:
    """The segments of a scan share the table out."""
    await table.write_many([Put(keys.patch(number), {"id": number}) for number in range(30)])

    found = [item["id"] for part in range(3) async for page in table.scan("core", part, 3) for item in page]

    assert list(range(30)) == sorted(int(str(number)) for number in found)


async def test_listeners_hear_of_what_has_feed_keys(table: Table) -> None:
    """Own writes are announced once they are stored, other items are not."""
    heard: list[Item] = []
    table.listen(heard.append)

    await table.write(
        Put(keys.patch(1), {"id": 1, "fk": "FEED#1", "fs": "1"}), Put(keys.patch_version(1, 1), {"id": 1})
    )
    await table.write(Update(keys.patch(1), "SET id = :two", {":two": 2}, announce=True))
    await table.write(Update(keys.patch(1), "SET id = :three", {":three": 3}))

    assert [1, 2] == [item["id"] for item in heard]


async def test_a_transaction_of_too_many_operations_is_a_mistake_of_ours(table: Table) -> None:
    """DynamoDB takes a hundred at most."""
    with pytest.raises(ValueError, match="100 operations"):
        await table.write(*[Put(keys.patch(number), {"id": number}) for number in range(101)])
