"""Reports make the moderators' queue: one line for each subject, with everything that was said of it."""

from collections import Counter
from typing import cast

from brutal_patches.accounts.standing import Standings
from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict, Forbidden, NotFound
from brutal_patches.feedback.comments import Comments
from brutal_patches.feedback.model import Kind, QueueItem, ReportBody
from brutal_patches.patches import store
from brutal_patches.patches.service import Patches
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Item, Operation, Query, Update, create
from brutal_patches.storage.table import Table

_WEIGHTS = {"abuse": 5, "copyright": 4, "spam": 3, "wrong": 1, "other": 1}


class Reports:
    """Filing reports and working them off. A queue item's id is its subject with `:` for `/`."""

    def __init__(self, table: Table, clock: Clock, patches: Patches, comments: Comments, standings: Standings) -> None:
        self._table = table
        self._clock = clock
        self._patches = patches
        self._comments = comments
        self._standings = standings

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
            "SET kind = :kind, title = :title, last_at = :now, first_at = if_not_exists(first_at, :now)",
            {":kind": kind, ":title": title, ":now": moment},
        )
        known = Conflict("You have reported this already; a moderator will look at it.")
        await self._table.write(create(keys.report(subject, actor.user_id), said, known), queued)

    async def queue(self) -> list[QueueItem]:
        """What waits, the most pressing first: by who said what, and how many."""
        items = [
            item async for page in self._table.pages(Query(keys.moderation_queue(), consistent=True)) for item in page
        ]
        queue = [await self._described(item) for item in items]
        return sorted(queue, key=lambda each: (-each.priority, each.first_at))

    async def _described(self, item: Item) -> QueueItem:
        subject = str(item["sk"])
        said = await self._said(subject)
        reasons = Counter(str(report["reason"]) for report in said)
        return QueueItem(
            id=subject.replace("/", ":"),
            kind=cast("Kind", item["kind"]),
            subject=subject,
            title=str(item["title"]),
            count=len(said),
            reasons=dict(reasons),
            first_at=str(item["first_at"]),
            last_at=str(item["last_at"]),
            priority=sum(_WEIGHTS.get(reason, 1) * count for reason, count in reasons.items()),
        )

    async def _said(self, subject: str) -> list[Item]:
        query = Query(keys.reports(subject), consistent=True)
        return await self._table.all(query)

    async def decide(self, actor: Actor, item_id: str, approve: bool, notes: str) -> None:
        """Leave the subject as it is, or hide it (suspend a user); its reports are worked off, and it is audited."""
        subject = item_id.replace(":", "/")
        waiting = await self._table.get(keys.queued(subject))
        if waiting is None:
            raise NotFound("There is no such item in the queue.")
        if waiting["kind"] == "user" and not approve:
            await self._suspend(actor, subject.partition("/")[2], notes)
        said = await self._said(subject)
        action = "moderation.approved" if approve else "moderation.rejected"
        after = {"reports": len(said), "notes": notes}
        decided = Conflict("Somebody has decided this already.")
        closed: list[Operation] = [
            Delete(keys.queued(subject), "attribute_exists(pk)", otherwise=decided),
            *(Delete(keys.report(subject, str(report["user_id"]))) for report in said[:90]),
            entry(actor, action, subject, self._clock, before={"title": waiting["title"]}, after=after, reason=notes),
        ]
        await self._table.write(*closed, *([] if approve else self._hiding(subject, notes)))

    async def _suspend(self, actor: Actor, user_id: str, notes: str) -> None:
        user = await self._standings.find(user_id)
        if user.roles != ("user",) and not actor.is_admin:
            raise Forbidden("Only an admin can decide about staff.")
        await self._standings.decide(actor, user_id, "suspend", notes or "Suspended by a moderator.")

    def _hiding(self, subject: str, notes: str) -> list[Operation]:
        kind, _, rest = subject.partition("/")
        reason = notes or "Hidden by a moderator."
        if kind == "patch":
            return [store.hide(int(rest), reason, timestamp(self._clock))]
        if kind == "comment":
            patch_id, _, comment_id = rest.partition("/")
            gone = NotFound("The comment is gone already.")
            key = keys.comment(int(patch_id), comment_id)
            return [Update(key, "SET hidden = :why", {":why": reason}, "attribute_exists(pk)", otherwise=gone)]
        return []

    async def set_hidden(self, actor: Actor, patch_id: int, reason: str) -> None:
        """Hide a patch with a reason, or show it again with none, without a report."""
        action = "patch.hidden" if reason else "patch.shown"
        audited = entry(actor, action, f"patch/{patch_id}", self._clock, reason=reason)
        await self._table.write(store.hide(patch_id, reason, timestamp(self._clock)), audited)
