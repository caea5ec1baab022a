"""The work of admins on the running service; each piece is audited."""

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.clock import Clock, monotonic
from brutal_patches.storage.table import Table


class Done(msgspec.Struct, frozen=True):
    """The answer to an order that was carried out; `results` are figures of what was really done."""

    message: str
    success: bool = True
    results: dict[str, float] = {}


class Administration:
    """Orders to this task."""

    def __init__(self, table: Table, clock: Clock, feeder: Feeder) -> None:
        self._table = table
        self._clock = clock
        self._feeder = feeder

    async def rebuild_catalogue(self, actor: Actor) -> Done:
        """Read the whole catalogue anew beside the one that serves, then put it in its place."""
        before = len(self._feeder.memory)
        started = monotonic()
        await self._feeder.load()
        results = {
            "patchesBefore": before,
            "patchesAfter": len(self._feeder.memory),
            "seconds": round(monotonic() - started, 3),
        }
        await self._table.write(entry(actor, "catalogue.rebuilt", "catalogue", self._clock, after=results))
        return Done("The catalogue was read anew.", results=results)
