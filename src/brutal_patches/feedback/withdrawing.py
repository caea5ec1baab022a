"""What becomes of the votes, favourites, comments and reports of somebody who leaves."""

from brutal_patches.actor import Actor
from brutal_patches.errors import NotFound
from brutal_patches.feedback.reports import Reports
from brutal_patches.feedback.votes import Votes
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Query
from brutal_patches.storage.table import Table


class Withdrawing:
    """Takes back all that one user has said of others; aggregates follow, and each step can be done again."""

    def __init__(self, table: Table, votes: Votes, reports: Reports) -> None:
        self._table = table
        self._votes = votes
        self._reports = reports

    async def withdraw(self, user_id: str) -> None:
        """Votes, favourites, comments and reports."""
        leaver = Actor(user_id=user_id)
        await self._reports.take_back(user_id)
        for patch_id in await self._listed(keys.given_ratings(user_id)):
            await self._withdraw_vote(leaver, patch_id)
        for patch_id in await self._listed(keys.favourites(user_id)):
            await self._withdraw_favourite(leaver, patch_id)
        for line in await self._table.all(Query(keys.written_comments(user_id), consistent=True)):
            comment_id = str(line["id"])
            written = keys.comment(int(str(line["patch_id"])), comment_id)
            await self._table.write(Delete(written), Delete(keys.written_comment(user_id, comment_id)))

    async def _listed(self, partition: keys.Partition) -> list[int]:
        return [int(str(line["id"])) for line in await self._table.all(Query(partition, consistent=True))]

    async def _withdraw_vote(self, leaver: Actor, patch_id: int) -> None:
        try:
            await self._votes.take_back(leaver, patch_id)
        except NotFound:
            # The patch is gone, and its aggregate with it.
            vote, line = keys.rating(patch_id, leaver.user_id), keys.given_rating(leaver.user_id, patch_id)
            await self._table.write(Delete(vote), Delete(line))

    async def _withdraw_favourite(self, leaver: Actor, patch_id: int) -> None:
        try:
            await self._votes.keep_no_longer(leaver, patch_id)
        except NotFound:
            kept, line = keys.kept_by(patch_id, leaver.user_id), keys.favourite(leaver.user_id, patch_id)
            await self._table.write(Delete(kept), Delete(line))
