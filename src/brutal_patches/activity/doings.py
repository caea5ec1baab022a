"""What a user has done where everybody could see it, newest first."""

from datetime import timedelta
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from brutal_patches.accounts.standing import Standings
from brutal_patches.accounts.submission import fold
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.catalogue.orderings import newest_before
from brutal_patches.clock import first_id, parse_rfc3339
from brutal_patches.collections.service import Collections
from brutal_patches.feedback.comments import Comments
from brutal_patches.http.cursors import Cursors

_SHOWN = 200
_SLACK = 5  # What one user can have made in the millisecond at which a page begins.


class Doing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One thing that somebody did. `title` is the patch's, or the collection's name; `text` a comment's beginning."""

    kind: Literal["patch", "fork", "comment", "collection"]
    at: str
    title: str
    patch_id: int | UnsetType = UNSET
    collection_id: str | UnsetType = UNSET
    text: str | UnsetType = UNSET


class DoingsPage(msgspec.Struct, frozen=True, rename="camel"):
    """Some of them, and where to go on."""

    events: list[Doing]
    has_more: bool
    next_cursor: str | UnsetType = UNSET


class Part(msgspec.Struct, frozen=True):
    """What one source has; where there may be more of it, `until` is how far back this reaches."""

    doings: list[Doing]
    until: str = ""


class Doings:
    """Puts together what lies in the catalogue and in the tables; nothing is written for it."""

    def __init__(
        self, standings: Standings, feeder: Feeder, collections: Collections, comments: Comments, cursors: Cursors
    ) -> None:
        self._standings = standings
        self._feeder = feeder
        self._collections = collections
        self._comments = comments
        self._cursors = cursors

    async def page(self, username: str, limit: int, cursor: str | None) -> DoingsPage:
        """The newest doings of the user with this name, or those before `cursor`."""
        user = await self._standings.find_by_name(username)
        context = f"activity|{user.id}"
        before = str(self._cursors.open(cursor, context)[0]) if cursor else ""
        parts = [
            self._patches(fold(username), limit, before),
            await self._comments_of(user.id, limit, before),
            await self._collections_of(user.id, limit, before),
        ]
        # What is older than a source reaches back must wait: something of that source may lie between.
        horizon = max(part.until for part in parts)
        found = [doing for part in parts for doing in part.doings if doing.at >= horizon]
        found.sort(key=lambda doing: doing.at, reverse=True)
        if len(found) > limit:
            found, horizon = found[:limit], found[limit - 1].at
        if not horizon:
            return DoingsPage(found, False)
        return DoingsPage(found, True, self._cursors.seal([horizon], context))

    def _patches(self, name: str, limit: int, before: str) -> Part:
        memory = self._feeder.memory
        places = newest_before(memory.orderings.by_author(name), (before, 0) if before else None, limit)
        doings = [
            Doing(
                kind="fork" if entry.parent_id else "patch",
                at=entry.created_at,
                title=entry.patch().title,
                patch_id=entry.id,
            )
            for _, patch_id in places
            if (entry := memory.public(patch_id))
        ]
        return _part(doings, [created_at for created_at, _ in places], limit)

    async def _comments_of(self, user_id: str, limit: int, before: str) -> Part:
        found = await self._comments.written_by(user_id, limit + _SLACK, _bound(before))
        memory = self._feeder.memory
        doings = [
            Doing(
                kind="comment",
                at=comment.created_at,
                title=entry.patch().title,
                patch_id=entry.id,
                text=comment.text[:_SHOWN],
            )
            for comment in found
            if _earlier(comment.created_at, before)
            and not comment.hidden
            and (entry := memory.public(comment.patch_id))
        ]
        return _part(doings, [comment.created_at for comment in found], limit + _SLACK)

    async def _collections_of(self, user_id: str, limit: int, before: str) -> Part:
        found = await self._collections.made_by(user_id, limit + _SLACK, _bound(before))
        doings = [
            Doing(kind="collection", at=each.created_at, title=each.name, collection_id=each.id)
            for each in found
            if _earlier(each.created_at, before) and each.is_public
        ]
        return _part(doings, [each.created_at for each in found], limit + _SLACK)


def _bound(before: str) -> str:
    """Ids from here on are of things that are certainly not earlier: ids know milliseconds only."""
    return first_id(parse_rfc3339(before) + timedelta(milliseconds=1)) if before else ""


def _earlier(at: str, before: str) -> bool:
    return not before or at < before


def _part(doings: list[Doing], moments: list[str], limit: int) -> Part:
    return Part(doings, moments[-1] if len(moments) >= limit else "")
