"""The one retry loop. The SDK's own are off: they make conditional writes lie and waits too long."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec
from loguru import logger

from brutal_patches.clock import Clock, monotonic
from brutal_patches.errors import Unavailable
from brutal_patches.storage.failures import ConditionFailed, Transient, translate


class Patience(msgspec.Struct, frozen=True):
    """How long storage tries, in seconds: full jitter up to `base` * 2 ** n, at most `cap`, in `total` at most."""

    tries: int = 5
    base: float = 0.025
    cap: float = 0.8
    connect: float = 0.5
    read: float = 1.0
    total: float = 2.5


QUICK_SECONDS = 0.25
"""What a call that is well may take."""


class Lost(msgspec.Struct):
    """Seconds that calls took beyond what is quick."""

    seconds: float = 0.0


_lost: ContextVar[Lost | None] = ContextVar("lost", default=None)


@contextmanager
def together(lost: Lost | None) -> Iterator[None]:
    """Calls in here share one `total`: a request that needs several must not wait for each as for one.

    With None each call has its own again, as in work that goes on after a request.
    """
    before = _lost.set(lost)
    try:
        yield
    finally:
        _lost.reset(before)


async def patiently[T](attempt: Callable[[], Awaitable[T]], patience: Patience, clock: Clock) -> T:
    """What `attempt` returns at last.

    Raises what `translate` makes of the fault, or Unavailable when tries or time have run out. A
    ConditionFailed is marked `doubtful` when an earlier try may have taken effect already.
    """
    began, lost = monotonic(), _lost.get() or Lost()
    if lost.seconds >= patience.total:
        raise Unavailable
    try:
        return await _try(attempt, patience, clock, began + patience.total - lost.seconds)
    finally:
        lost.seconds += max(0.0, monotonic() - began - QUICK_SECONDS)


async def _try[T](attempt: Callable[[], Awaitable[T]], patience: Patience, clock: Clock, deadline: float) -> T:
    doubtful, last = False, None
    for number in range(patience.tries):
        try:
            async with asyncio.timeout(deadline - monotonic()):
                return await attempt()
        except Exception as fault:
            known = translate(fault)
            if isinstance(known, ConditionFailed):
                known.doubtful = doubtful
            if not isinstance(known, Transient):
                raise known from fault
            doubtful, last = doubtful or known.maybe_applied, known
            logger.debug("storage try {} failed: {}", number + 1, known)
        pause = min(patience.cap, patience.base * 2**number) * int.from_bytes(clock.random(2)) / 65536
        if monotonic() + pause >= deadline:
            break
        await asyncio.sleep(pause)
    raise Unavailable from last
