"""Idempotency-Key: the dependency `mark`, by which a creation is carried out once."""

import re
from typing import Annotated, Any

from litestar import Request
from litestar.params import HeaderParameter

from brutal_patches.actor import Actor
from brutal_patches.clock import Clock
from brutal_patches.errors import FieldError, Invalid
from brutal_patches.http.given import Given
from brutal_patches.storage.once import Once, once

_KEY = re.compile(r"[\x21-\x7e]{1,200}")

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A key of your own, up to 200 characters. The same request under it gets the same answer for 24 h.",
    ),
]


async def mark_of(
    request: Request[Any, Any, Any],
    actor: Given[Actor],
    clock: Given[Clock],
    idempotency_key: IdempotencyKey = None,
) -> Once | None:
    """What makes this request recognisable, where the client has named it."""
    if idempotency_key is None:
        return None
    if not _KEY.fullmatch(idempotency_key):
        raise Invalid(
            "The Idempotency-Key cannot be used.",
            errors=[FieldError("Idempotency-Key", "must be 1 to 200 visible ASCII characters")],
        )
    return once(actor.user_id, idempotency_key, request.url.path, await request.body(), clock.now())
