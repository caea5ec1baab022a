"""Panels over HTTP, below `/api/panels`, and how sheets are sent."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import JSONBody, PathParameter

from brutal_patches.errors import NotFound
from brutal_patches.http.caching import PUBLIC_REVALIDATED
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public
from brutal_patches.patches import examples
from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.submission import read_panel
from brutal_patches.sheets.asking import PARAMETERS, form_of, read_options
from brutal_patches.sheets.drawings import MEDIA_TYPES, Drawn, Form
from brutal_patches.sheets.panels import CodedPanel, Morph, Mutation, Panels, Random

NONE: Mapping[str, str] = {}
_NEVER_INTERPRETED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_FILES = "|".join(MEDIA_TYPES)
Code = Annotated[str, PathParameter(max_length=48, description="A panel's code.")]
File = Annotated[
    str,
    PathParameter(max_length=12, pattern=rf"^sheet(\.({_FILES}))?$", description="`sheet.svg`, .png, .pdf or .txt."),
]
_PANEL = {name: examples.BODY[name] for name in WiredPanel.__struct_fields__}
_CODE = "AZSj3ooAtnaVwxwHzUUUjq-Fb8l-o2SqyA"
_CODED = {"code": _CODE, "panel": _PANEL, "sheet": f"/api/panels/{_CODE}/sheet"}
_BY_CHANCE = {**_CODED, "seed": 7}
Asked = Request[Any, Any, Any]


def send_drawn(
    drawn: Drawn, cache: str = PUBLIC_REVALIDATED, status: int = 200, more: Mapping[str, str] = NONE
) -> Response[bytes]:
    """A sheet as it is; opened by itself it can run nothing."""
    headers = {"etag": drawn.etag, "cache-control": cache, "content-security-policy": _NEVER_INTERPRETED, **more}
    return Response(drawn.body, status_code=status, media_type=drawn.media_type, headers=headers)


def form_asked(request: Asked, file: str) -> tuple[Form, Mapping[str, str]]:
    """The form that a file's name ends in, or the one that the client likes best; and what to say of that."""
    name, _, suffix = file.partition(".")
    form = form_of(suffix) if suffix else form_accepted(request)
    if form is None or name != "sheet":
        raise NotFound("A sheet ends in .svg, .png, .pdf or .txt.")
    return form, {} if suffix else {"vary": "Accept"}


def form_accepted(request: Asked) -> Form:
    """What `Accept` likes best; a drawing where it does not say."""
    by_type: dict[str, Form] = {media_type: form for form, media_type in MEDIA_TYPES.items()}
    best = request.accept.best_match(list(by_type)) if "accept" in request.headers else None
    return by_type.get(best or "", "svg")


@post(
    "/",
    **public(
        "encodePanel",
        "The code of a panel",
        returns=CodedPanel,
        reader=read_panel,
        writes=False,
        sends=_PANEL,
        example=_CODED,
    ),
)
async def encode_panel(data: JSONBody[WiredPanel], panels: Given[Panels]) -> CodedPanel:
    return panels.encode(data)


@get("/{code:str}", **public("decodePanel", "The panel of a code", NotFound, returns=CodedPanel, example=_CODED))
async def decode_panel(code: Code, panels: Given[Panels]) -> CodedPanel:
    return panels.decode(code)


@get(
    "/{code:str}/{file:str}",
    **public(
        "readPanelSheet",
        "The sheet of a code's panel, in the form that its name or Accept says",
        NotFound,
        returns=bytes,
        media_type="image/svg+xml",
        files=tuple(MEDIA_TYPES.values()),
        parameters=PARAMETERS,
    ),
)
async def read_panel_sheet(code: Code, file: File, request: Asked, panels: Given[Panels]) -> Response[bytes]:
    form, told = form_asked(request, file)
    options = read_options(request.query_params.multi_items(), form)
    return send_drawn(await panels.sheet(code, options, form), more=told)


@post(
    "/random",
    **public(
        "randomPanel",
        "A panel by chance",
        returns=CodedPanel,
        writes=False,
        sends={"seed": 7, "locked": ["output"]},
        example=_BY_CHANCE,
    ),
)
async def random_panel(data: JSONBody[Random], panels: Given[Panels]) -> CodedPanel:
    return panels.random(data)


@post(
    "/mutate",
    **public(
        "mutatePanel",
        "A panel some steps away from another",
        returns=CodedPanel,
        writes=False,
        sends={"panel": _CODE, "seed": 7, "amount": 0.2, "locked": ["oscillator"]},
        example=_BY_CHANCE,
    ),
)
async def mutate_panel(data: JSONBody[Mutation], panels: Given[Panels]) -> CodedPanel:
    return panels.mutate(data)


@post(
    "/morph",
    **public(
        "morphPanels",
        "A panel between two others",
        returns=CodedPanel,
        writes=False,
        sends={"one": _CODE, "other": _PANEL, "amount": 0.5},
        example=_CODED,
    ),
)
async def morph_panels(data: JSONBody[Morph], panels: Given[Panels]) -> CodedPanel:
    return panels.morph(data)


PANEL_ROUTES = [encode_panel, decode_panel, read_panel_sheet, random_panel, mutate_panel, morph_panels]
"""Below `/api/panels`."""
