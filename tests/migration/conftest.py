"""The predecessor's tables on an engine, and the command line of an operator who moves house."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench import predecessor
from brutal_patches.cli.main import cli
from brutal_patches.clock import SystemClock
from brutal_patches.settings import Settings
from brutal_patches.storage.foreign import ForeignTable, Row, open_foreign

_stages = count()
PATCHES, USERS = 200, 40


class Operator:
    """Who moves house: runs commands, and looks into the predecessor's tables."""

    def __init__(self, settings: Settings, stage: str, people: list[Row]) -> None:
        self.patches_name = predecessor.patches_table(stage)
        self.users_name = predecessor.users_table(stage)
        self.people = people
        self.prefix = settings.dynamodb.table_prefix
        self._environment = {
            "APP_ENV": "test",
            "DYNAMODB_ENDPOINT_URL": settings.dynamodb.endpoint_url or "",
            "DYNAMODB_TABLE_PREFIX": settings.dynamodb.table_prefix,
            "LOG_LEVEL": "error",
        }
        self.users: ForeignTable
        self.patches: ForeignTable

    @property
    def tables(self) -> list[str]:
        return ["--from-table", self.patches_name, "--from-table", self.users_name]

    async def run(self, *arguments: str) -> Result:
        """A command, as it is typed."""
        return await asyncio.to_thread(CliRunner(env=self._environment).invoke, cli, arguments)

    async def told(self, *arguments: str, code: int = 0) -> Any:
        """What a command tells as JSON."""
        result = await self.run(*arguments, "--json")
        assert code == result.exit_code, result.output
        return json.loads(result.stdout)

    async def carry(self, *more: str) -> Any:
        return await self.told("import", "legacy", *self.tables, *more)

    async def verify(self, code: int = 0) -> Any:
        return await self.told("import", "verify", *self.tables, code=code)


@pytest.fixture
async def operator(settings: Settings) -> AsyncIterator[Operator]:
    """With 200 patches of 40 users in the predecessor's tables, and empty tables of ours."""
    stage = f"stage{next(_stages)}"
    people = await predecessor.build(settings.dynamodb, stage, PATCHES, USERS)
    found = Operator(settings, stage, people)
    async with open_foreign(settings.dynamodb, SystemClock(), found.patches_name, found.users_name) as tables:
        found.patches, found.users = tables
        yield found
