"""Keeping imported patches under their own ids; carrying it out again changes nothing."""

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import asdict, replace

from brutal_patches.accounts.model import User
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict
from brutal_patches.patches import store
from brutal_patches.patches.legacy import LegacyPatch
from brutal_patches.patches.model import Patch, PatchRecord
from brutal_patches.storage.feed import feed_keys
from brutal_patches.storage.operations import Put, Update
from brutal_patches.storage.table import Table

type Outcome = Literal["added", "was there"]


class Importing:
    """Writes patches that come with ids of their own."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def keep(self, legacy: LegacyPatch, owner: User) -> Outcome:
        """Add the patch, unless something is under its id already: that was imported before, and maybe edited."""
        record = PatchRecord(patch=patch_of(legacy, owner.username), owner_id=owner.id)
        try:
            await self._table.write(*told_now(store.add(record), legacy.id, timestamp(self._clock)))
        except Conflict:
            return "was there"
        return "added"

    async def jump_ahead(self, highest: int) -> None:
        """Let the next new patch have an id above `highest`."""
        try:
            await self._table.write(store.jump_ahead(highest))
        except Conflict:
            return


def patch_of(legacy: LegacyPatch, username: str) -> Patch:
    """The patch that a row becomes."""
    return Patch(
        **asdict(legacy.body),
        id=legacy.id,
        username=username,
        created_at=legacy.created_at,
        updated_at=legacy.updated_at,
    )


def told_now[Each: Put | Update](writes: Sequence[Each], patch_id: int, moment: str) -> list[Each]:
    """The writes of a patch with their place in the change feed at `moment`: at that of an old row nobody looks."""
    feed = feed_keys(patch_id, moment)
    return [_with_feed(write, feed) for write in writes]


def _with_feed[Each: Put | Update](write: Each, feed: dict[str, str]) -> Each:
    if isinstance(write, Put) and "fs" in write.item:
        return replace(write, item={**write.item, **feed})
    if isinstance(write, Update) and ":fs" in write.values:
        return replace(write, values={**write.values, ":fs": feed["fs"]})
    return write
