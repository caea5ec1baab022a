"""Keeping imported patches under their own ids; carrying it out again changes nothing."""

from typing import Literal

from msgspec import structs

from brutal_patches.accounts.model import User
from brutal_patches.errors import Conflict
from brutal_patches.patches import store
from brutal_patches.patches.legacy import LegacyPatch
from brutal_patches.patches.model import Patch, PatchRecord
from brutal_patches.storage.table import Table

type Outcome = Literal["added", "was there"]


class Importing:
    """Writes patches that come with ids of their own."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def keep(self, legacy: LegacyPatch, owner: User) -> Outcome:
        """Add the patch, unless something is under its id already: that was imported before, and maybe edited."""
        patch = Patch(
            **structs.asdict(legacy.body),
            id=legacy.id,
            username=owner.username,
            created_at=legacy.created_at,
            updated_at=legacy.updated_at,
        )
        try:
            await self._table.write(*store.add(PatchRecord(patch=patch, owner_id=owner.id)))
        except Conflict:
            return "was there"
        return "added"

    async def jump_ahead(self, highest: int) -> None:
        """Let the next new patch have an id above `highest`."""
        try:
            await self._table.write(store.jump_ahead(highest))
        except Conflict:
            return
