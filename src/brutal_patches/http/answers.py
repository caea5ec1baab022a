"""Answers that are made of ready bytes."""

from collections.abc import Mapping

from litestar import Response

from brutal_patches.http.caching import PRIVATE

NONE: Mapping[str, str] = {}


def ready(
    body: bytes, etag: str, *, status: int = 200, cache: str = PRIVATE, more: Mapping[str, str] = NONE
) -> Response[bytes]:
    """JSON in `body` under its tag, with `more` headers."""
    headers = {"cache-control": cache, **more} | ({"etag": etag} if etag else {})
    return Response(body, status_code=status, media_type="application/json", headers=headers)
