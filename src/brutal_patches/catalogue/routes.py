"""Public reads over HTTP, answered from memory."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from brutal_patches.actor import Actor
from brutal_patches.catalogue.reading import Reading, Ready
from brutal_patches.errors import NotFound
from brutal_patches.http.answers import ready
from brutal_patches.http.caching import PRIVATE, PUBLIC_REVALIDATED
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public
from brutal_patches.http.paging import DEFAULT_LIMIT, CursorText, Limit
from brutal_patches.patches import examples
from brutal_patches.patches.listing import PatchPage
from brutal_patches.patches.model import Patch

JSON = "application/json"
Catalogue = Given[Reading]
MaybeOffset = Annotated[
    int | None, QueryParameter(ge=0, le=10_000_000, description="How many to pass over; the answer is then an array.")
]
_PAGE = {"patches": [examples.PATCH], "hasMore": False}


def send(found: Ready, age: float | None) -> Response[bytes]:
    """A ready answer; `age` tells readers how old it may be while the database is away."""
    cache = PRIVATE if found.own else PUBLIC_REVALIDATED
    return ready(found.body, found.etag, cache=cache, more=_age(age))


def _age(age: float | None) -> dict[str, str]:
    return {} if age is None else {"x-catalogue-age": f"{age:.0f}"}


@get("/{patch_id:int}", **public("readPatch", "A patch", NotFound, returns=Patch, example=examples.PATCH))
async def read_patch(patch_id: FromPath[int], actor: Given[Actor], reading: Catalogue) -> Response[bytes]:
    return send(await reading.patch(actor, patch_id), reading.age)


@get("/", **public("listPatches", "All public patches, streamed", returns=list[Patch], example=[examples.PATCH]))
async def list_patches(reading: Catalogue) -> Stream:
    headers = {"etag": reading.content_tag(), "cache-control": PUBLIC_REVALIDATED, **_age(reading.age)}
    return Stream(reading.everything(), media_type=JSON, headers=headers)


@get("/total", **public("countPatches", "How many public patches there are", returns=int, example=1129))
async def count_patches(reading: Catalogue) -> Response[bytes]:
    return send(reading.total(), reading.age)


@get("/latest", **public("listLatest", "The newest patches", returns=PatchPage, example=_PAGE))
async def list_latest(
    reading: Catalogue, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None, offset: MaybeOffset = None
) -> Response[bytes]:
    found = reading.latest_page(limit, cursor) if offset is None else reading.latest_part(offset, limit)
    return send(found, reading.age)


@get("/users/{username:str}", **public("listByAuthor", "An author's patches", returns=PatchPage, example=_PAGE))
async def list_by_author(
    username: FromPath[str],
    reading: Catalogue,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
    offset: MaybeOffset = None,
) -> Response[bytes]:
    if offset is None:
        return send(reading.author_page(username, limit, cursor), reading.age)
    return send(reading.author_part(username, offset, limit), reading.age)


@get("/users/{username:str}/total", **public("countByAuthor", "How many patches an author has", returns=int, example=7))
async def count_by_author(username: FromPath[str], reading: Catalogue) -> Response[bytes]:
    return send(reading.total_of(username), reading.age)


CATALOGUE_ROUTES = [read_patch, list_patches, count_patches, list_latest, list_by_author, count_by_author]
"""Below `/api/patches`."""
