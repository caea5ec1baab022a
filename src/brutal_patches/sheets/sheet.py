"""What a sheet shows, and how its reader wants it."""

from typing import Literal

import msgspec

from brutal_patches.patches.model import WiredPanel

type ThemeName = Literal["light", "dark", "print"]


class Sheet(msgspec.Struct, frozen=True):
    """A panel with what is said about it. `patch_id` is 0 for none; an empty text is left out."""

    panel: WiredPanel
    title: str
    author: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    patch_id: int = 0
    url: str = ""


class Options(msgspec.Struct, frozen=True):
    """How to draw: `width` in pixels, `values` as numbers beside the controls, `ghost` a panel to compare with."""

    theme: ThemeName = "light"
    width: int = 1188
    values: bool = True
    ghost: WiredPanel | None = None
    ghost_title: str = ""


PLAIN = Options()
