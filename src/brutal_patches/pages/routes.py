"""Sheets and differences of patches over HTTP, below `/api/patches`."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, PathParameter

from brutal_patches.actor import Actor
from brutal_patches.errors import NotFound
from brutal_patches.http.answers import ready
from brutal_patches.http.caching import PRIVATE, PUBLIC_REVALIDATED, strong_tag
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public
from brutal_patches.pages.showing import Difference, Showing
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


SHEET_ROUTES = [
    _sheet_route("svg", "the panel, drawn"),
    _sheet_route("png", "a picture of the panel"),
    _sheet_route("pdf", "a page for the wall"),
    _sheet_route("txt", "words, for screen readers and forums"),
    read_accepted_sheet,
    read_difference,
]
"""Below `/api/patches`."""
