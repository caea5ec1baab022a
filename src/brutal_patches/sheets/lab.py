"""Panels by chance, by small steps, and between two others. The same seed always gives the same panel.

Chance is drawn for every control, locked or not, so that locking one section leaves the others as they were.
"""

from collections.abc import Collection, Iterator
from random import Random
from typing import Any

from brutal_patches.patches.model import Cable, WiredPanel, setting
from brutal_patches.patches.panel import CONTROLS, JACKS, OUTPUTS, Control
from brutal_patches.sheets.codes import MOST_CABLES
from brutal_patches.sheets.layout import Part
from brutal_patches.sheets.wiring import plain

KEPT = frozenset({"volume", "play"})
"""What chance never moves: nobody wants to be startled, or to have a sequence overwritten."""
LEVELS = ("overtone", "saw", "square", "triangle")
_REST = 0.35
_STRIDE = 40
_CABLE_CHANCE = 0.15
_ROUTES = tuple(Cable(out, into) for out in JACKS if out in OUTPUTS for into in JACKS if into not in OUTPUTS)
_NOTHING_LOCKED: frozenset[Part] = frozenset()


def random_panel(seed: int, locked: Collection[Part] = _NOTHING_LOCKED, base: WiredPanel | None = None) -> WiredPanel:
    """A panel by chance that can be heard; locked sections are as in `base`, or as on a fresh panel."""
    chance, base = Random(seed), base or WiredPanel()
    found = {control.field: _anywhere(control, chance) for control in CONTROLS}
    if not any(found[level] for level in LEVELS):
        found[chance.choice(LEVELS)] = chance.randint(50, 100)
    cables = [cable for cable in _ROUTES if chance.random() < _CABLE_CHANCE]
    return _locking(base, found, cables, locked)


def mutate(panel: WiredPanel, seed: int, amount: float, locked: Collection[Part] = _NOTHING_LOCKED) -> WiredPanel:
    """`panel` with every knob a step away, the steps as large as `amount`: 0 changes nothing, 1 nearly everything.

    A switch is set anew with the chance `amount`, and of the twelve possible cables `amount` changes on average.
    """
    chance = Random(seed)
    found = {control.field: _nearby(control, setting(panel, control.field), amount, chance) for control in CONTROLS}
    cables = set(plain(panel.modmatrix))
    for cable in _ROUTES:
        if chance.random() < amount / len(_ROUTES):
            cables ^= {cable}
    return _locking(panel, found, cables, locked)


def morph(
    one: WiredPanel,
    other: WiredPanel,
    amount: float,
    seed: int | None = None,
    locked: Collection[Part] = _NOTHING_LOCKED,
) -> WiredPanel:
    """What stands between two panels: knobs move all the way along, switches and cables change half-way.

    With a seed each switch and each cable changes over by itself, with the chance `amount`. Locked sections are as in
    `one`. Cables beyond what a panel may have are left out.
    """
    turns = _turns(amount, seed)
    found = {control.field: _between(control, one, other, amount, next(turns)) for control in CONTROLS}
    mine, others = set(plain(one.modmatrix)), set(plain(other.modmatrix))
    cables = [cable for cable in plain(tuple(mine | others)) if cable in (others if next(turns) else mine)]
    kept = {control.field: setting(one, control.field) for control in CONTROLS if control.section in locked}
    return _panel(found | kept, one.modmatrix if "matrix" in locked else plain(tuple(cables[:MOST_CABLES])))


def _turns(amount: float, seed: int | None) -> Iterator[bool]:
    """Whether what cannot stand between is as in the other panel: all of it or none, or each by chance."""
    chance = None if seed is None else Random(seed)
    while True:
        yield amount >= 0.5 if chance is None else chance.random() < amount


def _between(control: Control, one: WiredPanel, other: WiredPanel, amount: float, turned: bool) -> int:
    here, there = setting(one, control.field), setting(other, control.field)
    if control.is_choice:
        return there if turned else here
    return round(here * (1 - amount) + there * amount)


def _anywhere(control: Control, chance: Random) -> int:
    """Any position; often the initial one, as on panels that people set, except for levels."""
    rests = chance.random() < _REST
    position = chance.randint(control.low, control.high)
    return control.initial if rests and control.field not in LEVELS else position


def _nearby(control: Control, position: int, amount: float, chance: Random) -> int:
    turned, step = chance.random(), chance.gauss(0, _STRIDE)
    anew = chance.randint(control.low, control.high)
    if control.is_choice:
        return anew if turned < amount else position
    return min(max(position + round(step * amount), control.low), control.high)


def _locking(
    base: WiredPanel, found: dict[str, int], cables: Collection[Cable], locked: Collection[Part]
) -> WiredPanel:
    kept = {
        control.field: setting(base, control.field)
        for control in CONTROLS
        if control.section in locked or control.field in KEPT
    }
    return _panel(found | kept, base.modmatrix if "matrix" in locked else plain(tuple(cables)))


def _panel(positions: dict[str, int], cables: tuple[Cable, ...]) -> WiredPanel:
    everything: dict[str, Any] = {**positions, "modmatrix": cables}
    return WiredPanel(**everything)
