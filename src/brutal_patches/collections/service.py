"""What can be done with collections. Private patches in a public one stay hidden from others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import chain
from typing import Any, cast

import msgspec
from msgspec import UNSET

from brutal_patches.actor import Actor
from brutal_patches.audit import daily
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock, new_id, timestamp
from brutal_patches.collections import store
from brutal_patches.collections.model import (
    MAX_PATCHES,
    Collection,
    CollectionBody,
    CollectionChange,
    CollectionPage,
    PatchIds,
)
from brutal_patches.collections.packing import pack
from brutal_patches.errors import FieldError, Forbidden, Invalid, PreconditionFailed
from brutal_patches.patches.service import Patches
from brutal_patches.storage import keys
from brutal_patches.storage.keys import Partition
from brutal_patches.storage.once import Once, recorded, write_once
from brutal_patches.storage.operations import Item, Query
from brutal_patches.storage.table import Table

_TRIES = 5


class Collections:
    """The use cases of collections."""

    def __init__(self, table: Table, clock: Clock, patches: Patches, public_url: str) -> None:
        self._table = table
        self._clock = clock
        self._patches = patches
        self._url = public_url.rstrip("/")

    async def create(self, actor: Actor, body: CollectionBody, mark: Once | None = None) -> Collection:
        """A new collection of `actor`'s."""
        if earlier := await recorded(self._table, mark):
            return msgspec.json.decode(earlier, type=Collection)
        moment = timestamp(self._clock)
        collection = Collection(
            **await self._checked(actor, msgspec.structs.asdict(body)),
            id=new_id(self._clock),
            user_id=actor.user_id,
            username=actor.username,
            created_at=moment,
            updated_at=moment,
        )
        answer = msgspec.json.encode(collection)
        counted = daily.happened(self._clock, "collections")
        final = await write_once(self._table, mark, answer, *store.add(collection), counted)
        return msgspec.json.decode(final, type=Collection)

    async def duplicate(self, actor: Actor, collection_id: str, mark: Once | None = None) -> Collection:
        """A copy of a collection that `actor` may see, private at first, with the patches they may see."""
        if earlier := await recorded(self._table, mark):
            return msgspec.json.decode(earlier, type=Collection)
        page = await self.page(actor, collection_id)
        body = CollectionBody(
            name=page.name, description=page.description, patch_ids=page.patch_ids, is_public=False, tags=page.tags
        )
        return await self.create(actor, body, mark)

    async def page(self, actor: Actor, collection_id: str) -> CollectionPage:
        """A collection with its patches."""
        collection = await self._readable(actor, collection_id)
        patches = await self._patches.visible(actor, collection.patch_ids)
        fields = msgspec.structs.asdict(collection) | {"patch_ids": tuple(patch.id for patch in patches)}
        return CollectionPage(**fields, patches=patches)

    async def mine(self, actor: Actor) -> list[Collection]:
        """One's own collections, the newest first."""
        return await self._listed(actor, keys.owned_collections(actor.user_id), 1000, 0)

    async def made_by(self, user_id: str, limit: int, before: str) -> list[Collection]:
        """The newest collections of a user, or those with ids before `before`; private ones too."""
        query = Query(keys.owned_collections(user_id), limit, newest_first=True, before=before, consistent=True)
        lines = (await self._table.query(query)).items
        found = await self._table.get_many([keys.collection(str(line["id"])) for line in lines])
        return [store.collection_of(item) for item in found if item]

    async def public(self, actor: Actor, limit: int, offset: int) -> list[Collection]:
        """The newest public collections."""
        return await self._listed(actor, keys.public_collections(), limit, offset)

    async def replace(
        self, actor: Actor, collection_id: str, change: CollectionChange, seen: frozenset[int] | None = None
    ) -> Collection:
        """Rename, reorder, publish: all that its owner may change, in the versions that If-Match allows."""
        named = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
        fields = await self._checked(actor, named)
        return await self._change(actor, collection_id, lambda _: fields, seen)

    async def add_patch(self, actor: Actor, collection_id: str, patch_id: int) -> Collection:
        """Put a patch at the end; one that is in it already stays where it is."""
        await self._patches.read(actor, patch_id)

        def with_it(seen: Collection) -> dict[str, object]:
            if patch_id in seen.patch_ids:
                return {}
            if len(seen.patch_ids) >= MAX_PATCHES:
                raise Invalid(f"A collection holds at most {MAX_PATCHES} patches.")
            return {"patch_ids": (*seen.patch_ids, patch_id)}

        return await self._change(actor, collection_id, with_it)

    async def remove_patch(self, actor: Actor, collection_id: str, patch_id: int) -> Collection:
        """Take a patch out."""

        def without_it(seen: Collection) -> dict[str, object]:
            if patch_id not in seen.patch_ids:
                return {}
            return {"patch_ids": tuple(each for each in seen.patch_ids if each != patch_id)}

        return await self._change(actor, collection_id, without_it)

    async def delete(self, actor: Actor, collection_id: str, seen: frozenset[int] | None = None) -> None:
        """Remove the collection; its patches stay."""
        for _ in range(_TRIES):
            collection = await self._own(actor, collection_id, seen)
            audited = entry(
                actor,
                "collection.deleted",
                f"collection/{collection_id}",
                self._clock,
                before={"name": collection.name},
            )
            try:
                return await self._table.write(*store.remove(collection), audited)
            except PreconditionFailed:
                continue
        raise store.changed_meanwhile()

    async def remove_all(self, user_id: str) -> None:
        """Remove every collection of somebody who leaves."""
        for line in await self._table.all(Query(keys.owned_collections(user_id), consistent=True)):
            item = await self._table.get(keys.collection(str(line["id"])))
            if item is not None:
                await self._table.write(*store.remove(store.collection_of(item)))

    async def everything(self) -> AsyncIterator[list[Collection]]:
        """All collections, private ones too, in parts: for those who look after them."""
        async for lines in self._table.pages(Query(keys.listed_collections(), 500, consistent=True)):
            items = await self._table.get_many([keys.collection(str(line["id"])) for line in lines])
            yield [store.collection_of(item) for item in items if item]

    async def pack(self, actor: Actor, collection_id: str) -> tuple[str, bytes]:
        """The collection for a place without a network: a file name, and a zip."""
        page = await self.page(actor, collection_id)
        # Drawing hundreds of sheets takes a while, in which others want to be served.
        packed = await asyncio.to_thread(pack, page, self._url)
        return f"brutal-patches-{collection_id}.zip", packed

    async def _change(
        self,
        actor: Actor,
        collection_id: str,
        change: Callable[[Collection], dict[str, object]],
        seen: frozenset[int] | None = None,
    ) -> Collection:
        """Apply `change` to what is stored now; where somebody was faster, to what is stored then."""
        for _ in range(_TRIES):
            before = await self._own(actor, collection_id, seen)
            changes = change(before)
            if all(getattr(before, name) == value for name, value in changes.items()):
                return await self._shown(actor, before)
            edited = store.raised(before, timestamp(self._clock), **changes)
            try:
                await self._table.write(*store.replace(before, edited))
            except PreconditionFailed:
                continue
            return await self._shown(actor, edited)
        raise store.changed_meanwhile()

    async def _checked(self, actor: Actor, fields: dict[str, Any]) -> dict[str, Any]:
        """`fields` without double patches; those that the actor cannot see are named."""
        checked = dict(fields)
        if isinstance(name := fields.get("name"), str):
            checked["name"] = name.strip() or name
        if "patch_ids" in fields:
            wanted = tuple(dict.fromkeys(cast("PatchIds", fields["patch_ids"])))
            seen = {patch.id for patch in await self._patches.visible(actor, wanted)}
            if unknown := [patch_id for patch_id in wanted if patch_id not in seen]:
                fault = FieldError("patchIds", f"there is no patch {unknown[0]}")
                raise Invalid("Some fields of the collection are not acceptable.", errors=[fault])
            checked["patch_ids"] = wanted
        return checked

    async def _listed(self, actor: Actor, partition: Partition, limit: int, offset: int) -> list[Collection]:
        query = Query(partition, offset + limit, newest_first=True, consistent=True)
        lines: list[Item] = []
        async for part in self._table.pages(query):
            lines += part
            if len(lines) >= offset + limit:
                break
        wanted = [keys.collection(str(line["id"])) for line in lines[offset : offset + limit]]
        collections = [store.collection_of(item) for item in await self._table.get_many(wanted) if item]
        mine = [each for each in collections if each.is_public or actor.owns(each.user_id)]
        return await self._all_shown(actor, mine)

    async def _shown(self, actor: Actor, collection: Collection) -> Collection:
        return (await self._all_shown(actor, [collection]))[0]

    async def _all_shown(self, actor: Actor, collections: list[Collection]) -> list[Collection]:
        """The collections with those of their patches that the actor may know of: authors may have hidden some."""
        wanted = list(dict.fromkeys(chain.from_iterable(each.patch_ids for each in collections)))
        seen = {patch.id for patch in await self._patches.visible(actor, wanted)}
        return [
            msgspec.structs.replace(each, patch_ids=tuple(number for number in each.patch_ids if number in seen))
            for each in collections
        ]

    async def _readable(self, actor: Actor, collection_id: str) -> Collection:
        item = await self._table.get(keys.collection(collection_id))
        collection = store.collection_of(item) if item else None
        if collection is None or not (collection.is_public or actor.owns(collection.user_id)):
            raise store.no_such_collection()
        return collection

    async def _own(self, actor: Actor, collection_id: str, seen: frozenset[int] | None = None) -> Collection:
        collection = await self._readable(actor, collection_id)
        if not actor.owns(collection.user_id):
            raise Forbidden("Only its owner can change a collection; you can duplicate it instead.")
        if seen is not None and collection.version not in seen:
            raise store.changed_meanwhile()
        return collection
