"""What was carried over: one line for each row, written in the same transaction as what became of it.

`source` is the hash of the row as it was there, `target` of what it became here. So a second pass knows what has
changed there, and the way back what has changed here.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from brutal_patches.accounts.model import User
from brutal_patches.patches.model import Patch, body_of
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.operations import Put
from brutal_patches.storage.table import Table

type Kind = Literal["patches", "users"]
_SUMS = 2**256


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the predecessor's, and the id and author that it has here."""

    key: str
    source: str
    target: str
    id: str
    username: str
    email: str = ""


def write(kind: Kind, line: Line) -> Put:
    """The line, in place of the one of an earlier pass."""
    return Put(keys.imported(kind, line.key), to_item(line))


async def read_many(table: Table, kind: Kind, names: list[str]) -> list[Line | None]:
    """The lines of these rows, in the order asked for."""
    items = await table.get_many([keys.imported(kind, name) for name in names])
    return [from_item(Line, item) if item else None for item in items]


def hash_of_row(row: Mapping[str, Any]) -> str:
    """The same for the same values in any order."""
    return _hash(dict(row))


def hash_of_patch(patch: Patch) -> str:
    """Of all that an author can see of their patch, votes apart."""
    told = msgspec.to_builtins(body_of(patch))
    return _hash([told, patch.id, patch.username, patch.created_at, patch.updated_at])


def hash_of_user(user: User, password_hash: str) -> str:
    """Of who somebody is, and how they prove it."""
    return _hash([user.username, user.email, list(user.roles), user.status, user.created_at, password_hash])


class Digest:
    """A hash of many hashes in any order: their sum."""

    def __init__(self) -> None:
        self._sum = 0
        self.count = 0

    def add(self, content_hash: str) -> None:
        self._sum = (self._sum + int(content_hash, 16)) % _SUMS
        self.count += 1

    def __str__(self) -> str:
        return f"{self._sum:064x}"


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
