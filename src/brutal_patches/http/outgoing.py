"""What every answer carries: its request's id, security headers, limits, and a tag to ask again with."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from brutal_patches.http.caching import PRIVATE, matches, strong_tag

type Send = Callable[[Any], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]

_SAFE: Headers = [
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
HTML_POLICY = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OF_A_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})


class Answer:
    """A `send` that completes what the application answers, and turns it into a 304 where that says enough."""

    __slots__ = ("_bodiless", "_held", "_if_none_match", "_is_read", "_send", "always", "status")

    def __init__(self, send: Send, method: str, if_none_match: str) -> None:
        self._send = send
        self.always: Headers = []
        self._is_read = method in {"GET", "HEAD"}
        self._bodiless = method == "HEAD"
        self._if_none_match = if_none_match
        self._held: MutableMapping[str, Any] | None = None
        self.status = 0

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body":
            await self._body(message)
        else:
            await self._send(message)

    async def _start(self, message: MutableMapping[str, Any]) -> None:
        self.status = message["status"]
        headers = dict(message["headers"])
        added = [*self.always, *_SAFE]
        if b"cache-control" not in headers:
            added.append((b"cache-control", PRIVATE.encode()))
        if headers.get(b"content-type", b"").startswith(b"text/html") and b"content-security-policy" not in headers:
            added.append((b"content-security-policy", HTML_POLICY))
        message["headers"] = [*message["headers"], *added]
        if self._is_read and self.status == 200:
            # Its tag is known only with its body, unless the route has set it.
            self._held = message
        else:
            await self._send(message)

    async def _body(self, message: MutableMapping[str, Any]) -> None:
        body = message.get("body", b"")
        if self._held is not None:
            started, self._held = self._held, None
            unchanged = self._tag(started, None if message.get("more_body") else body)
            await self._send(started)
            if unchanged:
                self._bodiless = True
        if self._bodiless:
            if not message.get("more_body"):
                await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send(message)

    def _tag(self, started: MutableMapping[str, Any], body: bytes | None) -> bool:
        """Give the answer a tag, its own or one of all its bytes; True where the client has this already."""
        headers = dict(started["headers"])
        tag = headers.get(b"etag", b"").decode()
        if tag and b"content-encoding" in headers:
            # The same tag must not name two sequences of bytes (RFC 9110, 8.8.3.3).
            tag = f'{tag[:-1]}-{headers[b"content-encoding"].decode()}"'
        elif not tag and body and b"no-store" not in headers[b"cache-control"]:
            tag = strong_tag(body)
        if not tag:
            return False
        kept = [pair for pair in started["headers"] if pair[0] != b"etag"]
        started["headers"] = [*kept, (b"etag", tag.encode())]
        if not (self._if_none_match and matches(self._if_none_match, tag)):
            return False
        self.status = started["status"] = 304
        started["headers"] = [pair for pair in started["headers"] if pair[0] not in _OF_A_BODY]
        return True
