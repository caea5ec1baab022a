"""Patches counted by everything that they can be counted by."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from brutal_patches.catalogue.entries import Entry
from brutal_patches.clock import rfc3339

_WITHOUT_PAUSE = 5000
_LEADING = 10


class Counted(msgspec.Struct, frozen=True):
    """A value and how many patches have it."""

    value: str
    count: int


class PatchFigures(msgspec.Struct, frozen=True, rename="camel"):
    """How many patches there are. `averageRating` is the mean of all votes, 0 where there are none."""

    total: int
    public: int
    private: int
    hidden: int
    forks: int
    rated: int
    votes: int
    average_rating: float
    favourites: int
    versions: int
    new_this_week: int
    new_this_month: int
    categories: list[Counted]
    tags: list[Counted]
    authors: list[Counted]


async def count_patches(entries: Sequence[Entry], now: datetime) -> PatchFigures:
    """Walk through `entries`, letting others have their turn now and then."""
    counts: Counter[str] = Counter()
    by: dict[str, Counter[str]] = {"categories": Counter(), "tags": Counter(), "authors": Counter()}
    week, month = rfc3339(now - timedelta(days=7)), rfc3339(now - timedelta(days=30))
    for position, entry in enumerate(entries):
        if position % _WITHOUT_PAUSE == 0:
            await asyncio.sleep(0)
        counts["public"] += entry.is_public
        counts["hidden"] += entry.is_hidden
        counts["forks"] += bool(entry.parent_id)
        counts["rated"] += bool(entry.votes)
        counts["votes"] += entry.votes
        counts["stars"] += entry.rating_sum
        counts["favourites"] += entry.favourites
        counts["versions"] += entry.version
        counts["week"] += entry.created_at >= week
        counts["month"] += entry.created_at >= month
        by["categories"][entry.category or "none"] += 1
        by["tags"].update(entry.tags)
        by["authors"][entry.username] += 1
    return PatchFigures(
        total=len(entries),
        public=counts["public"],
        private=len(entries) - counts["public"] - counts["hidden"],
        hidden=counts["hidden"],
        forks=counts["forks"],
        rated=counts["rated"],
        votes=counts["votes"],
        average_rating=round(counts["stars"] / counts["votes"], 2) if counts["votes"] else 0,
        favourites=counts["favourites"],
        versions=counts["versions"],
        new_this_week=counts["week"],
        new_this_month=counts["month"],
        **{name: _leading(counter) for name, counter in by.items()},
    )


def _leading(counter: Counter[str]) -> list[Counted]:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Counted(value, count) for value, count in ordered[:_LEADING]]
