"""What moderators decide: what stays, what is taken from sight, and what comes back."""

from typing import Literal

from brutal_patches.accounts.standing import Standings
from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict, Forbidden, NotFound, Unavailable
from brutal_patches.feedback.subjects import Subject, subject_of
from brutal_patches.patches import store
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Item, Operation, Query
from brutal_patches.storage.table import Table

type Decision = Literal["approve", "reject", "hide"]
_TRIES = 5
_AT_ONCE = 40  # Each report is two deletions, and a transaction takes a hundred.


class _Raced(Conflict):
    """Somebody has reported the same meanwhile, or decided it."""


class Moderating:
    """Decisions about what was reported, or what a moderator came upon; each is audited in its own transaction."""

    def __init__(self, table: Table, clock: Clock, standings: Standings) -> None:
        self._table = table
        self._clock = clock
        self._standings = standings

    async def decide(self, actor: Actor, item_id: str, decision: Decision, notes: str) -> None:
        """Leave the subject, or show it again; or hide it (a user is suspended). Its reports are worked off."""
        subject = subject_of(item_id)
        for _ in range(_TRIES):
            waiting = await self._table.get(keys.queued(subject.text))
            found = await self._table.get(subject.key)
            if waiting is None:
                _check_unreported(actor, subject, found, decision)
            try:
                return await self._carry_out(actor, subject, waiting, found, decision, notes)
            except _Raced:
                continue
        raise Unavailable

    async def _carry_out(
        self, actor: Actor, subject: Subject, waiting: Item | None, found: Item | None, decision: Decision, notes: str
    ) -> None:
        approve, before = decision == "approve", _reason(found)
        if subject.kind == "user" and not approve and found:
            await self._suspend(actor, subject.name, notes)
        after = "" if approve else notes or "Hidden by a moderator."
        writes: list[Operation] = []
        if subject.kind != "user" and found and before != after:
            writes.append(subject.hiding(after, timestamp(self._clock)))
        closing, reports = await self._closing(subject, waiting) if waiting else ([], 0)
        audited = entry(
            actor,
            f"moderation.{_DONE[decision]}",
            subject.text,
            self._clock,
            before={"title": (waiting or found or {}).get("title", ""), "hidden": before, "reports": reports},
            after={"hidden": after},
            reason=notes,
        )
        await self._table.write(*closing, *writes, audited)

    async def _closing(self, subject: Subject, waiting: Item) -> tuple[list[Operation], int]:
        """The end of what waits, unless it has grown since it was read, and how many reports there were.

        Of very many reports all but the last go first: cut off there, the rest still waits.
        """
        said = await self._table.all(Query(keys.reports(subject.text), consistent=True))
        for start in range(_AT_ONCE, len(said), _AT_ONCE):
            await self._table.write(*_removal(subject, said[start : start + _AT_ONCE]))
        unchanged, seen = "last_at = :seen", {":seen": waiting["last_at"]}
        raced = _Raced("It was reported again, or decided, meanwhile.")
        closed = Delete(keys.queued(subject.text), unchanged, seen, otherwise=raced)
        return [closed, *_removal(subject, said[:_AT_ONCE])], len(said)

    async def _suspend(self, actor: Actor, user_id: str, notes: str) -> None:
        user = await self._standings.find(user_id)
        if user.roles != ("user",) and not actor.is_admin:
            raise Forbidden("Only an admin can decide about staff.")
        await self._standings.decide(actor, user_id, "suspend", notes or "Suspended by a moderator.")

    async def set_hidden(self, actor: Actor, patch_id: int, reason: str) -> None:
        """Hide a patch with a reason, or show it again with none, without a word about reports."""
        action, moment = "patch.hidden" if reason else "patch.shown", timestamp(self._clock)
        before = _reason(await self._table.get(keys.patch(patch_id)))
        told = {"before": {"hidden": before}, "after": {"hidden": reason}}
        audited = entry(actor, action, f"patch/{patch_id}", self._clock, **told, reason=reason)
        await self._table.write(store.hide(patch_id, reason, moment), audited)


_DONE: dict[Decision, str] = {"approve": "approved", "reject": "rejected", "hide": "hidden"}


def _check_unreported(actor: Actor, subject: Subject, found: Item | None, decision: Decision) -> None:
    """Nobody has reported it: then what can be seen can be hidden, and what is hidden can be shown again.

    Staff can read what is hidden, so a private patch is for admins alone to hide.
    """
    seen = found is not None and "deleted_at" not in found
    secret = found is not None and found.get("public") is False and not _reason(found) and not actor.is_admin
    nothing_to_show = decision == "approve" and not _reason(found)
    if subject.kind == "user" or not seen or secret or nothing_to_show:
        raise NotFound("There is no such item in the queue.")


def _reason(found: Item | None) -> str:
    return str((found or {}).get("hidden") or "")


def _removal(subject: Subject, said: list[Item]) -> list[Operation]:
    removal: list[Operation] = []
    for report in said:
        user_id = str(report["user_id"])
        removal += [Delete(keys.report(subject.text, user_id)), Delete(keys.filed_report(user_id, subject.text))]
    return removal
