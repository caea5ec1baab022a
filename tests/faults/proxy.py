"""A proxy between the service and its engine that can fail in the ways a network and DynamoDB fail."""

import asyncio
import json
import random
import zlib
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
from aiohttp import web

type Fault = Literal[
    "throttle",
    "error",
    "conflict",
    "reset_before",
    "reset_after",
    "truncate",
    "corrupt",
    "slow",
    "delay",
    "late",
    "unprocessed",
]

ANYWHERE: tuple[Fault, ...] = (
    "throttle", "error", "reset_before", "reset_after", "truncate", "corrupt", "slow", "delay", "late",
)  # fmt: skip
OPERATIONS = (
    "GetItem", "BatchGetItem", "Query", "Scan",
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
)  # fmt: skip

_HOP_HEADERS = frozenset(
    {"connection", "content-length", "content-encoding", "transfer-encoding", "host", "keep-alive"}
)


def kinds_for(operation: str) -> tuple[Fault, ...]:
    """Every fault that can meet this operation: batches can be left undone, and transactions can conflict."""
    if operation.startswith("Batch"):
        return (*ANYWHERE, "unprocessed")
    return (*ANYWHERE, "conflict") if operation == "TransactWriteItems" else ANYWHERE


class FaultProxy:
    """Forwards DynamoDB calls, and spends one planned fault on each call of the operation it is planned for.

    While `rain` is above zero, that share of all other calls meets a fault by chance. A `delay` keeps the
    request back for `hold` seconds and a `late` one its answer: both are to be longer than callers wait.
    DynamoDB sends a checksum with refusals too, and DynamoDB Local does not; `adds_checksums` makes up for it.
    """

    def __init__(self, upstream: str, seed: int = 1) -> None:
        self.upstream = upstream
        self.url = ""
        self.calls: list[str] = []
        self.met: Counter[str] = Counter()
        self.rain = 0.0
        self.falling: tuple[Fault, ...] = ()
        self.hold = 1.5
        self.adds_checksums = True
        self._chance = random.Random(seed)
        self._planned: dict[str, deque[Fault]] = {}
        self._session: aiohttp.ClientSession | None = None

    def plan(self, operation: str, *faults: Fault) -> None:
        """The next calls of `operation`, such as `PutItem`, meet these faults in turn; `*` is any operation."""
        self._planned.setdefault(operation, deque()).extend(faults)

    def forget(self) -> None:
        """No fault is planned any more, and none falls by chance."""
        self._planned.clear()
        self.rain = 0.0

    def _next(self, operation: str) -> Fault | None:
        for name in (operation, "*"):
            if self._planned.get(name):
                return self._planned[name].popleft()
        if self._chance.random() < self.rain:
            kinds = [kind for kind in kinds_for(operation) if not self.falling or kind in self.falling]
            return self._chance.choice(kinds) if kinds else None
        return None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        self.calls.append(operation)
        body = await request.read()
        fault = self._next(operation)
        if fault:
            self.met[f"{fault} {operation}"] += 1
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
            case "slow":
                await asyncio.sleep(0.03)
            case "delay":
                await asyncio.sleep(self.hold)
        answer, headers, status = await self._forward(request, body)
        if fault == "late":
            await asyncio.sleep(self.hold)
        if fault in {"reset_after", "late"}:
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
            content = await answer.read()
            if self.adds_checksums:
                kept.setdefault("x-amz-crc32", str(zlib.crc32(content)))
            return content, kept, answer.status


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
    if request.transport is not None:
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
