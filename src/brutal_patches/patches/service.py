"""What can be done with a patch, and by whom. Every change keeps a version."""

from collections.abc import Sequence

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.audit import daily
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Forbidden, NotFound, PreconditionFailed
from brutal_patches.patches import store
from brutal_patches.patches.model import Origin, Patch, PatchBody, PatchRecord, PatchVersion, body_of
from brutal_patches.storage import keys
from brutal_patches.storage.once import Once, recorded, write_once
from brutal_patches.storage.operations import Put, Query
from brutal_patches.storage.table import Table

EDIT_TRIES = 5


class Patches:
    """The use cases of patches. A stranger's private patch is a 404, a stranger's public one a 403 on write."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def read(self, actor: Actor, patch_id: int) -> PatchRecord:
        """The patch as it is in the table, if `actor` may know of it."""
        record = await self._find(patch_id)
        if record is None or not record.visible_to(actor):
            raise store.no_such_patch(patch_id)
        return record

    async def visible(self, actor: Actor, patch_ids: Sequence[int]) -> tuple[Patch, ...]:
        """Those of these patches that `actor` may know of, in this order."""
        items = await self._table.get_many([keys.patch(patch_id) for patch_id in patch_ids])
        records = [store.from_item(item) for item in items if item]
        return tuple(record.patch for record in records if record.visible_to(actor))

    async def create(self, actor: Actor, body: PatchBody, mark: Once | None = None) -> Patch:
        """A new patch of `actor`'s under the next id."""
        return await self._add(actor, body, mark)

    async def fork(self, actor: Actor, patch_id: int, title: str = "", mark: Once | None = None) -> Patch:
        """A copy of another's or one's own patch to go on from, which names where it came from."""
        parent = (await self.read(actor, patch_id)).patch
        body = msgspec.structs.replace(body_of(parent), title=title or parent.title)
        return await self._add(actor, body, mark, Origin(parent.id, parent.title, parent.username))

    async def _add(self, actor: Actor, body: PatchBody, mark: Once | None, origin: Origin | None = None) -> Patch:
        if earlier := await recorded(self._table, mark):
            return msgspec.json.decode(earlier, type=Patch)
        record = await self._new_record(actor, body, origin)
        answer = msgspec.json.encode(record.patch)
        counted = [daily.happened(self._clock, "patches", *(("forks",) if origin else ()))]
        if origin:
            counted.append(store.count_fork(origin.id, record.patch.created_at))
        final = await write_once(self._table, mark, answer, *store.add(record), *counted)
        return msgspec.json.decode(final, type=Patch)

    async def _new_record(self, actor: Actor, body: PatchBody, origin: Origin | None) -> PatchRecord:
        counted = await self._table.change(store.next_id())
        moment = timestamp(self._clock)
        patch = Patch(
            **msgspec.structs.asdict(body),
            id=int(str(counted["value"])),
            username=actor.username,
            created_at=moment,
            updated_at=moment,
            parent_id=origin.id if origin else msgspec.UNSET,
            forked_from=origin or msgspec.UNSET,
        )
        return PatchRecord(patch=patch, owner_id=actor.user_id)

    async def replace(
        self, actor: Actor, patch_id: int, body: PatchBody, seen: frozenset[int] | None = None, changes: str = ""
    ) -> Patch:
        """The patch with `body` in place of what it was; the same body again changes nothing.

        `seen` are the versions that the client's If-Match allows. Without it the last writer wins.
        """
        for _ in range(EDIT_TRIES):
            before = await self._own(actor, patch_id, seen)
            if body_of(before.patch) == body:
                return before.patch
            edited = self._edited(before, body)
            try:
                await self._table.write(store.replace(edited), *self._kept(before, edited, changes))
            except PreconditionFailed:
                if seen is not None:
                    raise
            else:
                return edited.patch
        raise store.changed_meanwhile()

    def _edited(self, before: PatchRecord, body: PatchBody) -> PatchRecord:
        changes = msgspec.structs.asdict(body)
        patch = msgspec.structs.replace(
            before.patch, **changes, version=before.patch.version + 1, updated_at=timestamp(self._clock)
        )
        return msgspec.structs.replace(before, patch=patch)

    def _kept(self, before: PatchRecord, edited: PatchRecord, changes: str) -> list[Put]:
        kept = [store.keep_version(edited, changes)]
        if before.patch.is_public != edited.patch.is_public:
            kept.append(store.list_under_owner(edited))
        return kept

    async def delete(self, actor: Actor, patch_id: int, seen: frozenset[int] | None = None) -> None:
        """Take the patch away; its owner can bring it back for 30 days."""
        record = await self._own(actor, patch_id, seen)
        deleted = msgspec.structs.replace(record, deleted_at=timestamp(self._clock))
        audited = entry(actor, "patch.deleted", f"patch/{patch_id}", self._clock, before={"title": record.patch.title})
        await self._table.write(*store.bury(deleted, self._clock.now()), audited)

    async def restore(self, actor: Actor, patch_id: int) -> Patch:
        """Bring back a patch that its owner deleted, with its history."""
        record = await self._find(patch_id)
        if record is None or not actor.owns(record.owner_id) or self._expired(record):
            raise store.no_such_patch(patch_id)
        if not record.deleted_at:
            return record.patch
        patch = msgspec.structs.replace(record.patch, updated_at=timestamp(self._clock))
        back = msgspec.structs.replace(record, patch=patch, deleted_at="")
        await self._table.write(*store.unbury(back), entry(actor, "patch.restored", f"patch/{patch_id}", self._clock))
        return patch

    def _expired(self, record: PatchRecord) -> bool:
        """TTL removes items hours late, and forked patches not at all; the 30 days count all the same."""
        return bool(record.deleted_at) and store.grace_is_over(record.deleted_at, self._clock.now())

    async def history(self, actor: Actor, patch_id: int) -> list[PatchVersion]:
        """The kept versions that `actor` may see, newest first."""
        record = await self.read(actor, patch_id)
        query = Query(keys.patch_versions(patch_id), newest_first=True, consistent=True)
        items = await self._table.all(query)
        versions = [store.version_from_item(item, record.patch.version) for item in items]
        return [version for version in versions if _shown(actor, record, version)]

    async def version(self, actor: Actor, patch_id: int, number: int) -> PatchVersion:
        """One kept version."""
        record = await self.read(actor, patch_id)
        item = await self._table.get(keys.patch_version(patch_id, number))
        version = store.version_from_item(item, record.patch.version) if item else None
        if version is None or not _shown(actor, record, version):
            raise NotFound(f"Patch {patch_id} has no version {number}.")
        return version

    async def restore_version(self, actor: Actor, patch_id: int, number: int) -> Patch:
        """The patch as it was in version `number`, as a new version."""
        await self._own(actor, patch_id, None)
        kept = await self.version(actor, patch_id, number)
        return await self.replace(actor, patch_id, kept.body, changes=f"Restored version {number}")

    async def _own(self, actor: Actor, patch_id: int, seen: frozenset[int] | None) -> PatchRecord:
        record = await self.read(actor, patch_id)
        if not actor.owns(record.owner_id):
            raise Forbidden("Only its author can change a patch; you can fork it instead.")
        if seen is not None and record.patch.version not in seen:
            raise store.changed_meanwhile()
        return record

    async def _find(self, patch_id: int) -> PatchRecord | None:
        item = await self._table.get(keys.patch(patch_id))
        return store.from_item(item) if item else None


def _shown(actor: Actor, record: PatchRecord, version: PatchVersion) -> bool:
    """What was kept while the patch was private stays its owner's when the patch is published."""
    return bool(version.body.is_public) or actor.owns(record.owner_id)
