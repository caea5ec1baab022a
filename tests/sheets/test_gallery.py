"""The gallery of docs/sheets.md."""

import re

import msgspec

from brutal_patches.cli.seeding import demo_patches
from brutal_patches.patches.model import PatchBody, wired
from brutal_patches.sheets.moves import moves, write_moves
from docs.gallery import AFTER, BEFORE, ROOT, SHOWN, pictures
from docs.icon import PLACE, icon


def test_the_gallery_is_up_to_date() -> None:
    """`make gallery` draws it: ten patches in every theme and shape, and a difference."""
    drawn = dict(pictures())
    assert drawn == {path.name: path.read_text() for path in (ROOT / "sheets").iterdir()}
    assert 11 == len(drawn)
    assert {"light", "dark", "print"} == {theme for _, theme, _ in SHOWN}
    assert {"a4", "phone", "card", "small"} == {size for _, _, size in SHOWN}
    page = (ROOT / "sheets.md").read_text()
    assert all(f"](sheets/{name})" in page for name in drawn)


def test_the_icon_is_up_to_date() -> None:
    """`make gallery` makes it of the drawing: three sizes, each with an alpha channel, as Firefox wants it."""
    made = (PLACE / "favicon.ico").read_bytes()
    assert icon() == made
    pictures = [made[found.start() :] for found in re.finditer(rb"\x89PNG\r\n\x1a\n", made)]
    assert [16, 32, 48] == [int.from_bytes(picture[16:20]) for picture in pictures]
    assert {6} == {picture[25] for picture in pictures}


def test_the_moves_on_the_page_are_those_there_are() -> None:
    """Of the difference that is drawn above them."""
    patches = {each["title"]: wired(msgspec.convert(each, PatchBody)) for each in demo_patches()}
    assert write_moves(moves(patches[BEFORE], patches[AFTER])) in (ROOT / "sheets.md").read_text()
