"""What to turn, slide, switch and plug to get from one panel to another: the shortest list, in panel order."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from brutal_patches.patches.model import Cable, WiredPanel, setting, settings
from brutal_patches.patches.panel import CONTROLS, Control
from brutal_patches.sheets.layout import AREAS, TITLES, Part
from brutal_patches.sheets.wiring import plain, undirected, wording
from brutal_patches.sheets.words import stand

type MoveKind = Literal["turn", "slide", "switch", "unplug", "plug"]

CABLES = "modmatrix"
_HANDS: dict[str, MoveKind] = {"knob": "turn", "slider": "slide"}
_O_CLOCK = " o'clock"


class Move(msgspec.Struct, frozen=True):
    """One movement of the hand. `before` and `after` are positions; of a cable 0 is out, 1 is in."""

    field: str
    control: str
    section: Part
    kind: MoveKind
    before: int
    after: int
    text: str
    cable: Cable | None = None


def moves(before: WiredPanel, after: WiredPanel) -> list[Move]:
    """The moves that make `before` into `after`; none for panels that sound the same."""
    return [move for area in AREAS for move in _in_section(area.part, before, after)]


def apply(panel: WiredPanel, made: Sequence[Move]) -> WiredPanel:
    """`panel` after the moves; its cables come back each once, output first."""
    positions: dict[str, Any] = {control.field: setting(panel, control.field) for control in CONTROLS}
    positions |= {move.field: move.after for move in made if move.cable is None}
    cables = set(plain(panel.modmatrix))
    cables -= {undirected(move.cable) for move in made if move.cable and not move.after}
    cables |= {undirected(move.cable) for move in made if move.cable and move.after}
    return WiredPanel(**positions, modmatrix=plain(tuple(cables)))


def same(one: WiredPanel, other: WiredPanel) -> bool:
    """Whether two panels stand alike and are wired alike, whichever end their cables were drawn from."""
    return settings(one) == settings(other) and plain(one.modmatrix) == plain(other.modmatrix)


def write_moves(made: Sequence[Move]) -> str:
    """The moves as numbered lines of plain text, ending in a line break."""
    if not made:
        return "Nothing to move.\n"
    return "".join(f"{number}. {TITLES[move.section]}: {move.text}\n" for number, move in enumerate(made, 1))


def _in_section(part: Part, before: WiredPanel, after: WiredPanel) -> Iterator[Move]:
    if part == "matrix":
        yield from _rewiring(plain(before.modmatrix), plain(after.modmatrix))
    for control in CONTROLS:
        old, new = setting(before, control.field), setting(after, control.field)
        if control.section == part and old != new:
            kind = _HANDS.get(control.kind, "switch")
            text = f"{control.name}: {way(control, old, new)}"
            yield Move(control.field, control.name, part, kind, old, new, text)


def _rewiring(before: tuple[Cable, ...], after: tuple[Cable, ...]) -> Iterator[Move]:
    """Cables come out before others go in: a player has only so many."""
    for cable in before:
        if cable not in after:
            yield _plugging(cable, "unplug", 1, 0)
    for cable in after:
        if cable not in before:
            yield _plugging(cable, "plug", 0, 1)


def _plugging(cable: Cable, kind: MoveKind, before: int, after: int) -> Move:
    name = wording(cable)
    return Move(CABLES, name, "matrix", kind, before, after, f"{kind} {name}", cable)


def way(control: Control, before: int, after: int) -> str:
    """`9 → 2 o'clock`; where the clock is too coarse to tell two positions apart, their numbers as well."""
    old, new = stand(control, before), stand(control, after)
    if old == new:
        return f"{new}, a touch {'up' if after > before else 'down'} ({before} → {after})"
    for unit in (_O_CLOCK, " %"):
        if old.endswith(unit) and new.endswith(unit):
            old = old.removesuffix(unit)
    return f"{old} → {new}"
