"""`brutal-patches admin`: what admins do over HTTP, from a shell; through the same services, audited all the same."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, cast

import click
import msgspec
from msgspec import UNSET

from brutal_patches.actor import ROLES, SYSTEM, Role
from brutal_patches.admin.journal import Wanted
from brutal_patches.admin.people.service import Action
from brutal_patches.admin.service import Done
from brutal_patches.admin.upkeep import TASKS, Task
from brutal_patches.assembly import Parts
from brutal_patches.cli.exits import FOUND, told
from brutal_patches.cli.working import carry_out, opened, settings_from_environment
from brutal_patches.http.switches import Change

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
REASON = click.option("--reason", default="", help="Why; the user is told so.")
DAY = click.DateTime(["%Y-%m-%d"])


def with_parts[T](work: Callable[[Parts], Awaitable[T]]) -> T:
    """Do `work` with the services on the tables that the environment names."""

    async def open_and_work() -> T:
        async with opened(settings_from_environment()) as parts:
            return await work(parts)

    return carry_out(open_and_work())


def finish(done: Done, as_json: bool) -> None:
    """Tell what was done; exit code 1 where some of it was refused."""
    told(done, as_json, "\n".join([done.message, *_lines(done.results)]))
    if not done.success:
        raise click.exceptions.Exit(FOUND)


def _lines(results: dict[str, Any]) -> list[str]:
    return [f"  {name}: {msgspec.json.encode(value).decode()}" for name, value in results.items()]


@click.group()
def admin() -> None:
    """Users, moderation, settings, the audit trail, upkeep."""


@admin.command("users")
@click.argument("words", default="")
@click.option("--sort", default="created_at", type=click.Choice(["created_at", "username", "patchCount", "lastLogin"]))
@click.option("--limit", default=50, type=click.IntRange(1, 1000))
@JSON
def list_users(words: str, sort: Any, limit: int, as_json: bool) -> None:
    """Users whose name or address has WORDS in it."""

    async def find(parts: Parts) -> Any:
        await parts.feeder.load()
        return await parts.people.search(words, sort, True, limit, 0)

    page = with_parts(find)
    rows = [
        f"{user.username:20} {user.status:9} {','.join(user.roles):22} {user.patch_count:5} patches  {user.email}"
        for user in page.users
    ]
    told(page, as_json, "\n".join([*rows, f"{page.total} users"]))


@admin.command("roles")
@click.argument("username")
@click.argument("roles", nargs=-1, required=True, type=click.Choice(ROLES))
@JSON
def set_roles(username: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Give USERNAME exactly these ROLES."""

    async def give(parts: Parts) -> Any:
        user = await parts.standings.find_by_name(username)
        return await parts.standings.set_roles(SYSTEM, user.id, cast("tuple[Role, ...]", roles))

    user = with_parts(give)
    told({"username": user.username, "roles": user.roles}, as_json, f"{user.username}: {', '.join(user.roles)}")


def _decision(action: Action, told_as: str) -> click.Command:
    @click.argument("username")
    @REASON
    @JSON
    def decide(username: str, reason: str, as_json: bool) -> None:
        async def carry(parts: Parts) -> Done:
            user = await parts.standings.find_by_name(username)
            return await parts.people.moderate(SYSTEM, user.id, action, reason)

        finish(with_parts(carry), as_json)

    return click.command(action, help=told_as)(decide)


admin.add_command(_decision("suspend", "Let USERNAME wait outside; all sessions end."))
admin.add_command(_decision("activate", "Let USERNAME in again."))
admin.add_command(_decision("ban", "Keep USERNAME out for good."))


@admin.command("delete")
@click.argument("username")
@click.option("--keep-patches", is_flag=True, help="Keep the public ones, without an author.")
@click.confirmation_option(prompt="This cannot be undone. Go on?")
@REASON
@JSON
def delete(username: str, keep_patches: bool, reason: str, as_json: bool) -> None:
    """Delete USERNAME with everything that is theirs."""

    async def carry(parts: Parts) -> Done:
        user = await parts.standings.find_by_name(username)
        return await parts.people.moderate(SYSTEM, user.id, "delete", reason, "keep" if keep_patches else "delete")

    finish(with_parts(carry), as_json)


@admin.command("revoke")
@click.argument("username", required=False)
@click.option("--all", "everybody", is_flag=True, help="Everybody's sessions: after a leak, or a restore.")
@JSON
def revoke(username: str | None, everybody: bool, as_json: bool) -> None:
    """Log USERNAME out everywhere, or everybody."""
    if bool(username) == everybody:
        raise click.UsageError("Name a user, or say --all.")

    async def carry(parts: Parts) -> Done:
        if username is None:
            await parts.standings.end_everybodys_sessions(SYSTEM)
            return Done("Everybody has to log in again.")
        user = await parts.standings.find_by_name(username)
        return await parts.people.revoke(SYSTEM, user.id)

    finish(with_parts(carry), as_json)


@admin.command("queue")
@JSON
def queue(as_json: bool) -> None:
    """What waits for a moderator, the most pressing first."""
    waiting = with_parts(lambda parts: parts.reports.queue(1000, 0))
    rows = [
        f"{item.id:30} {item.count:3} reports  {','.join(sorted(item.reasons)):20} {item.title[:60]}"
        for item in waiting.items
    ]
    told(waiting, as_json, "\n".join([*rows, f"{waiting.total} waiting"]))


@admin.command("moderate")
@click.argument("item_id")
@click.argument("action", type=click.Choice(["approve", "reject", "hide"]))
@click.option("--notes", default="", help="Why; the author is told so.")
@JSON
def moderate(item_id: str, action: Any, notes: str, as_json: bool) -> None:
    """Leave what was reported, or show it again; or hide it. ITEM_ID is from the queue, such as patch:12."""

    async def decide(parts: Parts) -> Done:
        await parts.moderating.decide(SYSTEM, item_id, action, notes)
        return Done("Decided.")

    finish(with_parts(decide), as_json)


@admin.command("settings")
@click.option("--maintenance/--no-maintenance", default=None, help="Changes wait, reads go on.")
@click.option("--message", default=None, help="What people are told meanwhile.")
@click.option("--registration/--no-registration", default=None, help="Whether new accounts are taken.")
@click.option("--rate-limit", default=None, type=click.IntRange(0, 1_000_000), help="Requests in a window; 0: as set.")
@click.option("--log-level", default=None, type=click.Choice(["debug", "info", "warning", "error", "default"]))
@JSON
def settings(as_json: bool, **turned: Any) -> None:
    """Show what can be turned while the service runs, and turn it; every task obeys within seconds."""
    defaults = {"rate_limit": 0, "log_level": "default"}
    named = {name: UNSET if value is None else value for name, value in turned.items()}
    values: dict[str, Any] = {name: None if defaults.get(name) == each else each for name, each in named.items()}
    change = Change(**values)
    positions = with_parts(lambda parts: parts.administration.change_settings(SYSTEM, change))
    rows = [f"{name:13} {value}" for name, value in msgspec.to_builtins(positions).items()]
    told(positions, as_json, "\n".join(rows))


@admin.command("audit")
@click.option("--type", "kind", default="", help="Such as user, or user.suspend.")
@click.option("--user", default="", help="Who did it: an id or a name.")
@click.option("--subject", default="", help="Such as patch/12.")
@click.option("--from", "first", default=None, type=DAY)
@click.option("--to", "last", default=None, type=DAY)
@click.option("--limit", default=50, type=click.IntRange(1, 1000))
@JSON
def audit(
    kind: str, user: str, subject: str, first: datetime | None, last: datetime | None, limit: int, as_json: bool
) -> None:
    """Who did what, newest first; of the last thirty days where none are given."""
    wanted = Wanted(kind, user, subject, _day(first), _day(last))
    journal = with_parts(lambda parts: parts.journals.read(wanted, limit, 0))
    rows = [
        f"{line.timestamp[:19]}  {line.username:16} {line.action:24} {line.subject}  {line.reason}".rstrip()
        for line in journal.logs
    ]
    told(journal, as_json, "\n".join([*rows, f"{journal.total} entries"]))


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@admin.command("recount")
@click.argument("tasks", nargs=-1, type=click.Choice(TASKS))
@JSON
def recount(tasks: tuple[str, ...], as_json: bool) -> None:
    """Count aggregates anew and put right what is wrong, or carry out other TASKS of upkeep."""
    wanted = cast("tuple[Task, ...]", tasks or ("recount",))

    async def carry(parts: Parts) -> Done:
        await parts.feeder.load()
        return await parts.upkeep.carry_out(SYSTEM, wanted)

    finish(with_parts(carry), as_json)
