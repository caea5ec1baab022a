"""A clock that tests can put forward."""

from datetime import datetime, timedelta

from brutal_patches.clock import SystemClock


class AheadClock(SystemClock):
    """The real clock, `ahead` of the time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead

    def forward(self, **amount: float) -> None:
        """Put it forward by `amount`, such as `seconds=11`."""
        self.ahead += timedelta(**amount)
