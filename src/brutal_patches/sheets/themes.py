"""The colours of a drawing. Cables are told apart by colour for most eyes, by dashes and numbers for all.

The cable colours were searched for: of those that stand out from the panel, the ones that stay furthest apart for the
eyes that see all colours and for those that lack one of three (Machado 2009, CIEDE2000). A test keeps them so.
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
        ghost="#c71e4f",
        socket="#1c1c1e",
        cables=("#0126a3", "#c38323", "#773913", "#239382", "#1c1c1e", "#a76ef8"),
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
        ghost="#fc5858",
        socket="#08080a",
        cables=("#8ec2fd", "#6b7f09", "#f9c965", "#b76c84", "#f5f5f5", "#3569e7"),
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
        ghost="#5c5c5c",
        socket="#ffffff",
        cables=("#021e7c", "#c38323", "#852a0f", "#239382", "#000000", "#955be3"),
    ),
}
DASHES = ("", "9 4", "2 4", "12 4 2 4", "5 3")
"""Strokes of cables in turn; with six colours no two of 30 cables look the same."""
