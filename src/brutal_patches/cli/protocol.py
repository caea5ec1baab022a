"""uvicorn's HTTP protocol with the limits that it lacks: time and size of headers, and exactly one Host."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
HEADER_BYTES = 32 * 1024

_TOO_SLOW = b"408 Request Timeout"
_TOO_LARGE = b"431 Request Header Fields Too Large"


class GuardedProtocol(HttpToolsProtocol):
    """Closes connections whose headers come too slowly or are too large, instead of waiting and growing."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_headers = True
        self._received = 0
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(HEADER_SECONDS, self._give_up, _TOO_SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_headers:
            self._received += len(data)
            if self._received > HEADER_BYTES and b"\r\n\r\n" not in data[:HEADER_BYTES]:
                self._give_up(_TOO_LARGE)
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True
        self._received = 0
        if self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self._give_up, _TOO_SLOW)

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._stop_timer()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and self.parser.get_http_version() != "1.0":
            self._give_up(b"400 Bad Request")
            return
        super().on_headers_complete()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, status: bytes) -> None:
        self._timer = None
        transport: Any = self.transport
        if transport is None or transport.is_closing():
            return
        transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        transport.close()
