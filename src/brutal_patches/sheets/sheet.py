"""What a sheet shows, and how its reader wants it."""

from typing import Literal

import msgspec

from brutal_patches.patches.model import Patch, WiredPanel, wired

type ThemeName = Literal["light", "dark", "print"]
type SizeName = Literal["a4", "phone", "card", "small"]


class Sheet(msgspec.Struct, frozen=True):
    """A panel with what is said about it. `patch_id` is 0 for none; an empty text is left out."""

    panel: WiredPanel
    title: str
    author: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    patch_id: int = 0
    url: str = ""


def sheet_of(patch: Patch, url: str) -> Sheet:
    """The sheet of a patch; `url` is where the service is found."""
    return Sheet(
        panel=wired(patch),
        title=patch.title,
        author=patch.username,
        description=patch.description,
        tags=patch.tags,
        patch_id=patch.id,
        url=f"{url}/p/{patch.id}",
    )


class Options(msgspec.Struct, frozen=True):
    """How to draw: `values` as numbers beside the controls, `ghost` a panel to compare with.

    `size` is the shape of the page, `width` its pixels; 0 for as many as the shape has by itself.
    """

    theme: ThemeName = "light"
    size: SizeName = "a4"
    width: int = 0
    values: bool = True
    ghost: WiredPanel | None = None
    ghost_title: str = ""


PLAIN = Options()
