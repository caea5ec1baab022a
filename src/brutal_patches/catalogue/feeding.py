"""Keeping the catalogue true: loaded at start, fed by the change feed, compared with the table now and then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import msgspec
from loguru import logger

from brutal_patches.catalogue.memory import Memory
from brutal_patches.clock import Clock, monotonic
from brutal_patches.errors import Unavailable
from brutal_patches.storage import feed, keys
from brutal_patches.storage.operations import Item
from brutal_patches.storage.table import Table
from brutal_patches.watching import Watch

POLL_SECONDS = 1.0
RECONCILE_SECONDS = 600.0
STALE_SECONDS = 10.0
_TOLD_EVERY = 10_000
_WITHOUT_PAUSE = 50


class Drift(msgspec.Struct, frozen=True):
    """How far memory was from the table: patches missing here, older here, and here only."""

    missing: int = 0
    outdated: int = 0
    surplus: int = 0

    @property
    def total(self) -> int:
        return self.missing + self.outdated + self.surplus


class Feeder:
    """Feeds the memory that it holds; `memory` is another one after a rebuild."""

    def __init__(
        self, table: Table, clock: Clock, make: Callable[[], Memory] = Memory, watch: Watch | None = None
    ) -> None:
        self._watch = watch or Watch()
        self._table = table
        self._clock = clock
        self._make = make
        self._since = clock.now()
        self._fed_at = monotonic()
        self.memory = make()
        self.drift = Drift()
        self._building: Memory | None = None
        self._tell_at = _TOLD_EVERY
        table.listen(self._hear)

    @property
    def age(self) -> float:
        """Seconds since memory was last known to agree with the feed."""
        return monotonic() - self._fed_at

    @property
    def is_stale(self) -> bool:
        """Whether DynamoDB has been away for so long that readers should know."""
        return self.age > STALE_SECONDS

    def _hear(self, item: Item) -> None:
        """What this process has written is seen here at once."""
        self.memory.take(item)
        if self._building is not None:
            self._building.take(item)

    async def load(self) -> None:
        """Read every patch into a new memory, all shards side by side, and put it in place of the old one."""
        started, moment = monotonic(), self._clock.now()
        # What is written here while we read goes into both the old memory and the new.
        fresh = self._building = self._make()
        self._tell_at = _TOLD_EVERY
        try:
            shards = range(keys.FEED_SHARDS)
            with self._watch.working("catalogue load"):
                await asyncio.gather(*(self._load_shard(fresh, shard) for shard in shards))
            for _ in fresh.settling():
                await asyncio.sleep(0)
        finally:
            self._building = None
        self.memory, self._since, self._fed_at = fresh, moment, monotonic()
        logger.info("catalogue loaded: {} patches in {:.1f} s", len(fresh), monotonic() - started)

    async def _load_shard(self, memory: Memory, shard: int) -> None:
        async for page in feed.shard_pages(self._table, shard):
            for position, item in enumerate(page):
                memory.take(item)
                if position % _WITHOUT_PAUSE == 0:
                    # Others are served while a rebuild goes on.
                    await asyncio.sleep(0)
            if len(memory) >= self._tell_at:
                self._tell_at += _TOLD_EVERY
                logger.info("catalogue: {} patches so far", len(memory))

    async def catch_up(self) -> int:
        """Take in what has changed since the last time; how many changes that were."""
        moment = self._clock.now()
        items = await feed.changes(self._table, self._since)
        changed = sum(self.memory.take(item) for item in items)
        self._since, self._fed_at = moment, monotonic()
        return changed

    async def follow(self) -> None:
        """Catch up every second and reconcile now and then, for ever; a DynamoDB that is away is waited for."""
        reconcile_at = monotonic() + RECONCILE_SECONDS
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.catch_up()
                if monotonic() > reconcile_at:
                    reconcile_at = monotonic() + RECONCILE_SECONDS
                    await self.reconcile()
            except Unavailable:
                logger.warning("the change feed cannot be read; the catalogue is {:.0f} s old", self.age)

    async def reconcile(self) -> Drift:
        """Compare memory with the whole table and put right what differs; it should be nothing."""
        await self.catch_up()
        moment = self._clock.now()
        seen: set[int] = set()
        missing = outdated = 0
        async for page in self._all_pages():
            for item in page:
                patch_id = int(str(item["id"]))
                known = self.memory.find(patch_id)
                seen.add(patch_id)
                if self.memory.take(item) and _is_settled(item, moment):
                    missing += known is None
                    outdated += known is not None
            await asyncio.sleep(0)
        surplus = [patch_id for patch_id in self.memory.revisions() if patch_id not in seen]
        gone = [patch_id for patch_id in surplus if await self._table.get(keys.patch(patch_id)) is None]
        for patch_id in gone:
            self.memory.forget(patch_id)
        self.drift = Drift(missing, outdated, len(gone))
        if self.drift.total:
            logger.error("the catalogue had drifted: {}", self.drift)
        return self.drift

    async def _all_pages(self) -> AsyncIterator[list[Item]]:
        for shard in range(keys.FEED_SHARDS):
            async for page in feed.shard_pages(self._table, shard):
                yield page


def _is_settled(item: Item, moment: datetime) -> bool:
    """Whether a change is old enough that the feed must have brought it."""
    changed_at = datetime.fromisoformat(str(item["fs"]).partition("#")[0])
    return changed_at < moment - timedelta(seconds=5)
