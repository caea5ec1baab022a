"""`ops logs`: questions to the logs."""

import re
import time

import click

from brutal_patches.cli.exits import USAGE, fail, told
from brutal_patches.cli.ops.shell import Shell, reading
from brutal_patches.errors import Invalid
from brutal_patches.operations import insights

_SPAN = re.compile(r"(\d+)([mhd])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}


class Span(click.ParamType[int]):
    """A length of time in seconds."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = _SPAN.fullmatch(str(value))
        if found is None or not int(found[1]):
            self.fail(f"{value!r} is no length of time such as 30m, 6h or 7d.", param, ctx)
        return int(found[1]) * _SECONDS[found[2]]


@click.group("logs")
def logs() -> None:
    """Ask the logs what happened."""


@logs.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def list_queries(as_json: bool) -> None:
    """List the queries there are."""
    found = insights.catalogue().values()
    told(list(found), as_json, "\n".join(f"{one.name:18} {one.meaning}" for one in found))


@logs.command("query")
@click.argument("name", type=click.Choice(list(insights.catalogue())), metavar="NAME")
@click.option("--since", default="1h", show_default=True, type=Span(), help="How far back: 30m, 6h, 7d.")
@click.option("--with", "pairs", multiple=True, metavar="BLANK=VALUE", help="What a query asks for, such as address.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Rows at most.")
@click.option("--dry-run", is_flag=True, help="Print the query; ask nothing.")
@reading
def query(shell: Shell, name: str, since: int, pairs: tuple[str, ...], limit: int) -> None:
    """Ask the query NAME of the stage's logs; `ops logs list` tells what there is."""
    asked = insights.catalogue()[name]
    values = dict(_pair(pair) for pair in pairs)
    try:
        text = asked.filled(values)
    except Invalid as fault:
        fail("\n".join([fault.message, *(f"  {error.field} {error.message}" for error in fault.errors)]), USAGE)
    if shell.dry_run:
        group = shell.names.log_group(asked.logs)
        told({"logGroup": group, "query": text}, shell.as_json, f"# to {group}\n{text}")
        return
    now = int(time.time())
    rows = shell.carry(lambda cloud: insights.ask(cloud, shell.names, asked, text, (now - since, now), limit))
    told(rows, shell.as_json, "\n\n".join("\n".join(f"{key:16} {value}" for key, value in row.items()) for row in rows))
    if not rows and not shell.as_json:
        click.echo("Nothing was found.", err=True)


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        fail(f"--with takes BLANK=VALUE, not {text!r}.", USAGE)
    return name, value
