"""What a request may bring: its body's type, size and time."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from brutal_patches.errors import DomainError, Timeout, TooLarge, Unavailable, UnsupportedMediaType

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 10.0
MAX_HELD_BYTES = 64_000_000
MAX_HELD_BYTES_EACH = 8_000_000
_CLOSE = {"connection": "close"}
_JSON = re.compile(rb"application/([a-z0-9.-]+\+)?json")

type Receive = Callable[[], Awaitable[Any]]


def refusal(headers: Mapping[bytes, bytes]) -> DomainError | None:
    """Why a body under these headers is not even read; None where it is, or where there is none."""
    length = headers.get(b"content-length", b"")
    if length == b"0" or not (length or b"transfer-encoding" in headers):
        return None
    if length and (not length.isdigit() or int(length[:12]) > MAX_BODY_BYTES):
        return _too_large()
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return UnsupportedMediaType("Compressed bodies are not read; please send JSON as it is.")
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if not _JSON.fullmatch(media_type):
        return UnsupportedMediaType("Please send JSON, with a Content-Type of application/json.")
    return None


class ClientGone(Exception):
    """The client went before its body was whole: there is nobody to answer."""


class Arrivals:
    """Waits for bodies, each within its time and size, before their requests take a place that others wait for.

    What has come whole at once costs nothing. Bodies in parts are held meanwhile, and what is held is bounded, for
    all together and for each neighbourhood of addresses.
    """

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self.bytes_held = 0

    async def whole(self, receive: Receive, neighbour: str) -> Receive:
        """A `receive` that has the body already. Raises ClientGone, Timeout, TooLarge; Unavailable where it is full."""
        messages: list[Any] = []
        size = held = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    messages.append(message)
                    came = len(message.get("body", b""))
                    size += came
                    if size > MAX_BODY_BYTES:
                        raise _too_large()
                    if not message.get("more_body", False):
                        return _replay(messages, receive)
                    held = size
                    self._hold(neighbour, came)
        except TimeoutError:
            raise Timeout(f"The body did not arrive within {BODY_SECONDS:.0f} seconds.", headers=_CLOSE) from None
        finally:
            self._let_go(neighbour, held)

    def _hold(self, neighbour: str, came: int) -> None:
        held = self._held.get(neighbour, 0) + came
        self._held[neighbour] = held
        self.bytes_held += came
        if held > MAX_HELD_BYTES_EACH or self.bytes_held > MAX_HELD_BYTES:
            raise Unavailable(
                "Too much is on its way already. Please try again in a moment.", retry_after=1, headers=_CLOSE
            )

    def _let_go(self, neighbour: str, held: int) -> None:
        self.bytes_held -= held
        left = self._held.pop(neighbour, 0) - held
        if left:
            self._held[neighbour] = left


def _replay(messages: list[Any], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def next_message() -> Any:
        for message in waiting:
            return message
        # What comes now is only the news that the client has gone; it may take as long as it likes.
        return await receive()

    return next_message


def _too_large() -> TooLarge:
    return TooLarge("The body is larger than 1 MB, which is the most we take.", headers=_CLOSE)
