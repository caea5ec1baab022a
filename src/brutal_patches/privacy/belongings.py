"""Everything that the service knows of one person, in one document for them."""

from typing import Any

import msgspec

from brutal_patches.accounts.service import Accounts
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.accounts.standing import Standings
from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock, timestamp
from brutal_patches.collections.service import Collections
from brutal_patches.feedback.model import Comment
from brutal_patches.patches.listing import OwnPatches
from brutal_patches.patches.service import Patches
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.keys import Partition
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table

_ALL = 10_000_000


class Belongings(msgspec.Struct, frozen=True, rename="camel"):
    """A person's data. Times are RFC 3339; `patches` come with every version that is kept."""

    exported_at: str
    account: dict[str, Any]
    sessions: list[Any]
    patches: list[dict[str, Any]]
    deleted_patches: tuple[Any, ...]
    collections: list[Any]
    ratings: list[dict[str, Any]]
    favourites: list[dict[str, Any]]
    comments: list[dict[str, Any]]
    reports: list[dict[str, Any]]


class Gathering:
    """Collects what belongs to a user, straight from the table."""

    def __init__(
        self,
        table: Table,
        clock: Clock,
        accounts: Accounts,
        standings: Standings,
        sessions: Sessions,
        patches: Patches,
        own: OwnPatches,
        collections: Collections,
    ) -> None:
        self._table = table
        self._clock = clock
        self._accounts = accounts
        self._standings = standings
        self._sessions = sessions
        self._patches = patches
        self._own = own
        self._collections = collections

    async def gather(self, actor: Actor) -> Belongings:
        """All of it; that it was asked for is audited."""
        user = await self._standings.find(actor.user_id)
        profile = await self._accounts.profile(actor)
        account = msgspec.to_builtins(profile) | {"status": user.status, "lastLogin": user.last_login or None}
        await self._table.write(entry(actor, "user.exported", f"user/{actor.user_id}", self._clock))
        return Belongings(
            exported_at=timestamp(self._clock),
            account=account,
            sessions=list(await self._sessions.listing(actor)),
            patches=[await self._with_history(actor, patch) for patch in await self._own.part(actor, 0, _ALL)],
            deleted_patches=await self._own.deleted(actor),
            collections=list(await self._collections.mine(actor)),
            ratings=await self._lines(keys.given_ratings(actor.user_id), patchId="id", rating="stars", at="at"),
            favourites=await self._lines(keys.favourites(actor.user_id), patchId="id", at="at"),
            comments=await self._comments(actor),
            reports=await self._lines(
                keys.filed_reports(actor.user_id), subject="subject", reason="reason", details="details", at="at"
            ),
        )

    async def _with_history(self, actor: Actor, patch: Any) -> dict[str, Any]:
        versions = await self._patches.history(actor, patch.id)
        found: dict[str, Any] = msgspec.to_builtins(patch)
        return found | {"versions": msgspec.to_builtins(versions)}

    async def _lines(self, partition: Partition, **names: str) -> list[dict[str, Any]]:
        items = await self._table.all(Query(partition, consistent=True))
        return [{wire: item.get(stored) for wire, stored in names.items()} for item in items]

    async def _comments(self, actor: Actor) -> list[dict[str, Any]]:
        lines = await self._table.all(Query(keys.written_comments(actor.user_id), consistent=True))
        found = await self._table.get_many(
            [keys.comment(int(str(line["patch_id"])), str(line["id"])) for line in lines]
        )
        return [msgspec.to_builtins(from_item(Comment, item)) for item in found if item]
