"""Commands that bring patches in and out: `seed`, `import`, `export`."""

from collections.abc import AsyncIterator
from typing import TextIO

import click
import msgspec

from brutal_patches.assembly import Parts
from brutal_patches.cli import seeding
from brutal_patches.cli.exits import USAGE, fail, told
from brutal_patches.cli.legacy import import_group
from brutal_patches.cli.working import carry_out, opened, settings_from_environment
from brutal_patches.patches import store
from brutal_patches.storage import feed, keys

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


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
