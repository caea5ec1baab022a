"""The panel's table agrees with the instrument and with the contract."""

from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.panel import BY_FIELD, CONTROLS, INPUTS, JACK_NAMES, JACKS, NORMALS, OUTPUTS


def test_there_are_thirty_one_controls_each_with_a_field_of_its_own() -> None:
    """No field is listed twice."""
    assert 31 == len(CONTROLS) == len(BY_FIELD)


def test_every_control_starts_within_its_range() -> None:
    """The initial position is one that the control can have."""
    assert all(control.low <= control.initial <= control.high for control in CONTROLS)


def test_bipolar_controls_start_at_their_centre() -> None:
    """Fifty has no effect there."""
    assert {"env_amt", "kbd_tracking"} == {control.field for control in CONTROLS if control.bipolar}
    assert {"env_amt", "kbd_tracking", "volume"} == {control.field for control in CONTROLS if control.initial == 50}


def test_positions_have_names_where_they_are_different_things() -> None:
    """A switch says what it is set to, a knob where it stands."""
    assert ["LP", "BP", "HP"] == [BY_FIELD["mode"].label(position) for position in range(3)]
    assert ["-2", "0", "+2"] == [BY_FIELD["octave"].label(position) for position in (1, 3, 5)]
    assert "37" == BY_FIELD["cutoff"].label(37)
    assert BY_FIELD["play"].is_choice
    assert not BY_FIELD["cutoff"].is_choice


def test_every_jack_is_an_input_or_an_output() -> None:
    """Two give and six take; what drives an input by itself is an output."""
    assert set(JACKS) == INPUTS | OUTPUTS == set(JACK_NAMES)
    assert not INPUTS & OUTPUTS
    assert all(target in INPUTS and source in OUTPUTS for target, source in NORMALS.items())


def test_categories_are_those_of_the_contract() -> None:
    """Eight of them, each with a colour."""
    assert ["bass", "lead", "pad", "arp", "pluck", "percussion", "sfx", "experimental"] == [
        category.id for category in CATEGORIES
    ]
    assert all(len(category.color) == 7 for category in CATEGORIES)
