"""Patches as players write them: seeded, with the distributions of 610 real ones.

Each knob is at 0, at 100 or in between as often as there, with its median in the middle; cables, modes
and titles likewise. The same seed gives the same patches.
"""

import random
from collections.abc import Iterator
from typing import Any

from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.panel import CONTROLS

# Per cent at 0, median of the rest as written, per cent at 100.
_KNOBS = {
    "sub_fifth": (59, 30, 9), "overtone": (38, 41, 12), "ultra_saw": (49, 18, 12), "saw": (42, 46, 17),
    "pulse_width": (53, 30, 8), "square": (45, 34, 18), "metalizer": (55, 30, 5), "triangle": (37, 54, 21),
    "cutoff": (21, 31, 6), "resonance": (19, 52, 4), "brute_factor": (42, 21, 3), "glide": (73, 20, 1),
    "amount": (28, 44, 13), "rate": (26, 43, 8), "env_amt_2": (29, 52, 22), "rate_2": (68, 40, 2),
    "attack": (50, 20, 2), "decay": (15, 45, 8), "sustain": (30, 50, 15), "release": (30, 30, 4),
}  # fmt: skip
_CHOICES = {
    "mode": [469, 63, 78],
    "mod_wheel": [422, 188],
    "wave": [432, 75, 103],
    "sync": [430, 180],
    "vca": [251, 359],
    "play": [327, 173, 110],
    "pattern": [512, 20, 18, 16, 14, 12, 10, 8],
}
_CENTRED = {"env_amt": 40, "kbd_tracking": 33, "volume": 61}
_CABLES = [("mod-lfo", "mod-filter")] * 4 + [
    (source, f"mod-{target}") for source in ("mod-env", "mod-lfo") for target in ("metal", "pitch", "saw", "sub", "pwm")
]
_ADJECTIVES = "deep warm acid hollow glass rusty slow bright dark brutal soft wild broken silver cosmic tiny".split()
_NOUNS = "bass lead pad drone pluck kick siren organ flute choir engine bell sweep growl whistle lullaby".split()
WORDS = (
    "play low and slow with the wheel open filter resonance envelope short decay long release for dub techno ambient "
    "un son doux et rond para tocar lento con la mano izquierda lassan nyitott szűrő meleg hang"
).split()


def patches(count: int, seed: int = 610) -> Iterator[dict[str, Any]]:
    """`count` patch bodies as an author would send them."""
    chance = random.Random(seed)
    for number in range(count):
        yield _patch(chance, number)


def _patch(chance: random.Random, number: int) -> dict[str, Any]:
    noun = chance.choice(_NOUNS)
    sent: dict[str, Any] = {
        "title": f"{chance.choice(_ADJECTIVES).title()} {noun.title()} {number}",
        "description": " ".join(chance.choices(WORDS, k=chance.randrange(0, 40))),
        "tags": sorted(set(chance.choices(_ADJECTIVES + _NOUNS, k=chance.randrange(0, 5)))),
        "category": chance.choice(CATEGORIES).id,
        "modmatrix": [
            {"source": source, "target": target}
            for source, target in dict.fromkeys(chance.choices(_CABLES, k=_cable_count(chance)))
        ],
    }
    return sent | {control.field: _position(chance, control.field) for control in CONTROLS if control.field != "octave"}


def _cable_count(chance: random.Random) -> int:
    """A third have none; most of the others one or two."""
    return 0 if chance.random() < 0.336 else min(9, 1 + int(chance.expovariate(0.9)))


def _position(chance: random.Random, field: str) -> int:
    if field in _CHOICES:
        return chance.choices(range(len(_CHOICES[field])), _CHOICES[field])[0]
    if field in _CENTRED:
        return 50 if chance.random() * 100 < _CENTRED[field] else chance.randint(0, 100)
    low, median, high = _KNOBS[field]
    drawn = chance.random() * 100
    if drawn < low:
        return 0
    if drawn > 100 - high:
        return 100
    return round(chance.triangular(1, 99, median))
