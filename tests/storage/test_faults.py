"""What storage answers when the network or DynamoDB fails: the truth, or Unavailable."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from brutal_patches.clock import SystemClock
from brutal_patches.errors import Conflict, Unavailable
from brutal_patches.settings import Settings
from brutal_patches.storage import keys
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.operations import Put, Query, Update, create
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table
from tests.faults.proxy import Fault, FaultProxy, fault_proxy

PATIENCE = Patience(tries=4, base=0.001, cap=0.01, connect=1, read=1, total=6)
PASSING: list[Fault] = ["throttle", "error", "reset_before", "reset_after", "truncate", "corrupt"]
TAKEN = Conflict("This is taken.")


@pytest.fixture
async def proxy(settings: Settings) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the engine."""
    async with fault_proxy(settings.dynamodb.endpoint_url) as running:
        yield running


@pytest.fixture
async def shaken(settings: Settings, proxy: FaultProxy) -> AsyncIterator[Table]:
    """Storage that reaches its engine through the proxy."""
    through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
    async with open_table(through, SystemClock(), PATIENCE) as opened:
        yield opened


@pytest.mark.parametrize("fault", [*PASSING, "delay"])
async def test_a_read_survives_a_passing_fault(shaken: Table, proxy: FaultProxy, fault: Fault) -> None:
    """A cut-off or changed answer is never read as "not found"."""
    await shaken.write(Put(keys.patch(1), {"title": "Kept"}))
    proxy.plan("GetItem", fault, fault)

    assert "Kept" == (await shaken.get(keys.patch(1)) or {}).get("title")


@pytest.mark.parametrize("fault", PASSING)
async def test_a_create_whose_answer_was_lost_is_still_a_create(shaken: Table, proxy: FaultProxy, fault: Fault) -> None:
    """The second try finds its own write id, so it does not report a conflict with itself."""
    proxy.plan("PutItem", fault)

    await shaken.write(create(keys.username("ann"), {"id": "1"}, TAKEN))

    assert "1" == (await shaken.get(keys.username("ann")) or {})["id"]


@pytest.mark.parametrize("fault", [*PASSING, "conflict"])
async def test_a_transaction_is_carried_out_once(shaken: Table, proxy: FaultProxy, fault: Fault) -> None:
    """A count inside a transaction is right however often the transaction had to be sent."""
    proxy.plan("TransactWriteItems", fault)

    await shaken.write(
        create(keys.patch(1), {"id": 1}, TAKEN), Update(keys.counter("total"), "ADD value :one", {":one": 1})
    )

    assert 1 == (await shaken.get(keys.counter("total")) or {})["value"]


async def test_a_conflict_is_told_from_doubt(shaken: Table, proxy: FaultProxy) -> None:
    """When a try got no answer and the item is now another's, nobody is told a lie."""
    await shaken.write(create(keys.username("ann"), {"id": "other"}, TAKEN))
    proxy.plan("PutItem", "reset_before")

    with pytest.raises(Unavailable, match="could not be confirmed"):
        await shaken.write(create(keys.username("ann"), {"id": "1"}, TAKEN))
    with pytest.raises(Conflict):
        await shaken.write(create(keys.username("ann"), {"id": "1"}, TAKEN))


@pytest.mark.parametrize("name", ["PutItem", "TransactWriteItems"])
async def test_a_refusal_that_was_cut_off_is_asked_for_again(shaken: Table, proxy: FaultProxy, name: str) -> None:
    """Not every engine sends a checksum with a refusal."""
    await shaken.write(create(keys.username("ann"), {"id": "other"}, TAKEN))
    proxy.adds_checksums = False
    proxy.plan(name, "truncate")
    more = [] if name == "PutItem" else [Put(keys.patch(1), {"id": 1})]

    with pytest.raises(Unavailable, match="could not be confirmed"):
        await shaken.write(create(keys.username("ann"), {"id": "1"}, TAKEN), *more)


@pytest.mark.parametrize("fault", ["throttle", "error", "reset_before"])
async def test_a_lasting_fault_ends_as_unavailable(shaken: Table, proxy: FaultProxy, fault: Fault) -> None:
    """After the last try the caller learns that it may try again later."""
    proxy.plan("*", *[fault] * 20)

    with pytest.raises(Unavailable) as refused:
        await shaken.write(Put(keys.patch(1), {"id": 1}))

    assert 4 == proxy.calls.count("PutItem")
    assert refused.value.retry_after


async def test_a_transaction_in_lasting_conflict_ends_as_unavailable(shaken: Table, proxy: FaultProxy) -> None:
    """Others were faster every time: nothing is written."""
    proxy.plan("TransactWriteItems", *["conflict"] * 20)

    with pytest.raises(Unavailable):
        await shaken.write(Put(keys.patch(1), {"id": 1}), Put(keys.patch(2), {"id": 2}))

    assert [None, None] == await shaken.get_many([keys.patch(1), keys.patch(2)])


async def test_what_dynamodb_left_unprocessed_is_drained(shaken: Table, proxy: FaultProxy) -> None:
    """Batches are asked for again until nothing is left."""
    proxy.plan("BatchWriteItem", "unprocessed", "unprocessed")
    proxy.plan("BatchGetItem", "unprocessed", "throttle", "unprocessed")

    await shaken.write_many([Put(keys.patch(number), {"id": number}) for number in range(30)])
    found = await shaken.get_many([keys.patch(number) for number in range(30)])

    assert list(range(30)) == [item and item["id"] for item in found]


async def test_what_stays_unprocessed_ends_as_unavailable(settings: Settings, proxy: FaultProxy) -> None:
    """Draining has an end."""
    through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
    proxy.plan("BatchWriteItem", *["unprocessed"] * 1000)
    async with open_table(through, SystemClock(), Patience(base=0.001, cap=0.01, total=0.3)) as table:
        with pytest.raises(Unavailable):
            await table.write_many([Put(keys.patch(1), {"id": 1})])


async def test_a_query_survives_faults_between_its_pages(shaken: Table, proxy: FaultProxy) -> None:
    """No page is lost or doubled."""
    await shaken.write_many([Put(keys.patch_version(1, number), {"n": number}) for number in range(9)])
    proxy.plan("Query", "truncate", "throttle", "reset_after")

    numbers = [item["n"] async for page in shaken.pages(Query(keys.patch_versions(1), limit=2)) for item in page]

    assert list(range(9)) == numbers
