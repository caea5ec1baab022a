"""One's own patches, private ones included, straight from the table."""

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.http.cursors import Cursors
from brutal_patches.patches import store
from brutal_patches.patches.model import Patch
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Item, Query
from brutal_patches.storage.table import Table


class PatchPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Some patches, newest first, and where to go on."""

    patches: tuple[Patch, ...]
    has_more: bool | msgspec.UnsetType = msgspec.field(name="hasMore")
    next_cursor: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="nextCursor")


class OwnPatches:
    """What a user sees of their own, consistently: every list has the write that was just made."""

    def __init__(self, table: Table, cursors: Cursors) -> None:
        self._table = table
        self._cursors = cursors

    async def total(self, actor: Actor) -> int:
        """How many there are."""
        return await self._table.count(Query(keys.owned_patches(actor.user_id), consistent=True))

    async def page(self, actor: Actor, limit: int, cursor: str | None) -> PatchPage:
        """The newest, or those after `cursor`."""
        context = f"my|{actor.user_id}"
        start = self._position(actor, self._cursors.open(cursor, context)) if cursor else None
        query = Query(keys.owned_patches(actor.user_id), limit, newest_first=True, start=start, consistent=True)
        page = await self._table.query(query)
        patches = await self._read(page.items)
        if page.next is None or not page.items:
            return PatchPage(patches, has_more=False)
        following = self._cursors.seal([int(str(page.items[-1]["id"]))], context)
        return PatchPage(patches, has_more=True, next_cursor=following)

    async def part(self, actor: Actor, offset: int, limit: int) -> tuple[Patch, ...]:
        """`limit` patches after the newest `offset` ones."""
        query = Query(keys.owned_patches(actor.user_id), newest_first=True, consistent=True)
        items = await self._table.all(query)
        return await self._read(items[offset : offset + limit])

    async def deleted(self, actor: Actor) -> tuple[Patch, ...]:
        """Those that can still be brought back."""
        query = Query(keys.deleted_patches(actor.user_id), newest_first=True, consistent=True)
        items = await self._table.all(query)
        return await self._read(items)

    def _position(self, actor: Actor, opened: list[str | int]) -> Item:
        """The key to start after, rebuilt from who asks rather than taken from the cursor."""
        key = keys.owned_patch(actor.user_id, int(opened[0]))
        return {"pk": key.pk, "sk": key.sk}

    async def _read(self, items: list[Item]) -> tuple[Patch, ...]:
        found = await self._table.get_many([keys.patch(int(str(item["id"]))) for item in items])
        return tuple(store.from_item(item).patch for item in found if item)
