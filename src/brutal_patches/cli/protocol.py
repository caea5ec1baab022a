"""uvicorn's HTTP protocol with the limits that it lacks: on time, on size, on what may stand in a queue."""

import asyncio
import json
import re
from enum import Enum
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
HEADER_BYTES = 32 * 1024
BODY_SECONDS = 12.0
"""A little more than what a reader of the body is given (`http/incoming.py`), so that it answers in its own words.
This limit is for bodies that nobody reads, such as one that was answered with 401 before it came."""
READ_SECONDS = 20.0
READ_BYTES = 20_000
"""A client that takes fewer bytes of a waiting answer than this in that time keeps a place from others."""
MAX_PIPELINED = 32
_VERSIONS = frozenset({"1.0", "1.1"})
_HOST = re.compile(rb"[A-Za-z0-9._~:%\[\]-]*")


class Stage(Enum):
    """What of a request is still to come."""

    NOTHING = 0
    HEADERS = 1
    BODY = 2


class Unacceptable(Exception):
    """Raised within the parser to make it stop."""


class GuardedProtocol(HttpToolsProtocol):
    """Ends connections that are too slow or ask for too much, instead of waiting and growing.

    Each request gets one answer at most: where an earlier one is still being answered, that goes out whole, and then
    the connection ends without another word.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn says so, too.
        super().connection_made(transport)
        self._stage = Stage.NOTHING
        self._received = 0
        self._header_bytes = 0
        self._refused = False
        self._verdict = HTTPStatus.BAD_REQUEST
        self._stall: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(HEADER_SECONDS, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_stall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._stage is not Stage.BODY:
            self._received += len(data)
            if self._received > HEADER_BYTES and b"\r\n\r\n" not in data[:HEADER_BYTES]:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
        super().data_received(data)
        # What has come whole, as nearly all requests do, needs no timer. Blank lines are no request, but end the
        # wait for one that uvicorn had begun.
        if self._timer is None and not self._refused and (self._stage is not Stage.NOTHING or self._is_idle()):
            seconds = BODY_SECONDS if self._stage is Stage.BODY else HEADER_SECONDS
            self._timer = self.loop.call_later(seconds, self._late)

    def _is_idle(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self.timeout_keep_alive_task is None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stage = Stage.HEADERS
        self._received = self._header_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes > HEADER_BYTES:
            self._verdict = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise Unacceptable
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stop_timer()
        hosts = [value for name, value in self.headers if name == b"host"]
        if not all(_HOST.fullmatch(host) for host in hosts) or len(hosts) > 1:
            raise Unacceptable
        version = self.parser.get_http_version()
        if version not in _VERSIONS or (not hosts and version != "1.0"):
            raise Unacceptable
        if len(self.pipeline) >= MAX_PIPELINED:
            raise Unacceptable
        super().on_headers_complete()
        self._stage = Stage.BODY

    def on_message_complete(self) -> None:
        self._stop_timer()
        super().on_message_complete()
        self._stage = Stage.NOTHING
        self._received = 0

    def send_400_response(self, msg: str) -> None:
        """What uvicorn says to whatever its parser, or a callback above, does not take."""
        self._refuse(self._verdict)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop_stall()
        self._watch_reader()

    def resume_writing(self) -> None:
        self._stop_stall()
        super().resume_writing()

    def _watch_reader(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(READ_SECONDS, self._look_at_reader, waiting)

    def _look_at_reader(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < READ_BYTES:
            self.transport.abort()
        else:
            self._watch_reader()

    def _late(self) -> None:
        self._timer = None
        if self.flow.read_paused:
            # It is we who do not read.
            self._timer = self.loop.call_later(HEADER_SECONDS, self._late)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """End the connection, with `status` where that is the answer to exactly one request."""
        self._refused = True
        self._stop_timer()
        transport: Any = self.transport
        cycle: Any = self.cycle
        owed = cycle is not None and not cycle.response_complete
        if transport is None or transport.is_closing():
            return
        if owed and (cycle.response_started or self.pipeline or self._stage is not Stage.BODY):
            cycle.keep_alive = False
            return
        if owed:
            cycle.disconnected = True
            cycle.message_event.set()
        if owed or self._stage is not Stage.BODY:
            transport.write(_answer(status))
        transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None


def _answer(status: HTTPStatus) -> bytes:
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": status.description}
    body = json.dumps(problem).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
