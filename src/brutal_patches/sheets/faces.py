"""The letters of pictures and pages for paper: Liberation Sans, which comes with us, shaped and cut down by HarfBuzz.

The machine's own fonts are never looked at, so a picture is the same everywhere.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

import msgspec
import uharfbuzz as hb

from brutal_patches.sheets.directions import runs

EM = 1000
"""What PDF measures letters in: the thousandth part of their size."""
_FILES = {False: "LiberationSans-Regular.ttf", True: "LiberationSans-Bold.ttf"}
# Ligatures would stand for several letters at once, which then could not be searched for one by one.
_FEATURES = {"liga": False, "clig": False}


MISSING = 0
"""The number of the box that stands for a letter that a face does not have."""


class Glyph(msgspec.Struct, frozen=True):
    """A shape of the face, what it stands for, and how far it moves the pen; `width` is how far it would by itself."""

    number: int
    text: str
    advance: float
    width: float


class Face:
    """One of the two faces. Widths are in thousandths of the letters' size."""

    def __init__(self, bold: bool) -> None:
        self.name = "LiberationSans-Bold" if bold else "LiberationSans"
        self.program = (files("brutal_patches.sheets") / "fonts" / _FILES[bold]).read_bytes()
        self._face = hb.Face(hb.Blob(self.program))
        self._font = hb.Font(self._face)
        self._font.scale = (EM, EM)
        extents = self._font.get_font_extents("ltr")
        self.ascent, self.descent = extents.ascender, extents.descender

    def shape(self, text: str) -> tuple[Glyph, ...]:
        """The glyphs of `text` from left to right, kerned; what the face has no letter for is a box."""
        return tuple(
            glyph for run in runs(text) for glyph in self._shape(text[run.start : run.end], backwards=run.backwards)
        )

    def _shape(self, text: str, backwards: bool) -> Iterator[Glyph]:
        """The glyphs of a text that runs one way."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.cluster_level = hb.BufferClusterLevel.CHARACTERS
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if backwards else "ltr"
        hb.shape(self._font, buffer, _FEATURES)
        starts = sorted({info.cluster for info in buffer.glyph_infos})
        ends = dict(pairwise([*starts, len(text)]))
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            yield Glyph(
                info.codepoint,
                text[info.cluster : ends[info.cluster]],
                position.x_advance,
                self._font.get_glyph_h_advance(info.codepoint),
            )

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """The face with these glyphs alone, under the numbers that they have."""
        wanted = hb.SubsetInput()
        wanted.sets(hb.SubsetInputSets.GLYPH_INDEX).set(set(glyphs))
        wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        for table in ("GSUB", "GPOS", "GDEF", "kern", "name", "post", "OS/2", "cmap"):
            wanted.drop_table_tag_set.add(int.from_bytes(table.ljust(4).encode()))
        return bytes(hb.subset(self._face, wanted).blob.data)


@cache
def face(bold: bool) -> Face:
    """The regular face, or the bold one, read once."""
    return Face(bold)


@lru_cache(maxsize=2048)
def shaped(text: str, bold: bool) -> tuple[Glyph, ...]:
    """What is printed on every panel is shaped once."""
    return face(bold).shape(text)
