"""Commands that bring patches in and out: `seed`, `import legacy`, `export`."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any, TextIO

import click
import msgspec

from brutal_patches.accounts.model import User
from brutal_patches.assembly import Parts
from brutal_patches.cli import seeding
from brutal_patches.cli.exits import FOUND, USAGE, fail, told
from brutal_patches.cli.working import carry_out, opened, settings_from_environment
from brutal_patches.errors import NotFound
from brutal_patches.patches import store
from brutal_patches.patches.importing import Importing
from brutal_patches.patches.legacy import KEEPER, LegacyPatch, NotAPatch, read_row
from brutal_patches.storage import feed, keys

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_AT_ONCE = 16


class Imported(msgspec.Struct, frozen=True):
    """What an import did: patches by outcome, rows that could not be kept, and changes by field."""

    outcomes: dict[str, int]
    refused: list[str]
    changes: dict[str, int]
    highest: int


@click.command("seed")
@JSON
def seed_command(as_json: bool) -> None:
    """Add the demo users and patches that are missing."""
    settings = settings_from_environment()
    if settings.is_production:
        fail("Demo data has no place in production.", USAGE)

    async def work() -> seeding.Seeded:
        async with opened(settings) as parts:
            return await seeding.seed(parts)

    seeded = carry_out(work())
    told(seeded, as_json, f"{seeded.users} users and {seeded.patches} patches added.")


@click.group("import")
def import_group() -> None:
    """Bring patches in."""


@import_group.command("legacy")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--report", type=click.File("w", encoding="utf-8"), help="Write every change to this file, as NDJSON.")
@JSON
def import_legacy(file: TextIO, report: TextIO | None, as_json: bool) -> None:
    """Import the predecessor's export FILE (a JSON array, or one object a line; - for stdin).

    Every patch keeps its id. What is there already stays as it is, so it can be run again.
    """
    rows, refused = _read(file)
    amendments = [amendment for row in rows for amendment in row.amendments]
    for amendment in amendments if report else ():
        click.echo(msgspec.json.encode(amendment), file=report)
    outcomes = carry_out(_keep(rows))
    changes = Counter(f"{amendment.field}: {amendment.why}" for amendment in amendments)
    highest = max((row.id for row in rows), default=0)
    imported = Imported(dict(outcomes), refused, dict(changes), highest)
    lines = [f"{count:6}  {outcome}" for outcome, count in outcomes.items()]
    lines += [f"{count:6}  {change}" for change, count in sorted(changes.items())]
    told(imported, as_json, "\n".join([*lines, *(f"REFUSED {why}" for why in refused)]))
    if refused:
        raise click.exceptions.Exit(FOUND)


def _read(file: TextIO) -> tuple[list[LegacyPatch], list[str]]:
    """The patches of a file, and why some rows cannot be kept."""
    rows: list[LegacyPatch] = []
    refused: list[str] = []
    seen: set[int] = set()
    for row in _parse(file.read()):
        try:
            found = read_row(row)
        except NotAPatch as fault:
            refused.append(str(fault))
            continue
        if found.id in seen:
            refused.append(f"the id {found.id} comes twice; the first was kept")
        else:
            rows.append(found)
        seen.add(found.id)
    return rows, refused


def _parse(text: str) -> Iterable[dict[str, Any]]:
    try:
        rows = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines()]
    except ValueError as fault:
        fail(f"The file is not JSON: {fault}", USAGE)
    if not all(isinstance(row, dict) for row in rows):
        fail("The file has rows that are not objects.", USAGE)
    return rows


async def _keep(rows: list[LegacyPatch]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    async with opened(settings_from_environment()) as parts:
        importing = Importing(parts.table)
        # First, so that a patch that is created meanwhile does not take an id of theirs.
        await importing.jump_ahead(max((row.id for row in rows), default=0))
        owners = {name: await _owner(parts, name) for name in {row.username for row in rows}}
        with click.progressbar(length=len(rows), label="patches", file=sys.stderr) as bar:
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                outcomes.update(await asyncio.gather(*(importing.keep(row, owners[row.username]) for row in part)))
                bar.update(len(part))
    return outcomes


async def _owner(parts: Parts, username: str) -> User:
    try:
        return await parts.standings.find_by_name(username)
    except NotFound:
        return await parts.standings.ensure_keeper(KEEPER)


@click.command("export")
@click.option("--output", default="-", type=click.File("w", encoding="utf-8"), help="A file; stdout by default.")
@click.option("--private", is_flag=True, help="Private patches too.")
def export_command(output: TextIO, private: bool) -> None:
    """Write all patches as NDJSON, one a line, in bounded memory."""

    async def work() -> int:
        count = 0
        async with opened(settings_from_environment()) as parts:
            async for line in _lines(parts, private):
                click.echo(line, file=output)
                count += 1
        return count

    click.echo(f"{carry_out(work())} patches written.", err=True)


async def _lines(parts: Parts, private: bool) -> AsyncIterator[str]:
    for shard in range(keys.FEED_SHARDS):
        async for page in feed.shard_pages(parts.table, shard):
            for item in page:
                record = store.from_item(item)
                if record.is_public or (private and not record.deleted_at):
                    yield msgspec.json.encode(record.patch).decode()


DATA_COMMANDS = (seed_command, import_group, export_command)
