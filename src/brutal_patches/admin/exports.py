"""Everything out, as JSON or CSV, in parts of bounded size."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from brutal_patches.accounts.standing import Standings
from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.clock import Clock, timestamp
from brutal_patches.collections.service import Collections
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.storage.table import Table

type What = Literal["users", "patches", "collections", "all"]
type Format = Literal["json", "csv"]
type Row = dict[str, Any]
type Rows = AsyncIterator[list[Row]]

_PART = 500
_FORMULA = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CONTENT_TYPES: dict[Format, str] = {"json": "application/json", "csv": "text/csv"}
_USER = ("id", "username", "email", "roles", "status", "created_at", "updated_at", "lastLogin")
_PATCH = (
    *("id", "title", "description", "username", "category", "tags", "isPublic"),
    *(control.field for control in CONTROLS),
    *("modmatrix", "average_rating", "ratingCount", "favouriteCount", "created_at", "updated_at"),
    *("version", "parentId", "hiddenReason"),
)
_COLLECTION = (
    *("id", "name", "description", "userId", "username", "patchIds", "isPublic", "tags"),
    *("created_at", "updated_at"),
)


class Export(msgspec.Struct, frozen=True, rename="camel"):
    """A file: its name, its content as text, and what that is."""

    filename: str
    data: str
    content_type: str


class Exports:
    """Writes exports; that one was asked for is audited."""

    def __init__(
        self, table: Table, clock: Clock, standings: Standings, collections: Collections, feeder: Feeder
    ) -> None:
        self._table = table
        self._clock = clock
        self._standings = standings
        self._collections = collections
        self._feeder = feeder

    async def begin(self, actor: Actor, what: What, kind: Format) -> str:
        """Put it on record, and name the file."""
        await self._table.write(entry(actor, "export.made", f"export/{what}", self._clock, after={"format": kind}))
        return f"brutal-patches-{what}-{timestamp(self._clock)[:10]}.{kind}"

    async def enveloped(self, name: str, what: What, kind: Format) -> AsyncIterator[bytes]:
        """An `Export` as JSON, its data put in part by part."""
        yield b'{"filename":' + msgspec.json.encode(name) + b',"data":"'
        async for part in self.parts(what, kind):
            yield msgspec.json.encode(part)[1:-1]
        yield b'","contentType":' + msgspec.json.encode(CONTENT_TYPES[kind]) + b"}"

    def parts(self, what: What, kind: Format) -> AsyncIterator[str]:
        """The file's text."""
        kinds: Sequence[What] = ("users", "patches", "collections") if what == "all" else (what,)
        if kind == "csv":
            return self._table_text(kinds)
        return self._whole(kinds) if what == "all" else _array(self._rows(what))

    async def _whole(self, kinds: Sequence[What]) -> AsyncIterator[str]:
        for position, kind in enumerate(kinds):
            yield ("{" if position == 0 else ",") + f'"{kind}":'
            async for part in _array(self._rows(kind)):
                yield part
        yield "}"

    async def _table_text(self, kinds: Sequence[What]) -> AsyncIterator[str]:
        """One table; where it holds several kinds, a first column tells which, and all have all columns."""
        several = len(kinds) > 1
        columns = list(dict.fromkeys(name for kind in kinds for name in _COLUMNS[kind]))
        yield _csv([[*(["kind"] if several else []), *columns]])
        for kind in kinds:
            async for rows in self._rows(kind):
                yield _csv(
                    [[*([kind] if several else []), *(_cell(row.get(name)) for name in columns)] for row in rows]
                )

    def _rows(self, kind: What) -> Rows:
        found: Mapping[str, Callable[[], Rows]] = {
            "users": self._users,
            "patches": self._patches,
            "collections": self._all_collections,
        }
        return found[kind]()

    async def _users(self) -> Rows:
        async for users in self._standings.parts():
            rows = [msgspec.to_builtins(user) for user in users]
            yield [{name: row.get(_STORED.get(name, name)) for name in _USER} for row in rows]

    async def _patches(self) -> Rows:
        entries = self._feeder.memory.everything()
        for start in range(0, len(entries), _PART):
            yield [msgspec.json.decode(entry.body) for entry in entries[start : start + _PART]]

    async def _all_collections(self) -> Rows:
        async for collections in self._collections.everything():
            yield [msgspec.to_builtins(collection) for collection in collections]


_STORED = {"lastLogin": "last_login"}
_COLUMNS: Mapping[What, Sequence[str]] = {"users": _USER, "patches": _PATCH, "collections": _COLLECTION}


async def _array(rows: Rows) -> AsyncIterator[str]:
    separator = "["
    async for part in rows:
        if part:
            yield separator + ",".join(msgspec.json.encode(row).decode() for row in part)
            separator = ","
    yield "[]" if separator == "[" else "]"


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cell(value: object) -> str:
    """A value as a cell: lists as JSON; text that a spreadsheet would calculate gets an apostrophe (OWASP)."""
    if value is None:
        return ""
    if isinstance(value, str):
        # Some spreadsheets pass over blanks before they look for a formula.
        return f"'{value}" if value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA) else value
    return msgspec.json.encode(value).decode()
