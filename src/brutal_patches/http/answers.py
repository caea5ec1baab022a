"""Answers that are made of ready bytes."""

from litestar import Response

from brutal_patches.http.caching import PRIVATE


def ready(body: bytes, etag: str, *, status: int = 200, cache: str = PRIVATE, **more: str | None) -> Response[bytes]:
    """JSON in `body` under its tag. `more` are further headers, `_` for `-`; those that are None are left out."""
    headers = {"etag": etag, "cache-control": cache}
    headers |= {name.replace("_", "-"): value for name, value in more.items() if value is not None}
    return Response(body, status_code=status, media_type="application/json", headers=headers)
