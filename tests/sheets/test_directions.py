"""Which way text runs: as Unicode's algorithm has it, for a line that runs from the left.

The expected orders are those of the unicode-bidi library. Letters that run from the right are written as escapes, as an
editor would show them in an order of its own.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.sheets.directions import runs
from brutal_patches.sheets.faces import face

ALEF, BET, GIMEL = "\u05d0", "\u05d1", "\u05d2"
DAL, THAL = "\u062f", "\u0630"
MIXED = st.text(f"abc{ALEF}{BET}{DAL}12\u0663 .,+-%$()[]'")


def seen(text: str) -> str:
    """The characters of `text` as the eye meets them, from left to right."""
    pieces = [text[run.start : run.end][:: -1 if run.backwards else 1] for run in runs(text)]
    return "".join(pieces)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ""),
        ("Sub (deep)", "Sub (deep)"),
        (f"{ALEF}{BET} {GIMEL}", f"{GIMEL} {BET}{ALEF}"),
        (f"{ALEF}{BET} (No Cables)", f"{BET}{ALEF} (No Cables)"),
        (f"{ALEF} ({BET})", f"){BET}( {ALEF}"),
        (f"a ({ALEF}) b", f"a ({ALEF}) b"),
        (f"{ALEF} 12.5 {BET}", f"{BET} 12.5 {ALEF}"),
        (f"{ALEF}12% {BET}", f"{BET} 12%{ALEF}"),
        (f"{DAL} 1+2 {THAL}", f"{THAL} 2+1 {DAL}"),
        (f"a {ALEF} 12", f"a 12 {ALEF}"),
        (f"a 12 {ALEF}", f"a 12 {ALEF}"),
        (f"{ALEF}\u05b0{BET}", f"{BET}\u05b0{ALEF}"),
        ("\u0663 \u0664", "\u0664 \u0663"),
        (f"{ALEF}]({BET}", f"{BET}(]{ALEF}"),
        (f"{ALEF} [a ({BET}] c)", f"{ALEF} [a ({BET}] c)"),
        (f"{ALEF}!", f"{ALEF}!"),
    ],
)
def test_text_is_seen_in_its_order(written: str, expected: str) -> None:
    """Words from the left among words from the right, numbers, brackets, marks, and signs at the end."""
    assert expected == seen(written)


@given(MIXED)
def test_every_letter_is_seen_once(text: str) -> None:
    """Whatever is written."""
    assert sorted(text) == sorted(seen(text))


def test_letters_are_shaped_in_that_order() -> None:
    """A bracket that runs backwards is turned around; a word among letters from the right can be read."""
    glyphs = face(False).shape(f"{ALEF} ({BET}) No")
    assert f"){BET}( {ALEF} No" == "".join(glyph.text for glyph in glyphs)
    numbers = {text: face(False).shape(text)[0].number for text in "()"}
    assert [numbers["("], numbers[")"]] == [glyphs[0].number, glyphs[2].number]
