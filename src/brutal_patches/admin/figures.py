"""What admins want to know of the whole: users, patches, collections, and what happened day by day.

Every figure is counted: users and collections from the table, patches from the catalogue, days from the counters
that are kept in the transactions in which things happen.
"""

import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import psutil

from brutal_patches.accounts.model import User
from brutal_patches.accounts.standing import Standings
from brutal_patches.admin.patch_figures import PatchFigures, count_patches
from brutal_patches.audit import daily
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.clock import Clock, rfc3339
from brutal_patches.collections.model import Collection
from brutal_patches.collections.service import Collections
from brutal_patches.http.health import Vitals
from brutal_patches.storage.table import Table

type Range = Literal["7d", "30d", "90d", "1y"]
_DAYS: dict[Range, int] = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
_LATELY = timedelta(days=30)


class Stats(msgspec.Struct, frozen=True, rename="camel"):
    """The whole at a glance. `systemUptime` is in seconds, `diskUsage` and `memoryUsage` in per cent of this task's.

    An active user is one in good standing who has logged in within 30 days.
    """

    total_users: int
    active_users: int
    total_patches: int
    total_collections: int
    average_rating: float
    system_uptime: float
    disk_usage: float
    memory_usage: float
    users: dict[str, int]
    patches: dict[str, Any]
    collections: dict[str, Any]
    activity: dict[str, int]


class CollectionFigures(msgspec.Struct, frozen=True, rename="camel"):
    """How many collections there are, and how large. `averageSize` is in patches."""

    total: int
    public: int
    private: int
    empty: int
    average_size: float
    largest: int
    owners: int


class Day(msgspec.Struct, frozen=True, rename="camel"):
    """What happened on one UTC day. `activeUsers` are those who logged in."""

    date: str
    new_users: int
    logins: int
    active_users: int
    new_patches: int
    forks: int
    ratings: int
    comments: int
    favourites: int
    new_collections: int


class Analytics(msgspec.Struct, frozen=True, rename="camel"):
    """What happened day by day, the oldest first, and in all. `totals` counts a user active on two days twice."""

    time_range: Range
    date_from: str
    date_to: str
    days: list[Day]
    totals: dict[str, int]


class Figures:
    """Counts for admins."""

    def __init__(
        self, table: Table, clock: Clock, standings: Standings, collections: Collections, feeder: Feeder
    ) -> None:
        self._table = table
        self._clock = clock
        self._standings = standings
        self._collections = collections
        self._feeder = feeder

    async def stats(self, vitals: Vitals) -> Stats:
        """Everything at a glance."""
        now = self._clock.now()
        users = await self._standings.everyone()
        patches = await self.patches()
        collections = await self.collections()
        today = await daily.counts(self._table, now.date(), now.date())
        return Stats(
            total_users=len(users),
            active_users=sum(_is_active(user, now) for user in users),
            total_patches=patches.total,
            total_collections=collections.total,
            average_rating=patches.average_rating,
            system_uptime=vitals.health().uptime,
            disk_usage=_percent(shutil.disk_usage(tempfile.gettempdir())),
            memory_usage=round(psutil.Process().memory_percent(), 1),
            users=_user_figures(users, now),
            patches=msgspec.to_builtins(patches),
            collections=msgspec.to_builtins(collections),
            activity=_named(today[now.date().isoformat()]),
        )

    async def patches(self) -> PatchFigures:
        """Patches by everything that they can be counted by."""
        return await count_patches(self._feeder.memory.everything(), self._clock.now())

    async def collections(self) -> CollectionFigures:
        """Collections, private ones too."""
        found = [each async for part in self._collections.everything() for each in part]
        sizes = [len(each.patch_ids) for each in found]
        return CollectionFigures(
            total=len(found),
            public=sum(map(_is_public, found)),
            private=len(found) - sum(map(_is_public, found)),
            empty=sizes.count(0),
            average_size=round(sum(sizes) / len(sizes), 2) if sizes else 0,
            largest=max(sizes, default=0),
            owners=len({each.user_id for each in found}),
        )

    async def analytics(self, time_range: Range) -> Analytics:
        """What happened on each of the last days, today included."""
        last = self._clock.now().astimezone(UTC).date()
        first = last - timedelta(days=_DAYS[time_range] - 1)
        counted = await daily.counts(self._table, first, last)
        totals = sum(counted.values(), Counter())
        days = [Day(date=day, **_by_field(found)) for day, found in counted.items()]
        return Analytics(time_range, first.isoformat(), last.isoformat(), days, _named(totals))


_FIELDS = {"users": "new_users", "active": "active_users", "patches": "new_patches", "collections": "new_collections"}


def _by_field(found: Counter[str]) -> dict[str, int]:
    return {_FIELDS.get(name, name): found[name] for name in daily.EVERYTHING}


def _named(found: Counter[str]) -> dict[str, int]:
    """The same counts under their names on the wire."""
    day = msgspec.to_builtins(Day(date="", **_by_field(found)))
    return {name: count for name, count in day.items() if name != "date"}


def _is_public(collection: Collection) -> bool:
    return bool(collection.is_public)


def _is_active(user: User, now: datetime) -> bool:
    return user.status == "active" and user.last_login >= rfc3339(now - _LATELY)


def _user_figures(users: list[User], now: datetime) -> dict[str, int]:
    status = Counter(user.status for user in users)
    since = {name: rfc3339(now - timedelta(days=days)) for name, days in (("newThisWeek", 7), ("newThisMonth", 30))}
    return {
        "total": len(users),
        "active": status["active"],
        "suspended": status["suspended"],
        "banned": status["banned"],
        "leaving": status["leaving"],
        "moderators": sum("moderator" in user.roles for user in users),
        "admins": sum("admin" in user.roles for user in users),
        **{name: sum(user.created_at >= moment for user in users) for name, moment in since.items()},
    }


def _percent(usage: Any) -> float:
    return float(round(100 * usage.used / usage.total, 1))
