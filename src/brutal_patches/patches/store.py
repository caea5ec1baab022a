"""Patches as items, and every write of them as a value with the error that it means."""

from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from msgspec import UNSET

from brutal_patches.errors import Conflict, NotFound, PreconditionFailed
from brutal_patches.patches.encoding import decode_panel, encode_panel
from brutal_patches.patches.model import Origin, Patch, PatchBody, PatchRecord, PatchVersion
from brutal_patches.storage import keys
from brutal_patches.storage.feed import feed_keys
from brutal_patches.storage.operations import Delete, Item, Put, Update, Value, create

DELETION_GRACE = timedelta(days=30)
_NO_SUCH_PATCH = "There is no patch {}."
_REVISED = "revision = revision + :one"
_CHANGED = "The patch was changed meanwhile; please load it again and repeat your change."


def no_such_patch(patch_id: int) -> NotFound:
    """The error for a patch that is not there, or not for this actor to know of."""
    return NotFound(_NO_SUCH_PATCH.format(patch_id))


def changed_meanwhile() -> PreconditionFailed:
    """The error for an edit that started from a version that is no longer current."""
    return PreconditionFailed(_CHANGED)


def _body_item(body: PatchBody) -> Item:
    return {
        "title": body.title,
        "description": body.description,
        "panel": encode_panel(body),
        "tags": list(body.tags),
        "category": body.category if body.category is not UNSET else None,
        "public": body.is_public,
    }


def _body_fields(item: Item) -> dict[str, Any]:
    settings, cables = decode_panel(cast("bytes", item["panel"]))
    return {
        **settings,
        "title": item["title"],
        "description": item["description"],
        "modmatrix": cables,
        "tags": tuple(cast("list[str]", item["tags"])),
        "category": item.get("category", UNSET),
        "is_public": item["public"],
    }


def to_item(record: PatchRecord) -> Item:
    """The item of a patch; its settings are one attribute, as cost grows with their number."""
    patch = record.patch
    origin: Value = None
    if patch.forked_from is not UNSET:
        origin = cast("dict[str, Value]", msgspec.to_builtins(patch.forked_from))
    item: Item = {
        **_body_item(patch),
        **feed_keys(patch.id, record.deleted_at or patch.updated_at),
        "id": patch.id,
        "version": patch.version,
        "owner": record.owner_id,
        "username": patch.username,
        "created_at": patch.created_at,
        "updated_at": patch.updated_at,
        "parent": patch.parent_id if patch.parent_id is not UNSET else None,
        "origin": origin,
        "rating_sum": record.rating_sum,
        "rating_count": patch.rating_count,
        "forks": record.forks,
        "favourites": patch.favourite_count,
        "warm": record.warm,
        "hidden": patch.hidden_reason if patch.hidden_reason is not UNSET else None,
        "revision": record.revision,
        "deleted_at": record.deleted_at or None,
    }
    return {name: value for name, value in item.items() if value is not None}


def from_item(item: Item) -> PatchRecord:
    """The patch that an item holds."""
    fields = cast("dict[str, Any]", item)
    origin = fields.get("origin")
    patch = Patch(
        **_body_fields(item),
        id=fields["id"],
        username=fields["username"],
        average_rating=average(fields["rating_sum"], fields["rating_count"]),
        rating_count=fields["rating_count"],
        favourite_count=fields.get("favourites", 0),
        hidden_reason=fields.get("hidden", UNSET),
        created_at=fields["created_at"],
        updated_at=fields["updated_at"],
        version=fields["version"],
        parent_id=fields.get("parent", UNSET),
        forked_from=Origin(**origin) if origin else UNSET,
    )
    return PatchRecord(
        patch=patch,
        owner_id=fields["owner"],
        rating_sum=fields["rating_sum"],
        forks=fields["forks"],
        warm=fields.get("warm", 0),
        revision=fields["revision"],
        deleted_at=fields.get("deleted_at", ""),
    )


def average(total: int, count: int) -> str:
    """The mean with at most two decimals and no needless zeros, `""` where nobody has rated."""
    return f"{total / count:.2f}".rstrip("0").rstrip(".") if count else ""


def version_item(record: PatchRecord, changes: str) -> Item:
    """What is kept of the present version."""
    patch = record.patch
    return {
        **_body_item(patch),
        "id": patch.id,
        "version": patch.version,
        "username": patch.username,
        "created_at": patch.updated_at,
        "changes": changes,
    }


def version_from_item(item: Item, latest: int) -> PatchVersion:
    """A kept version; `latest` is the number of the current one."""
    fields = cast("dict[str, Any]", item)
    return PatchVersion(
        patch_id=fields["id"],
        version=fields["version"],
        body=PatchBody(**_body_fields(item)),
        changes=fields["changes"],
        username=fields["username"],
        created_at=fields["created_at"],
        is_latest=fields["version"] == latest,
    )


def add(record: PatchRecord) -> list[Put]:
    """A new patch, its first version, and its place among its owner's."""
    patch = record.patch
    taken = Conflict("A patch with this id exists already.")
    return [
        create(keys.patch(patch.id), to_item(record), taken),
        keep_version(record, ""),
        list_under_owner(record),
    ]


def keep_version(record: PatchRecord, changes: str) -> Put:
    """Written with every change, so that the history has no gaps."""
    return Put(keys.patch_version(record.patch.id, record.patch.version), version_item(record, changes))


def list_under_owner(record: PatchRecord) -> Put:
    """The line by which a patch is found among its owner's."""
    patch = record.patch
    return Put(keys.owned_patch(record.owner_id, patch.id), {"id": patch.id, "public": patch.is_public})


def replace(record: PatchRecord) -> Update:
    """Refused unless the stored version is the one that this edit started from.

    Only what the author may change is set: ratings and forks that come in meanwhile stay counted.
    """
    patch = record.patch
    changed = _body_item(patch) | feed_keys(patch.id, patch.updated_at)
    changed |= {"version": patch.version, "updated_at": patch.updated_at}
    present = {name: value for name, value in changed.items() if value is not None}
    absent = [name for name in changed if name not in present]
    removal = f" REMOVE {', '.join(absent)}" if absent else ""
    return Update(
        keys.patch(patch.id),
        f"SET {_REVISED}, " + ", ".join(f"{name} = :{name}" for name in present) + removal,
        {":one": 1, ":seen": patch.version - 1} | {f":{name}": value for name, value in present.items()},
        condition="version = :seen AND attribute_not_exists(deleted_at)",
        otherwise=changed_meanwhile(),
        announce=True,
    )


def bury(record: PatchRecord, moment: datetime) -> list[Update | Put | Delete]:
    """Mark a patch deleted until it expires; one that was forked stays as a tombstone for good."""
    patch = record.patch
    ends = "" if record.forks else ", expires = :expires"
    feed = feed_keys(patch.id, record.deleted_at)
    return [
        Update(
            keys.patch(patch.id),
            f"SET {_REVISED}, deleted_at = :now, fk = :fk, fs = :fs{ends}",
            {":one": 1, ":now": record.deleted_at, ":fk": feed["fk"], ":fs": feed["fs"], ":expires": expiry(moment)},
            condition="attribute_exists(pk) AND attribute_not_exists(deleted_at)",
            otherwise=no_such_patch(patch.id),
            announce=True,
        ),
        Delete(keys.owned_patch(record.owner_id, patch.id)),
        Put(keys.deleted_patch(record.owner_id, patch.id), {"id": patch.id, "expires": expiry(moment)}),
    ]


def unbury(record: PatchRecord) -> list[Update | Put | Delete]:
    """Undo a deletion: the patch is as it was, with its history."""
    patch = record.patch
    feed = feed_keys(patch.id, patch.updated_at)
    return [
        Update(
            keys.patch(patch.id),
            f"SET {_REVISED}, updated_at = :now, fk = :fk, fs = :fs REMOVE deleted_at, expires",
            {":one": 1, ":now": patch.updated_at, ":fk": feed["fk"], ":fs": feed["fs"]},
            condition="attribute_exists(deleted_at)",
            otherwise=no_such_patch(patch.id),
            announce=True,
        ),
        Delete(keys.deleted_patch(record.owner_id, patch.id)),
        list_under_owner(record),
    ]


def hand_over(record: PatchRecord, keeper_id: str, keeper_name: str, moment: str) -> list[Update | Put | Delete]:
    """The same patch as another user's."""
    patch_id = record.patch.id
    feed = feed_keys(patch_id, moment)
    kept = msgspec.structs.replace(record, owner_id=keeper_id)
    return [
        Update(
            keys.patch(patch_id),
            f"SET {_REVISED}, owner = :keeper, username = :name, fk = :fk, fs = :fs",
            {
                ":one": 1,
                ":keeper": keeper_id,
                ":name": keeper_name,
                ":me": record.owner_id,
                ":fk": feed["fk"],
                ":fs": feed["fs"],
            },
            condition="owner = :me AND attribute_not_exists(deleted_at)",
            otherwise=no_such_patch(patch_id),
            announce=True,
        ),
        Delete(keys.owned_patch(record.owner_id, patch_id)),
        list_under_owner(kept),
    ]


def rename_version(patch_id: int, number: int, keeper_name: str) -> Update:
    """A kept version under another author's name."""
    key = keys.patch_version(patch_id, number)
    return Update(key, "SET username = :name", {":name": keeper_name}, condition="attribute_exists(pk)")


def count_fork(parent_id: int, moment: str) -> Update:
    """One more fork of a patch that must still be there."""
    feed = feed_keys(parent_id, moment)
    return Update(
        keys.patch(parent_id),
        f"SET {_REVISED}, fk = :fk, fs = :fs ADD forks :one",
        {":one": 1, ":fk": feed["fk"], ":fs": feed["fs"]},
        condition="attribute_exists(pk) AND attribute_not_exists(deleted_at)",
        otherwise=no_such_patch(parent_id),
        announce=True,
    )


def count_vote(patch_id: int, stars: int, votes: int, warm: int, moment: str) -> Update:
    """`stars` and `votes` more (or fewer) in the aggregate of a patch that is there."""
    return _count(patch_id, "rating_sum :stars, rating_count :votes", {":stars": stars, ":votes": votes}, warm, moment)


def count_favourite(patch_id: int, by: int, warm: int, moment: str) -> Update:
    """One more or one fewer who keeps this patch."""
    return _count(patch_id, "favourites :by", {":by": by}, warm, moment)


def _count(patch_id: int, added: str, values: dict[str, Value], warm: int, moment: str) -> Update:
    feed = feed_keys(patch_id, moment)
    return Update(
        keys.patch(patch_id),
        f"SET {_REVISED}, fk = :fk, fs = :fs, warm = :warm ADD {added}",
        {":one": 1, ":fk": feed["fk"], ":fs": feed["fs"], ":warm": warm, **values},
        condition="attribute_exists(pk) AND attribute_not_exists(deleted_at)",
        otherwise=no_such_patch(patch_id),
        announce=True,
    )


def set_counts(
    record: PatchRecord, rating_sum: int, rating_count: int, favourites: int, moment: str, moved: Conflict
) -> Update:
    """These aggregates in place of those of `record`, which must be what is stored; refused with `moved`."""
    feed = feed_keys(record.patch.id, moment)
    return Update(
        keys.patch(record.patch.id),
        f"SET {_REVISED}, fk = :fk, fs = :fs, rating_sum = :sum, rating_count = :count, favourites = :favourites",
        {
            ":one": 1,
            ":fk": feed["fk"],
            ":fs": feed["fs"],
            ":sum": rating_sum,
            ":count": rating_count,
            ":favourites": favourites,
            ":seen": record.revision,
        },
        condition="revision = :seen",
        otherwise=moved,
        announce=True,
    )


def hide(patch_id: int, reason: str, moment: str) -> Update:
    """Take a patch from sight, or put it back with an empty `reason`; its author sees why."""
    feed = feed_keys(patch_id, moment)
    change = "hidden = :reason" if reason else ""
    removal = "" if reason else " REMOVE hidden"
    return Update(
        keys.patch(patch_id),
        f"SET {', '.join(part for part in (_REVISED, 'fk = :fk', 'fs = :fs', change) if part)}{removal}",
        {":one": 1, ":fk": feed["fk"], ":fs": feed["fs"], ":reason": reason},
        condition="attribute_exists(pk)",
        otherwise=no_such_patch(patch_id),
        announce=True,
    )


def next_id() -> Update:
    """Takes the next id; one that is taken and not used stays a gap."""
    return Update(keys.counter("patches"), "ADD value :one", {":one": 1})


def jump_ahead(highest: int) -> Update:
    """Moves the counter so that the next id is above `highest`; never back."""
    return Update(
        keys.counter("patches"),
        "SET value = :highest",
        {":highest": highest},
        condition="attribute_not_exists(pk) OR value < :highest",
        otherwise=Conflict("The counter is ahead already."),
    )


def expiry(moment: datetime) -> int:
    """When a deletion of now can no longer be undone, in epoch seconds."""
    return int((moment + DELETION_GRACE).timestamp())


def grace_is_over(deleted_at: str, now: datetime) -> bool:
    """Whether a deletion at `deleted_at` (RFC 3339) can no longer be undone."""
    return datetime.fromisoformat(deleted_at) + DELETION_GRACE < now
