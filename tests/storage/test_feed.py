"""The change feed tells what changed since a moment, on every engine."""

from datetime import UTC, datetime, timedelta

import pytest

from brutal_patches.clock import rfc3339
from brutal_patches.storage import keys
from brutal_patches.storage.feed import OVERLAP, changes, feed_keys, shard_pages
from brutal_patches.storage.operations import Item, Put
from brutal_patches.storage.table import Table

pytestmark = pytest.mark.both_engines

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def changed(patch_id: int, moment: datetime) -> Put:
    item: Item = {"id": patch_id, **feed_keys(patch_id, rfc3339(moment))}
    return Put(keys.patch(patch_id), item)


async def test_only_what_changed_since_is_told(table: Table) -> None:
    """The overlap is told again, so that what came late into the index is not missed."""
    await table.write(changed(1, NOON - OVERLAP - timedelta(seconds=1)))
    await table.write(changed(2, NOON - OVERLAP))
    await table.write(changed(3, NOON))

    assert [2, 3] == sorted(int(str(item["id"])) for item in await changes(table, NOON))


async def test_a_patch_is_in_the_feed_once_however_often_it_changes(table: Table) -> None:
    """A change moves it to its new time."""
    for minutes in range(3):
        await table.write(changed(1, NOON + timedelta(minutes=minutes)))

    assert [1] == [item["id"] for item in await changes(table, NOON)]


async def test_the_shards_together_hold_every_patch(table: Table) -> None:
    """A reader that starts reads all shards side by side."""
    await table.write_many([changed(number, NOON) for number in range(1, 20)])

    shards = [
        [item["id"] async for page in shard_pages(table, shard) for item in page] for shard in range(keys.FEED_SHARDS)
    ]

    assert all(shards)
    assert list(range(1, 20)) == sorted(int(str(number)) for shard in shards for number in shard)
