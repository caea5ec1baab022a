"""The categories that a patch can be filed under."""

from typing import Literal

import msgspec

type CategoryId = Literal["bass", "lead", "pad", "arp", "pluck", "percussion", "sfx", "experimental"]


class Category(msgspec.Struct, frozen=True):
    """One category, with a colour for its badge as `#rrggbb`."""

    id: CategoryId
    name: str
    description: str
    color: str


CATEGORIES: tuple[Category, ...] = (
    Category("bass", "Bass", "Low and solid: subs, reeses, acid lines", "#1f4e79"),
    Category("lead", "Lead", "Melodies that stand in front", "#b3261e"),
    Category("pad", "Pad", "Slow, wide and sustained", "#4f6d3a"),
    Category("arp", "Arp", "Made for arpeggios and the sequencer", "#7a4fa3"),
    Category("pluck", "Pluck", "Short notes with a sharp start", "#a8590a"),
    Category("percussion", "Percussion", "Kicks, snares, hats and other hits", "#5c5247"),
    Category("sfx", "SFX", "Effects: risers, alarms, weather, machines", "#0b6b6b"),
    Category("experimental", "Experimental", "Feedback, self-oscillation and happy accidents", "#8a1f5c"),
)
