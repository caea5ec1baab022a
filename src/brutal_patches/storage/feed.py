"""The change feed: what changed since a moment, over an index whose sort key is the time of the change.

An index is eventually consistent and clocks differ a little, so a reader asks again for the last
`OVERLAP` each time and passes over what it has seen. Deletions stay in it as tombstones.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from brutal_patches.clock import rfc3339
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Item, Query
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table

OVERLAP = timedelta(seconds=10)
_PAGE = 500
_UNHURRIED = Patience(tries=10, total=30)


def feed_keys(patch_id: int, changed_at: str) -> dict[str, str]:
    """The attributes that put a patch into the feed; set anew with every change."""
    return {"fk": keys.patch_feed(patch_id % keys.FEED_SHARDS).pk, "fs": f"{changed_at}#{patch_id}"}


async def changes(table: Table, since: datetime) -> list[Item]:
    """Every patch that changed at or after `since`, less the overlap, each as it is now."""
    start = rfc3339(since - OVERLAP)
    shards = [_shard(table, Query(keys.patch_feed(shard), after=start)) for shard in range(keys.FEED_SHARDS)]
    return [item for shard in await asyncio.gather(*shards) for item in shard]


async def _shard(table: Table, query: Query) -> list[Item]:
    return await table.all(query)


def shard_pages(table: Table, shard: int) -> AsyncIterator[list[Item]]:
    """Every patch of one shard, oldest change first: what a reader starts from.

    Pages are of a size that the engine answers quickly, and waited for longer than a request could.
    """
    return table.patiently(_UNHURRIED).pages(Query(keys.patch_feed(shard), _PAGE))
