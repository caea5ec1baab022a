"""What every answer carries: its request's id, security headers, limits, and a tag to ask again with."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from brutal_patches.http.caching import PRIVATE, matches, strong_tag
from brutal_patches.http.express import Prepared

type Send = Callable[[Any], Awaitable[None]]
type Keep = Callable[[list[tuple[bytes, bytes]], str, bytes], None]
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


async def send_ready(ready: Prepared, always: Headers, method: str, headers: Mapping[bytes, bytes], send: Send) -> int:
    """Send a ready answer, or the news that the client has it already; the status that was sent."""
    held = headers.get(b"if-none-match")
    if held is not None and matches(held.decode("latin-1"), ready.etag):
        head = [pair for pair in ready.head if pair[0] not in _OF_A_BODY]
        await send({"type": "http.response.start", "status": 304, "headers": [*head, *always, *_SAFE]})
        await send({"type": "http.response.body", "body": b""})
        return 304
    await send({"type": "http.response.start", "status": 200, "headers": [*ready.head, *always, *_SAFE]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else ready.body})
    return 200


class Answer:
    """A `send` that completes what the application answers, and turns it into a 304 where that says enough.

    `always` are headers of every answer; `keep` gets each whole answer of a read before they are added.
    """

    __slots__ = ("_always", "_bodiless", "_held", "_if_none_match", "_is_read", "_send", "keep", "status")

    def __init__(self, send: Send, method: str, if_none_match: str, always: Headers) -> None:
        self._send = send
        self._always = always
        self.keep: Keep | None = None
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
        added = [*self._always, *_SAFE]
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
            self._complete(started, None if message.get("more_body") else body)
            await self._send(started)
        if self._bodiless:
            if not message.get("more_body"):
                await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send(message)

    def _complete(self, started: MutableMapping[str, Any], whole: bytes | None) -> None:
        """Give the answer its tag, and leave the body out where the client has it already."""
        tag = _tag(dict(started["headers"]), whole)
        if not tag:
            return
        kept = [pair for pair in started["headers"] if pair[0] != b"etag"]
        started["headers"] = [*kept, (b"etag", tag.encode())]
        if self.keep is not None and whole is not None:
            self.keep(started["headers"], tag, whole)
        if self._if_none_match and matches(self._if_none_match, tag):
            self._bodiless = True
            self.status = started["status"] = 304
            started["headers"] = [pair for pair in started["headers"] if pair[0] not in _OF_A_BODY]


def _tag(headers: Mapping[bytes, bytes], whole: bytes | None) -> str:
    """The route's own tag, or one of all bytes where they may be kept; empty where there is none."""
    tag = headers.get(b"etag", b"").decode()
    if tag and b"content-encoding" in headers:
        # The same tag must not name two sequences of bytes (RFC 9110, 8.8.3.3).
        return f'{tag[:-1]}-{headers[b"content-encoding"].decode()}"'
    if not tag and whole and b"no-store" not in headers[b"cache-control"]:
        return strong_tag(whole)
    return tag
