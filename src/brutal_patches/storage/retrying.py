"""The one retry loop. The SDK's own are off: they make conditional writes lie and waits too long."""

import asyncio
from collections.abc import Awaitable, Callable

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


async def patiently[T](attempt: Callable[[], Awaitable[T]], patience: Patience, clock: Clock) -> T:
    """What `attempt` returns at last.

    Raises what `translate` makes of the fault, or Unavailable when tries or time have run out. A
    ConditionFailed is marked `doubtful` when an earlier try may have taken effect already.
    """
    deadline = monotonic() + patience.total
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
