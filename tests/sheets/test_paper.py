"""Pages for paper: letters that can be selected, nothing that an author wrote as an operator, only our own shapes."""

import re
import zlib
from math import hypot

import pypdfium2
import pytest
import zxingcpp

from brutal_patches.patches.model import WiredPanel
from brutal_patches.sheets.faces import face
from brutal_patches.sheets.outlines import path
from brutal_patches.sheets.paper import to_pdf
from brutal_patches.sheets.rendering import to_png
from brutal_patches.sheets.sheet import Options, Sheet, SizeName, ThemeName
from brutal_patches.sheets.svg import draw
from tests.sheets.panels import panel

OPERATORS = frozenset("cm q Q gs rg RG w d J j re m l c h f S B BT ET Tf Tc Tm Tr TJ BDC EMC".split())  # noqa: SIM905


def page(sheet: Sheet, options: Options | None = None, whole: bool = False) -> bytes:
    return to_pdf(draw(sheet, options or Options()), 1188, 840, sheet.title, sheet.author, whole)


def read(pdf: bytes) -> str:
    """What a reader would select, all of it."""
    return str(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range())


def content(pdf: bytes) -> str:
    """The operators of the page, which stand first in an unpacked document."""
    _, _, rest = pdf.partition(b" cm\n")
    return rest.partition(b"\nendstream")[0].decode()


def test_letters_can_be_selected_and_found() -> None:
    """Latin, Greek and Cyrillic; also where they stand apart."""
    text = read(page(Sheet(panel(), "Тёмный Ωμέγα, fluffy", "ada", "Zażółć gęślą jaźń")))
    for words in ("Тёмный Ωμέγα, fluffy", "by ada", "Zażółć gęślą jaźń", "Cutoff", "Master Volume"):
        assert words in text


def test_words_among_letters_from_the_right_can_be_read() -> None:
    """They, the brackets around them and numbers stand as they are written; so do the letters of each word."""
    title = "\u05e9\u05dc\u05d5\u05dd (No Cables) 808"
    text = read(page(Sheet(panel(), title)))
    assert "No Cables) 808" in text
    assert "\u05e9\u05dc\u05d5\u05dd" in text


def test_a_page_says_what_it_is_called() -> None:
    """As whoever opens it sees it in the title of the window."""
    found = pypdfium2.PdfDocument(page(Sheet(panel(), "Sub (deep\\) Ü", "ada"))).get_metadata_dict()
    assert ("Sub (deep\\) Ü", "ada") == (found["Title"], found["Author"])


def test_the_same_sheet_is_the_same_bytes() -> None:
    """No times, no random names."""
    sheet = Sheet(panel(cutoff=30), "Sub")
    assert page(sheet) == page(sheet)
    assert to_png(page(sheet, whole=True)) == to_png(page(sheet, whole=True))


@pytest.mark.parametrize("nasty", ["ET Q /JS (x) Tj", ") Tj ET 0 0 1 rg (", "]] TJ <</S/JavaScript>>", "\\) endstream"])
def test_what_an_author_wrote_is_glyphs_and_never_an_operator(nasty: str) -> None:
    """Every word of the page outside of strings of glyphs is one that we use, however the title reads."""
    operators = re.sub(r"<[0-9a-f]*>|<<.*?>>", "", content(page(Sheet(panel(), nasty, nasty, nasty), whole=True)))
    found = set(re.findall(r"(?<![\w/])[A-Za-z]+", operators))
    assert found and found <= OPERATORS
    assert nasty in read(page(Sheet(panel(), nasty)))


@pytest.mark.parametrize("text", ["日本語", "👩‍🎤", "e\u0301\u0301\u0301", "שלום", "\U0010ffff"])
def test_letters_that_the_face_lacks_are_boxes(text: str) -> None:
    """The page is there all the same, and the text can still be copied out of it."""
    assert page(Sheet(panel(), f"a {text} z"))


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("size", ["a4", "phone", "card", "small"])
def test_every_shape_and_theme_is_a_picture(theme: ThemeName, size: SizeName) -> None:
    """Of the pixels that it asks for, its corner in the colour of the page."""
    drawing = draw(Sheet(panel(), "Sub"), Options(theme=theme, size=size, width=300, ghost=WiredPanel(cutoff=90)))
    height = int(re.findall(r'height="(\d+)"', drawing)[0])
    picture = to_png(to_pdf(drawing, 300, height, "", "", whole_faces=True))
    assert (300, height) == (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24]))
    chunks = dict(_chunks(picture))
    rows = zlib.decompress(chunks[b"IDAT"])
    assert height * (1 + 300 * 3) == len(rows)
    corner = {"light": "f6f4ef", "dark": "121214", "print": "ffffff"}[theme]
    assert corner == rows[1 + 4 * 3 + 901 * 2 :][:3].hex() or size == "small"


def _chunks(picture: bytes) -> list[tuple[bytes, bytes]]:
    """The pieces of a PNG, their checksums tried."""
    at, found = 8, []
    while at < len(picture):
        length = int.from_bytes(picture[at : at + 4])
        kind, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + data) == int.from_bytes(picture[at + 8 + length : at + 12 + length])
        found.append((kind, data))
        at += 12 + length
    return found


@pytest.mark.parametrize(
    ("shape", "fault"),
    [
        ("<image href='x'/>", "element image"),
        ("<foreignObject/>", "element foreignObject"),
        ("<path d='M0 0Q1 1 2 2'/>", "command Q"),
        ("<path d='M0 0 5 5'/>", "command M"),
    ],
)
def test_what_our_drawings_do_not_have_is_refused(shape: str, fault: str) -> None:
    """Rather than left out."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9">{shape}</svg>'
    with pytest.raises(ValueError, match=fault):
        to_pdf(drawing, 9, 9, "", "")


@pytest.mark.parametrize(("large", "clockwise"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_an_arc_keeps_to_its_circle(large: int, clockwise: int) -> None:
    """Every point between its ends, on the side that the flags say (a quarter of a circle of 10 about 0, 0)."""
    drawn = path(f"M10 0A10 10 0 {large} {clockwise} 0 10")
    curves = [[float(value) for value in line.split()[:-1]] for line in drawn.splitlines()[1:]]
    middle = (0.0, 0.0) if clockwise != large else (10.0, 10.0)
    start = (10.0, 0.0)
    for x1, y1, x2, y2, x3, y3 in curves:
        for step in range(9):
            t = step / 8
            x, y = (
                a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
                for a, b, c, d in ((start[0], x1, x2, x3), (start[1], y1, y2, y3))
            )
            assert 10 == pytest.approx(hypot(x - middle[0], y - middle[1]), abs=0.02)
        start = (x3, y3)
    assert (0, 10) == pytest.approx(start)
    assert (3 if large else 1) == len(curves)


def test_a_face_cut_down_keeps_its_glyphs_and_numbers() -> None:
    """A tenth of the size, so that a page is small."""
    letters = face(False)
    small = letters.subset({each.number for each in letters.shape("Cutoff")})
    assert len(small) < len(letters.program) / 10


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("size", ["a4", "phone"])
def test_a_camera_reads_the_address_from_the_picture(theme: ThemeName, size: SizeName) -> None:
    """The code as it is printed, read back by a reader of codes."""
    url = "https://brutalpatches.com/p/1130"
    drawing = draw(Sheet(panel(), "Sub", url=url), Options(theme=theme, size=size))
    width, height = (int(found) for found in re.findall(r'(?:width|height)="(\d+)"', drawing)[:2])
    pixels = pypdfium2.PdfDocument(to_pdf(drawing, width, height, "", ""))[0].render().to_numpy()
    assert [url] == [found.text for found in zxingcpp.read_barcodes(pixels)]
