"""Feedback over HTTP: below a patch, and below a user."""

from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, PathParameter

from brutal_patches.accounts.standing import Standings
from brutal_patches.actor import Actor
from brutal_patches.errors import Conflict, Forbidden, NotFound, Unprocessable
from brutal_patches.feedback.comments import Comments
from brutal_patches.feedback.model import (
    Comment,
    CommentBody,
    CommentPage,
    Favourite,
    Filed,
    Kept,
    Rating,
    ReportBody,
    Vote,
)
from brutal_patches.feedback.reports import Reports
from brutal_patches.feedback.votes import Votes
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public, signed_in
from brutal_patches.http.paging import DEFAULT_LIMIT, CursorText, Limit, Offset
from brutal_patches.patches import examples
from brutal_patches.storage.once import Once

Who = Given[Actor]
CommentId = Annotated[str, PathParameter(max_length=40, description="A comment's id.")]
_RATING = {"patchId": 1130, "rating": 4, "average_rating": "4.5", "ratingCount": 2}
_FAVOURITE = {"patchId": 1130, "favourite": True, "favouriteCount": 3}
_COMMENT: dict[str, Any] = {
    "id": "01k5m0c6xw8v5q0d4y6n2h7j3t",
    "patchId": 1130,
    "userId": "01k5m0c6xw8v5q0d4y6n2h7j3s",
    "username": "robin",
    "text": "Lovely with a little more decay.",
    "created_at": "2026-11-24T10:00:00.000000Z",
}
_FILED = {"message": "Thank you. A moderator will look at it."}
_REPORT = {"reason": "spam", "details": "An advertisement."}


@get("/{patch_id:int}/rating", **public("readRating", "How a patch is rated", NotFound, example=_RATING))
async def read_rating(patch_id: FromPath[int], actor: Who, votes: Given[Votes]) -> Rating:
    return await votes.rating(actor, patch_id)


@put(
    "/{patch_id:int}/rating",
    **signed_in(
        "ratePatch", "Rate a patch of somebody else's", Forbidden, NotFound, sends={"rating": 4}, example=_RATING
    ),
)
async def rate_patch(patch_id: FromPath[int], data: JSONBody[Vote], actor: Who, votes: Given[Votes]) -> Rating:
    return await votes.rate(actor, patch_id, data.rating)


@delete(
    "/{patch_id:int}/rating",
    **signed_in("withdrawRating", "Withdraw one's vote", Forbidden, NotFound, example=_RATING | {"rating": None}),
)
async def withdraw_rating(patch_id: FromPath[int], actor: Who, votes: Given[Votes]) -> Rating:
    return await votes.rate(actor, patch_id, None)


@put("/{patch_id:int}/favourite", **signed_in("keepPatch", "Keep a patch", NotFound, example=_FAVOURITE))
async def keep_patch(patch_id: FromPath[int], actor: Who, votes: Given[Votes]) -> Favourite:
    return await votes.favour(actor, patch_id, True)


@delete(
    "/{patch_id:int}/favourite",
    **signed_in("dropPatch", "Keep a patch no longer", NotFound, example=_FAVOURITE | {"favourite": False}),
)
async def drop_patch(patch_id: FromPath[int], actor: Who, votes: Given[Votes]) -> Favourite:
    return await votes.favour(actor, patch_id, False)


@get(
    "/favourites",
    **signed_in("listFavourites", "The patches that one keeps", example={"patches": [examples.PATCH], "total": 1}),
)
async def list_favourites(actor: Who, votes: Given[Votes], offset: Offset = 0, limit: Limit = DEFAULT_LIMIT) -> Kept:
    return await votes.favourites(actor, offset, limit)


@get(
    "/{patch_id:int}/comments",
    **public("listComments", "What is said of a patch", NotFound, example={"comments": [_COMMENT], "hasMore": False}),
)
async def list_comments(
    patch_id: FromPath[int],
    actor: Who,
    comments: Given[Comments],
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> CommentPage:
    return await comments.page(actor, patch_id, limit, cursor)


@post(
    "/{patch_id:int}/comments",
    **signed_in(
        "writeComment",
        "Say something",
        NotFound,
        Unprocessable,
        status=201,
        sends={"text": _COMMENT["text"]},
        example=_COMMENT,
    ),
)
async def write_comment(
    patch_id: FromPath[int],
    data: JSONBody[CommentBody],
    actor: Who,
    comments: Given[Comments],
    mark: Given[Once | None],
) -> Comment:
    return await comments.write(actor, patch_id, data.text, mark)


@put(
    "/{patch_id:int}/comments/{comment_id:str}",
    **signed_in(
        "editComment",
        "Change what one said, within 15 minutes",
        Forbidden,
        NotFound,
        Conflict,
        sends={"text": _COMMENT["text"]},
        example=_COMMENT,
    ),
)
async def edit_comment(
    patch_id: FromPath[int], comment_id: CommentId, data: JSONBody[CommentBody], actor: Who, comments: Given[Comments]
) -> Comment:
    return await comments.edit(actor, patch_id, comment_id, data.text)


@delete(
    "/{patch_id:int}/comments/{comment_id:str}",
    **signed_in("deleteComment", "Remove a comment", Forbidden, NotFound, status=204),
)
async def delete_comment(patch_id: FromPath[int], comment_id: CommentId, actor: Who, comments: Given[Comments]) -> None:
    await comments.delete(actor, patch_id, comment_id)


@post(
    "/{patch_id:int}/report",
    **signed_in(
        "reportPatch",
        "Ask a moderator to look at a patch",
        NotFound,
        Conflict,
        status=202,
        sends=_REPORT,
        example=_FILED,
    ),
)
async def report_patch(
    patch_id: FromPath[int], data: JSONBody[ReportBody], actor: Who, reports: Given[Reports]
) -> Filed:
    await reports.of_patch(actor, patch_id, data)
    return Filed()


@post(
    "/{patch_id:int}/comments/{comment_id:str}/report",
    **signed_in(
        "reportComment",
        "Ask a moderator to look at a comment",
        NotFound,
        Conflict,
        status=202,
        sends=_REPORT,
        example=_FILED,
    ),
)
async def report_comment(
    patch_id: FromPath[int], comment_id: CommentId, data: JSONBody[ReportBody], actor: Who, reports: Given[Reports]
) -> Filed:
    await reports.of_comment(actor, patch_id, comment_id, data)
    return Filed()


@post(
    "/users/{username:str}/report",
    **signed_in(
        "reportUser",
        "Ask a moderator to look at a user",
        NotFound,
        Conflict,
        status=202,
        sends=_REPORT,
        example=_FILED,
    ),
)
async def report_user(
    username: FromPath[str],
    data: JSONBody[ReportBody],
    actor: Who,
    reports: Given[Reports],
    standings: Given[Standings],
) -> Filed:
    user = await standings.find_by_name(username)
    await reports.of_user(actor, user.id, user.username, data)
    return Filed()


FEEDBACK_ROUTES = [
    read_rating,
    rate_patch,
    withdraw_rating,
    keep_patch,
    drop_patch,
    list_favourites,
    list_comments,
    write_comment,
    edit_comment,
    delete_comment,
    report_patch,
    report_comment,
]
"""Below `/api/patches`."""

USER_FEEDBACK_ROUTES = [report_user]
"""Below `/api`."""
