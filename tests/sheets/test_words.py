"""A patch in words."""

import pytest

from brutal_patches.patches.panel import BY_FIELD
from brutal_patches.sheets.words import clock, stand, wires, write
from tests.sheets.panels import panel, sheet

EXPECTED = """\
Sub Aqua
by ada
patch 1130
tags: bass, deep
https://x.org/1130

Slow.
Deep.

Oscillator
  Sub > Fifth 7 o'clock
  Overtone 7 o'clock
  Ultrasaw 7 o'clock
  Saw 7 o'clock
  Pulse Width 7 o'clock
  Square 7 o'clock
  Metalizer 7 o'clock
  Triangle 7 o'clock

Filter
  Cutoff 2 o'clock
  Mode LP
  Resonance 7 o'clock
  Env Amt 12 o'clock
  Brute Factor 7 o'clock
  KBD Tracking 7 o'clock

Mod Matrix
  LFO → Filter
  Env → Metal (normal)
  LFO → Pitch (normal)

Output
  Master Volume 12 o'clock
  Octave 0

Controls
  Glide 7 o'clock
  Mod Wheel Cutoff

LFO
  Amount 7 o'clock
  Wave Triangle
  Rate 7 o'clock
  Sync Free

Envelope
  Env Amt 7 o'clock
  VCA Gate
  Attack 30 %
  Decay 0 %
  Sustain 0 %
  Release 0 %

Sequencer
  Pattern 1
  Play Record
  Rate 7 o'clock
"""


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, "7 o'clock"),
        (5, "half past 7"),
        (31, "10 o'clock"),
        (50, "12 o'clock"),
        (55, "half past 12"),
        (60, "1 o'clock"),
        (65, "half past 1"),
        (70, "2 o'clock"),
        (95, "half past 4"),
        (100, "5 o'clock"),
    ],
)
def test_knobs_are_told_by_the_clock(position: int, expected: str) -> None:
    """To the half hour."""
    assert expected == clock(position)


@pytest.mark.parametrize(
    ("field", "position", "expected"),
    [
        ("cutoff", 1, "just past 7 o'clock"),
        ("cutoff", 99, "just before 5 o'clock"),
        ("cutoff", 51, "12 o'clock"),
        ("env_amt", 51, "just past 12 o'clock"),
        ("env_amt", 48, "just before 12 o'clock"),
        ("env_amt", 50, "12 o'clock"),
        ("sustain", 48, "48 %"),
        ("octave", 1, "-2"),
        ("wave", 2, "Square"),
        ("pattern", 7, "8"),
    ],
)
def test_controls_are_told_as_players_say_them(field: str, position: int, expected: str) -> None:
    """A knob that is almost at its rest is not at rest."""
    assert expected == stand(BY_FIELD[field], position)


def test_a_whole_sheet_in_words() -> None:
    """In the order of the panel."""
    shown = sheet(
        panel(("mod-filter", "mod-lfo"), cutoff=70, attack=30, kbd_tracking=0),
        author="ada",
        patch_id=1130,
        tags=("bass", "deep"),
        url="https://x.org/1130",
        description="Slow.\nDeep.\x07\n",
    )
    assert EXPECTED == write(shown)


def test_cables_that_carry_nothing_say_so() -> None:
    """And no cables are told as well."""
    assert "Metal – Saw (carries nothing)" in wires(panel(("mod-saw", "mod-metal")))  # noqa: RUF001
    assert ["no cables", "Env → Metal (normal)", "LFO → Pitch (normal)"] == wires(panel())
