"""Collections as items, and every write of them with the error that it means."""

import msgspec

from brutal_patches.collections.model import Collection
from brutal_patches.errors import NotFound, PreconditionFailed
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.operations import Delete, Item, Operation, Put, create


def no_such_collection() -> NotFound:
    """The error for a collection that is not there, or not for this actor to know of."""
    return NotFound("There is no such collection.")


def changed_meanwhile() -> PreconditionFailed:
    """The error for an edit that started from what is no longer so."""
    return PreconditionFailed("The collection was changed meanwhile; please load it again and repeat your change.")


def collection_of(item: Item) -> Collection:
    """The collection that an item holds."""
    return from_item(Collection, item)


def _line(collection: Collection) -> Item:
    return {"id": collection.id}


def add(collection: Collection) -> list[Operation]:
    """A new collection with its lines in its owner's list and, where it is public, in everybody's."""
    operations: list[Operation] = [
        create(keys.collection(collection.id), to_item(collection), changed_meanwhile()),
        Put(keys.owned_collection(collection.user_id, collection.id), _line(collection)),
        Put(keys.listed_collection(collection.id), _line(collection)),
    ]
    return operations + _listing(collection)


def replace(seen: Collection, edited: Collection) -> list[Operation]:
    """`edited` in place of `seen`, which must still be what is stored."""
    put = Put(
        keys.collection(edited.id),
        to_item(edited),
        "version = :seen",
        {":seen": seen.version},
        otherwise=changed_meanwhile(),
    )
    return [put, *(_listing(edited) if seen.is_public != edited.is_public else [])]


def remove(collection: Collection) -> list[Operation]:
    """A collection with its lines gone; its patches stay."""
    seen = {":seen": collection.version}
    return [
        Delete(keys.collection(collection.id), "version = :seen", seen, otherwise=changed_meanwhile()),
        Delete(keys.owned_collection(collection.user_id, collection.id)),
        Delete(keys.listed_collection(collection.id)),
        Delete(keys.public_collection(collection.created_at, collection.id)),
    ]


def _listing(collection: Collection) -> list[Operation]:
    key = keys.public_collection(collection.created_at, collection.id)
    return [Put(key, _line(collection)) if collection.is_public else Delete(key)]


def raised(seen: Collection, moment: str, **changes: object) -> Collection:
    """`seen` with `changes`, as its next version."""
    return msgspec.structs.replace(seen, version=seen.version + 1, updated_at=moment, **changes)
