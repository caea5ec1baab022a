"""The way from one panel to another."""

import pytest
from hypothesis import given

from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.panel import BY_FIELD
from brutal_patches.sheets.moves import apply, moves, same, way, write_moves
from tests.sheets.panels import PANELS, panel


@given(PANELS, PANELS)
def test_the_moves_lead_there(before: WiredPanel, after: WiredPanel) -> None:
    """From any panel to any other, and back."""
    assert same(after, apply(before, moves(before, after)))
    assert same(before, apply(after, moves(after, before)))


@given(PANELS, PANELS)
def test_no_move_can_be_spared(before: WiredPanel, after: WiredPanel) -> None:
    """Each moves another control or cable, to somewhere else."""
    made = moves(before, after)
    assert all(move.before != move.after for move in made)
    assert len(made) == len({(move.field, move.cable) for move in made})


@given(PANELS)
def test_equal_panels_need_no_move(one: WiredPanel) -> None:
    """Nor do panels whose cables were drawn from the other end."""
    assert [] == moves(one, one)
    assert [] == moves(panel(("mod-lfo", "mod-saw")), panel(("mod-saw", "mod-lfo")))


def test_moves_are_in_the_order_of_the_panel() -> None:
    """Cables come out before others go in."""
    before = panel(("mod-lfo", "mod-saw"), cutoff=20, attack=20, octave=3)
    after = panel(("mod-filter", "mod-lfo"), cutoff=70, mode=1, attack=45, octave=4)
    made = moves(before, after)
    assert ["turn", "switch", "unplug", "plug", "switch", "slide"] == [move.kind for move in made]
    assert [
        "1. Filter: Cutoff: 9 → 2 o'clock",
        "2. Filter: Mode: LP → BP",
        "3. Mod Matrix: unplug LFO → Saw",
        "4. Mod Matrix: plug LFO → Filter",
        "5. Output: Octave: 0 → +1",
        "6. Envelope: Attack: 20 → 45 %",
    ] == write_moves(made).splitlines()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0, 65, "7 o'clock → half past 1"),
        (65, 70, "half past 1 → 2 o'clock"),
        (30, 31, "10 o'clock, a touch up (30 → 31)"),
        (31, 30, "10 o'clock, a touch down (31 → 30)"),
        (0, 1, "7 → just past 7 o'clock"),
    ],
)
def test_a_turn_is_told_by_the_clock(before: int, after: int, expected: str) -> None:
    """With numbers where the clock is too coarse."""
    assert expected == way(BY_FIELD["cutoff"], before, after)


def test_nothing_to_move_is_said() -> None:
    """Rather than an empty page."""
    assert "Nothing to move.\n" == write_moves([])
