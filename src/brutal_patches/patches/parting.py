"""What becomes of the patches of somebody who leaves."""

from msgspec import structs

from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import NotFound
from brutal_patches.patches import store
from brutal_patches.patches.model import PatchRecord
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Item, Query
from brutal_patches.storage.table import Table

_AT_ONCE = 90


class Parting:
    """Takes apart what one user has; each step can be done again, so one that was cut off is simply repeated."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def remove(self, user_id: str) -> int:
        """Delete every patch for good, those in their 30 days too; what others forked stays as a tombstone."""
        removed = 0
        for record in await self._records(user_id):
            await self._bury(record)
            removed += 1
        await self._forget_deleted(user_id)
        return removed

    async def hand_over(self, user_id: str, keeper_id: str, keeper_name: str) -> int:
        """Let the keeper have every public patch, and delete the private ones, which nobody else could see."""
        kept = 0
        for record in await self._records(user_id):
            if not record.is_public:
                await self._bury(record)
                continue
            for version in await self._versions(record.patch.id):
                await self._table.write(store.rename_version(record.patch.id, version, keeper_name))
            await self._table.write(*store.hand_over(record, keeper_id, keeper_name, timestamp(self._clock)))
            kept += 1
        await self._forget_deleted(user_id)
        return kept

    async def _records(self, user_id: str) -> list[PatchRecord]:
        lines = await self._table.all(Query(keys.owned_patches(user_id), consistent=True))
        items = await self._table.get_many([keys.patch(int(str(line["id"]))) for line in lines])
        return [store.from_item(item) for item in items if item]

    async def _bury(self, record: PatchRecord) -> None:
        deleted = structs.replace(record, deleted_at=timestamp(self._clock))
        try:
            await self._table.write(*store.bury(deleted, self._clock.now()))
        except NotFound:
            # It was deleted meanwhile, by its owner's last request.
            await self._table.write(Delete(keys.owned_patch(record.owner_id, record.patch.id)))
        await self._drop_versions(record.patch.id)

    async def _forget_deleted(self, user_id: str) -> None:
        """Nobody is left who could bring these back."""
        for line in await self._table.all(Query(keys.deleted_patches(user_id), consistent=True)):
            patch_id = int(str(line["id"]))
            await self._drop_versions(patch_id)
            await self._table.write(Delete(keys.deleted_patch(user_id, patch_id)))

    async def _drop_versions(self, patch_id: int) -> None:
        numbers = await self._versions(patch_id)
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            await self._table.write(*(Delete(keys.patch_version(patch_id, number)) for number in part))

    async def _versions(self, patch_id: int) -> list[int]:
        items: list[Item] = await self._table.all(Query(keys.patch_versions(patch_id), consistent=True))
        return [int(str(item["version"])) for item in items]
