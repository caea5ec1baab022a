"""Public reads over HTTP, answered from memory."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from brutal_patches.actor import Actor
from brutal_patches.catalogue.finding import Found, Suggestion
from brutal_patches.catalogue.parameters import PARAMETERS
from brutal_patches.catalogue.question import read_question
from brutal_patches.catalogue.reading import CountedCategory, CountedTag, Reading, Ready
from brutal_patches.errors import NotFound
from brutal_patches.http.answers import ready
from brutal_patches.http.caching import PRIVATE, PUBLIC_REVALIDATED
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public
from brutal_patches.http.paging import DEFAULT_LIMIT, CursorText, Limit
from brutal_patches.patches import examples
from brutal_patches.patches.comparison import Comparison
from brutal_patches.patches.lint import Hint
from brutal_patches.patches.listing import PatchPage
from brutal_patches.patches.model import Patch, WiredPanel
from brutal_patches.patches.submission import read_panel

JSON = "application/json"
Catalogue = Given[Reading]
MaybeOffset = Annotated[
    int | None, QueryParameter(ge=0, le=10_000_000, description="How many to pass over; the answer is then an array.")
]
Who = Given[Actor]
Typed = Annotated[str, QueryParameter(max_length=100, description="What has been typed so far.")]
_PAGE = {"patches": [examples.PATCH], "hasMore": False}
_LIST = [examples.PATCH]
_RESULT = {"patches": [examples.PATCH], "total": 1, "facets": {"categories": [{"value": "bass", "count": 1}]}}


class SearchResult(Found, frozen=True, kw_only=True):
    """A page of what was found."""

    patches: list[Patch]


def send(found: Ready, age: float | None) -> Response[bytes]:
    """A ready answer; `age` tells readers how old it may be while the database is away."""
    cache = PRIVATE if found.own else PUBLIC_REVALIDATED
    return ready(found.body, found.etag, cache=cache, more=_age(age))


def _age(age: float | None) -> dict[str, str]:
    return {} if age is None else {"x-catalogue-age": f"{age:.0f}"}


@get("/{patch_id:int}", **public("readPatch", "A patch", NotFound, returns=Patch, example=examples.PATCH))
async def read_patch(patch_id: FromPath[int], actor: Who, reading: Catalogue) -> Response[bytes]:
    return send(await reading.patch(actor, patch_id), reading.age)


@get("/", **public("listPatches", "All public patches, streamed", returns=list[Patch], example=[examples.PATCH]))
async def list_patches(reading: Catalogue) -> Stream:
    headers = {"etag": reading.content_tag(), "cache-control": PUBLIC_REVALIDATED, **_age(reading.age)}
    return Stream(reading.everything(), media_type=JSON, headers=headers)


@get("/total", **public("countPatches", "How many public patches there are", returns=int, example=1129))
async def count_patches(reading: Catalogue) -> Response[bytes]:
    return send(reading.total(), reading.age)


@get("/latest", **public("listLatest", "The newest patches", returns=PatchPage | list[Patch], example=_PAGE))
async def list_latest(
    reading: Catalogue, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None, offset: MaybeOffset = None
) -> Response[bytes]:
    found = reading.latest_page(limit, cursor) if offset is None else reading.latest_part(offset, limit)
    return send(found, reading.age)


@get(
    "/users/{username:str}",
    **public("listByAuthor", "An author's patches", returns=PatchPage | list[Patch], example=_PAGE),
)
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


@get(
    "/{patch_id:int}/compare/{other_id:int}",
    **public("comparePatches", "Two patches side by side", NotFound, returns=Comparison, example=examples.COMPARISON),
)
async def compare_patches(
    patch_id: FromPath[int], other_id: FromPath[int], actor: Who, reading: Catalogue
) -> Response[bytes]:
    return send(await reading.comparison(actor, patch_id, other_id), reading.age)


@get(
    "/{patch_id:int}/related",
    **public("listRelated", "The patches that sound most like this one", NotFound, returns=list[Patch], example=_LIST),
)
async def list_related(
    patch_id: FromPath[int], actor: Who, reading: Catalogue, limit: Limit = DEFAULT_LIMIT
) -> Response[bytes]:
    return send(await reading.related(actor, patch_id, limit), reading.age)


@get(
    "/{patch_id:int}/duplicates",
    **public("listDuplicates", "The patches that sound exactly alike", NotFound, returns=list[Patch], example=_LIST),
)
async def list_duplicates(patch_id: FromPath[int], actor: Who, reading: Catalogue) -> Response[bytes]:
    return send(await reading.duplicates(actor, patch_id), reading.age)


@get(
    "/{patch_id:int}/lint",
    **public(
        "lintPatch",
        "What to know before turning the knobs",
        NotFound,
        returns=tuple[Hint, ...],
        example=[
            {"code": "wild-brute-factor", "fields": ["brute_factor"], "message": "Brute Factor is above 3 o'clock."}
        ],
    ),
)
async def lint_patch(patch_id: FromPath[int], actor: Who, reading: Catalogue) -> Response[bytes]:
    return send(await reading.hints(actor, patch_id), reading.age)


@get(
    "/search",
    **public(
        "searchPatches",
        "Find patches by words, properties, panel settings and cables",
        returns=SearchResult,
        example=_RESULT,
        parameters=PARAMETERS,
    ),
)
async def search_patches(request: Request[Any, Any, Any], reading: Catalogue) -> Response[bytes]:
    return send(reading.search(read_question(request.query_params.multi_items())), reading.age)


@post(
    "/search/by-panel",
    **public(
        "searchByPanel",
        "The patches whose panels are most like the one that is sent",
        returns=SearchResult,
        reader=read_panel,
        writes=False,
        sends={"cutoff": 30, "resonance": 80, "saw": 100},
        example=_RESULT,
    ),
)
async def search_by_panel(
    data: JSONBody[WiredPanel], reading: Catalogue, limit: Limit = DEFAULT_LIMIT
) -> Response[bytes]:
    return send(reading.nearest(data, limit), reading.age)


@get(
    "/suggest",
    **public(
        "suggest",
        "Titles, tags and authors that go on as what is typed begins",
        returns=list[Suggestion],
        example=[{"text": "bass", "kind": "tag"}, {"text": "Sub Aqua", "kind": "title", "id": 1130}],
    ),
)
async def suggest(reading: Catalogue, q: Typed = "") -> Response[bytes]:
    return send(reading.suggest(q), reading.age)


@get("/trending", **public("listTrending", "What is warm these days", returns=list[Patch], example=_LIST))
async def list_trending(reading: Catalogue, limit: Limit = DEFAULT_LIMIT) -> Response[bytes]:
    return send(reading.leading("trending", limit), reading.age)


@get("/featured", **public("listFeatured", "The best rated patches", returns=list[Patch], example=_LIST))
async def list_featured(reading: Catalogue, limit: Limit = DEFAULT_LIMIT) -> Response[bytes]:
    return send(reading.leading("featured", limit), reading.age)


@get("/random", **public("readRandom", "Some patch", NotFound, returns=Patch, example=examples.PATCH))
async def read_random(reading: Catalogue) -> Response[bytes]:
    return ready(reading.random().body, "", cache="no-store")


@get(
    "/categories",
    **public(
        "listCategories",
        "The categories, and how many patches each has",
        returns=list[CountedCategory],
        example=[{"id": "bass", "name": "Bass", "description": "Low and solid", "color": "#1f4e79", "count": 7}],
    ),
)
async def list_categories(reading: Catalogue) -> Response[bytes]:
    return send(reading.categories(), reading.age)


@get(
    "/tags",
    **public("listTags", "The commonest tags", returns=list[CountedTag], example=[{"tag": "warm", "count": 12}]),
)
async def list_tags(reading: Catalogue, limit: Limit = 100) -> Response[bytes]:
    return send(reading.tags(limit), reading.age)


CATALOGUE_ROUTES = [
    read_patch,
    list_patches,
    count_patches,
    list_latest,
    list_by_author,
    count_by_author,
    compare_patches,
    list_related,
    list_duplicates,
    lint_patch,
    search_patches,
    search_by_panel,
    suggest,
    list_trending,
    list_featured,
    read_random,
    list_categories,
    list_tags,
]
"""Below `/api/patches`."""
