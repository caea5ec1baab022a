"""The limits: the same bytes sent by bare uvicorn, and by a plain Litestar handler with nothing around it."""

import os
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get

BODY = Path(os.environ["BENCH_BODY"]).read_bytes() if "BENCH_BODY" in os.environ else b"{}"
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())],
}


async def bare(scope: Any, _receive: Any, send: Any) -> None:
    """An ASGI application that does nothing but answer."""
    if scope["type"] == "http":
        await send(_START)
        await send({"type": "http.response.body", "body": BODY})


@get("/{path:path}")
async def answer(path: str) -> Response[bytes]:
    return Response(BODY, media_type="application/json")


plain = Litestar([answer], openapi_config=None, logging_config=None)
