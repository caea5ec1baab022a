"""Drawings as PDF, and as PNG by PDFium, which draws the same page: the same bytes on every machine.

This takes tens of milliseconds, so it has a thread of its own, and a short queue before it. One thread, as PDFium
bears no more; and one picture's pixels in memory at a time.
"""

import asyncio
import re
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pypdfium2

from brutal_patches.errors import Unavailable
from brutal_patches.sheets.paper import to_pdf

WAITING_AT_MOST = 8
_A4_WIDTH = 841.89
_POINTS_PER_UNIT = 0.75
_SHAPE = re.compile(r'width="(\d+)" height="(\d+)" viewBox="\S+ \S+ (\S+) ')
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UNFILTERED = b"\0"
_QUICK = 3

type Picture = Literal["png", "pdf"]


class Rendering:
    """One thread; beyond its queue Unavailable is raised."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "rendering")
        self._under_way = 0

    @property
    def waiting(self) -> int:
        """How many drawings wait for the thread."""
        return max(0, self._under_way - 1)

    async def render(self, drawing: str, picture: Picture, title: str, author: str) -> bytes:
        """`drawing`, an SVG of ours, as a picture of the pixels it asks for, or as a page for paper."""
        if self.waiting >= WAITING_AT_MOST:
            raise Unavailable("Too many pictures are being drawn at this moment. Please try again shortly.")
        made = asyncio.get_running_loop().run_in_executor(self._pool, _made, drawing, picture, title, author)
        self._under_way += 1
        made.add_done_callback(self._done)
        # Whoever asked may be gone by then: the place is taken all the same until the picture is made.
        return await asyncio.shield(made)

    def _done(self, _made: object) -> None:
        self._under_way -= 1

    def close(self) -> None:
        """Let what is under way end, and take no more."""
        self._pool.shutdown(wait=True)


def _made(drawing: str, picture: Picture, title: str, author: str) -> bytes:
    shape = _SHAPE.search(drawing)
    if shape is None:
        raise ValueError("a drawing begins with its shape")
    width, height, units = (float(part) for part in shape.groups())
    if picture == "png":
        return to_png(to_pdf(drawing, width, height, title, author, whole_faces=True))
    paper = _A4_WIDTH if units == 1188 else units * _POINTS_PER_UNIT
    return to_pdf(drawing, paper, paper * height / width, title, author)


def to_png(page: bytes) -> bytes:
    """The one page of a PDF as a picture, a pixel for each point."""
    document = pypdfium2.PdfDocument(page)
    try:
        bitmap = document[0].render(rev_byteorder=True, may_draw_forms=False, draw_annots=False)
        return _packed(bitmap.width, bitmap.height, bitmap.stride, memoryview(bitmap.buffer).cast("B"))
    finally:
        document.close()


def _packed(width: int, height: int, stride: int, pixels: memoryview) -> bytes:
    """Rows of red, green and blue as PNG (ISO/IEC 15948), unfiltered: flat colours pack best as they are.

    Row by row, so that a large picture is not in memory twice.
    """
    packer, packed = zlib.compressobj(_QUICK), []
    for start in range(0, height * stride, stride):
        packed.append(packer.compress(_UNFILTERED + pixels[start : start + width * 3]))
    data = b"".join([*packed, packer.flush()])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join((_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", data), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
