"""Where everything is on the drawing: a landscape page in panel units, four of them to a millimetre of A4.

Sections stand in the order of the instrument's panel, left to right, top row first; the oscillator's
knobs stand in pairs, each shape's character above its level.
"""

from typing import Literal

import msgspec

from brutal_patches.patches.panel import Jack, Section

type Part = Section | Literal["matrix"]

PAGE_WIDTH = 1188
PAGE_HEIGHT = 840
MARGIN = 30
PLATE_TOP = 208
PLATE_HEIGHT = 570
KNOB_RADIUS = 24.0
JACK_RADIUS = 11.0
SLIDER_LENGTH = 110


class Place(msgspec.Struct, frozen=True):
    """The middle of a control or jack; `radius` is that of a knob."""

    x: float
    y: float
    radius: float = KNOB_RADIUS


class Area(msgspec.Struct, frozen=True):
    """A section of the panel: its frame and what is printed above it."""

    part: Part
    title: str
    x: float
    y: float
    width: float
    height: float


_TOP, _TOP_HEIGHT = 222, 298
_BOTTOM, _BOTTOM_HEIGHT = 532, 232

AREAS: tuple[Area, ...] = (
    Area("oscillator", "Oscillator", 46, _TOP, 388, _TOP_HEIGHT),
    Area("filter", "Filter", 446, _TOP, 300, _TOP_HEIGHT),
    Area("matrix", "Mod Matrix", 758, _TOP, 220, _TOP_HEIGHT),
    Area("output", "Output", 990, _TOP, 152, _TOP_HEIGHT),
    Area("controls", "Controls", 46, _BOTTOM, 184, _BOTTOM_HEIGHT),
    Area("lfo", "LFO", 242, _BOTTOM, 284, _BOTTOM_HEIGHT),
    Area("envelope", "Envelope", 538, _BOTTOM, 338, _BOTTOM_HEIGHT),
    Area("sequencer", "Sequencer", 888, _BOTTOM, 254, _BOTTOM_HEIGHT),
)
TITLES: dict[Part, str] = {area.part: area.title for area in AREAS}

_ROWS = (322, 456)
_LOW = 664
_SLIDERS = 660

PLACES: dict[str, Place] = {
    "sub_fifth": Place(100, _ROWS[0]),
    "overtone": Place(100, _ROWS[1]),
    "ultra_saw": Place(193, _ROWS[0]),
    "saw": Place(193, _ROWS[1]),
    "pulse_width": Place(287, _ROWS[0]),
    "square": Place(287, _ROWS[1]),
    "metalizer": Place(380, _ROWS[0]),
    "triangle": Place(380, _ROWS[1]),
    "cutoff": Place(500, _ROWS[0], 29),
    "mode": Place(596, _ROWS[0]),
    "resonance": Place(692, _ROWS[0]),
    "env_amt": Place(500, _ROWS[1]),
    "brute_factor": Place(596, _ROWS[1]),
    "kbd_tracking": Place(692, _ROWS[1]),
    "volume": Place(1066, _ROWS[0]),
    "octave": Place(1066, _ROWS[1]),
    "glide": Place(86, _LOW),
    "mod_wheel": Place(175, _LOW),
    "amount": Place(282, _LOW),
    "wave": Place(356, _LOW),
    "rate": Place(430, _LOW),
    "sync": Place(495, _LOW),
    "env_amt_2": Place(578, _LOW),
    "vca": Place(645, _LOW),
    "attack": Place(702, _SLIDERS),
    "decay": Place(751, _SLIDERS),
    "sustain": Place(800, _SLIDERS),
    "release": Place(849, _SLIDERS),
    "pattern": Place(940, _LOW),
    "play": Place(1026, _LOW),
    "rate_2": Place(1100, _LOW),
}

JACK_PLACES: dict[Jack, Place] = {
    "mod-env": Place(822, 302, JACK_RADIUS),
    "mod-lfo": Place(914, 302, JACK_RADIUS),
    "mod-metal": Place(822, 364, JACK_RADIUS),
    "mod-pitch": Place(914, 364, JACK_RADIUS),
    "mod-saw": Place(822, 426, JACK_RADIUS),
    "mod-filter": Place(914, 426, JACK_RADIUS),
    "mod-sub": Place(822, 488, JACK_RADIUS),
    "mod-pwm": Place(914, 488, JACK_RADIUS),
}

PRINTED: dict[str, str] = {
    "amount": "Amount",
    "wave": "Wave",
    "rate": "Rate",
    "sync": "Sync",
    "env_amt_2": "Env Amt",
    "rate_2": "Rate",
}
"""What is printed at a control where its section's title already says the rest of its name."""
