"""Sheets in every form, drawn once: the same sheet asked for again comes from memory.

What is asked for is the key, all of it, so nothing in memory is ever out of date.
"""

import hashlib
from collections import OrderedDict
from typing import Literal

import msgspec

from brutal_patches.http.caching import strong_tag
from brutal_patches.sheets import words
from brutal_patches.sheets.lettering import clean
from brutal_patches.sheets.moves import moves, write_moves
from brutal_patches.sheets.rendering import Rendering
from brutal_patches.sheets.sheet import Options, Sheet
from brutal_patches.sheets.svg import draw

type Form = Literal["svg", "png", "pdf", "txt"]

MEDIA_TYPES: dict[Form, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "txt": "text/plain",
}
MAX_BYTES = 16_000_000


class Drawn(msgspec.Struct, frozen=True):
    """A sheet in one form, with its tag."""

    body: bytes
    media_type: str
    etag: str


class Drawings:
    """Memory is bounded by bytes, what was longest unasked going first."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering
        self._known: OrderedDict[bytes, Drawn] = OrderedDict()
        self._bytes = 0

    @property
    def waiting(self) -> int:
        """How many pictures wait for a thread."""
        return self._rendering.waiting

    async def draw(self, sheet: Sheet, options: Options, form: Form) -> Drawn:
        """`sheet` as `form`. Raises Unavailable where too many pictures are being made."""
        key = hashlib.blake2b(msgspec.msgpack.encode((sheet, options, form)), digest_size=16).digest()
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        body = await self._made(sheet, options, form)
        drawn = Drawn(body, MEDIA_TYPES[form], strong_tag(body))
        self._keep(key, drawn)
        return drawn

    def close(self) -> None:
        """End the threads."""
        self._rendering.close()

    async def _made(self, sheet: Sheet, options: Options, form: Form) -> bytes:
        match form:
            case "txt":
                return _words(sheet, options).encode()
            case "svg":
                return draw(sheet, options).encode()
            case "png" | "pdf":
                title, author = clean(sheet.title), clean(sheet.author)
                return await self._rendering.render(draw(sheet, options), form, title, author)

    def _keep(self, key: bytes, drawn: Drawn) -> None:
        while self._known and self._bytes + len(drawn.body) > MAX_BYTES:
            _, oldest = self._known.popitem(last=False)
            self._bytes -= len(oldest.body)
        if key not in self._known:
            self._known[key] = drawn
            self._bytes += len(drawn.body)


def _words(sheet: Sheet, options: Options) -> str:
    """A sheet in words; beside another, the moves that lead here from there."""
    if options.ghost is None:
        return words.write(sheet)
    heading = f"From {options.ghost_title} to {sheet.title}"
    return f"{clean(heading)}\n\n{write_moves(moves(options.ghost, sheet.panel))}"
