"""A panel in a short code."""

from base64 import urlsafe_b64encode
from binascii import crc_hqx

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.panel import CONTROLS, Jack
from brutal_patches.sheets.codes import LONGEST, NotACode, from_code, to_code
from brutal_patches.sheets.moves import same
from tests.sheets.panels import PANELS, panel

CODE = to_code(panel(("mod-lfo", "mod-filter"), cutoff=37, mode=2))
URL_SAFE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def sealed(packed: bytes) -> str:
    """Any bytes with a checksum that is right."""
    return urlsafe_b64encode(packed + crc_hqx(packed, 0xFFFF).to_bytes(2)).rstrip(b"=").decode()


@given(PANELS)
def test_a_code_brings_the_panel_back(one: WiredPanel) -> None:
    """And has no other form."""
    code = to_code(one)
    assert same(one, from_code(code))
    assert code == to_code(from_code(code))
    assert LONGEST >= len(code)
    assert set(code) <= URL_SAFE


def test_codes_never_change() -> None:
    """They are printed and posted; a new format gets a new number, and this one stays readable."""
    cables: list[tuple[Jack, Jack]] = [("mod-lfo", "mod-filter"), ("mod-env", "mod-pwm")]
    shown = panel(*cables, cutoff=37, mode=2, octave=5, release=100)
    assert "AZ3uJCtsOCNY_JVnCPMXqO1vD7FBzoWpLg" == to_code(shown)


def test_a_code_fits_a_line() -> None:
    """Of a forum, a label or a shout."""
    assert 36 >= len(CODE)


def test_panels_that_sound_the_same_have_one_code() -> None:
    """Whichever end their cables were drawn from."""
    assert to_code(panel(("mod-lfo", "mod-saw"))) == to_code(panel(("mod-saw", "mod-lfo")))


@pytest.mark.parametrize("position", range(len(CODE)))
def test_a_typing_mistake_is_noticed(position: int) -> None:
    """Any one letter, anywhere."""
    mistyped = CODE[:position] + ("A" if CODE[position] != "A" else "B") + CODE[position + 1 :]
    with pytest.raises(NotACode):
        from_code(mistyped)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "A",
        "AA",
        "AAA",
        CODE[:-1],
        f"{CODE}=",
        f" {CODE}",
        f"{CODE}\n",
        f"{CODE[:9]}!{CODE[9:]}",
        "é" * 8,
        "A" * 5000,
        sealed(bytes([2, 1])),
        sealed(bytes([1]) + b"\xff" * 30),
        sealed(bytes([1, 0])),
    ],
)
def test_other_texts_are_no_codes(code: str) -> None:
    """Cut, padded, spaced, of another format, too large, or not in the one form."""
    with pytest.raises(NotACode):
        from_code(code)


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    """With the one error that it means."""
    try:
        assert text == to_code(from_code(text))
    except NotACode as refusal:
        assert str(refusal)


def test_more_cables_than_a_panel_holds_are_refused() -> None:
    """Though the bits have room for them."""
    number = ((1 << 17) - 1) * _sizes()
    with pytest.raises(NotACode, match="cables"):
        from_code(sealed(bytes([1]) + number.to_bytes((number.bit_length() + 7) // 8)))


def _sizes() -> int:
    product = 1
    for control in CONTROLS:
        product *= control.high - control.low + 1
    return product


def test_a_panel_that_cannot_be_has_no_code() -> None:
    """Its number would be another panel's."""
    with pytest.raises(NotACode, match="cutoff"):
        to_code(panel(cutoff=101))
