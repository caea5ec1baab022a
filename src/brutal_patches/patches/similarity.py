"""How alike two panels are, from 0 to 1, and 1 only where they are the same to the ear.

A panel is a row of numbers: the positions of its controls, then which modulations are live, whether by
cable or by normal. Two rows differ by the sum over all columns (Manhattan distance), each weighing at
most 1: knobs and sliders by their share of the range, switches all or nothing. Master volume and the
sequencer's transport are left out, as they are set by the room and the moment and not by the sound.
"""

from functools import lru_cache
from itertools import compress

import msgspec

from brutal_patches.patches.model import Cable, WiredPanel, settings
from brutal_patches.patches.modulation import effective
from brutal_patches.patches.panel import CONTROLS, INPUTS, JACKS, OUTPUTS, Control

LEFT_OUT = frozenset({"volume", "play"})
FULL = 200
"""What a column weighs at most, in whole numbers, so that sums are exact wherever they are made."""


class Column(msgspec.Struct, frozen=True):
    """How a column counts: `weight` for each step of difference, or once for any difference."""

    weight: int
    is_category: bool


def _column(control: Control) -> Column:
    """Octaves are choices too, but ordered ones: two of them can be near."""
    if control.is_choice and control.kind != "buttons":
        return Column(FULL, is_category=True)
    return Column(FULL // (control.high - control.low), is_category=False)


_COMPARED = tuple(control for control in CONTROLS if control.field not in LEFT_OUT)
_IS_COMPARED = [control.field not in LEFT_OUT for control in CONTROLS]
_ROUTES = tuple((source, jack) for jack in JACKS if jack in INPUTS for source in JACKS if source in OUTPUTS)
COLUMNS: tuple[Column, ...] = (
    *(_column(control) for control in _COMPARED),
    *(Column(FULL // 2, is_category=True) for _ in _ROUTES),
)
FARTHEST = FULL * len(_COMPARED) + FULL // 2 * len(_ROUTES)


def row(body: WiredPanel) -> bytes:
    """The panel as a row of `COLUMNS`, a byte each."""
    return bytes(compress(settings(body), _IS_COMPARED)) + _live(body.modmatrix)


@lru_cache(4096)
def _live(cables: tuple[Cable, ...]) -> bytes:
    """Which of all possible modulations are live, a byte each; most patches share their wiring with others."""
    live = {(route.source, route.target) for route in effective(cables)}
    return bytes(route in live for route in _ROUTES)


def distance(one: bytes, other: bytes) -> int:
    """By how much two rows differ, from 0 to `FARTHEST`."""
    return sum(
        column.weight * (a != b if column.is_category else abs(a - b))
        for column, a, b in zip(COLUMNS, one, other, strict=True)
    )


def from_distance(far: int) -> float:
    """The similarity of panels whose rows differ by `far`."""
    return 1 - far / FARTHEST


def similarity(one: WiredPanel, other: WiredPanel) -> float:
    """How alike two panels are; the same whichever comes first."""
    return from_distance(distance(row(one), row(other)))
