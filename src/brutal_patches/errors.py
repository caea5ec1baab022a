"""What can go wrong, in the words of the product.

A feature raises (or hands to storage as an `otherwise`) one of these; `http/problems.py` alone
turns them into answers. The message is a sentence for people and never names an internal thing.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One field of a request that was not acceptable, and why."""

    field: str
    message: str


class DomainError(Exception):
    """An expected failure: its class says what kind, its message says what happened."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal Server Error"

    def __init__(
        self,
        message: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.headers = dict(headers or {})


class Invalid(DomainError):
    """The request is malformed or a value is out of range; `errors` names each field."""

    status = 400
    title = "Bad Request"


class Unauthorized(DomainError):
    """Nobody is logged in, or the token or credentials do not hold."""

    status = 401
    title = "Unauthorized"


class Forbidden(DomainError):
    """The actor is known, and may not do this."""

    status = 403
    title = "Forbidden"


class NotFound(DomainError):
    """There is no such thing, or none that this actor may know of."""

    status = 404
    title = "Not Found"


class Timeout(DomainError):
    """The client took too long to send its request."""

    status = 408
    title = "Request Timeout"


class Conflict(DomainError):
    """The request collides with something that exists or is under way."""

    status = 409
    title = "Conflict"


class PreconditionFailed(DomainError):
    """What the client edited is no longer the current version."""

    status = 412
    title = "Precondition Failed"


class TooLarge(DomainError):
    """The body is larger than the service takes."""

    status = 413
    title = "Content Too Large"


class UnsupportedMediaType(DomainError):
    """The body is not of a type that this route reads."""

    status = 415
    title = "Unsupported Media Type"


class Unprocessable(DomainError):
    """Well formed, and contradictory: an idempotency key that was used for another request."""

    status = 422
    title = "Unprocessable Content"


class TooManyRequests(DomainError):
    """A limit is reached; `retry_after` says in how many seconds to try again."""

    status = 429
    title = "Too Many Requests"


class Unavailable(DomainError):
    """Something that the service needs is away for now; nothing was half done."""

    status = 503
    title = "Service Unavailable"

    def __init__(
        self,
        message: str = "The service cannot do this right now. Please try again shortly.",
        *,
        retry_after: float = 2,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after, headers=headers)
