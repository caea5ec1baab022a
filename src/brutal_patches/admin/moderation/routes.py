"""Moderation over HTTP: the queue, and decisions one by one and in bulk."""

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from brutal_patches.actor import Actor
from brutal_patches.admin import examples
from brutal_patches.admin.journal import Journal, Journals
from brutal_patches.admin.service import Done, tried
from brutal_patches.errors import NotFound
from brutal_patches.feedback.model import Queue
from brutal_patches.feedback.moderating import Decision as Verdict
from brutal_patches.feedback.moderating import Moderating
from brutal_patches.feedback.reports import Reports
from brutal_patches.http.given import Given
from brutal_patches.http.operations import moderator
from brutal_patches.http.paging import Limit, Offset

type Notes = Annotated[str, Meta(max_length=1000)]
_ITEM = {
    "id": "patch:1130",
    "kind": "patch",
    "subject": "patch/1130",
    "title": "Buy gold",
    "count": 3,
    "reasons": {"spam": 3},
    "firstAt": "2026-11-24T10:00:00.000000Z",
    "lastAt": "2026-11-24T11:00:00.000000Z",
    "priority": 9,
    "reports": [
        {
            "userId": "01k5m0c6xw8v5q0d4y6n2h7j3s",
            "reason": "spam",
            "details": "An advertisement.",
            "at": "2026-11-24T10:00:00.000000Z",
        }
    ],
}
_DONE = {"message": "Decided.", "success": True, "results": {}}


class Decision(msgspec.Struct, frozen=True):
    """`approve` leaves what was reported, and shows again what is hidden; `reject` and `hide` take it from sight.

    Its author sees the notes. A user of whom a report is rejected is suspended.
    """

    action: Verdict
    notes: Notes = ""


class Decisions(Decision, frozen=True, kw_only=True):
    """The same decision on several."""

    item_ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)] = msgspec.field(name="itemIds")


@get(
    "/moderation/queue",
    **moderator("readModerationQueue", "What was reported", example={"items": [_ITEM], "total": 1}),
)
async def read_queue(reports: Given[Reports], limit: Limit = 100, offset: Offset = 0) -> Queue:
    return await reports.queue(limit, offset)


@get(
    "/moderation/decisions",
    **moderator("listDecisions", "What moderators decided lately, newest first", example=examples.JOURNAL),
)
async def list_decisions(journals: Given[Journals], limit: Limit = 50, offset: Offset = 0) -> Journal:
    return await journals.decisions(limit, offset)


@put(
    "/moderation/{item_id:str}",
    **moderator(
        "moderate",
        "Decide on what was reported, or take from sight what nobody has reported yet",
        NotFound,
        sends={"action": "reject", "notes": "An advertisement."},
        example=_DONE,
    ),
)
async def moderate(
    item_id: Annotated[str, PathParameter(max_length=120)],
    data: JSONBody[Decision],
    actor: Given[Actor],
    moderating: Given[Moderating],
) -> Done:
    await moderating.decide(actor, item_id, data.action, data.notes)
    return Done("Decided.")


@post(
    "/moderation/bulk",
    **moderator(
        "moderateMany",
        "The same decision on several",
        sends={"action": "approve", "notes": "", "itemIds": ["patch:1130"]},
        example=_DONE | {"results": {"done": 1, "failed": 0, "failures": []}},
    ),
)
async def moderate_many(data: JSONBody[Decisions], actor: Given[Actor], moderating: Given[Moderating]) -> Done:
    return await tried(
        "items", dict.fromkeys(data.item_ids), lambda each: moderating.decide(actor, each, data.action, data.notes)
    )


MODERATION_ROUTES = [read_queue, list_decisions, moderate, moderate_many]
"""Below `/api/admin`."""
