"""The way back, there: what was made or changed here since a moment is written into the predecessor's tables."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from brutal_patches.accounts.model import User
from brutal_patches.migration import ledger
from brutal_patches.patches import store
from brutal_patches.patches.legacy import KEEPER
from brutal_patches.patches.model import Patch, PatchRecord
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.storage import feed, keys
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.foreign import ForeignTable, Row
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table

_WORDS = ("id", "title", "description", "modmatrix", "tags", "category", "username", "isPublic")
_TIMES = ("created_at", "updated_at")
UNUSABLE = "!"
"""In place of a hash that the predecessor could not verify: no password is right."""

type Tell = Callable[[dict[str, str]], None]


class Returning:
    """Writes back. `tell` gets what could not be taken along."""

    def __init__(self, table: Table, tell: Tell) -> None:
        self._table = table
        self._tell = tell

    async def write_back(self, since: datetime, users: ForeignTable, patches: ForeignTable) -> Counter[str]:
        """Users who are not there yet, then patches; carrying it out again changes nothing."""
        done: Counter[str] = Counter()
        names: dict[str, str] = {}
        async for page in self._table.pages(Query(keys.listed_users(), 100, consistent=True)):
            for item in await self._table.get_many([keys.user(str(line["id"])) for line in page]):
                if item is not None:
                    done[await self._return_user(from_item(User, item), since, users, names)] += 1
        for item in await feed.changes(self._table, since):
            done[await self._return_patch(store.from_item(item), users, patches, names)] += 1
        return done

    async def _return_user(self, user: User, since: datetime, users: ForeignTable, names: dict[str, str]) -> str:
        """Those who came from there are there still, with the password that they had."""
        if datetime.fromisoformat(user.created_at) < since or user.status == "leaving" or user.id == KEEPER:
            return "users from there"
        names[user.id] = user.username
        if await users.get_many([user.username]):
            return "users there already"
        row = {
            "username": user.username,
            "email": user.email or None,
            "password": UNUSABLE,
            "roles": list(user.roles),
            "patches": [],
            "createdAt": user.created_at,
            "updatedAt": user.updated_at,
        }
        await users.put(row)
        self._tell({"row": user.username, "told": "has to be given a password there"})
        return "users written back"

    async def _return_patch(
        self, record: PatchRecord, users: ForeignTable, patches: ForeignTable, names: dict[str, str]
    ) -> str:
        patch = record.patch
        if record.deleted_at:
            await patches.delete(patch.id)
            return "patches deleted there"
        author = await self._name_there(record, names)
        row = row_of(patch) | {"username": author}
        there = (await patches.get_many([patch.id])).get(patch.id)
        if there is not None and {name: there.get(name) for name in row} == row:
            return "patches equal there"
        await patches.put({**(there or {}), **row})
        await users.append_once(author, "patches", patch.id)
        return "patches written back"

    async def _name_there(self, record: PatchRecord, names: dict[str, str]) -> str:
        """The name that the author had there, where it was another."""
        if record.owner_id not in names:
            async for page in self._table.pages(Query(keys.everything_imported("users"), 100)):
                for line in (from_item(ledger.Line, item) for item in page):
                    names[line.id] = line.key
            names.setdefault(record.owner_id, record.patch.username)
        return names[record.owner_id]


def row_of(patch: Patch) -> Row:
    """A patch in the shape that the predecessor's table has, whose indexes take no empty text."""
    told: dict[str, Any] = msgspec.to_builtins(patch)
    fields = [*(control.field for control in CONTROLS), *_WORDS, *_TIMES]
    return {name: told[name] for name in fields if told.get(name) is not None} | {
        "average_rating": patch.average_rating or "0"
    }
