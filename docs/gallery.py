"""Draws the pictures of docs/sheets.md from the demo patches, and the icon: `make gallery`. Tests keep them current."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import msgspec

from brutal_patches.cli.seeding import demo_patches
from brutal_patches.patches.model import PatchBody, wired
from brutal_patches.sheets.codes import to_code
from brutal_patches.sheets.sheet import Options, Sheet, SizeName, ThemeName
from brutal_patches.sheets.svg import draw
from docs.icon import PLACE, icon

ROOT = Path(__file__).parent
SHOWN: tuple[tuple[str, ThemeName, SizeName], ...] = (
    ("Two Cables, One Regret", "light", "a4"),
    ("Acid Postman", "dark", "a4"),
    ("Descending Lift", "print", "a4"),
    ("Rain on Tin", "light", "phone"),
    ("Neon Razor", "dark", "phone"),
    ("Hajnali köd", "print", "phone"),
    ("Closed Hat Sandwich", "light", "card"),
    ("Rusty Winch", "dark", "card"),
    ("Telegraph from Mars", "light", "small"),
    ("Berlin Elevator", "dark", "small"),
)
BEFORE, AFTER = "Fog over Allotments", "Hajnali köd"


def pictures() -> Iterator[tuple[str, str]]:
    """Each file's name and what is in it."""
    sheets = {sheet.title: sheet for sheet in _demo()}
    for title, theme, size in SHOWN:
        yield _file(title, size), draw(sheets[title], Options(theme=theme, size=size))
    ghost = Options(ghost=sheets[BEFORE].panel, ghost_title=BEFORE)
    yield "difference.svg", draw(sheets[AFTER], ghost)


def _file(title: str, size: str) -> str:
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return f"{'-'.join(re.findall(r'[a-z0-9]+', letters))}-{size}.svg"


def _demo() -> Iterator[Sheet]:
    """The demo patches as sheets; their codes lead to their panels on any service."""
    for each in demo_patches():
        patch = msgspec.convert(each, PatchBody)
        url = f"https://api.brutalpatches.com/api/panels/{to_code(wired(patch))}/sheet"
        yield Sheet(wired(patch), patch.title, each["author"], patch.description, patch.tags, url=url)


def main() -> None:
    for name, drawing in pictures():
        (ROOT / "sheets" / name).write_text(drawing)
    (PLACE / "favicon.ico").write_bytes(icon())


if __name__ == "__main__":
    main()
