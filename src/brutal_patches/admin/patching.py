"""Many patches at once: deleted, brought out, hidden or shown."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.admin.service import Done, tried
from brutal_patches.audit.entries import entry
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.clock import Clock, timestamp
from brutal_patches.feedback.moderating import Moderating
from brutal_patches.patches import store
from brutal_patches.storage import keys
from brutal_patches.storage.table import Table


class Params(msgspec.Struct, frozen=True):
    """What becomes of patches that are moderated, and why their authors are told so."""

    action: Literal["hide", "show"] = "hide"
    reason: str = ""


class Patching:
    """The use cases of admins with patches, whoever's they are; each patch is audited on its own."""

    def __init__(self, table: Table, clock: Clock, moderating: Moderating, feeder: Feeder) -> None:
        self._table = table
        self._clock = clock
        self._moderating = moderating
        self._feeder = feeder

    async def delete(self, actor: Actor, patch_ids: Sequence[int], reason: str) -> Done:
        """Delete patches; their owners can bring them back for 30 days."""
        return await tried("patches", dict.fromkeys(patch_ids), lambda each: self._delete(actor, each, reason))

    async def _delete(self, actor: Actor, patch_id: int, reason: str) -> None:
        item = await self._table.get(keys.patch(patch_id))
        record = store.from_item(item) if item else None
        if record is None or record.deleted_at:
            raise store.no_such_patch(patch_id)
        deleted = msgspec.structs.replace(record, deleted_at=timestamp(self._clock))
        told = {"title": record.patch.title, "owner": record.owner_id}
        audited = entry(actor, "patch.deleted", f"patch/{patch_id}", self._clock, before=told, reason=reason)
        await self._table.write(*store.bury(deleted, self._clock.now()), audited)

    async def moderate(self, actor: Actor, patch_ids: Sequence[int], params: Params) -> Done:
        """Hide patches, or show them again."""
        reason = (params.reason or "Hidden by a moderator.") if params.action == "hide" else ""
        return await tried(
            "patches", dict.fromkeys(patch_ids), lambda each: self._moderating.set_hidden(actor, each, reason)
        )

    async def export(self, actor: Actor, patch_ids: Sequence[int]) -> Done:
        """The patches themselves, private ones too; ids that there are none of are named."""
        memory = self._feeder.memory
        known: dict[int, Any] = {
            patch_id: msgspec.json.decode(found.body)
            for patch_id in dict.fromkeys(patch_ids)
            if (found := memory.find(patch_id))
        }
        missing = [patch_id for patch_id in dict.fromkeys(patch_ids) if patch_id not in known]
        await self._table.write(entry(actor, "export.made", "export/patches", self._clock, after={"ids": list(known)}))
        results = {"patches": list(known.values()), "missing": missing}
        return Done(f"{len(known)} patches, {len(missing)} not found.", not missing, results)
