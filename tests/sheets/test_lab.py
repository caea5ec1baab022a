"""Panels by chance."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.patches.model import WiredPanel, setting
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.sheets.lab import KEPT, LEVELS, morph, mutate, random_panel
from brutal_patches.sheets.layout import AREAS, Part
from brutal_patches.sheets.moves import same
from brutal_patches.sheets.wiring import plain
from tests.sheets.panels import PANELS, panel

SEEDS = st.integers(0, 2**32)
SHARES = st.floats(0, 1)
PARTS: list[Part] = [area.part for area in AREAS]


def valid(one: WiredPanel) -> bool:
    """Whether the panel is one that an author could send."""
    return one == msgspec.convert(msgspec.to_builtins(one), WiredPanel)


@given(SEEDS)
def test_the_same_seed_gives_the_same_panel(seed: int) -> None:
    """A valid one that can be heard."""
    found = random_panel(seed)
    assert found == random_panel(seed)
    assert valid(found)
    assert any(setting(found, level) for level in LEVELS)


def test_other_seeds_give_other_panels() -> None:
    """A hundred of them."""
    assert 100 == len({msgspec.json.encode(random_panel(seed)) for seed in range(100)})


@given(SEEDS, PANELS, st.sets(st.sampled_from(PARTS)))
def test_locked_sections_stay_and_leave_the_others(seed: int, base: WiredPanel, locked: set[Part]) -> None:
    """Chance goes on as if nothing were locked; loudness and transport never move."""
    found, free = random_panel(seed, locked, base), random_panel(seed, (), base)
    for control in CONTROLS:
        kept = control.section in locked or control.field in KEPT
        assert setting(base if kept else free, control.field) == setting(found, control.field)
    assert (base if "matrix" in locked else free).modmatrix == found.modmatrix


@given(PANELS, SEEDS)
def test_no_mutation_changes_nothing(one: WiredPanel, seed: int) -> None:
    """At amount 0."""
    assert same(one, mutate(one, seed, 0))


@given(PANELS, SEEDS, SHARES, st.sets(st.sampled_from(PARTS)))
def test_mutants_are_valid(one: WiredPanel, seed: int, amount: float, locked: set[Part]) -> None:
    """The same for the same seed, with locked sections as they were."""
    found = mutate(one, seed, amount, locked)
    assert found == mutate(one, seed, amount, locked)
    assert all(setting(one, each.field) == setting(found, each.field) for each in CONTROLS if each.section in locked)
    assert all(each.low <= setting(found, each.field) <= each.high for each in CONTROLS)


def test_switches_change_at_the_right_chance() -> None:
    """Set anew in 40 of 100, a switch of two stands elsewhere in 20."""
    changed = sum(setting(mutate(panel(), seed, 0.4), "vca") for seed in range(4000))
    assert 0.2 == pytest.approx(changed / 4000, abs=0.03)


def test_larger_amounts_go_further() -> None:
    """On the average."""
    near, far = (
        sum(abs(setting(mutate(panel(cutoff=50), seed, amount), "cutoff") - 50) for seed in range(500))
        for amount in (0.1, 0.5)
    )
    assert near * 3 < far


@given(PANELS, PANELS)
def test_a_morph_begins_and_ends_at_its_panels(one: WiredPanel, other: WiredPanel) -> None:
    """At 0 and at 1, with a seed and without."""
    for seed in (None, 7):
        assert same(one, morph(one, other, 0, seed))
        assert same(other, morph(one, other, 1, seed))


@given(PANELS, PANELS, SHARES, SEEDS)
def test_a_morph_by_chance_takes_every_switch_and_cable_from_one_of_them(
    one: WiredPanel, other: WiredPanel, amount: float, seed: int
) -> None:
    """The same for the same seed, and always a panel that an author could send."""
    found = morph(one, other, amount, seed)
    assert valid(found) and found == morph(one, other, amount, seed)
    for control in CONTROLS:
        if control.is_choice:
            assert setting(found, control.field) in {setting(one, control.field), setting(other, control.field)}
    assert set(found.modmatrix) <= set(plain(one.modmatrix)) | set(plain(other.modmatrix))


@given(PANELS, PANELS, SHARES, SEEDS, st.sets(st.sampled_from(PARTS)))
def test_a_morph_leaves_locked_sections_alone(
    one: WiredPanel, other: WiredPanel, amount: float, seed: int, locked: set[Part]
) -> None:
    """They are as in the first panel, cables too."""
    found = morph(one, other, amount, seed, locked)
    for control in CONTROLS:
        if control.section in locked:
            assert setting(one, control.field) == setting(found, control.field)
    if "matrix" in locked:
        assert one.modmatrix == found.modmatrix


def test_a_morph_by_chance_is_not_all_or_nothing() -> None:
    """Half-way some switches are of the one, some of the other."""
    one, other = panel(), panel(mode=2, wave=2, sync=1, vca=1, mod_wheel=1, pattern=7)
    changed = [
        sum(setting(morph(one, other, 0.5, seed), name) > 0 for name in ("mode", "wave", "vca")) for seed in range(30)
    ]
    assert {0, 1, 2, 3} == set(changed)


@given(PANELS, PANELS, SHARES)
def test_a_morph_stays_between(one: WiredPanel, other: WiredPanel, amount: float) -> None:
    """Every control between its two positions."""
    found = morph(one, other, amount)
    for control in CONTROLS:
        low, high = sorted((setting(one, control.field), setting(other, control.field)))
        assert low <= setting(found, control.field) <= high


def test_switches_and_cables_change_half_way() -> None:
    """Knobs move all the way along."""
    one, other = panel(cutoff=20), panel(("mod-lfo", "mod-saw"), cutoff=60, mode=2)
    found = [morph(one, other, amount) for amount in (0.25, 0.49, 0.5, 0.75)]
    assert [(30, 0, 0), (40, 0, 0), (40, 2, 1), (50, 2, 1)] == [
        (setting(each, "cutoff"), setting(each, "mode"), len(each.modmatrix)) for each in found
    ]
