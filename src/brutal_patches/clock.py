"""Time, ids and randomness, passed in so that a test can hold them still."""

import secrets
import time
from datetime import UTC, datetime
from typing import Protocol

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Clock(Protocol):
    """Where a use case learns the time and gets what must be unpredictable."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    def random(self, size: int) -> bytes:
        """`size` bytes that nobody can guess."""
        ...


class SystemClock:
    """The real time and the operating system's randomness."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def random(self, size: int) -> bytes:
        return secrets.token_bytes(size)


def timestamp(clock: Clock) -> str:
    """RFC 3339 UTC with microseconds and `Z`: sorts as text, reads as time."""
    return rfc3339(clock.now())


def rfc3339(moment: datetime) -> str:
    """`moment` in UTC, always 27 characters, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def epoch(clock: Clock) -> int:
    """Whole seconds since 1970, as TTL attributes and tokens want them."""
    return int(clock.now().timestamp())


def new_id(clock: Clock) -> str:
    """26 characters of Crockford base 32: 48 bits of milliseconds, then 80 random bits (a ULID)."""
    return id_at(clock.now(), clock)


def id_at(moment: datetime, clock: Clock) -> str:
    """An id as `new_id` would have given it at `moment`, for what was made elsewhere."""
    milliseconds = int(moment.timestamp() * 1000)
    return _written((milliseconds << 80) | int.from_bytes(clock.random(10)))


def first_id(moment: datetime) -> str:
    """The least id that `new_id` can give at `moment`: ids before it were given earlier."""
    return _written(int(moment.timestamp() * 1000) << 80)


def _written(number: int) -> str:
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def monotonic() -> float:
    """Seconds on a clock that never goes back, for deadlines and durations."""
    return time.monotonic()


def parse_rfc3339(text: str) -> datetime:
    """The moment that `rfc3339` wrote."""
    return datetime.fromisoformat(text)
