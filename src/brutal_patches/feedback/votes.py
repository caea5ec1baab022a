"""Ratings and favourites. The aggregate on the patch changes in the vote's own transaction, so it cannot drift."""

from brutal_patches.actor import Actor
from brutal_patches.audit import daily
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict, Forbidden, Unavailable
from brutal_patches.feedback.model import Favourite, Kept, Rating
from brutal_patches.patches import store, warmth
from brutal_patches.patches.model import PatchRecord
from brutal_patches.patches.service import Patches
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Item, Operation, Put, Query, create
from brutal_patches.storage.table import Table

_TRIES = 8


class _Raced(Conflict):
    """The same user's vote has changed since it was read."""


class Votes:
    """The use cases of ratings and favourites."""

    def __init__(self, table: Table, clock: Clock, patches: Patches) -> None:
        self._table = table
        self._clock = clock
        self._patches = patches

    async def rating(self, actor: Actor, patch_id: int) -> Rating:
        """A patch's rating and the actor's own vote."""
        record = await self._patches.read(actor, patch_id)
        return _rating(record, await self._vote(actor, patch_id))

    async def rate(self, actor: Actor, patch_id: int, stars: int | None) -> Rating:
        """Vote, change a vote, or withdraw it (None); one's own patches are for others to judge."""
        for _ in range(_TRIES):
            record = await self._patches.read(actor, patch_id)
            if actor.owns(record.owner_id):
                raise Forbidden("You cannot rate your own patch.")
            before = await self._vote(actor, patch_id)
            if before == stars:
                return _rating(record, stars)
            try:
                await self._table.write(*self._voting(actor, record, before, stars))
            except _Raced:
                continue
            return await self.rating(actor, patch_id)
        raise Unavailable

    async def take_back(self, actor: Actor, patch_id: int) -> None:
        """Withdraw a vote on any patch that is there, seen or not; for those who leave."""
        for _ in range(_TRIES):
            record, before = await self._record(patch_id), await self._vote(actor, patch_id)
            if before is None:
                await self._table.write(Delete(keys.given_rating(actor.user_id, patch_id)))
                return None
            try:
                return await self._table.write(*self._voting(actor, record, before, None))
            except _Raced:
                continue
        raise Unavailable

    async def keep_no_longer(self, actor: Actor, patch_id: int) -> None:
        """The same of a favourite."""
        try:
            await self._table.write(*self._favouring(actor, await self._record(patch_id), False))
        except _Raced:
            return

    async def _record(self, patch_id: int) -> PatchRecord:
        item = await self._table.get(keys.patch(patch_id))
        if item is None:
            raise store.no_such_patch(patch_id)
        return store.from_item(item)

    def _voting(self, actor: Actor, record: PatchRecord, before: int | None, stars: int | None) -> list[Operation]:
        patch_id, moment = record.patch.id, timestamp(self._clock)
        key, line = keys.rating(patch_id, actor.user_id), keys.given_rating(actor.user_id, patch_id)
        raced = _Raced("The vote was changed meanwhile.")
        unchanged, seen = "stars = :before", {":before": before}
        votes = (stars is not None) - (before is not None)
        warm = warmth.warmer(record.warm, self._clock.now(), warmth.RATED) if stars is not None else record.warm
        counted = store.count_vote(patch_id, (stars or 0) - (before or 0), votes, warm, moment)
        if stars is None:
            return [Delete(key, unchanged, seen, otherwise=raced), Delete(line), counted]
        item: Item = {"stars": stars, "at": moment, "user_id": actor.user_id}
        listed = Put(line, {"id": patch_id, "stars": stars, "at": moment})
        if before is None:
            return [create(key, item, raced), listed, counted, daily.happened(self._clock, "ratings")]
        return [Put(key, item, unchanged, seen, otherwise=raced), listed, counted]

    async def _vote(self, actor: Actor, patch_id: int) -> int | None:
        item = await self._table.get(keys.rating(patch_id, actor.user_id)) if actor.user_id else None
        return int(str(item["stars"])) if item else None

    async def favour(self, actor: Actor, patch_id: int, wanted: bool) -> Favourite:
        """Keep a patch, or keep it no longer; doing it again changes nothing."""
        for _ in range(_TRIES):
            record = await self._patches.read(actor, patch_id)
            key = keys.favourite(actor.user_id, patch_id)
            if (await self._table.get(key) is not None) == wanted:
                return Favourite(patch_id=patch_id, favourite=wanted, favourite_count=record.patch.favourite_count)
            try:
                await self._table.write(*self._favouring(actor, record, wanted))
            except _Raced:
                continue
        raise Unavailable

    def _favouring(self, actor: Actor, record: PatchRecord, wanted: bool) -> list[Operation]:
        patch_id, moment = record.patch.id, timestamp(self._clock)
        key, kept = keys.favourite(actor.user_id, patch_id), keys.kept_by(patch_id, actor.user_id)
        raced = _Raced("The favourite was changed meanwhile.")
        if not wanted:
            counted = store.count_favourite(patch_id, -1, record.warm, moment)
            return [Delete(key, "attribute_exists(pk)", otherwise=raced), Delete(kept), counted]
        warm = warmth.warmer(record.warm, self._clock.now(), warmth.FAVOURED)
        counted = store.count_favourite(patch_id, 1, warm, moment)
        made = create(key, {"id": patch_id, "at": moment}, raced)
        return [made, Put(kept, {"at": moment}), counted, daily.happened(self._clock, "favourites")]

    async def favourites(self, actor: Actor, offset: int, limit: int) -> Kept:
        """The patches that the actor keeps and may still see, latest first."""
        query = Query(keys.favourites(actor.user_id), consistent=True)
        items = await self._table.all(query)
        latest = sorted(items, key=lambda item: str(item["at"]), reverse=True)
        patches = await self._patches.visible(actor, [int(str(item["id"])) for item in latest])
        return Kept(patches[offset : offset + limit], len(patches))


def _rating(record: PatchRecord, own: int | None) -> Rating:
    patch = record.patch
    return Rating(patch_id=patch.id, rating=own, average_rating=patch.average_rating, count=patch.rating_count)
