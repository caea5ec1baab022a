"""Exit codes, and errors of the command line as one sentence on stderr."""

from typing import Any, NoReturn

import click
import msgspec

FOUND = 1
"""The command worked, and found something that is wrong."""
USAGE = 2
"""Arguments or settings are wrong."""
AWAY = 3
"""Something that is needed is not there: an engine, a table, a port, a file."""


def fail(message: str, code: int = AWAY) -> NoReturn:
    """End with `message` on stderr."""
    click.echo(message, err=True)
    raise click.exceptions.Exit(code)


def told(value: Any, as_json: bool, text: str) -> None:
    """Print `value` as JSON, or `text` for people."""
    click.echo(msgspec.json.encode(value).decode() if as_json else text)
