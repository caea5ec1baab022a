"""`ops backup`: recovery points, and restoring from them."""

from datetime import UTC, datetime

import click

from brutal_patches.cli.exits import FOUND, told
from brutal_patches.cli.ops import restoring
from brutal_patches.cli.ops.shell import Shell, changing, reading, tell
from brutal_patches.errors import Invalid
from brutal_patches.operations import backups, tables
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import SLOTS
from brutal_patches.operations.restoring import Origin, origin
from brutal_patches.operations.waiting import Pace


@click.group("backup")
def backup() -> None:
    """Recovery points of the core table: what must never be lost."""


@backup.command("list")
@reading
def list_backups(shell: Shell) -> None:
    """List what the table that serves can be restored from, the newest first."""

    async def look(cloud: Cloud) -> backups.Kept:
        prefix = await tables.live_prefix(cloud, shell.names)
        return await backups.kept(cloud, await tables.core(cloud, shell.names, prefix))

    found = shell.carry(look)
    told(found, shell.as_json, "\n".join(_lines(found)))


def _lines(found: backups.Kept) -> list[str]:
    window = (
        f"any second from {_moment(found.earliest)} to {_moment(found.latest)} UTC"
        if found.earliest and found.latest
        else "no point-in-time recovery"
    )
    rows = [
        f"{_moment(one.created_at)}  {one.kind:5}  {one.state:10} {one.bytes / 1e6:9.1f} MB  "
        f"until {_moment(one.until) if one.until else 'deleted by hand':19}  {one.arn}"
        for one in found.backups
    ]
    return [f"{found.table}: {window}", *(rows or ["no backups"])]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


@backup.command("now")
@click.option("--label", help="Names the backup; the time of day, where none is given.")
@click.option("--keep-days", default=35, show_default=True, type=click.IntRange(1, 365), help="In the vault.")
@click.option("--timeout", default=3600, show_default=True, type=click.IntRange(1), help="Seconds to wait.")
@changing
def backup_now(shell: Shell, label: str | None, keep_days: int, timeout: int) -> None:
    """Take a backup and wait for it: in the stage's vault, or as DynamoDB's own where the stage has none.

    A vault that is locked takes no fewer days than its lock says. DynamoDB's own are kept until they are deleted.
    """
    named = label or f"{datetime.now(UTC):%Y%m%d-%H%M%S}"

    async def take(cloud: Cloud) -> tuple[str, str]:
        prefix = await tables.live_prefix(cloud, shell.names)
        table = await tables.core(cloud, shell.names, prefix)
        return table["TableName"], await backups.take(cloud, shell.names, table, named, keep_days, Pace(timeout))

    shell.confirm("Take a backup of the core table?")
    table, arn = shell.carry(take)
    text = "Nothing was changed." if shell.dry_run else f"{table} is backed up: {arn}"
    told({"table": table, "arn": arn, "changed": not shell.dry_run}, shell.as_json, text)


@backup.command("restore-to")
@click.argument("moment", metavar="MOMENT|latest|BACKUP_ARN")
@click.option("--slot", type=click.Choice(SLOTS), help="Where to; the first that is free, where none is named.")
@click.option("--resume", is_flag=True, help="Go on with a restore to --slot that was interrupted.")
@click.option("--switch/--no-switch", default=True, help="Whether the service goes over to it once it is verified.")
@click.option("--timeout", default=6 * 3600, show_default=True, type=click.IntRange(1), help="Seconds to wait.")
@changing
def restore_to(shell: Shell, moment: str, slot: str | None, resume: bool, switch: bool, timeout: int) -> None:
    """Restore to new tables, verify them, and let the service use them.

    MOMENT is such as 2026-11-25T18:30:00Z. The tables that serve stay as they are, so that this can be undone, and
    compared. New tables are made beside them; their aggregates are counted anew, the counter of patch ids goes
    ahead of every id that was ever given, every session is ended, and only then do tasks start on them. What players
    change meanwhile stays in the old tables: say `ops maintenance on` first.
    """
    wanted = _read(moment)
    if resume and slot is None:
        raise click.UsageError("--resume needs the --slot that it goes on with.")
    tell(f"to restore: {wanted}")
    shell.confirm(
        f"Restore {wanted} to new tables{', and let the service use them' if switch else ''}? "
        + ("Everybody has to log in again." if switch else "")
    )
    restored = restoring.carry_out(shell, wanted, slot, switch=switch, resume=resume, pace=Pace(timeout))
    told(restored, shell.as_json, restoring.text(shell, restored))
    if not restored.is_sound:
        raise click.exceptions.Exit(FOUND)


def _read(moment: str) -> Origin:
    try:
        return origin(moment)
    except Invalid as fault:
        raise click.BadParameter(fault.message, param_hint="MOMENT") from fault


@backup.command("switch-to")
@click.argument("slot", type=click.Choice(["original", *SLOTS]))
@click.option("--timeout", default=1800, show_default=True, type=click.IntRange(1), help="Seconds to wait for ECS.")
@changing
def switch_to(shell: Shell, slot: str, timeout: int) -> None:
    """Let the service use the tables in SLOT: after a restore with --no-switch, or to undo one (original).

    Ids go ahead of those that the other tables have given, and everybody has to log in again.
    """
    prefix = shell.names.slot("" if slot == "original" else slot)
    shell.confirm(f"Let the service use {prefix}-core?")
    restoring.switch(shell, prefix, Pace(timeout))
    text = "Nothing was changed." if shell.dry_run else f"The service uses {prefix}-core and {prefix}-ephemeral."
    told({"tablePrefix": prefix, "changed": not shell.dry_run}, shell.as_json, text)
