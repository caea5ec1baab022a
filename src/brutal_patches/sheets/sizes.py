"""The shapes a sheet comes in, as data: which part of the page there is, and where each section stands.

`a4` is for paper, `phone` stacks the sections, `card` is what links unfurl to, `small` is the panel alone.
"""

from typing import Literal

import msgspec

from brutal_patches.sheets.layout import AREAS, MARGIN, PAGE_HEIGHT, PAGE_WIDTH, PLATE_HEIGHT, PLATE_TOP, Area, Part
from brutal_patches.sheets.sheet import SizeName

type Head = Literal["whole", "line", "none"]


class Box(msgspec.Struct, frozen=True):
    """A rectangle on the page."""

    x: float
    y: float
    width: float
    height: float


class Size(msgspec.Struct, frozen=True):
    """One shape: its page (`height` 0 for as much as there is to show), its plate, the frames of sections, its head.

    `pixels` is its width where nobody asks for another. `legend` tells whether the cables are explained.
    """

    name: SizeName
    page: Box
    plate: Box
    frames: dict[Part, Box]
    head: Head
    legend: bool
    pixels: int


_GAP = 12
_OWN = {area.part: Box(area.x, area.y, area.width, area.height) for area in AREAS}
_PLATE = Box(MARGIN, PLATE_TOP, PAGE_WIDTH - 2 * MARGIN, PLATE_HEIGHT)
_PHONE_WIDTH = 480
_PHONE_LEFT = 24
_PHONE_ROWS: tuple[tuple[Part, ...], ...] = (
    ("oscillator",),
    ("filter",),
    ("matrix", "output"),
    ("controls", "lfo"),
    ("envelope",),
    ("sequencer",),
)


def _stacked() -> dict[Part, Box]:
    """Rows of sections as wide as a phone, in the order of the panel; what is over is shared out in a row."""
    frames: dict[Part, Box] = {}
    y = float(PLATE_TOP + 14)
    for row in _PHONE_ROWS:
        more = (_PHONE_WIDTH - _GAP * (len(row) - 1) - sum(_OWN[part].width for part in row)) / len(row)
        x, height = float(_PHONE_LEFT), max(_OWN[part].height for part in row)
        for part in row:
            frames[part] = Box(x, y, _OWN[part].width + more, height)
            x += frames[part].width + _GAP
        y += height + _GAP
    return frames


_STACK = _stacked()
_STACK_HEIGHT = max(frame.y + frame.height for frame in _STACK.values()) + 14 - PLATE_TOP

SIZES: dict[SizeName, Size] = {
    "a4": Size("a4", Box(0, 0, PAGE_WIDTH, PAGE_HEIGHT), _PLATE, _OWN, "whole", True, 1188),
    "phone": Size(
        "phone",
        Box(0, 0, _PHONE_WIDTH + 2 * _PHONE_LEFT, 0),
        Box(_PHONE_LEFT - 14, PLATE_TOP, _PHONE_WIDTH + 28, _STACK_HEIGHT),
        _STACK,
        "whole",
        True,
        528,
    ),
    "card": Size("card", Box(0, PLATE_TOP - 46, PAGE_WIDTH, 623.7), _PLATE, _OWN, "line", False, 1200),
    "small": Size(
        "small", Box(MARGIN - 6, PLATE_TOP - 6, PAGE_WIDTH - 2 * MARGIN + 12, PLATE_HEIGHT + 12), _PLATE, _OWN, "none",
        False, 570,
    ),
}  # fmt: skip


def shift(size: Size, area: Area) -> tuple[float, float]:
    """How far a section's controls stand from where they are on paper: in the middle of their frame."""
    frame = size.frames[area.part]
    return frame.x + (frame.width - area.width) / 2 - area.x, frame.y - area.y
