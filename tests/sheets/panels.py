"""Panels of all kinds, and one with everything on it."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from brutal_patches.patches.model import Cable, WiredPanel
from brutal_patches.patches.panel import Jack
from brutal_patches.sheets.sheet import Sheet
from tests.patches.strategies import CABLES, SETTINGS

PANELS: st.SearchStrategy[WiredPanel] = st.fixed_dictionaries({**SETTINGS, "modmatrix": CABLES}).map(
    lambda sent: msgspec.convert(sent, WiredPanel)
)


def panel(*cables: tuple[Jack, Jack], **settings: int) -> WiredPanel:
    """A fresh panel with some cables and settings."""
    given: dict[str, Any] = dict(settings)
    return WiredPanel(**given, modmatrix=tuple(Cable(source, target) for source, target in cables))


def sheet(shown: WiredPanel | None = None, **fields: Any) -> Sheet:
    """A sheet of a panel that nobody has touched, unless told otherwise."""
    return Sheet(panel=shown or panel(), **({"title": "Sub Aqua"} | fields))
