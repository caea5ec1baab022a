"""What commands share: settings, errors as sentences, and the service's parts without a server."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from brutal_patches.accounts.mail import LogMailer
from brutal_patches.assembly import Parts, assemble
from brutal_patches.cli.exits import AWAY, FOUND, USAGE, fail
from brutal_patches.clock import SystemClock
from brutal_patches.errors import DomainError, Unavailable
from brutal_patches.settings import Settings, SettingsInvalid, read_settings, variables
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.sources import fetched, pointers

# A command can wait longer than a request.
_PATIENCE = Patience(tries=8, connect=5, read=20, total=60)


def settings_from_environment(**defaults: str) -> Settings:
    """The settings, or an end with every fault named."""
    try:
        return read_settings(_followed({**defaults, **os.environ}))
    except SettingsInvalid as invalid:
        fail("These settings are wrong:\n" + "\n".join(f"  {fault}" for fault in invalid.faults), USAGE)


def _followed(environment: dict[str, str]) -> dict[str, str]:
    """`environment` with the secrets and parameters that it points to."""
    names = [variable.name for variable in variables()]
    if not pointers(environment, names):
        return environment
    return asyncio.run(fetched(environment, names, environment.get("AWS_REGION") or "us-east-1"))


def carry_out[T](work: Coroutine[Any, Any, T]) -> T:
    """Run `work`; what goes wrong is told in a sentence."""
    try:
        return asyncio.run(work)
    except DomainError as fault:
        lines = [fault.message, *(f"  {error.field} {error.message}" for error in fault.errors)]
        fail("\n".join(lines), AWAY if isinstance(fault, Unavailable) else FOUND)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """The parts on the tables that `settings` name, for as long as the command runs."""
    clock = SystemClock()
    async with open_table(settings.dynamodb, clock, _PATIENCE) as table:
        parts = assemble(settings, table, LogMailer(), clock)
        try:
            yield parts
        finally:
            await parts.accounts.close()
            parts.passwords.close()
