"""The head of a sheet, and the letters on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.sheets.faces import EM, face
from brutal_patches.sheets.layout import PLATE_TOP
from brutal_patches.sheets.lettering import ELLIPSIS, clean, fit, width, wrap
from brutal_patches.sheets.qr import bars
from brutal_patches.sheets.svg import draw
from tests.sheets.drawings import SVG, part, parts, read, texts
from tests.sheets.panels import sheet


def test_a_sheet_says_what_it_is() -> None:
    """Title, author, number, address, description and tags."""
    drawn = texts(
        draw(sheet(author="ada", patch_id=1130, url="https://x.org/1130", description="Slow.\nDeep.", tags=("bass",)))
    )
    assert {"Sub Aqua", "by ada  ·  patch 1130  ·  https://x.org/1130", "Slow.", "Deep.", "bass"} <= set(drawn)


def test_what_is_absent_is_left_out() -> None:
    """A panel without a patch has no number and no code."""
    drawing = draw(sheet())
    assert not parts(read(drawing), "code")
    assert not any(text.startswith(("by ", "patch ")) for text in texts(drawing))


def test_the_address_is_a_code() -> None:
    """In the drawing itself, with its quiet zone."""
    code = part(read(draw(sheet(url="https://x.org/1130"))), "code")
    path, modules = bars("https://x.org/1130")
    assert (path, 25) == (code.findall(f"{SVG}path")[0].get("d"), modules)


def test_an_address_too_long_has_no_code() -> None:
    """Nor does an empty one."""
    assert ("", 0) == bars("x" * 401) == bars("")


def test_long_texts_stay_above_the_panel() -> None:
    """Cut with an ellipsis; tags that do not fit are counted."""
    drawing = draw(
        sheet(
            title="A title of many words " * 6,
            description="Words about a sound. " * 200,
            tags=tuple(f"tag number {index}" for index in range(20)),
            author="ada",
            url="https://x.org/1",
        )
    )
    drawn = texts(drawing)
    head = [float(text.attrib["y"]) for text in read(drawing).iter(f"{SVG}text") if float(text.attrib["y"]) < PLATE_TOP]
    assert any(text.endswith(ELLIPSIS) for text in drawn)
    assert any(text.startswith("+1") for text in drawn)
    assert PLATE_TOP - 6 > max(head)


def test_a_title_shrinks_before_it_is_cut() -> None:
    """Into two lines at last."""
    sizes = [
        float(parts(read(draw(sheet(title="Sound " * words))), "title")[0].attrib["font-size"])
        for words in (1, 10, 12, 20)
    ]
    assert sorted(sizes, reverse=True) == sizes
    assert 2 == len(parts(read(draw(sheet(title="Sound " * 20))), "title"))


def test_control_characters_are_removed() -> None:
    """Breaks become spaces unless they are kept; turns of direction go."""
    assert "a bc" == clean("a\nb\x00\x7f\u202e\ud800\uffffc")
    assert "a\nb" == clean("a\r\nb".replace("\r", ""), keep="\n")


@given(st.text(max_size=300), st.integers(1, 5))
def test_wrapped_lines_fit(text: str, lines: int) -> None:
    """No line is wider than its room, and there are no more than asked for."""
    found = wrap(text, 10, 120, lines)
    assert lines >= len(found)
    assert all(width(line, 10) <= 121 for line in found)


def test_nothing_is_lost_where_there_is_room() -> None:
    """Words come back in their order, and long ones are broken."""
    assert ["one two", "three"] == wrap("one two three", 10, 40, 3)
    assert "W" * 9 == "".join(wrap("W" * 9, 10, 30, 9))


def test_a_text_that_fits_is_left_alone() -> None:
    """And one that does not ends in an ellipsis."""
    assert "abc" == fit("abc", 10, 100)
    assert "abc…" == fit("abcdefghij", 10, 28)
    assert 40 == width("\u6f22\u5b57", 20)


SCRIPTS = (
    *("Hello There", "Žluťoučký kůň", "Ωμέγα Тёмный", "Tiếng Việt", "½ ♭5 → ♯9", "e\u0301\u0301", "👩‍🎤", "🎹☕"),
    *("日本語", "한국어", "\u05e9\u05dc\u05d5\u05dd", "\u0635\u0648\u062a", "\u0939\u093f\u0928\u094d\u0926\u0940"),
    *("\u0e20\u0e32\u0e29\u0e32", "\u10e5\u10d0\u10e0", "\u0540\u0561\u0575"),
)


@pytest.mark.parametrize("text", SCRIPTS)
@pytest.mark.parametrize("bold", [False, True])
def test_no_text_is_wider_than_it_is_measured(text: str, bold: bool) -> None:
    """In a picture, whose letters we know, boxes for those that it lacks included; but for a hair's breadth."""
    drawn = sum(glyph.advance for glyph in face(bold).shape(text)) / EM
    assert drawn * 0.98 <= width(text, 1, bold)
