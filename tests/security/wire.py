"""HTTP as bytes: a service behind the protocol of production, what is said to it, and what is heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import h11
import uvicorn
from uvicorn.server import ServerState

from brutal_patches.cli.protocol import GuardedProtocol

CLOSED = (ConnectionResetError, BrokenPipeError)


class Heard(NamedTuple):
    """The statuses of the answers in their order, their bodies, and whether the connection was ended."""

    statuses: tuple[int, ...]
    bodies: tuple[bytes, ...]
    ended: bool


class Listening(NamedTuple):
    """A port, and the connections that are open there."""

    port: int
    connections: set[Any]


@asynccontextmanager
async def listening(app: Any, keep_alive: float = 75) -> AsyncIterator[Listening]:
    """`app` behind the guarded protocol, on a free port."""
    config = uvicorn.Config(app, http=GuardedProtocol, ws="none", lifespan="off", log_config=None, server_header=False)
    config.timeout_keep_alive = keep_alive  # type: ignore[assignment]
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: GuardedProtocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield Listening(server.sockets[0].getsockname()[1], state.connections)
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await server.wait_closed()


async def say(port: int, *parts: bytes, pause: float = 0, wait: float = 5, half_close: bool = False) -> Heard:
    """Send `parts`, a pause between them, and listen until the connection ends, or is quiet for `wait` seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = bytearray()
    ended = asyncio.Event()

    async def listen() -> None:
        with suppress(*CLOSED):
            while part := await reader.read(65536):
                heard.extend(part)
        ended.set()

    listener = asyncio.create_task(listen())
    try:
        with suppress(*CLOSED):
            for part in parts:
                if ended.is_set():
                    break
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            if half_close:
                writer.write_eof()
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), wait)
        return Heard(*answers(bytes(heard)), ended.is_set())
    finally:
        listener.cancel()
        writer.transport.abort()


def answers(raw: bytes) -> tuple[tuple[int, ...], tuple[bytes, ...]]:
    """The answers in `raw`, by another implementation of HTTP; it raises for what is none."""
    statuses, bodies = [], []
    while raw:
        talk = h11.Connection(h11.CLIENT)
        talk.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
        talk.send(h11.EndOfMessage())
        talk.receive_data(raw)
        talk.receive_data(b"")
        body = bytearray()
        while not isinstance(event := talk.next_event(), h11.EndOfMessage):
            match event:
                case h11.Response() | h11.InformationalResponse():
                    statuses.append(event.status_code)
                case h11.Data():
                    body.extend(event.data)
                case _:
                    raise AssertionError(f"no answer: {event} in {raw[:200]!r}")
        bodies.append(bytes(body))
        raw = talk.trailing_data[0]
    return tuple(statuses), tuple(bodies)
