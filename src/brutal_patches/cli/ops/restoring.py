"""A restore from its beginning to the service's tasks on the new tables."""

from typing import Any

import msgspec

from brutal_patches.actor import SYSTEM
from brutal_patches.assembly import Parts
from brutal_patches.cli.ops.shell import Shell, tell
from brutal_patches.cli.working import opened
from brutal_patches.errors import Conflict, Unavailable
from brutal_patches.operations import restoring, revisions, tables
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.restoring import Origin
from brutal_patches.operations.waiting import Pace
from brutal_patches.patches.importing import Importing
from brutal_patches.storage import keys
from brutal_patches.storage.creation import create_tables

AHEAD = 1000
"""By how much the counter of ids goes ahead of the highest id that is known to have been given: some may have been
given and lost."""


class Restored(msgspec.Struct, frozen=True, rename="camel"):
    """What a restore came to. `found` is what the restored table holds beside `serving`, what the other one does."""

    table_prefix: str
    origin: str
    found: dict[str, int]
    serving: dict[str, int]
    upkeep: dict[str, dict[str, int]]
    next_id_above: int
    switched: bool
    dry_run: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether the table agrees with itself, and is not empty where the other one is not."""
        drift = sum(self.upkeep.get("reconcile", {}).values())
        return self.dry_run or (not drift and (not self.serving.get("patches") or bool(self.found.get("patches"))))


def carry_out(shell: Shell, wanted: Origin, slot: str | None, *, switch: bool, resume: bool, pace: Pace) -> Restored:
    """Restore (or find what was restored, to `resume`), verify, prepare, switch."""

    async def work(cloud: Cloud) -> Restored:
        live = await tables.live_prefix(cloud, shell.names)
        source = await tables.core(cloud, shell.names, live)
        target = shell.names.slot(slot or await tables.free_slot(cloud, shell.names))
        if target == live:
            raise Conflict(f"{target}-core serves, so nothing is restored to it.")
        if resume:
            await restoring.arrived(cloud, f"{target}-core", pace)
        else:
            await _refuse_taken(cloud, target)
            await restoring.verify(cloud, source, wanted)
            await restoring.restore(cloud, shell.names, source, f"{target}-core", wanted, pace)
        if shell.dry_run:
            return Restored(target, str(wanted), {}, {}, {}, 0, switched=False, dry_run=True)
        await _complete(cloud, shell, live, target, source)
        restored = await _prepare(shell, live, target, wanted)
        back = f"switch-to {slot_of(shell, live)} --stage {shell.names.stage}"
        tell(f"to undo, once it serves: brutal-patches ops backup {back}")
        if switch and restored.is_sound:
            await _switch(cloud, shell, target, pace)
            return msgspec.structs.replace(restored, switched=True)
        return restored

    return shell.carry(work)


async def _refuse_taken(cloud: Cloud, target: str) -> None:
    if await tables.described(cloud, f"{target}-core"):
        raise Conflict(f"{target}-core is there already. Name another --slot, or --resume where it is half done.")


async def _complete(cloud: Cloud, shell: Shell, live: str, target: str, source: dict[str, Any]) -> None:
    """Make the other table, and give both what the ones that serve have."""
    await create_tables(shell.settings(target).dynamodb)
    await restoring.resemble(cloud, source, f"{target}-core", precious=True)
    other = await tables.described(cloud, f"{live}-ephemeral")
    if other:
        await restoring.resemble(cloud, other, f"{target}-ephemeral", precious=False)


async def _prepare(shell: Shell, live: str, target: str, wanted: Origin) -> Restored:
    """Count anew, go ahead with ids, end every session: on the new tables alone."""
    serving, given = await _known_of(shell, live)
    async with opened(shell.settings(target)) as parts:
        await parts.feeder.load()
        done = await parts.upkeep.carry_out(SYSTEM, ("recount", "orphans", "reconcile"))
        found = await _counts(parts)
        highest = await _make_safe(parts, max(given, found["highestId"]))
    return Restored(target, str(wanted), found, serving, done.results, highest, switched=False)


async def _make_safe(parts: Parts, given: int) -> int:
    """Before tables serve (again): no id is given twice, and nobody's session of another time counts."""
    highest = max(given, await _counter(parts)) + AHEAD
    await Importing(parts.table, parts.clock).jump_ahead(highest)
    await parts.standings.end_everybodys_sessions(SYSTEM)
    return highest


async def _known_of(shell: Shell, live: str) -> tuple[dict[str, int], int]:
    """What the table that serves holds, and the highest id it has given; nothing where it cannot be read."""
    try:
        async with opened(shell.settings(live)) as parts:
            found = await _counts(parts)
            return found, max(found["highestId"], await _counter(parts))
    except Unavailable as fault:
        tell(f"{live}-core cannot be read, so there is nothing to compare with: {fault.message}")
        return {}, 0


async def _counts(parts: Parts) -> dict[str, int]:
    """What a table holds, counted item by item."""
    counted = {"patches": 0, "versions": 0, "users": 0, "collections": 0, "items": 0, "highestId": 0}
    named = {"LATEST": "patches", "PROFILE": "users", "COLLECTION": "collections"}
    async for page in parts.table.scan("core"):
        for item in page:
            pk, sk = str(item["pk"]), str(item["sk"])
            counted["items"] += 1
            kind = "versions" if sk.startswith("VERSION#") else named.get(sk)
            if kind:
                counted[kind] += 1
            if sk == "LATEST":
                counted["highestId"] = max(counted["highestId"], int(pk.partition("#")[2]))
    return counted


async def _counter(parts: Parts) -> int:
    item = await parts.table.get(keys.counter("patches"))
    return int(str(item["value"])) if item else 0


def switch(shell: Shell, prefix: str, pace: Pace) -> None:
    """Let the service use other tables that are there."""

    async def work(cloud: Cloud) -> None:
        await tables.core(cloud, shell.names, prefix)
        live = await tables.live_prefix(cloud, shell.names)
        if live == prefix:
            raise Conflict(f"{prefix}-core serves already.")
        if not shell.dry_run:
            _, given = await _known_of(shell, live)
            async with opened(shell.settings(prefix)) as parts:
                await _make_safe(parts, given)
        await _switch(cloud, shell, prefix, pace)

    shell.carry(work)


async def _switch(cloud: Cloud, shell: Shell, prefix: str, pace: Pace) -> None:
    await tables.switch(cloud, shell.names, prefix)
    await revisions.start_anew(cloud, shell.names, pace)


def slot_of(shell: Shell, prefix: str) -> str:
    """How `switch-to` calls these tables."""
    return prefix.removeprefix(f"{shell.names.table_prefix}-") if prefix != shell.names.table_prefix else "original"


def text(shell: Shell, restored: Restored) -> str:
    """The report for people."""
    if restored.dry_run:
        return f"Nothing was changed. It would be restored to {restored.table_prefix}-core."
    rows = [
        f"  {name:12} {count:9}   {restored.serving.get(name, 'unknown')!s:>9} in the tables that served"
        for name, count in restored.found.items()
    ]
    done = [
        f"  {task}: {', '.join(f'{n} {what}' for what, n in counts.items())}"
        for task, counts in restored.upkeep.items()
    ]
    names, slot = shell.names, slot_of(shell, restored.table_prefix)
    verdict = "sound" if restored.is_sound else "NOT SOUND"
    head = f"{restored.table_prefix}-core is {verdict}, restored from {restored.origin}."
    steps = (
        [
            "The service uses it.",
            "Bring the stack in step: set `slot` of the stage in cdk/config.py, deploy data, service, observability,",
            "so that backups, alarms and dashboards follow. Delete the tables that served when nobody misses anything.",
        ]
        if restored.switched
        else [
            f"The service does not use it. For that: brutal-patches ops backup switch-to {slot} --stage {names.stage}"
        ]
    )
    return "\n".join([head, *rows, *done, f"  new patches get ids above {restored.next_id_above}", *steps])
