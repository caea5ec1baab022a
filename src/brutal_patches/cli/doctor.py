"""`brutal-patches doctor`: what is in order, what is not, and what to do about it."""

import sys
from collections.abc import AsyncIterator

import msgspec

from brutal_patches.errors import Unavailable
from brutal_patches.settings import Settings
from brutal_patches.storage.connection import endpoint
from brutal_patches.storage.creation import clock_skew, table_states

MOST_SKEW_SECONDS = 5.0


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `advice` says what to do where it is not in order."""

    name: str
    fine: bool
    found: str
    advice: str = ""

    @property
    def line(self) -> str:
        """What is printed for people."""
        line = f"{'ok' if self.fine else 'BAD':4} {self.name:16} {self.found}"
        return line if self.fine else f"{line}\n     → {self.advice}"


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at settings, Python, DynamoDB, its tables and the clock."""
    yield Finding("settings", True, f"environment {settings.environment}")
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", sys.version_info[:2] == (3, 13), version, "Run it with Python 3.13: uv sync")
    place = endpoint(settings.dynamodb) or f"AWS {settings.dynamodb.region}"
    try:
        states = await table_states(settings.dynamodb)
    except Unavailable as fault:
        yield Finding(
            "dynamodb", False, fault.message, "Start the engine, or set DYNAMODB_ENDPOINT_URL or AWS credentials."
        )
        return
    yield Finding("dynamodb", True, place)
    for name, state in states.items():
        known = f"{settings.dynamodb.table_prefix}-{name} is {state}"
        yield Finding(f"table {name}", state == "ACTIVE", known, "Make the tables: brutal-patches db create")
    yield await _clock(settings)


async def _clock(settings: Settings) -> Finding:
    skew = await clock_skew(settings.dynamodb)
    if skew is None:
        return Finding("clock", True, "the engine does not tell the time")
    found = f"{skew:+.1f} s from DynamoDB's"
    return Finding("clock", abs(skew) <= MOST_SKEW_SECONDS, found, "Set this machine's clock: tokens depend on it.")
