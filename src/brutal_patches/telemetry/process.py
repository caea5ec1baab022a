"""What the process itself is like: its CPU, its memory, and how late its event loop runs."""

import asyncio
import time
from collections import deque

import psutil

from brutal_patches.clock import monotonic

EVERY_SECONDS = 0.5
_KEPT = 120


class LoopLag:
    """How late the loop comes back to who has asked for a moment of sleep; `seconds` is the most of the last minute."""

    def __init__(self) -> None:
        self._late: deque[float] = deque([0.0], _KEPT)

    @property
    def seconds(self) -> float:
        return max(list(self._late))

    async def follow(self) -> None:
        """Measure twice a second, for ever."""
        while True:
            began = monotonic()
            await asyncio.sleep(EVERY_SECONDS)
            self._late.append(max(0.0, monotonic() - began - EVERY_SECONDS))


def cpu_seconds() -> float:
    """CPU time that this process has used."""
    return time.process_time()


def memory_bytes() -> float:
    """Memory that this process has now."""
    return float(psutil.Process().memory_info().rss)
