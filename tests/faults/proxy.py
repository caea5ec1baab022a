"""A proxy between the service and its engine that can fail in the ways a network and DynamoDB fail."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
from aiohttp import web

type Fault = Literal[
    "throttle", "error", "conflict", "reset_before", "reset_after", "truncate", "corrupt", "delay", "unprocessed"
]

_HOP_HEADERS = frozenset(
    {"connection", "content-length", "content-encoding", "transfer-encoding", "host", "keep-alive"}
)


class FaultProxy:
    """Forwards DynamoDB calls, and spends one planned fault on each call of the operation it is planned for."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.url = ""
        self.calls: list[str] = []
        self._planned: dict[str, deque[Fault]] = {}
        self._session: aiohttp.ClientSession | None = None

    def plan(self, operation: str, *faults: Fault) -> None:
        """The next calls of `operation`, such as `PutItem`, meet these faults in turn; `*` is any operation."""
        self._planned.setdefault(operation, deque()).extend(faults)

    def _next(self, operation: str) -> Fault | None:
        for name in (operation, "*"):
            if self._planned.get(name):
                return self._planned[name].popleft()
        return None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        self.calls.append(operation)
        body = await request.read()
        fault = self._next(operation)
        match fault:
            case "throttle":
                return _failure(400, "ThrottlingException")
            case "error":
                return _failure(500, "InternalServerError")
            case "conflict":
                return _conflict(len(json.loads(body)["TransactItems"]))
            case "unprocessed":
                return _unprocessed(operation, json.loads(body))
            case "reset_before":
                return _hang_up(request)
            case "delay":
                await asyncio.sleep(1.5)
        answer, headers, status = await self._forward(request, body)
        if fault == "reset_after":
            return _hang_up(request)
        if fault == "truncate":
            answer = answer[: len(answer) // 2] if len(answer) > 2 else b""
        if fault == "corrupt":
            answer = answer.replace(b"S", b"T", 1)
        return web.Response(body=answer, headers=headers, status=status)

    async def _forward(self, request: web.Request, body: bytes) -> tuple[bytes, dict[str, str], int]:
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_HEADERS}
        headers["Accept-Encoding"] = "identity"
        async with self._session.post(self.upstream, data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_HEADERS}
            return await answer.read(), kept, answer.status


@asynccontextmanager
async def fault_proxy(upstream: str) -> AsyncIterator[FaultProxy]:
    """A proxy to `upstream` on a free port of the loopback, for as long as the context lasts."""
    proxy = FaultProxy(upstream)
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server: Any = site._server
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with aiohttp.ClientSession() as session:
        proxy._session = session
        yield proxy
    await runner.cleanup()


def _hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _failure(status: int, kind: str, **more: Any) -> web.Response:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": "planned", **more}
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/x-amz-json-1.0")


def _conflict(operations: int) -> web.Response:
    reasons = [{"Code": "TransactionConflict", "Message": "planned"}] + [{"Code": "None"}] * (operations - 1)
    return _failure(400, "TransactionCanceledException", CancellationReasons=reasons)


def _unprocessed(operation: str, request: dict[str, Any]) -> web.Response:
    answer: dict[str, Any] = (
        {"UnprocessedItems": request["RequestItems"]}
        if operation == "BatchWriteItem"
        else {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}
    )
    return web.json_response(answer, content_type="application/x-amz-json-1.0")
