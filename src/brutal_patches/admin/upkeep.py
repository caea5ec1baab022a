"""Tasks that put right what should not be wrong, and say what they found and did."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date
from typing import Any, Literal, get_args

from brutal_patches.actor import Actor
from brutal_patches.admin.service import Done
from brutal_patches.admin.traces import target_of, traces_of
from brutal_patches.audit import daily
from brutal_patches.audit.entries import entry
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.clock import Clock
from brutal_patches.errors import Conflict
from brutal_patches.feedback.recounting import Recounting
from brutal_patches.privacy.leaving import Leaving
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Item, Put
from brutal_patches.storage.retrying import together
from brutal_patches.storage.table import Table

type Task = Literal["recount", "orphans", "reconcile", "analytics"]
TASKS: tuple[Task, ...] = get_args(Task.__value__)
type Figures = dict[str, int]
PATIENCE_SECONDS = 20.0


class Upkeep:
    """The tasks: `recount` aggregates, sweep `orphans`, `reconcile` the catalogue, back-fill `analytics`."""

    def __init__(self, table: Table, clock: Clock, feeder: Feeder, recounting: Recounting, leaving: Leaving) -> None:
        self._table = table
        self._clock = clock
        self._feeder = feeder
        self._recounting = recounting
        self._leaving = leaving
        self._under_way: asyncio.Task[Done] | None = None

    async def begin(self, actor: Actor, tasks: tuple[Task, ...]) -> Done:
        """Start these tasks, and wait a while for them; what takes longer goes on, and `progress` tells of it."""
        if self._under_way is not None and not self._under_way.done():
            raise Conflict("Maintenance is under way already.")
        with together(None):
            self._under_way = asyncio.create_task(self.carry_out(actor, tasks))
        done, _ = await asyncio.wait({self._under_way}, timeout=PATIENCE_SECONDS)
        return self._under_way.result() if done else _still_at_work()

    def progress(self) -> Done:
        """What the tasks that were begun last came to, or that this service is still at it."""
        if self._under_way is None:
            return Done("Nothing was begun since this task of the service started.")
        return self._under_way.result() if self._under_way.done() else _still_at_work()

    async def finished(self) -> None:
        """Wait for what is under way."""
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    async def close(self) -> None:
        """Stop what is under way; each task can be done again."""
        if self._under_way is not None:
            self._under_way.cancel()
        await self.finished()

    async def carry_out(self, actor: Actor, tasks: tuple[Task, ...]) -> Done:
        """Do these tasks one after another; what each did is audited."""
        work: dict[Task, Callable[[], Awaitable[Figures]]] = {
            "recount": self.recount,
            "orphans": self.sweep_orphans,
            "reconcile": self.reconcile,
            "analytics": self.fill_analytics,
        }
        results: dict[str, Any] = {task: await work[task]() for task in dict.fromkeys(tasks)}
        await self._table.write(entry(actor, "maintenance.done", "maintenance", self._clock, after=results))
        return Done(f"Done: {', '.join(results)}.", results=results)

    async def recount(self) -> Figures:
        """Compare every patch's aggregates with its votes and favourites, and put right what differs."""
        checked = repaired = 0
        for known in self._feeder.memory.everything():
            repaired += await self._recounting.repair(known.id)
            checked += 1
        return {"checked": checked, "repaired": repaired}

    async def reconcile(self) -> Figures:
        """Compare the catalogue with the table."""
        drift = await self._feeder.reconcile()
        return {"missing": drift.missing, "outdated": drift.outdated, "surplus": drift.surplus}

    async def sweep_orphans(self) -> Figures:
        """Remove lines that name what is gone, add lists' lines that are missing, finish deletions of accounts."""
        counted: Counter[str] = Counter(removed=0, listed=0)
        present, lines, listed = set[str](), list[tuple[keys.Key, str]](), set[str]()
        async for item in self._core():
            pk, sk = str(item["pk"]), str(item["sk"])
            if target := target_of(item):
                lines.append((keys.Key("core", pk, sk), target))
            if sk in {"LATEST", "PROFILE", "COLLECTION"}:
                present.add(pk)
            if pk in {"USERS", "ALLCOLLECTIONS"}:
                listed.add(f"{pk}#{sk}")
        for key, target in lines:
            if target not in present and await self._is_gone(target):
                await self._table.write(Delete(key))
                counted["removed"] += 1
        for pk in present:
            counted["listed"] += await self._list(pk, listed)
        return {**counted, "deletionsFinished": await self._leaving.sweep()}

    async def _is_gone(self, target: str) -> bool:
        """Asked again, as it may have been written after the sweep had passed."""
        kind, sk = target.partition("#")[0], {"PATCH": "LATEST", "USER": "PROFILE", "COLLECTION": "COLLECTION"}
        return await self._table.get(keys.Key("core", target, sk[kind])) is None

    async def _list(self, pk: str, listed: set[str]) -> int:
        kind, _, subject = pk.partition("#")
        row = {"USER": keys.listed_user, "COLLECTION": keys.listed_collection}.get(kind)
        if row is None or f"{row(subject).pk}#{subject}" in listed:
            return 0
        await self._table.write(Put(row(subject), {"id": subject}))
        return 1

    async def fill_analytics(self) -> Figures:
        """Count every day before today anew from what is there; logins, which leave no trace, stay as counted."""
        today = self._clock.now().astimezone(UTC).date().isoformat()
        found: dict[str, Counter[str]] = {}
        async for item in self._core():
            for what, moment in traces_of(item):
                found.setdefault(moment[:10], Counter())[what] += 1
        filled = 0
        for day, counted in sorted(found.items()):
            if day < today and await self._fill(day, counted):
                filled += 1
        return {"days": len(found), "filled": filled}

    async def _fill(self, day: str, counted: Counter[str]) -> bool:
        moment = date.fromisoformat(day)
        before = (await daily.counts(self._table, moment, moment))[day]
        after = counted + Counter({name: before[name] for name in ("logins", "active")})
        if after == +before:
            return False
        await self._table.write(*daily.stand(day, after))
        return True

    async def _core(self) -> AsyncIterator[Item]:
        async for page in self._table.scan("core"):
            for item in page:
                yield item


def _still_at_work() -> Done:
    return Done("Still at work. GET /api/admin/maintenance tells what it came to; so does the audit trail.")
