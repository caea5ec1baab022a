"""Every way in which storage is called, with what is true before and after it."""

from collections.abc import Awaitable, Callable

import msgspec

from brutal_patches.errors import Conflict
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Check, Delete, Operation, Put, Query, Update, create
from brutal_patches.storage.table import Table

TAKEN = Conflict("This is taken.")
ITEMS = 30


class Case(msgspec.Struct, frozen=True):
    """One call: what lies there before, what is called, what it must answer, and what must hold afterwards.

    `effect` tells from storage whether the call took effect; it fails where the effect is half there.
    A `refusal` must be answered with Conflict and have no effect.
    """

    operation: str
    before: list[Put]
    call: Callable[[Table], Awaitable[object]]
    answer: object = None
    effect: Callable[[Table], Awaitable[bool]] | None = None
    refusal: bool = False


def cases(number: int) -> list[Case]:
    """One case of each kind, on keys of their own."""
    there = [Put(keys.patch_version(number, each), {"n": each}) for each in range(ITEMS)]
    rows = [keys.patch_version(number, each) for each in range(ITEMS + 2)]
    stored = list(range(ITEMS))

    async def numbers(table: Table) -> object:
        return [item["n"] for item in await table.all(Query(keys.patch_versions(number), 12))]

    async def batch(table: Table) -> object:
        return [item and item["n"] for item in await table.get_many(rows)]

    async def scanned(table: Table) -> object:
        mine = f"PATCH#{number}"
        return sorted([int(str(item["n"])) async for page in table.scan("core") for item in page if item["pk"] == mine])

    async def found(table: Table) -> object:
        return ((await table.get(rows[3])) or {}).get("n"), await table.get(rows[-1])

    return [
        Case("GetItem", there, found, (3, None)),
        Case("BatchGetItem", there, batch, [*stored, None, None]),
        Case("Query", there, numbers, stored),
        Case("Query", there, lambda table: table.count(Query(keys.patch_versions(number), 12)), ITEMS),
        Case("Scan", there, scanned, stored),
        *_singles(number),
        *_transactions(number),
        _filled(number),
    ]


def _singles(number: int) -> list[Case]:
    key, old = keys.username(f"name{number}"), {"id": "old", "value": 7}
    mine = create(key, {"id": "mine"}, TAKEN)
    raised = Update(key, "SET value = :new", {":new": 8, ":seen": 7}, "value = :seen", TAKEN)
    stale = Update(key, "SET value = :new", {":new": 8, ":seen": 6}, "value = :seen", TAKEN)
    gone = Delete(key, "value = :seen", {":seen": 7}, TAKEN)

    async def changed(table: Table) -> object:
        return (await table.change(raised))["value"]

    return [
        Case("PutItem", [], writing(mine), None, _holds(key, "id", "mine", None)),
        Case("PutItem", [Put(key, old)], writing(mine), refusal=True, effect=_holds(key, "id", "mine", "old")),
        Case("UpdateItem", [Put(key, old)], changed, 8, _holds(key, "value", 8, 7)),
        Case("UpdateItem", [Put(key, old)], writing(stale), refusal=True, effect=_holds(key, "value", 8, 7)),
        Case("DeleteItem", [Put(key, old)], writing(gone), None, _holds(key, "value", None, 7)),
    ]


def _transactions(number: int) -> list[Case]:
    one, two, total = keys.patch(number), keys.user(f"u{number}"), keys.counter(f"c{number}")
    counted = Put(total, {"value": 4})
    guard = Check(total, "value >= :four", {":four": 4}, TAKEN)
    added = Update(total, "ADD value :one", {":one": 1})
    made = [create(one, {"n": 1}, TAKEN), create(two, {"n": 2}, TAKEN), added]

    async def whole(table: Table) -> bool:
        first, second, count = await table.get_many([one, two, total])
        assert count
        is_there = first is not None
        assert (is_there, 4 + is_there) == (second is not None, count["value"]), "a transaction is half there"
        return is_there

    async def untouched(table: Table) -> bool:
        first, _, count = await table.get_many([one, two, total])
        return first is not None or count != counted.item | {"pk": total.pk, "sk": total.sk}

    return [
        Case("TransactWriteItems", [counted], writing(*made, Check(key_of(number), "attribute_not_exists(pk)")),
             None, whole),
        Case("TransactWriteItems", [counted, Put(two, {"n": 0})], writing(*made), refusal=True, effect=untouched),
        Case("TransactWriteItems", [counted], writing(create(two, {"n": 2}, TAKEN), guard), None,
             _holds(two, "n", 2, None)),
    ]  # fmt: skip


def _filled(number: int) -> Case:
    puts = [Put(keys.rating(number, f"u{each}"), {"stars": each}) for each in range(ITEMS)]

    async def all_there(table: Table) -> bool:
        return all(await table.get_many([put.key for put in puts]))

    return Case("BatchWriteItem", [], lambda table: table.write_many(puts), None, all_there)


def key_of(number: int) -> keys.Key:
    """A key under which nothing lies."""
    return keys.email(f"nobody{number}@example.com")


def writing(*operations: Operation) -> Callable[[Table], Awaitable[object]]:
    """The call that writes these."""
    return lambda table: table.write(*operations)


def _holds(key: keys.Key, name: str, after: object, before: object) -> Callable[[Table], Awaitable[bool]]:
    """Whether the item's attribute is `after`; it may be `before` and nothing else."""

    async def effect(table: Table) -> bool:
        value = ((await table.get(key)) or {}).get(name)
        assert value in {after, before}
        return value == after

    return effect
