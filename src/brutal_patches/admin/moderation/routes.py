"""Moderation over HTTP: the queue, and decisions one by one and in bulk."""

from typing import Annotated, Literal

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from brutal_patches.actor import Actor
from brutal_patches.admin.service import Done, tried
from brutal_patches.errors import Conflict, NotFound
from brutal_patches.feedback.model import QueueItem
from brutal_patches.feedback.reports import Reports
from brutal_patches.http.given import Given
from brutal_patches.http.operations import moderator

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
}
_DONE = {"message": "Decided.", "success": True, "results": {}}


class Decision(msgspec.Struct, frozen=True):
    """`approve` leaves what was reported, `reject` and `hide` take it from sight; its author sees the notes."""

    action: Literal["approve", "reject", "hide"]
    notes: Notes = ""


class Decisions(Decision, frozen=True, kw_only=True):
    """The same decision on several."""

    item_ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)] = msgspec.field(name="itemIds")


class Queue(msgspec.Struct, frozen=True):
    """What waits, the most pressing first."""

    items: list[QueueItem]
    total: int


@get(
    "/moderation/queue",
    **moderator("readModerationQueue", "What was reported", example={"items": [_ITEM], "total": 1}),
)
async def read_queue(reports: Given[Reports]) -> Queue:
    items = await reports.queue()
    return Queue(items, len(items))


@put(
    "/moderation/{item_id:str}",
    **moderator(
        "moderate",
        "Decide on what was reported",
        NotFound,
        Conflict,
        sends={"action": "reject", "notes": "An advertisement."},
        example=_DONE,
    ),
)
async def moderate(
    item_id: Annotated[str, PathParameter(max_length=120)],
    data: JSONBody[Decision],
    actor: Given[Actor],
    reports: Given[Reports],
) -> Done:
    await reports.decide(actor, item_id, data.action == "approve", data.notes)
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
async def moderate_many(data: JSONBody[Decisions], actor: Given[Actor], reports: Given[Reports]) -> Done:
    approve = data.action == "approve"
    return await tried(
        "items", dict.fromkeys(data.item_ids), lambda each: reports.decide(actor, each, approve, data.notes)
    )


MODERATION_ROUTES = [read_queue, moderate, moderate_many]
"""Below `/api/admin`."""
