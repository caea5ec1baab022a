"""What happened lately, over HTTP: one user's doings below `/api/users`, feeds below `/feeds`."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, PathParameter

from brutal_patches.activity.doings import Doings, DoingsPage
from brutal_patches.activity.feeds import Feeds
from brutal_patches.errors import NotFound
from brutal_patches.http.caching import PUBLIC_REVALIDATED, strong_tag
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public
from brutal_patches.http.paging import DEFAULT_LIMIT, CursorText, Limit

ATOM = "application/atom+xml"
_SUFFIX = ".atom"
_PAGE = {
    "events": [{"kind": "patch", "at": "2026-11-24T10:00:00.000000Z", "title": "Sub", "patchId": 1130}],
    "hasMore": False,
}
FeedName = Annotated[str, PathParameter(max_length=240, description="A name, with `.atom` after it.")]


def atom(feed: bytes) -> Response[bytes]:
    """A feed that readers may keep until it changes."""
    return Response(feed, media_type=ATOM, headers={"etag": strong_tag(feed), "cache-control": PUBLIC_REVALIDATED})


def _name(file: str) -> str:
    if not file.endswith(_SUFFIX):
        raise NotFound("There is no such feed; their names end in .atom.")
    return file.removesuffix(_SUFFIX)


@get("/users/{username:str}/activity", **public("listActivity", "What a user did lately", NotFound, example=_PAGE))
async def list_activity(
    username: FromPath[str], doings: Given[Doings], limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> DoingsPage:
    return await doings.page(username, limit, cursor)


@get("/latest.atom", **public("readLatestFeed", "The newest patches as an Atom feed", returns=bytes, media_type=ATOM))
async def read_latest_feed(feeds: Given[Feeds]) -> Response[bytes]:
    return atom(feeds.latest())


@get(
    "/users/{file:str}",
    **public("readAuthorFeed", "An author's patches as an Atom feed", NotFound, returns=bytes, media_type=ATOM),
)
async def read_author_feed(file: FeedName, feeds: Given[Feeds]) -> Response[bytes]:
    return atom(feeds.of_author(_name(file)))


@get(
    "/tags/{file:str}",
    **public("readTagFeed", "Patches with a tag as an Atom feed", NotFound, returns=bytes, media_type=ATOM),
)
async def read_tag_feed(file: FeedName, feeds: Given[Feeds]) -> Response[bytes]:
    return atom(feeds.of_tag(_name(file)))


USER_ACTIVITY_ROUTES = [list_activity]
"""Below `/api`."""

FEED_ROUTES = [read_latest_feed, read_author_feed, read_tag_feed]
"""Below `/feeds`."""
