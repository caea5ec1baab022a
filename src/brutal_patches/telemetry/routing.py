"""What libraries log through the standard library, in our stream too, and never a flood of it."""

import logging
from collections.abc import Callable
from typing import Any

from loguru import logger

from brutal_patches.clock import monotonic

WINDOW_SECONDS = 60.0
MOST_IN_A_WINDOW = 5
_KINDS_AT_MOST = 500
# Their debug lines carry whole requests, signatures and bodies included.
_QUIET = ("botocore", "aiobotocore", "aioboto3", "urllib3", "asyncio", "grpc", "opentelemetry")


class Sparing(logging.Filter):
    """Lets the same kind of line through five times a minute; the next one says how many were left out."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._now = now
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is one of the first of its kind."""
        kind, now = (record.name, record.lineno), self._now()
        since, count = self._seen.get(kind, (now, 0))
        left_out = 0
        if now - since >= WINDOW_SECONDS:
            left_out, since, count = max(0, count - MOST_IN_A_WINDOW), now, 0
        if len(self._seen) >= _KINDS_AT_MOST:
            self._seen.clear()
        self._seen[kind] = (since, count + 1)
        record.left_out = left_out
        return count < MOST_IN_A_WINDOW


class Routed(logging.Handler):
    """Hands each line to loguru, under the name of the library's logger."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if left_out := getattr(record, "left_out", 0):
            message += f" (and {left_out} more like it before)"
        logger.bind(logger=record.name).opt(exception=record.exc_info).log(_level(record), "{}", message)


def _level(record: logging.LogRecord) -> Any:
    return record.levelname if record.levelname in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"} else record.levelno


def route_libraries(level: str) -> None:
    """Everybody's lines from `level` on, and of those who say too much warnings only."""
    handler = Routed()
    handler.addFilter(Sparing())
    logging.basicConfig(handlers=[handler], level="DEBUG" if level == "TRACE" else level, force=True)
    for noisy in _QUIET:
        logging.getLogger(noisy).setLevel(logging.WARNING)
