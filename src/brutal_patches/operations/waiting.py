"""Waiting for something in AWS, telling each time it has changed."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from brutal_patches.clock import monotonic
from brutal_patches.errors import Timeout
from brutal_patches.operations.cloud import Tell


class Pace(msgspec.Struct, frozen=True):
    """How long to wait in all, and between two looks."""

    total: float
    every: float = 5.0


async def until[T](look: Callable[[], Awaitable[tuple[bool, str, T]]], pace: Pace, tell: Tell, what: str) -> T:
    """Look until it is done; what is seen is told whenever it is something else than before."""
    deadline = monotonic() + pace.total
    before = ""
    while True:
        done, seen, value = await look()
        if seen != before:
            tell(seen)
        if done:
            return value
        if monotonic() >= deadline:
            raise Timeout(f"{what} is not done after {pace.total:.0f} seconds: {seen}. It goes on by itself.")
        before = seen
        await asyncio.sleep(pace.every)
