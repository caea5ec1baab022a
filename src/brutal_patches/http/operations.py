"""How a route says who may call it, what it answers and what can go wrong: for the gate and for OpenAPI."""

from collections.abc import Mapping
from typing import Any

from litestar.openapi.datastructures import ResponseSpec

from brutal_patches.errors import DomainError, Forbidden, Invalid, TooManyRequests, Unauthorized, Unavailable
from brutal_patches.http.access import ADMIN, MODERATOR, OPERATORS, PUBLIC, SIGNED_IN
from brutal_patches.http.problems import MEDIA_TYPE, Problem

type Kind = type[DomainError]

_ALWAYS: tuple[Kind, ...] = (Invalid, TooManyRequests, Unavailable)


def public(operation_id: str, summary: str, *errors: Kind, **more: Any) -> dict[str, Any]:
    """A route that anybody may call. See `_operation` for what `more` can say."""
    return _operation(PUBLIC, operation_id, summary, errors, **more)


def operators(operation_id: str, summary: str, *errors: Kind, **more: Any) -> dict[str, Any]:
    """A route that is open until an operators' token is set, and then asks for it."""
    return _operation(OPERATORS, operation_id, summary, (Unauthorized, *errors), **more)


def signed_in(operation_id: str, summary: str, *errors: Kind, **more: Any) -> dict[str, Any]:
    """A route for people who are logged in."""
    return _operation(SIGNED_IN, operation_id, summary, (Unauthorized, *errors), **more)


def moderator(operation_id: str, summary: str, *errors: Kind, **more: Any) -> dict[str, Any]:
    """A route for moderators and admins."""
    return _operation(MODERATOR, operation_id, summary, (Unauthorized, Forbidden, *errors), **more)


def admin(operation_id: str, summary: str, *errors: Kind, **more: Any) -> dict[str, Any]:
    """A route for admins."""
    return _operation(ADMIN, operation_id, summary, (Unauthorized, Forbidden, *errors), **more)


def _operation(
    access: Mapping[str, Any],
    operation_id: str,
    summary: str,
    errors: tuple[Kind, ...],
    *,
    returns: Any = None,
    status: int = 200,
    media_type: str = "application/json",
    example: Any = None,
    sends: Any = None,
    reader: Any = None,
    parameters: tuple[dict[str, Any], ...] = (),
    files: tuple[str, ...] = (),
    writes: bool = True,
) -> dict[str, Any]:
    """Arguments for a route decorator.

    `returns` is the type of an answer that is made of ready bytes; `example` and `sends` are examples
    of the answer and of the body; `reader` reads the body in place of its Struct; `parameters` are those of
    a query string that the route reads itself; `files` are the media types of a file that it answers when asked to,
    in place of what it returns. A POST that does not write what players have says `writes=False`, and
    goes on during maintenance.
    """
    opt = {**access, "writes": writes, "example": example, "sends": sends, "reader": reader}
    opt |= {"parameters": parameters, "files": files}
    responses = {kind.status: _problem(kind) for kind in (*errors, *_ALWAYS)}
    if returns is not None:
        responses[status] = ResponseSpec(returns, generate_examples=False, description=summary, media_type=media_type)
    return {
        "operation_id": operation_id,
        "summary": summary,
        "responses": responses,
        "status_code": status,
        "opt": opt,
    }


def _problem(kind: Kind) -> ResponseSpec:
    summary = (kind.__doc__ or "").partition("\n")[0]
    return ResponseSpec(Problem, generate_examples=False, description=summary, media_type=MEDIA_TYPE)
