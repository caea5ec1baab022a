"""The API's own documentation: OpenAPI 3.1 from the routes, and a page to read and try it on."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Response, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from brutal_patches import __version__
from brutal_patches.errors import DomainError, NotFound, Timeout, TooLarge, UnsupportedMediaType
from brutal_patches.http.access import PUBLIC
from brutal_patches.http.caching import PUBLIC_REVALIDATED, strong_tag
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public
from brutal_patches.http.problems import MEDIA_TYPE

_INTRODUCTION = """\
The home of MicroBrute players' patches: keep, share, find and compare them.

Log in with `POST /api/auth/login` and send the `access_token` as `Authorization: Bearer …`. Every error is
`application/problem+json` with a sentence in `message`, and names each faulty field in `errors`.
"""
_TAGS = {
    "http": ("Service", "What the service says about itself"),
    "accounts": ("Accounts", "Who people are, and where they are logged in"),
    "patches": ("Patches", "What authors do with their own, and what a patch was before"),
    "catalogue": ("Catalogue", "Finding patches"),
    "collections": ("Collections", "Ordered sets of patches"),
    "feedback": ("Feedback", "Ratings, comments, favourites and reports"),
    "sheets": ("Sheets", "A patch drawn as the panel"),
    "pages": ("Sheets", "A patch drawn as the panel"),
    "activity": ("Activity", "What happened lately"),
    "privacy": ("Accounts", "Who people are, and where they are logged in"),
    "admin": ("Administration", "For moderators and admins"),
    "telemetry": ("Service", "What the service says about itself"),
}
# Swagger UI 5.35.0 (Apache 2.0), served from here so that the page works without anybody else's network.
_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "page.js": "text/javascript"}
CONFIG = OpenAPIConfig(
    title="Brutal Patches API",
    version=__version__,
    description=_INTRODUCTION,
    render_plugins=[JsonRenderPlugin()],
    components=Components(
        security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
    ),
)


class Documentation:
    """The OpenAPI document of some routes, made once.

    They are described by an application of their own that serves nobody: the framework's own pages
    for the document would be routes that nobody asked for.
    """

    def __init__(self, routes: Sequence[ControllerRouterHandler], dependencies: Mapping[str, Provide]) -> None:
        app = Litestar(routes, dependencies=dict(dependencies), openapi_config=CONFIG, logging_config=None)
        document = _tidied(app.openapi_schema.to_schema())
        document["tags"] = [{"name": name, "description": told} for name, told in dict(_TAGS.values()).items()]
        for route in app.routes:
            for handler in getattr(route, "route_handlers", []):
                if isinstance(handler, HTTPRouteHandler) and "example" in handler.opt:
                    path = _openapi_path(route.path)
                    for method in handler.http_methods:
                        operation = document["paths"][path][method.lower()]
                        _complete(operation, handler, path, method)
                        _allow_no_body(operation, document["components"]["schemas"])
        self.document: dict[str, Any] = document
        self.body = msgspec.json.encode(document)
        self.etag = strong_tag(self.body)


def _tidied(part: Any) -> Any:
    """Litestar takes the dots in `tuple[Tag, ...]` for a second type, of anything."""
    if isinstance(part, dict):
        kinds = [kind for kind in part.get("oneOf", []) if kind]
        if len(kinds) == 1 and len(part["oneOf"]) == 2:
            return _tidied(kinds[0])
        return {name: _tidied(value) for name, value in part.items()}
    return [_tidied(value) for value in part] if isinstance(part, list) else part


def _openapi_path(path: str) -> str:
    """`/patches/{patch_id:int}` as OpenAPI has it: without the type."""
    return "/".join(part.partition(":")[0] + "}" if part.startswith("{") else part for part in path.split("/"))


def _complete(operation: dict[str, Any], handler: HTTPRouteHandler, path: str, method: str) -> None:
    """Tags, security and examples, which the route has in its `opt`, and what the edge may answer."""
    opt = handler.opt
    feature = handler.fn.__module__.split(".")[1]
    operation["tags"] = [_TAGS[feature][0]]
    if opt["access"] != "public":
        operation["security"] = [{"bearer": []}]
        if opt["access"] not in {"user", "operators"}:
            operation["description"] = f"For the role {opt['access']}."
    operation["parameters"] = [*operation.get("parameters", []), *opt["parameters"]]
    if method != "GET":
        operation["responses"] |= {
            str(kind.status): _refusal(kind) for kind in (Timeout, TooLarge, UnsupportedMediaType)
        }
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            # Where an error is a page, an address that no route takes is a problem all the same.
            response["content"].setdefault(MEDIA_TYPE, dict(_PROBLEM))
        for media_type, content in response.get("content", {}).items():
            if media_type == MEDIA_TYPE:
                content["example"] = _problem_example(path, method, int(status), response["description"])
            elif opt.get("example") is not None:
                content.setdefault("example", opt["example"])
    _allow_files(operation["responses"], opt["files"])
    body: Mapping[str, Any] = operation.get("requestBody", {})
    for content in body.get("content", {}).values():
        if opt.get("sends") is not None:
            content["example"] = opt["sends"]


_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_SHOWN = {
    "text/csv": {"example": "id,title\r\n1,Sub\r\n"},
    "text/plain": {"example": "Cutoff: 2 o'clock\n"},
    "text/xml": {"example": "<oembed><type>photo</type><version>1.0</version><title>Sub Aqua</title></oembed>"},
}


def _allow_files(responses: dict[str, Any], files: tuple[str, ...]) -> None:
    """A file may be anything of its type; one of JSON stands beside the answer in JSON."""
    content = responses.get("200", {}).get("content", {})
    for media_type in files:
        if media_type == "application/json" and media_type in content:
            answer = content[media_type]["schema"]
            content[media_type]["schema"] = {"anyOf": [answer, {"type": "array"}, {"type": "object"}]}
        elif media_type not in content:
            content[media_type] = {"schema": {"type": "string"}} | _SHOWN.get(media_type, {})


def _allow_no_body(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """No body at all is read as an object of which everything is absent, so it will do where nothing is required."""
    body = operation.get("requestBody")
    if body:
        schema = next(iter(body["content"].values()))["schema"]
        known = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        body["required"] = bool(known.get("required"))


def _refusal(kind: type[DomainError]) -> dict[str, Any]:
    told = (kind.__doc__ or "").partition("\n")[0]
    return {"description": told, "content": {MEDIA_TYPE: dict(_PROBLEM)}}


def _problem_example(path: str, method: str, status: int, told: str) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {
        "type": f"/problems/{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": told,
        "instance": path,
        "statusCode": status,
        "message": told,
        "path": path,
        "method": method,
        "timestamp": "2026-11-24T10:00:00.000000Z",
        "requestId": "01k5m0c6xw8v5q0d4y6n2h7j3t",
        "ok": False,
    }


@get("/api-docs/openapi.json", **public("readOpenApi", "This document", returns=dict[str, Any]))
async def read_openapi(documentation: Given[Documentation]) -> Response[bytes]:
    headers = {"etag": documentation.etag, "cache-control": PUBLIC_REVALIDATED}
    return Response(documentation.body, media_type="application/json", headers=headers)


@get("/api-docs", opt=PUBLIC, include_in_schema=False)
async def read_page() -> Response[bytes]:
    return Response(_file("page.html"), media_type=MediaType.HTML, headers={"cache-control": PUBLIC_REVALIDATED})


@get("/api-docs/files/{name:str}", opt=PUBLIC, include_in_schema=False)
async def read_file(name: FromPath[str]) -> Response[bytes]:
    if name not in _FILES:
        raise NotFound("There is no such file.")
    return Response(_file(name), media_type=_FILES[name], headers={"cache-control": "public, max-age=86400"})


def _file(name: str) -> bytes:
    return (files("brutal_patches.http") / "documentation_files" / name).read_bytes()


ROUTES = [read_openapi, read_page, read_file]
