"""Sheets and differences of patches over HTTP, below `/api/patches`; pages for browsers, below `/`."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, PathParameter, QueryParameter

from brutal_patches.actor import Actor
from brutal_patches.collections.routes import Id as CollectionId
from brutal_patches.errors import NotFound
from brutal_patches.http.answers import ready
from brutal_patches.http.caching import PRIVATE, PUBLIC_REVALIDATED, REVALIDATED, strong_tag
from brutal_patches.http.given import Given
from brutal_patches.http.health import description
from brutal_patches.http.operations import public
from brutal_patches.pages import icon
from brutal_patches.pages.embedding import Embedding, in_xml
from brutal_patches.pages.showing import Difference, Showing
from brutal_patches.pages.site import Page, Site
from brutal_patches.pages.templates import POLICY
from brutal_patches.sheets.asking import PARAMETERS, form_of, read_options
from brutal_patches.sheets.drawings import MEDIA_TYPES, Form
from brutal_patches.sheets.routes import Asked, form_accepted, send_drawn

Who = Given[Actor]
Other = Annotated[
    str,
    PathParameter(
        max_length=16,
        pattern=rf"^[0-9]{{1,9}}(\.({'|'.join(MEDIA_TYPES)}))?$",
        description="The other patch's id: alone for JSON, with .svg, .png, .pdf or .txt for a sheet.",
    ),
]
_NAMED = {"id": 1130, "title": "Sub Aqua", "username": "ada"}
_DIFFERENCE = {
    "one": _NAMED,
    "other": _NAMED | {"id": 1131},
    "total": 1,
    "moves": [
        {
            "field": "cutoff",
            "control": "Cutoff",
            "section": "filter",
            "kind": "turn",
            "before": 20,
            "after": 70,
            "text": "Cutoff: 9 → 2 o'clock",
            "cable": None,
        }
    ],
}


HTML = "text/html"
_PAGES: dict[str, Any] = {"returns": bytes, "media_type": HTML}
Pixels = Annotated[int | None, QueryParameter(ge=100, le=10_000, description="How large the picture may be.")]
Address = Annotated[str, QueryParameter(max_length=300, description="The address of a patch's page.")]
Format = Annotated[Literal["json", "xml"], QueryParameter(description="JSON by itself.")]
_XML = "text/xml"
_A_DAY = "public, max-age=86400"
_EMBEDDING = {
    "type": "photo",
    "version": "1.0",
    "title": "Sub Aqua",
    "author_name": "ada",
    "author_url": "https://brutalpatches.com/?username=ada",
    "provider_name": "Brutal Patches",
    "provider_url": "https://brutalpatches.com/",
    "cache_age": 3600,
    "url": "https://brutalpatches.com/api/patches/1130/sheet.png?size=card&width=1200",
    "width": 1200,
    "height": 630,
}


def cache_of(own: bool) -> str:
    return PRIVATE if own else PUBLIC_REVALIDATED


def _sheet_route(form: Form, told: str) -> HTTPRouteHandler:
    """The route of one form; each is an address of its own, so that a browser knows what it gets."""

    @get(
        f"/{{patch_id:int}}/sheet.{form}",
        name=f"sheet.{form}",
        **public(
            f"readSheetAs{form.title()}",
            f"A patch as {told}",
            NotFound,
            returns=bytes,
            media_type=MEDIA_TYPES[form],
            parameters=PARAMETERS,
        ),
    )
    async def read_sheet(
        patch_id: FromPath[int], request: Asked, actor: Who, showing: Given[Showing]
    ) -> Response[bytes]:
        options = read_options(request.query_params.multi_items(), form)
        drawn, own = await showing.sheet(actor, patch_id, options, form)
        return send_drawn(drawn, cache_of(own))

    return read_sheet


@get(
    "/{patch_id:int}/sheet",
    **public(
        "readSheet",
        "A patch as the panel, in the form that Accept likes best",
        NotFound,
        returns=bytes,
        media_type="image/svg+xml",
        files=tuple(MEDIA_TYPES.values()),
        parameters=PARAMETERS,
    ),
)
async def read_accepted_sheet(
    patch_id: FromPath[int], request: Asked, actor: Who, showing: Given[Showing]
) -> Response[bytes]:
    form = form_accepted(request)
    options = read_options(request.query_params.multi_items(), form)
    drawn, own = await showing.sheet(actor, patch_id, options, form)
    return send_drawn(drawn, cache_of(own), more={"vary": "Accept"})


@get(
    "/{patch_id:int}/diff/{other:str}",
    **public(
        "readDifference",
        "The shortest list of moves from one patch to another; with a suffix the panel with ghost pointers, or words",
        NotFound,
        returns=Difference,
        example=_DIFFERENCE,
        files=tuple(MEDIA_TYPES.values()),
        parameters=PARAMETERS,
    ),
)
async def read_difference(
    patch_id: FromPath[int], other: Other, request: Asked, actor: Who, showing: Given[Showing]
) -> Response[bytes]:
    other_id, form = _split(other)
    if form is None:
        difference, own = await showing.difference(actor, patch_id, other_id)
        body = msgspec.json.encode(difference)
        return ready(body, strong_tag(body), cache=cache_of(own))
    options = read_options(request.query_params.multi_items(), form)
    drawn, own = await showing.ghost(actor, patch_id, other_id, options, form)
    return send_drawn(drawn, cache_of(own))


def _split(other: str) -> tuple[int, Form | None]:
    """`7.svg` as 7 and svg."""
    number, _, suffix = other.partition(".")
    if not (number.isascii() and number.isdecimal()) or (suffix and form_of(suffix) is None):
        raise NotFound("There is no such patch.")
    return int(number), form_of(suffix)


def send_page(page: Page, vary: str = "", cache: str = PUBLIC_REVALIDATED) -> Response[bytes]:
    """A page that can run nothing; of one that is missing nothing is kept."""
    kept = cache if page.status == 200 else "no-store"
    told = {"cache-control": kept, "content-security-policy": POLICY} | ({"vary": vary} if vary else {})
    return Response(page.body, status_code=page.status, media_type=HTML, headers=told)


def _with_pages(operation: dict[str, Any], *statuses: int) -> dict[str, Any]:
    """The operation, which tells these failures in a page."""
    told = {status: ResponseSpec(bytes, generate_examples=False, media_type=HTML) for status in statuses}
    return operation | {"responses": operation["responses"] | told}


@get(
    "/",
    **_with_pages(
        public(
            "describeService",
            "Name, version and where to go next; for browsers a page to search and browse",
            returns=dict[str, Any],
            files=(HTML,),
        ),
        400,
    ),
)
async def read_home(request: Asked, site: Given[Site]) -> Response[Any]:
    # JSON comes first, for whoever takes anything.
    if "accept" in request.headers and request.accept.best_match(["application/json", HTML]) == HTML:
        return send_page(site.home(request.query_params.multi_items()), "Accept")
    return Response(description(), headers={"vary": "Accept"})


@get("/p/{patch_id:int}", **_with_pages(public("readPatchPage", "A patch as a page", NotFound, **_PAGES), 404))
async def read_patch_page(patch_id: FromPath[int], site: Given[Site]) -> Response[bytes]:
    return send_page(site.patch(patch_id))


@get(
    "/c/{collection_id:str}",
    **_with_pages(public("readCollectionPage", "A collection as a page", NotFound, **_PAGES), 404),
)
async def read_collection_page(collection_id: CollectionId, site: Given[Site]) -> Response[bytes]:
    return send_page(await site.collection(collection_id), cache=REVALIDATED)


@get(
    "/oembed",
    **public(
        "embedPatch",
        "A patch's picture for other pages, as oEmbed",
        NotFound,
        returns=Embedding,
        example=_EMBEDDING,
        files=(_XML,),
    ),
)
async def read_embedding(
    site: Given[Site],
    url: Address,
    maxwidth: Pixels = None,
    maxheight: Pixels = None,
    format: Format = "json",  # noqa: A002 It is oEmbed's name.
) -> Response[Any]:
    embedding = site.embed(url, maxwidth, maxheight)
    if format == "xml":
        return Response(in_xml(embedding).encode(), media_type=_XML)
    return Response(embedding)


def _icon_route(name: str, media_type: str) -> HTTPRouteHandler:
    """The route of the icon in one form."""
    body = icon.icon(name)
    told = {"etag": strong_tag(body), "cache-control": _A_DAY, "content-security-policy": icon.POLICY}
    form = name.rpartition(".")[2].title()

    @get(
        f"/{name}",
        name=name,
        **public(f"readIconAs{form}", "The icon of the pages", returns=bytes, media_type=media_type),
    )
    async def read_icon() -> Response[bytes]:
        return Response(body, media_type=media_type, headers=told)

    return read_icon


PAGE_ROUTES = [
    read_home,
    read_patch_page,
    read_collection_page,
    read_embedding,
    _icon_route("favicon.svg", "image/svg+xml"),
    _icon_route("favicon.ico", "image/x-icon"),
]
"""Below `/`."""

SHEET_ROUTES = [
    _sheet_route("svg", "the panel, drawn"),
    _sheet_route("png", "a picture of the panel"),
    _sheet_route("pdf", "a page for the wall"),
    _sheet_route("txt", "words, for screen readers and forums"),
    read_accepted_sheet,
    read_difference,
]
"""Below `/api/patches`."""
