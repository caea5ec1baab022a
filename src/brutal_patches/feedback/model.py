"""Votes, favourites, comments and reports on the wire."""

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from brutal_patches.patches.model import Patch

type Stars = Annotated[int, Meta(ge=1, le=5)]
type Text = Annotated[str, Meta(min_length=1, max_length=2000)]
type Reason = Literal["spam", "abuse", "copyright", "wrong", "other"]
type Kind = Literal["patch", "comment", "user"]
REASONS: tuple[Reason, ...] = get_args(Reason.__value__)


class Vote(msgspec.Struct, frozen=True):
    """How many stars, from 1 to 5."""

    rating: Stars


class Rating(msgspec.Struct, frozen=True, kw_only=True, rename={"patch_id": "patchId", "count": "ratingCount"}):
    """A patch's rating, and the caller's own vote (null: none)."""

    patch_id: int
    rating: int | None
    average_rating: str
    count: int


class Favourite(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether the caller keeps a patch, and how many do."""

    patch_id: int
    favourite: bool
    favourite_count: int


class CommentBody(msgspec.Struct, frozen=True):
    """What somebody says."""

    text: Text


class Comment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A comment on a patch. `edited_at` is there once it was changed."""

    id: str
    patch_id: int = msgspec.field(name="patchId")
    user_id: str = msgspec.field(name="userId")
    username: str
    text: str
    created_at: str
    edited_at: str = ""
    hidden: str = ""


class CommentPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some comments, newest first."""

    comments: list[Comment]
    has_more: bool | msgspec.UnsetType = msgspec.field(name="hasMore")
    next_cursor: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="nextCursor")


class ReportBody(msgspec.Struct, frozen=True):
    """Why somebody thinks that a moderator should look."""

    reason: Reason
    details: Annotated[str, Meta(max_length=2000)] = ""


class Filed(msgspec.Struct, frozen=True):
    """The answer to a report."""

    message: str = "Thank you. A moderator will look at it."


class Said(msgspec.Struct, frozen=True, rename="camel"):
    """One report, as moderators read it."""

    user_id: str
    reason: Reason
    details: str
    at: str


class QueueItem(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a moderator: everything that was said of one subject. `count` is of those who said it.

    `reports` are the first of them. `id` is the subject with `:` for `/`.
    """

    id: str
    kind: Kind
    subject: str
    title: str
    count: int
    reasons: dict[str, int] = {}
    first_at: str = msgspec.field(name="firstAt")
    last_at: str = msgspec.field(name="lastAt")
    priority: int = 0
    reports: list[Said] = []


class Queue(msgspec.Struct, frozen=True):
    """Some of what waits, the most pressing first, and how much there is in all."""

    items: list[QueueItem]
    total: int


class Kept(msgspec.Struct, frozen=True):
    """The patches that a user keeps, latest first."""

    patches: tuple[Patch, ...]
    total: int
