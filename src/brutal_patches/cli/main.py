"""The `brutal-patches` command. Exit codes: 0 fine, 1 something was found, 2 usage or settings, 3 something is away."""

import os
from pathlib import Path

import click

from brutal_patches import __version__
from brutal_patches.cli import development, doctor, serving
from brutal_patches.cli.admin import admin
from brutal_patches.cli.data import DATA_COMMANDS
from brutal_patches.cli.exits import FOUND, told
from brutal_patches.cli.ops.group import ops
from brutal_patches.cli.people import users
from brutal_patches.cli.working import carry_out, settings_from_environment
from brutal_patches.storage.creation import create_tables, table_states
from brutal_patches.telemetry.logs import set_up_logs

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="brutal-patches")
def cli() -> None:
    """Run the Brutal Patches API, look after its tables, and bring patches in and out.

    Everything is set by environment variables; docs/settings.md lists them.
    """


@cli.command()
@click.option("--engine", envvar="ENGINE", default="ministack", type=click.Choice(list(development.ENGINES)))
@click.option("--data-dir", envvar="DATA_DIR", default=".local/data", type=click.Path(path_type=Path))
@click.option("--reload/--no-reload", default=True, help="Start again when the code changes.")
def dev(engine: str, data_dir: Path, reload: bool) -> None:
    """Serve on this machine with demo data, on an engine that is started for it."""
    set_up_logs(settings_from_environment(LOG_LEVEL="warning"))
    development.run({**os.environ}, engine, data_dir / engine, reload=reload)


@cli.command()
def serve() -> None:
    """Serve against the DynamoDB that the environment names."""
    settings = settings_from_environment()
    raise click.exceptions.Exit(serving.run(settings, set_up_logs(settings)))


@cli.command("doctor")
@JSON
def doctor_command(as_json: bool) -> None:
    """Look at settings, tables, clock and engine, and say what to do."""
    settings = settings_from_environment()

    async def look() -> list[doctor.Finding]:
        return [finding async for finding in doctor.examine(settings)]

    findings = carry_out(look())
    lines = [
        f"{'ok  ' if each.fine else 'BAD '} {each.name:16} {each.found}"
        + ("" if each.fine else f"\n     → {each.advice}")
        for each in findings
    ]
    told(findings, as_json, "\n".join(lines))
    if not all(finding.fine for finding in findings):
        raise click.exceptions.Exit(FOUND)


@cli.group()
def db() -> None:
    """The two tables."""


@db.command("create")
@JSON
def db_create(as_json: bool) -> None:
    """Make the tables that are missing; those that are there stay as they are."""
    made = carry_out(create_tables(settings_from_environment().dynamodb))
    told(made, as_json, "\n".join(f"{name}: {'made' if new else 'was there'}" for name, new in made.items()))


@db.command("status")
@JSON
def db_status(as_json: bool) -> None:
    """The state of each table; exit code 1 unless both are ACTIVE."""
    states = carry_out(table_states(settings_from_environment().dynamodb))
    told(states, as_json, "\n".join(f"{name}: {state}" for name, state in states.items()))
    if set(states.values()) != {"ACTIVE"}:
        raise click.exceptions.Exit(FOUND)


for command in (*DATA_COMMANDS, users, admin, ops):
    cli.add_command(command)


def main() -> None:
    """The entry point."""
    cli()
