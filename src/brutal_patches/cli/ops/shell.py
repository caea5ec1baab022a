"""What every operation is told on the command line, and how it asks, tells and reaches the stage."""

import functools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import click
import msgspec

from brutal_patches.assembly import Parts
from brutal_patches.cli.exits import FOUND, fail
from brutal_patches.cli.working import carry_out, opened
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import STAGES, Names, StageName
from brutal_patches.operations.tables import live_prefix
from brutal_patches.settings import Settings, read_settings


class Shell(msgspec.Struct, frozen=True):
    """One call of an operation."""

    names: Names
    region: str
    as_json: bool
    dry_run: bool = False
    yes: bool = False

    def confirm(self, question: str) -> None:
        """Ask, unless `--yes` was said or nothing will be changed."""
        if self.dry_run or self.yes:
            return
        try:
            agreed = click.confirm(f"{self.names.stage}: {question}", err=True)
        except click.Abort:
            click.echo("", err=True)
            agreed = False
        if not agreed:
            fail("Nothing was changed. Say --yes where nobody can be asked.", FOUND)

    def carry[T](self, work: Callable[[Cloud], Awaitable[T]]) -> T:
        """Do `work` in the stage's account."""

        async def reach() -> T:
            async with Cloud(self.region, tell, dry_run=self.dry_run) as cloud:
                return await work(cloud)

        return carry_out(reach())

    def carry_on_tables[T](self, work: Callable[[Parts], Awaitable[T]]) -> T:
        """Do `work` with the service's own parts, on the tables that serve now."""

        async def reach(cloud: Cloud) -> T:
            prefix = await live_prefix(cloud, self.names)
            async with opened(self.settings(prefix)) as parts:
                return await work(parts)

        return self.carry(reach)

    def settings(self, table_prefix: str) -> Settings:
        """Settings for work on tables; nothing is signed here, so the stage's secrets are not needed."""
        return read_settings(
            {
                "AWS_REGION": self.region,
                "DYNAMODB_TABLE_PREFIX": table_prefix,
                "DYNAMODB_ENDPOINT_URL": os.environ.get("DYNAMODB_ENDPOINT_URL", ""),
            }
        )


def tell(line: str) -> None:
    """Progress, apart from the result."""
    click.echo(line, err=True)


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """The options of an operation that changes nothing."""

    @click.option(
        "--stage", required=True, envvar="STAGE", show_envvar=True, type=click.Choice(STAGES), help="Which stage."
    )
    @click.option(
        "--region", default="us-east-1", envvar="AWS_REGION", show_envvar=True, show_default=True, help="Where it is."
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
    @functools.wraps(command)
    def run(stage: StageName, region: str, as_json: bool, **rest: Any) -> None:
        shell = Shell(Names(stage), region, as_json, rest.pop("dry_run", False), rest.pop("yes", False))
        command(shell, **rest)

    return run


def changing(command: Callable[..., None]) -> Callable[..., None]:
    """The options of an operation that changes something."""
    command = click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")(command)
    command = click.option("--dry-run", is_flag=True, help="Look and tell what would be changed; change nothing.")(
        command
    )
    return reading(command)
