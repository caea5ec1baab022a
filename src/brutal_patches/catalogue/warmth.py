"""How warm a patch is: what was done with it lately counts most, and every seven days half as much.

Each event (its creation, a fork, a rating, a favourite) weighs `w` and fades as 2 ** (-age / half-life). All fade
alike, so of two patches the warmer stays the warmer until something happens: it is enough to keep the
sum as seen from one fixed moment, as its logarithm ("forward decay": Cormode, Shkapenyuk, Srivastava and
Xu, ICDE 2009).
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

HALF_LIFE_SECONDS = 7 * 86400
CREATED, FORKED, RATED, FAVOURED = 1.0, 3.0, 2.0, 2.0
_START = datetime(2015, 1, 1, tzinfo=UTC)
_STEPS = 1_000_000_000_000


def heat(moment: datetime, weight: float) -> float:
    """The base-2 logarithm of what an event weighs, as seen from the start."""
    return (moment - _START).total_seconds() / HALF_LIFE_SECONDS + math.log2(weight)


def together(heats: Iterable[float]) -> float:
    """The logarithm of the sum of what these are the logarithms of."""
    known = list(heats)
    highest = max(known)
    return highest + math.log2(sum(2 ** (each - highest) for each in known))


def warmth(created: datetime, forked: Iterable[datetime], other: float | None = None) -> int:
    """A patch's warmth as a whole number that sorts: million-millionths of the logarithm."""
    heats = [heat(created, CREATED), *(heat(moment, FORKED) for moment in forked)]
    return round(together([*heats, other] if other is not None else heats) * _STEPS)


def standing(rating_sum: int, votes: int, forks: int) -> int:
    """What puts a patch among the featured: its rating, drawn to the middle while votes are few.

    The mean of its votes and five of 3.5 (a Bayesian average), then its forks.
    """
    return round(1_000_000 * (rating_sum + 17.5) / (votes + 5)) + min(forks, 999)
