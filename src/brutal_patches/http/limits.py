"""How many requests anyone may make: a sliding window in memory, and how it is told in headers."""

from collections.abc import Callable

import msgspec

from brutal_patches.clock import monotonic
from brutal_patches.errors import TooManyRequests

MAX_SUBJECTS = 100_000
_TOO_MANY = "Too many requests. Please wait a moment and go on more slowly."


class Allowance(msgspec.Struct, frozen=True):
    """What is left to a subject: requests now, and seconds until the window has passed."""

    granted: bool
    remaining: int
    reset: int


class SlidingWindow:
    """At most `limit` requests in any `seconds`, for each subject.

    The count of the last window fades as the present one goes on, so a burst cannot straddle two of
    them. Memory is bounded: beyond `MAX_SUBJECTS` in one window, new subjects share one count.
    """

    def __init__(self, limit: int, seconds: float, now: Callable[[], float] = monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self._now = now
        self._window = -1
        self._present: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def take(self, subject: str) -> Allowance:
        """Count one request of `subject`; a refused one is not counted, so waiting always helps."""
        at = self._now() / self.seconds
        window = int(at)
        if window != self._window:
            self._turn(window)
        present = self._present
        if subject not in present and len(present) >= MAX_SUBJECTS:
            subject = ""
        passed = at - window
        weighted = present.get(subject, 0) + self._last.get(subject, 0) * (1 - passed)
        reset = max(1, int((1 - passed) * self.seconds + 1))
        if weighted + 1 > self.limit:
            return Allowance(False, 0, reset)
        present[subject] = present.get(subject, 0) + 1
        return Allowance(True, int(self.limit - weighted - 1), reset)

    def _turn(self, window: int) -> None:
        self._last = self._present if window == self._window + 1 else {}
        self._present = {}
        self._window = window

    def headers(self, allowance: Allowance) -> list[tuple[bytes, bytes]]:
        """The window and what is left of it, as the IETF's draft has it and in the names of old."""
        remaining, reset = b"%d" % allowance.remaining, b"%d" % allowance.reset
        return [
            (b"ratelimit-policy", b'"default";q=%d;w=%d' % (self.limit, self.seconds)),
            (b"ratelimit", b'"default";r=%b;t=%b' % (remaining, reset)),
            (b"x-ratelimit-limit", b"%d" % self.limit),
            (b"x-ratelimit-remaining", remaining),
            (b"x-ratelimit-reset", reset),
        ]


def too_many(allowance: Allowance) -> TooManyRequests:
    """The error for a subject that has nothing left."""
    return TooManyRequests(_TOO_MANY, retry_after=allowance.reset)
