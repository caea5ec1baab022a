"""What happens on each day, counted in the transactions in which it happens.

A day's counters are spread over several items, so that writers do not wait for each other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, get_args

from brutal_patches.clock import Clock, timestamp
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Operation, Put, Query, Update
from brutal_patches.storage.table import Table

type What = Literal["users", "logins", "active", "patches", "forks", "ratings", "comments", "favourites", "collections"]
EVERYTHING: tuple[What, ...] = get_args(What.__value__)
SHARDS = 8


def happened(clock: Clock, *what: What) -> Update:
    """One more of each of `what` today, as part of the transaction that does it."""
    added = ", ".join(f"{name} :one" for name in what)
    key = keys.daily(timestamp(clock)[:10], clock.random(1)[0] % SHARDS)
    return Update(key, f"ADD {added}", {":one": 1})


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)


async def counts(table: Table, first: date, last: date) -> dict[str, Counter[str]]:
    """What happened on each day from `first` to `last`, by day; days on which nothing did are there too."""
    found: dict[str, Counter[str]] = {day.isoformat(): Counter() for day in days(first, last)}
    for month in dict.fromkeys(day[:7] for day in found):
        for item in await table.all(Query(keys.daily_month(month), consistent=True)):
            day = found.get(str(item["sk"]).partition("#")[0])
            if day is not None:
                day.update({name: int(str(item[name])) for name in EVERYTHING if name in item})
    return found


def stand(day: str, counted: Mapping[str, int]) -> list[Operation]:
    """`counted` in place of all counters of a day that is over."""
    whole = Put(keys.daily(day, 0), {name: count for name, count in counted.items() if count})
    return [whole, *(Delete(keys.daily(day, shard)) for shard in range(1, SHARDS))]
