"""Writes as values. A use case lists them, and `Table.write` carries the list out whole or not at all."""

from collections.abc import Mapping

import msgspec

from brutal_patches.errors import DomainError
from brutal_patches.storage.keys import Key, Partition

type Value = str | int | bool | bytes | list["Value"] | dict[str, "Value"] | None
type Item = dict[str, Value]
NOTHING: Mapping[str, Value] = {}


class Put(msgspec.Struct, frozen=True):
    """Store `item` under `key`, in place of what may be there, if `condition` holds."""

    key: Key
    item: Item
    condition: str = ""
    values: Mapping[str, Value] = NOTHING
    otherwise: DomainError | None = None


class Update(msgspec.Struct, frozen=True):
    """Change attributes in place: `change` is an update expression over names as they are stored.

    `announce` re-reads the item afterwards and tells the change feed's local listeners.
    """

    key: Key
    change: str
    values: Mapping[str, Value] = NOTHING
    condition: str = ""
    otherwise: DomainError | None = None
    announce: bool = False


class Delete(msgspec.Struct, frozen=True):
    """Remove what lies under `key`, if `condition` holds."""

    key: Key
    condition: str = ""
    values: Mapping[str, Value] = NOTHING
    otherwise: DomainError | None = None


class Check(msgspec.Struct, frozen=True):
    """Change nothing, and let the rest go through only if `condition` holds here."""

    key: Key
    condition: str
    values: Mapping[str, Value] = NOTHING
    otherwise: DomainError | None = None


type Operation = Put | Update | Delete | Check


def create(key: Key, item: Item, otherwise: DomainError | None = None, **attributes: Value) -> Put:
    """Refused when something is under `key` already."""
    return Put(key, {**item, **attributes}, condition="attribute_not_exists(pk)", otherwise=otherwise)


class Query(msgspec.Struct, frozen=True):
    """Items of a partition in the order of their sort key.

    `after` and `before` bound the sort key, both inclusive, within the partition's prefix;
    `start` is the position that an earlier page ended at.
    """

    partition: Partition
    limit: int | None = None
    newest_first: bool = False
    after: str = ""
    before: str = ""
    start: Item | None = None
    consistent: bool = False


class Page(msgspec.Struct, frozen=True):
    """Some items, and where the next page starts (None: there is no more)."""

    items: list[Item]
    next: Item | None = None
