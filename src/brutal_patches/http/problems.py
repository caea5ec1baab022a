"""Every error as `application/problem+json` (RFC 9457), with the members that the web client reads."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from loguru import logger

from brutal_patches.clock import rfc3339
from brutal_patches.errors import DomainError, FieldError

MEDIA_TYPE = "application/problem+json"
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not answer to that method.",
    500: "Something went wrong on our side. It has been noted; please try again.",
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error on the wire. `message` repeats `detail`, as the client reads the one and the RFC has the other.

    `ok` is always false: the answers of `/api/users` have it, and their readers look for it.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    status_code: int = msgspec.field(name="statusCode")
    message: str
    path: str
    method: str
    timestamp: str
    request_id: str = msgspec.field(name="requestId")
    errors: tuple[FieldError, ...] = ()
    ok: bool | msgspec.UnsetType = msgspec.UNSET


def describe(
    scope: Mapping[str, Any], status: int, title: str, message: str, errors: tuple[FieldError, ...] = ()
) -> bytes:
    """The body of an error that the request in `scope` meets."""
    kind = title.lower().replace(" ", "-")
    problem = Problem(
        type=f"/problems/{kind}",
        title=title,
        status=status,
        detail=message,
        instance=scope["path"],
        status_code=status,
        message=message,
        path=scope["path"],
        method=scope["method"],
        timestamp=rfc3339(datetime.now(UTC)),
        request_id=scope.get("state", {}).get("request_id", ""),
        errors=errors,
        ok=False,
    )
    return msgspec.json.encode(problem)


def headers_of(error: DomainError) -> dict[str, str]:
    """What an answer to `error` says beside its body."""
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        headers.setdefault("www-authenticate", "Bearer")
    return headers


def answer_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[bytes]:
    """A failure that a feature expected."""
    request.scope["state"]["fault"] = error
    body = describe(request.scope, error.status, error.title, error.message, error.errors)
    return Response(body, status_code=error.status, media_type=MEDIA_TYPE, headers=headers_of(error))


def answer_framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """A failure that the framework found: no such route, a wrong method, a parameter that does not parse."""
    if error.status_code >= 500:
        return answer_unexpected(request, error)
    status = error.status_code
    errors = tuple(_field_errors(error))
    told = "Some values of the request are not acceptable." if errors else _SENTENCES.get(status, error.detail)
    body = describe(request.scope, status, HTTPStatus(status).phrase, told, errors)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A mistake of ours: logged whole, told without a word of what is inside."""
    request.scope["state"]["fault"] = error
    logger.opt(exception=error).error("unexpected {} at {}", type(error).__name__, request.scope["path"])
    body = describe(request.scope, 500, HTTPStatus(500).phrase, _SENTENCES[500])
    return Response(body, status_code=500, media_type=MEDIA_TYPE)


def _field_errors(error: HTTPException) -> list[FieldError]:
    found = error.extra if isinstance(error.extra, list) else []
    return [
        FieldError(str(each.get("key", "")), _sentence(str(each.get("message", ""))))
        for each in found
        if isinstance(each, dict)
    ]


def _sentence(said: str) -> str:
    """msgspec's words without their code marks and path."""
    return said.partition(" - at ")[0].replace("`", "")


HANDLERS: dict[int | type[Exception], Any] = {
    DomainError: answer_domain_error,
    HTTPException: answer_framework_error,
    Exception: answer_unexpected,
}
