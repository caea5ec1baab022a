"""The colours of a drawing. Cables are told apart by colour for most eyes, by dashes and numbers for all.

The cable colours are those of Okabe and Ito, without the ones that vanish on the theme's ground.
"""

import msgspec

from brutal_patches.sheets.sheet import ThemeName


class Theme(msgspec.Struct, frozen=True):
    """One colour for each thing that is drawn."""

    page: str
    plate: str
    area: str
    line: str
    ink: str
    muted: str
    tick: str
    cap: str
    edge: str
    pointer: str
    accent: str
    on_accent: str
    ghost: str
    socket: str
    cables: tuple[str, ...]


THEMES: dict[ThemeName, Theme] = {
    "light": Theme(
        page="#f6f4ef",
        plate="#e4e0d7",
        area="#fbfaf7",
        line="#c9c3b6",
        ink="#1c1c1e",
        muted="#666259",
        tick="#8d887c",
        cap="#2b2b2e",
        edge="#0f0f10",
        pointer="#ffffff",
        accent="#0072b2",
        on_accent="#ffffff",
        ghost="#d55e00",
        socket="#1c1c1e",
        cables=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#3d3d3d"),
    ),
    "dark": Theme(
        page="#121214",
        plate="#1d1d20",
        area="#26262a",
        line="#3b3b41",
        ink="#f1efe9",
        muted="#a9a69d",
        tick="#7b7972",
        cap="#0e0e10",
        edge="#5a5a61",
        pointer="#ffffff",
        accent="#56b4e9",
        on_accent="#101012",
        ghost="#e69f00",
        socket="#08080a",
        cables=("#56b4e9", "#e69f00", "#00b886", "#f0e442", "#e08bba", "#ff7a1a", "#f5f5f5"),
    ),
    "print": Theme(
        page="#ffffff",
        plate="#ffffff",
        area="#ffffff",
        line="#777777",
        ink="#000000",
        muted="#4a4a4a",
        tick="#555555",
        cap="#ffffff",
        edge="#000000",
        pointer="#000000",
        accent="#000000",
        on_accent="#ffffff",
        ghost="#6b6b6b",
        socket="#ffffff",
        cables=("#0072b2", "#d55e00", "#007a5a", "#a8447e", "#b97f00", "#2a86bd", "#000000"),
    ),
}
DASHES = ("", "9 4", "2 4", "12 4 2 4", "5 3")
"""Strokes of cables in turn; with seven colours no two of 35 cables look the same."""
