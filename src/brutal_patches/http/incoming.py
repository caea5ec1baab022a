"""What a request may bring: its body's type, size and time."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from brutal_patches.clock import monotonic
from brutal_patches.errors import DomainError, Timeout, TooLarge, UnsupportedMediaType

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 10.0
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


class BoundedBody:
    """A `receive` that gives up on bodies that are too large or come too slowly."""

    def __init__(self, receive: Receive, seconds: float = BODY_SECONDS) -> None:
        self._receive = receive
        self._seconds = seconds
        self._deadline = 0.0
        self._size = 0
        self._complete = False

    async def __call__(self) -> Any:
        if self._complete:
            # What comes now is only the news that the client has gone; it may take as long as it likes.
            return await self._receive()
        self._deadline = self._deadline or monotonic() + self._seconds
        try:
            async with asyncio.timeout(self._deadline - monotonic()):
                message = await self._receive()
        except TimeoutError:
            raise Timeout(
                f"The body did not arrive within {self._seconds:.0f} seconds.", headers={"connection": "close"}
            ) from None
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._size > MAX_BODY_BYTES:
            raise _too_large()
        return message


def _too_large() -> TooLarge:
    return TooLarge("The body is larger than 1 MB, which is the most we take.", headers={"connection": "close"})
