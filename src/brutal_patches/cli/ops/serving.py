"""`ops deployments`, `rollback` and `status`: what serves, and how well."""

import click

from brutal_patches.cli.exits import FOUND, told
from brutal_patches.cli.ops.screen import screen
from brutal_patches.cli.ops.shell import Shell, changing, reading, tell
from brutal_patches.clock import SystemClock
from brutal_patches.operations import revisions
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.status import status
from brutal_patches.operations.waiting import Pace


@click.command("deployments")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="How many revisions.")
@reading
def deployments(shell: Shell, limit: int) -> None:
    """List the task revisions with image, time and state, the newest first."""
    found = shell.carry(lambda cloud: revisions.revisions(cloud, shell.names, limit))
    rows = [
        f"{one.number:6}  {one.state:8}  {one.tasks:3} tasks  {one.registered_at or '':%Y-%m-%d %H:%M:%S}  {one.image}"
        for one in found
    ]
    told(found, shell.as_json, "\n".join(rows))


@click.command("rollback")
@click.option("--to", "revision", type=click.IntRange(1), help="A revision; the one before, where none is named.")
@click.option("--timeout", default=1800, show_default=True, type=click.IntRange(1), help="Seconds to wait for ECS.")
@click.option("--watch", default=120, show_default=True, type=click.IntRange(0), help="Seconds to watch health after.")
@changing
def rollback(shell: Shell, revision: int | None, timeout: int, watch: int) -> None:
    """Return to an earlier task revision, wait until it serves, and watch its health.

    A deployment that is under way is left for the revision that it replaces. Exit code 1 where the revision
    does not come up, or is not well afterwards.
    """
    found = shell.carry(lambda cloud: revisions.revisions(cloud, shell.names, 100))
    chosen = shell.carry(lambda _: _chosen(found, revision))
    now = next(one for one in found if one.state in {"serving", "coming", "failed"})
    tell(f"from revision {now.number} ({now.image})\nto   revision {chosen.number} ({chosen.image})")
    shell.confirm(f"Go back from revision {now.number} to {chosen.number}?")

    async def go(cloud: Cloud) -> revisions.Health | None:
        await revisions.go_to(cloud, shell.names, chosen, Pace(timeout))
        if shell.dry_run or not watch:
            return None
        return await revisions.watched(cloud, shell.names, Pace(watch, min(15, max(1, watch / 2))))

    seen = shell.carry(go)
    report = {"from": now.number, "to": chosen.number, "image": chosen.image, "health": seen, "dryRun": shell.dry_run}
    told(report, shell.as_json, _told(shell, chosen, seen))
    if seen and not seen.is_well:
        raise click.exceptions.Exit(FOUND)


async def _chosen(found: list[revisions.Revision], wanted: int | None) -> revisions.Revision:
    return revisions.choose(found, wanted)


def _told(shell: Shell, chosen: revisions.Revision, seen: revisions.Health | None) -> str:
    if shell.dry_run:
        return "Nothing was changed."
    stage = shell.names.stage
    lines = [f"Revision {chosen.number} serves."]
    if seen:
        lines.append(f"{'Well' if seen.is_well else 'NOT WELL'}: {seen}.")
    return "\n".join(
        [
            *lines,
            "",
            "The stack still names the revision that you left. Bring it in step before the next deployment:",
            "  git revert the change, where it was in the stack, then in cdk/:",
            f"  npx cdk deploy service -c stage={stage} --parameters service:ImageTag={chosen.tag}",
            "That makes a new revision of the same image; without the parameter CDK deploys the tag that it used last.",
        ]
    )


@click.command("status")
@reading
def status_command(shell: Shell) -> None:
    """Show tasks, deployments, alarms, p95, errors and capacity on one screen; exit code 1 where something is wrong."""
    seen = shell.carry(lambda cloud: status(cloud, shell.names, SystemClock()))
    told(seen, shell.as_json, screen(seen))
    if not seen.is_well:
        raise click.exceptions.Exit(FOUND)
