"""`brutal-patches import`: from a file or from the predecessor's tables, the proof, and the way back."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import click
import msgspec

from brutal_patches.accounts.model import User
from brutal_patches.assembly import Parts
from brutal_patches.cli.exits import FOUND, USAGE, fail, told
from brutal_patches.cli.working import carry_out, opened, settings_from_environment
from brutal_patches.errors import Invalid, NotFound
from brutal_patches.migration.comparing import Compared, Comparing
from brutal_patches.migration.moving import Moved, Moving
from brutal_patches.migration.putting import Putting
from brutal_patches.migration.returning import Returning
from brutal_patches.migration.undoing import Undoing
from brutal_patches.patches.importing import Importing
from brutal_patches.patches.legacy import KEEPER, Amendment, LegacyPatch, NotAPatch, read_row
from brutal_patches.storage.foreign import ForeignTable, open_foreign

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
REPORT = click.option("--report", type=click.File("w", encoding="utf-8"), help="Write each of them as NDJSON here.")
_AT_ONCE = 16
_TABLE_HELP = "A table of the predecessor's; give it twice, for patches and for users."


class Imported(msgspec.Struct, frozen=True):
    """What an import of a file did: patches by outcome, rows that could not be kept, and changes by field."""

    outcomes: dict[str, int]
    refused: list[str]
    changes: dict[str, int]
    highest: int


class Pair(msgspec.Struct, frozen=True):
    """The predecessor's tables, told apart by their keys."""

    users: ForeignTable | None
    patches: ForeignTable | None


@click.group("import")
def import_group() -> None:
    """Bring in what the predecessor kept, prove it, and take it back."""


@import_group.command("legacy")
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@click.option("--from-table", "tables", multiple=True, help=_TABLE_HELP)
@click.option("--dry-run", is_flag=True, help="Read and report everything, write nothing; from tables only.")
@click.option("--report", type=click.File("w", encoding="utf-8"), help="Write every change to this file, as NDJSON.")
@JSON
def import_legacy(
    file: TextIO | None, tables: tuple[str, ...], dry_run: bool, report: TextIO | None, as_json: bool
) -> None:
    """Import the predecessor's tables, or its export FILE (a JSON array, or one object a line; - for stdin).

    Every patch keeps its id. It can be run again: what is there stays, and from tables another pass brings what
    has changed there since.
    """
    if (file is None) == (not tables) or (file and dry_run):
        raise click.UsageError("Name a FILE, or tables with --from-table; --dry-run is for tables.")
    if file is not None:
        _import_file(file, report, as_json)
        return
    moved = carry_out(_move(tables, report, dry_run))
    lines = [f"{count:7}  users {outcome}" for outcome, count in sorted(moved.users.items())]
    lines += [f"{count:7}  patches {outcome}" for outcome, count in sorted(moved.patches.items())]
    lines += [f"{count:7}  {change}" for change, count in sorted(moved.changes.items())]
    lines += [f"STAFF {name}" for name in moved.staff] + [f"REFUSED {why}" for why in moved.refused]
    told(moved, as_json, "\n".join([*(["Nothing was written."] if dry_run else []), *lines]))
    if moved.refused or moved.patches["id taken"]:
        raise click.exceptions.Exit(FOUND)


async def _move(tables: tuple[str, ...], report: TextIO | None, dry: bool) -> Moved:
    async with _both(tables) as (parts, pair):
        putting = Putting(parts.table, parts.clock, parts.standings, dry=dry)
        moving = Moving(parts.table, parts.clock, putting, _writer(report), dry=dry)
        return await moving.carry(pair.users, pair.patches)


@import_group.command("verify")
@click.option("--from-table", "tables", multiple=True, required=True, help=_TABLE_HELP)
@REPORT
@JSON
def verify(tables: tuple[str, ...], report: TextIO | None, as_json: bool) -> None:
    """Compare every row there with what is here, by counts and content hashes; exit code 1 where anything differs."""

    async def compare() -> dict[str, Compared]:
        async with _both(tables) as (parts, pair):
            comparing = Comparing(parts.table, _writer(report))
            found = {}
            if pair.users:
                found["users"] = await comparing.users(pair.users)
            if pair.patches:
                found["patches"] = await comparing.patches(pair.patches)
            return found

    found = carry_out(compare())
    lines = []
    for kind, compared in found.items():
        lines.append(f"{kind}: {compared.rows} rows there, {compared.carried} carried over")
        lines += [f"{count:7}  {verdict}" for verdict, count in sorted(compared.verdicts.items())]
        lines += [f"         there {compared.expected}", f"         here  {compared.found}"]
        lines.append("         They agree." if compared.agree else "         THEY DIFFER.")
    told(found, as_json, "\n".join(lines))
    if not all(compared.agree for compared in found.values()):
        raise click.exceptions.Exit(FOUND)


@import_group.command("undo")
@click.confirmation_option(prompt="This removes what was carried over and not changed since. Go on?")
@REPORT
@JSON
def undo(report: TextIO | None, as_json: bool) -> None:
    """Take back what was carried over from tables, unless it was changed here since; exit code 1 where some stays."""

    async def take_back() -> Counter[str]:
        async with opened(settings_from_environment()) as parts:
            return await Undoing(parts.table, parts.clock, _writer(report)).take_back()

    _told_counts(done := carry_out(take_back()), as_json)
    if any(outcome.endswith("kept") for outcome in done):
        raise click.exceptions.Exit(FOUND)


@import_group.command("return")
@click.option("--to-table", "tables", multiple=True, required=True, help=_TABLE_HELP)
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="In UTC.")
@click.confirmation_option(prompt="This writes into the predecessor's tables. Go on?")
@REPORT
@JSON
def return_command(tables: tuple[str, ...], since: datetime, report: TextIO | None, as_json: bool) -> None:
    """Write what was made or changed here since a moment back into the predecessor's tables."""

    async def write_back() -> Counter[str]:
        async with _both(tables) as (parts, pair):
            if not (pair.users and pair.patches):
                raise Invalid("Both tables are needed: patches belong to users.")
            returning = Returning(parts.table, _writer(report))
            return await returning.write_back(since.replace(tzinfo=UTC), pair.users, pair.patches)

    _told_counts(carry_out(write_back()), as_json)


def _told_counts(done: Counter[str], as_json: bool) -> None:
    told(done, as_json, "\n".join(f"{count:7}  {outcome}" for outcome, count in sorted(done.items())))


@asynccontextmanager
async def _both(names: tuple[str, ...]) -> AsyncIterator[tuple[Parts, Pair]]:
    settings = settings_from_environment()
    async with opened(settings) as parts, open_foreign(settings.dynamodb, parts.clock, *names) as tables:
        pair = {"username": None, "id": None} | {table.keys[0]: table for table in tables}
        if len(pair) > 2 or len(tables) > len({table.keys[0] for table in tables}):
            raise Invalid("One table is to be keyed by `username`, the other by `id`.")
        yield parts, Pair(pair["username"], pair["id"])


def _writer(report: TextIO | None) -> Callable[[Any], None]:
    return lambda each: click.echo(msgspec.json.encode(each), file=report) if report else None


def _import_file(file: TextIO, report: TextIO | None, as_json: bool) -> None:
    rows, refused = _read(file)
    outcomes, unknown = carry_out(_keep(rows))
    amendments = [amendment for row in rows for amendment in row.amendments] + unknown
    for amendment in amendments:
        _writer(report)(amendment)
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


async def _keep(rows: list[LegacyPatch]) -> tuple[Counter[str], list[Amendment]]:
    outcomes: Counter[str] = Counter()
    async with opened(settings_from_environment()) as parts:
        importing = Importing(parts.table, parts.clock)
        # First, so that a patch that is created meanwhile does not take an id of theirs.
        await importing.jump_ahead(max((row.id for row in rows), default=0))
        owners = {name: await _owner(parts, name) for name in {row.username for row in rows}}
        with click.progressbar(length=len(rows), label="patches", file=sys.stderr) as bar:
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                outcomes.update(await asyncio.gather(*(importing.keep(row, owners[row.username]) for row in part)))
                bar.update(len(part))
    return outcomes, [
        Amendment(row.id, "username", row.username, KEEPER, "has no account")
        for row in rows
        if row.username != KEEPER and owners[row.username].username == KEEPER
    ]


async def _owner(parts: Parts, username: str) -> User:
    try:
        return await parts.standings.find_by_name(username)
    except NotFound:
        return await parts.standings.ensure_keeper(KEEPER)
