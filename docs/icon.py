"""Makes the icon of browsers that know no drawings from the one that they do: part of `make gallery`."""

import struct
import zlib
from pathlib import Path

from brutal_patches.pages import templates
from brutal_patches.sheets.paper import to_pdf
from brutal_patches.sheets.rendering import to_png

PLACE = Path(templates.__file__).parent / "html"
_SIZES = (16, 32, 48)
_SIGNATURE = 8


def icon() -> bytes:
    """`favicon.svg` as an ICO of pictures 16, 32 and 48 pixels wide."""
    drawing = (PLACE / "favicon.svg").read_text()
    pictures = [_opaque(to_png(to_pdf(drawing, size, size, "", "", whole_faces=True)), size) for size in _SIZES]
    offset, entries = 6 + 16 * len(_SIZES), []
    for size, picture in zip(_SIZES, pictures, strict=True):
        entries.append(struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(picture), offset))
        offset += len(picture)
    return b"".join([struct.pack("<HHH", 0, 1, len(_SIZES)), *entries, *pictures])


def _opaque(picture: bytes, size: int) -> bytes:
    """A PNG with an alpha channel, without which Firefox takes none in an ICO."""
    rows, at = b"", _SIGNATURE
    while at < len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        rows += picture[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    rows = zlib.decompress(rows)
    wide = 1 + 3 * size
    clear = b"".join(
        b"\0" + b"".join(rows[x : x + 3] + b"\xff" for x in range(start + 1, start + wide, 3))
        for start in range(0, wide * size, wide)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(clear, 9)), (b"IEND", b""))
    return picture[:_SIGNATURE] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
        for kind, data in chunks
    )
