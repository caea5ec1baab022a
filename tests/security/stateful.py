"""Machines that do to a real service what hypothesis thinks of, and know what must come of it.

Each run has tables and a service of its own, on a clock that moves when the machine says so.
"""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

from brutal_patches.app import Service
from brutal_patches.clock import SystemClock
from brutal_patches.settings import read_settings
from brutal_patches.storage.creation import create_tables
from tests.client import Client, running

RUNS = int(os.environ.get("STATEFUL_RUNS", "5"))
STEPS = int(os.environ.get("STATEFUL_STEPS", "20"))
SIZE = settings(
    max_examples=RUNS,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    print_blob=True,
    derandomize="STATEFUL_RUNS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
"""Small and the same each time, unless STATEFUL_RUNS asks for more."""

_numbers = count()


class StepClock(SystemClock):
    """Stands still between steps."""

    def __init__(self) -> None:
        self.moment = super().now()

    def now(self) -> datetime:
        return self.moment


class Machine(RuleBasedStateMachine):
    """A service, and a way to it from plain functions."""

    endpoint = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock = StepClock()
        self.addresses = (f"203.0.{number // 250}.{number % 250 + 1}" for number in count())
        self.service = self.run(self._start())

    async def _start(self) -> Service:
        found = read_settings(
            {
                "APP_ENV": "test",
                "DYNAMODB_ENDPOINT_URL": self.endpoint,
                "DYNAMODB_TABLE_PREFIX": f"stateful-{os.getpid()}-{next(_numbers)}",
                "RATE_LIMIT_MAX": "1000000",
            }
        )
        await create_tables(found.dynamodb)
        return await self.stack.enter_async_context(running(found, self.clock))

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def visitor(self, tokens: dict[str, Any] | None = None) -> Client:
        """Somebody from an address that nobody has used, so that no limit of addresses is met."""
        return Client(self.service, next(self.addresses), tokens)

    def ask(self, client: Client, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """One request, a second after the one before."""
        self.clock.moment += timedelta(seconds=1)
        answer = self.run(client.request(method, path, body, **more))
        assert answer.status_code < 500, answer.text
        return answer

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
