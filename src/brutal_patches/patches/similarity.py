"""How alike two panels are, from 0 to 1, and 1 only where they are the same to the ear.

Every panel is a point: knobs and sliders by their share of the range, switches as categories, and the
modulation that is live, whether by cable or by normal. The distance is the sum of the differences
(Manhattan), each feature weighing at most 1. Master volume and the sequencer's transport are left out,
as they are set by the room and the moment and not by the sound.
"""

from brutal_patches.patches.model import PatchBody, setting
from brutal_patches.patches.modulation import effective
from brutal_patches.patches.panel import CONTROLS, INPUTS, JACKS, OUTPUTS, Control

LEFT_OUT = frozenset({"volume", "play"})
STEPS = 200
"""A feature's weight of 1 in the units of `features`, so that every coordinate is a whole number."""

_COMPARED = tuple(control for control in CONTROLS if control.field not in LEFT_OUT)
_ROUTES = tuple((source, jack) for jack in JACKS if jack in INPUTS for source in JACKS if source in OUTPUTS)
_ROUTE_WEIGHT = STEPS // 2
_WIDTH = len(_COMPARED) + len(_ROUTES) / 2


def features(body: PatchBody) -> list[int]:
    """The panel as coordinates from 0 to `STEPS`; two panels differ by the sum of their differences."""
    live = {(route.source, route.target) for route in effective(body)}
    coordinates: list[int] = []
    for control in _COMPARED:
        coordinates += _coordinates(control, setting(body, control.field))
    return coordinates + [_ROUTE_WEIGHT * (route in live) for route in _ROUTES]


def _coordinates(control: Control, position: int) -> list[int]:
    if not _is_category(control):
        return [round(STEPS * (position - control.low) / (control.high - control.low))]
    # Two different categories differ in two coordinates, by half the weight each.
    return [STEPS // 2 * (step == position) for step in range(control.low, control.high + 1)]


def _is_category(control: Control) -> bool:
    """Octaves are choices too, but ordered ones: two of them can be near."""
    return control.is_choice and control.kind != "buttons"


def from_distance(distance: int) -> float:
    """The similarity of panels whose features differ by `distance` in all."""
    return 1 - distance / (STEPS * _WIDTH)


def similarity(one: PatchBody, other: PatchBody) -> float:
    """How alike two panels are; the same whichever comes first."""
    distance = sum(abs(a - b) for a, b in zip(features(one), features(other), strict=True))
    return from_distance(distance)
