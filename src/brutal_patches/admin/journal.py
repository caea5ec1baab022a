"""The audit trail as admins read it: newest first, filtered, page by page."""

from collections.abc import AsyncIterator
from datetime import UTC, date, timedelta
from typing import Any

import msgspec

from brutal_patches.audit.daily import days
from brutal_patches.clock import Clock
from brutal_patches.errors import FieldError, Invalid
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Item, Query
from brutal_patches.storage.table import Table

USUAL_DAYS = 30
MOST_DAYS = 366


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """One audit entry: who did what to whom, from where, and what changed. `type` is the first part of the action."""

    id: str
    timestamp: str
    type: str
    action: str
    subject: str
    user_id: str
    username: str
    address: str
    request_id: str
    before: Any
    after: Any
    reason: str


class Journal(msgspec.Struct, frozen=True):
    """Some lines, and how many there are that fit."""

    logs: list[Line]
    total: int


class Wanted(msgspec.Struct, frozen=True):
    """Which lines: of a type or a whole action, by a user, about a subject; days are UTC, both included."""

    type: str = ""
    user: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None


class Journals:
    """Reads the audit trail; nothing changes it."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def read(self, wanted: Wanted, limit: int, offset: int) -> Journal:
        """The lines from `offset` on; without days, those of the last thirty. Only these are kept in memory."""
        total, found = 0, []
        async for line in self.lines(wanted):
            if offset <= total < offset + limit:
                found.append(line)
            total += 1
        return Journal(found, total)

    async def decisions(self, limit: int, offset: int) -> Journal:
        """What moderators decided, for moderators: where from is for admins to know."""
        journal = await self.read(Wanted("moderation"), limit, offset)
        return Journal([msgspec.structs.replace(line, address="") for line in journal.logs], journal.total)

    async def lines(self, wanted: Wanted) -> AsyncIterator[Line]:
        """All of them, newest first."""
        last = wanted.last or self._clock.now().astimezone(UTC).date()
        first = wanted.first or last - timedelta(days=USUAL_DAYS - 1)
        if not 0 <= (last - first).days < MOST_DAYS:
            fault = FieldError("dateFrom", f"must not be after dateTo, nor more than {MOST_DAYS} days before it")
            raise Invalid("These days cannot be shown.", errors=[fault])
        for day in reversed(list(days(first, last))):
            query = Query(keys.audit_day(day.isoformat()), newest_first=True, consistent=True)
            async for page in self._table.pages(query):
                for item in page:
                    line = _line(item)
                    if _fits(line, wanted):
                        yield line


def _fits(line: Line, wanted: Wanted) -> bool:
    return (
        wanted.type in {"", line.type, line.action}
        and wanted.user in {"", line.user_id, line.username}
        and wanted.subject in {"", line.subject}
    )


def _line(item: Item) -> Line:
    action = str(item["action"])
    return Line(
        id=str(item["sk"]).partition("#")[2],
        timestamp=str(item["at"]),
        type=action.partition(".")[0],
        action=action,
        subject=str(item["subject"]),
        user_id=str(item["actor"]),
        username=str(item["actor_name"]),
        address=str(item["address"]),
        request_id=str(item["request_id"]),
        before=_told(item, "before"),
        after=_told(item, "after"),
        reason=str(item.get("reason") or ""),
    )


def _told(item: Item, name: str) -> Any:
    text = item.get(name)
    return None if text is None else msgspec.json.decode(str(text))
