"""A patch's aggregates counted anew from what they are made of, and put right where they differ."""

import msgspec

from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict, Unavailable
from brutal_patches.patches import store
from brutal_patches.patches.model import PatchRecord
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table

_TRIES = 8


class Aggregates(msgspec.Struct, frozen=True):
    """What is counted of a patch."""

    rating_sum: int
    rating_count: int
    favourites: int


class Recounted(msgspec.Struct, frozen=True):
    """A patch's aggregates as they stand, and as a count of all votes has them."""

    stands: Aggregates
    true: Aggregates

    @property
    def is_right(self) -> bool:
        return self.stands == self.true


class _Moved(Conflict):
    """The patch has changed since it was counted."""


class Recounting:
    """Counts, and repairs."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def recount(self, patch_id: int) -> Recounted:
        """What the aggregates of a patch are, and what they should be."""
        return await self._recounted(await self._record(patch_id))

    async def repair(self, patch_id: int) -> bool:
        """Put the aggregates right; True where they were wrong. A patch that is gone has none."""
        for _ in range(_TRIES):
            item = await self._table.get(keys.patch(patch_id))
            record = store.from_item(item) if item else None
            if record is None or record.deleted_at:
                return False
            found = await self._recounted(record)
            if found.is_right:
                return False
            try:
                await self._write(record, found.true)
            except _Moved:
                continue
            return True
        raise Unavailable

    async def _write(self, record: PatchRecord, true: Aggregates) -> None:
        moment = timestamp(self._clock)
        moved = _Moved("The patch was changed meanwhile.")
        counted = (true.rating_sum, true.rating_count, true.favourites)
        await self._table.write(store.set_counts(record, *counted, moment, moved))

    async def _record(self, patch_id: int) -> PatchRecord:
        item = await self._table.get(keys.patch(patch_id))
        if item is None:
            raise store.no_such_patch(patch_id)
        return store.from_item(item)

    async def _recounted(self, record: PatchRecord) -> Recounted:
        patch = record.patch
        votes = await self._table.all(Query(keys.ratings(patch.id), consistent=True))
        stands = Aggregates(record.rating_sum, patch.rating_count, patch.favourite_count)
        stars = sum(int(str(vote["stars"])) for vote in votes)
        favourites = await self._table.count(Query(keys.keepers(patch.id), consistent=True))
        return Recounted(stands, Aggregates(stars, len(votes), favourites))
