"""The work of admins on the running service; each piece is audited."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.clock import Clock, monotonic
from brutal_patches.errors import DomainError
from brutal_patches.http.switches import Change, Positions, Switches
from brutal_patches.storage.table import Table


class Done(msgspec.Struct, frozen=True):
    """The answer to an order that was carried out; `results` are figures of what was really done."""

    message: str
    success: bool = True
    results: dict[str, Any] = {}


async def tried[T: (int, str)](what: str, subjects: Iterable[T], work: Callable[[T], Awaitable[object]]) -> Done:
    """`work` done on each subject on its own: one that is refused does not keep the others, and is named."""
    failures: list[dict[str, str]] = []
    done = 0
    for subject in subjects:
        try:
            await work(subject)
            done += 1
        except DomainError as fault:
            failures.append({"id": str(subject), "message": fault.message})
    message = f"{done} {what} done, {len(failures)} refused."
    return Done(message, not failures, {"done": done, "failed": len(failures), "failures": failures})


class Administration:
    """Orders to the service: its catalogue, and its switches."""

    def __init__(self, table: Table, clock: Clock, feeder: Feeder, switches: Switches) -> None:
        self._table = table
        self._clock = clock
        self._feeder = feeder
        self._switches = switches

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

    async def settings(self) -> Positions:
        """How the switches stand."""
        return await self._switches.refresh()

    async def change_settings(self, actor: Actor, change: Change) -> Positions:
        """Turn switches for every task; what was before and what is after goes into the audit."""
        before = await self._switches.refresh()
        after = self._switches.turned(change)
        if msgspec.structs.replace(after, version=before.version, updated_at=before.updated_at) == before:
            return before
        audited = entry(actor, "settings.changed", "settings", self._clock, before=before, after=after)
        await self._switches.turn(after, audited)
        return after
