"""Reports make the moderators' queue: one line for each subject, with everything that was said of it."""

from typing import cast

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict, NotFound
from brutal_patches.feedback.comments import Comments
from brutal_patches.feedback.model import REASONS, Kind, Queue, QueueItem, Reason, ReportBody, Said
from brutal_patches.patches.service import Patches
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Item, Put, Query, Update, create
from brutal_patches.storage.table import Table

_WEIGHTS: dict[Reason, int] = {"abuse": 5, "copyright": 4, "spam": 3, "wrong": 1, "other": 1}
_QUOTED = 20


class Reports:
    """Filing reports, and what waits because of them."""

    def __init__(self, table: Table, clock: Clock, patches: Patches, comments: Comments) -> None:
        self._table = table
        self._clock = clock
        self._patches = patches
        self._comments = comments

    async def of_patch(self, actor: Actor, patch_id: int, body: ReportBody) -> None:
        """Report a patch."""
        title = (await self._patches.read(actor, patch_id)).patch.title
        await self._file(actor, "patch", f"patch/{patch_id}", title, body)

    async def of_comment(self, actor: Actor, patch_id: int, comment_id: str, body: ReportBody) -> None:
        """Report a comment."""
        comment = await self._comments.find(actor, patch_id, comment_id)
        await self._file(actor, "comment", f"comment/{patch_id}/{comment_id}", comment.text[:120], body)

    async def of_user(self, actor: Actor, user_id: str, username: str, body: ReportBody) -> None:
        """Report a user."""
        await self._file(actor, "user", f"user/{user_id}", username, body)

    async def _file(self, actor: Actor, kind: Kind, subject: str, title: str, body: ReportBody) -> None:
        """One report of each user for each subject; it counts in the transaction that keeps it."""
        moment = timestamp(self._clock)
        said: Item = {"reason": body.reason, "details": body.details, "user_id": actor.user_id, "at": moment}
        queued = Update(
            keys.queued(subject),
            "SET kind = :kind, title = :title, last_at = :now, first_at = if_not_exists(first_at, :now)"
            f" ADD said_{body.reason} :one",
            {":kind": kind, ":title": title, ":now": moment, ":one": 1},
        )
        known = Conflict("You have reported this already; a moderator will look at it.")
        filed = Put(keys.filed_report(actor.user_id, subject), {"subject": subject, **said})
        await self._table.write(create(keys.report(subject, actor.user_id), said, known), filed, queued)

    async def queue(self, limit: int, offset: int) -> Queue:
        """What waits, the most pressing first: by what was said, and by how many."""
        waiting = [_queued(item) for item in await self._table.all(Query(keys.moderation_queue(), consistent=True))]
        waiting = sorted((each for each in waiting if each.count), key=lambda each: (-each.priority, each.first_at))
        shown = [await self._quoted(each) for each in waiting[offset : offset + limit]]
        return Queue(shown, len(waiting))

    async def _quoted(self, waiting: QueueItem) -> QueueItem:
        page = await self._table.query(Query(keys.reports(waiting.subject), _QUOTED, consistent=True))
        reports = sorted((_said(item) for item in page.items), key=lambda each: each.at)
        return msgspec.structs.replace(waiting, reports=reports)

    async def filed_by(self, user_id: str) -> list[Item]:
        """The reports of a user that still wait."""
        return await self._table.all(Query(keys.filed_reports(user_id), consistent=True))

    async def take_back(self, user_id: str) -> None:
        """Withdraw the reports of somebody who leaves; the queue counts them no more."""
        for line in await self.filed_by(user_id):
            subject = str(line["subject"])
            filed = Delete(keys.filed_report(user_id, subject))
            gone = NotFound("It was decided meanwhile.")
            uncounted = Update(
                keys.queued(subject), f"ADD said_{line['reason']!s} :less", {":less": -1}, "attribute_exists(pk)", gone
            )
            report = Delete(keys.report(subject, user_id), "attribute_exists(pk)", otherwise=gone)
            try:
                await self._table.write(report, filed, uncounted)
            except NotFound:
                await self._table.write(filed)


def _queued(item: Item) -> QueueItem:
    subject = str(item["sk"])
    counts = {reason: int(str(item.get(f"said_{reason}", 0))) for reason in REASONS}
    reasons = {str(reason): count for reason, count in counts.items() if count}
    return QueueItem(
        id=subject.replace("/", ":"),
        kind=cast("Kind", item["kind"]),
        subject=subject,
        title=str(item["title"]),
        count=sum(reasons.values()),
        reasons=reasons,
        first_at=str(item["first_at"]),
        last_at=str(item["last_at"]),
        priority=sum(_WEIGHTS[reason] * count for reason, count in counts.items()),
    )


def _said(item: Item) -> Said:
    return Said(str(item["user_id"]), cast("Reason", item["reason"]), str(item["details"]), str(item["at"]))
