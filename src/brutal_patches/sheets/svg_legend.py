"""What the strokes of cables, normals and ghosts mean, below the panel."""

from collections.abc import Sequence

import msgspec

from brutal_patches.patches.model import Cable, WiredPanel
from brutal_patches.sheets.lettering import clean, escape, fit, width
from brutal_patches.sheets.sizes import Size
from brutal_patches.sheets.svg_cables import Strand, missing, plug, strands
from brutal_patches.sheets.themes import Theme
from brutal_patches.sheets.wiring import normals, wording

_DROP = 19
_LINE = 17
_SAMPLE = 42
_MOST_NAMED = 3
_SIZE = 12.5


class _Item(msgspec.Struct, frozen=True):
    """One entry of the legend: a sample of the stroke, what it means, and whose number it bears."""

    text: str
    stroke: str
    strand: Strand | None = None


def legend(
    panel: WiredPanel, ghost: WiredPanel | None, ghost_title: str, theme: Theme, size: Size
) -> tuple[str, float]:
    """What the strokes mean, in as few lines as there is room for below the panel, and the last line's height."""
    faint = f'stroke="{theme.tick}" stroke-width="1.8" stroke-dasharray="1.5 4"'
    haunted = f'stroke="{theme.ghost}" stroke-width="2.4" stroke-dasharray="4 2.5"'
    items = [_explained(strand) for strand in strands(panel.modmatrix, theme)]
    items += [_Item(f"{wording(cable)} (normal)", faint) for cable in normals(panel.modmatrix)]
    if ghost:
        items += [_Item(text, haunted) for text in _haunting(missing(panel, ghost), ghost_title)]
    left, right = size.plate.x, size.plate.x + size.plate.width
    x, y, parts = left, size.plate.y + size.plate.height + _DROP, []
    for item in items:
        room = width(item.text, _SIZE) + _SAMPLE + 23
        if x + room > right and x > left:
            x, y = left, y + _LINE
        parts.append(_entry(item, x, y, theme))
        x += room
    return f'<g data-part="legend" font-size="{_SIZE}">{"".join(parts)}</g>', y


def _haunting(missing: Sequence[Cable], ghost_title: str) -> list[str]:
    """What the other panel's strokes mean; its cables by name, unless they are many."""
    named = [f"no {wording(cable)}" for cable in missing]
    if len(named) > _MOST_NAMED:
        named = [f"without {len(missing)} cables"]
    return [*named, fit(f"as in {clean(ghost_title) or 'the other panel'}", _SIZE, 300)]


def _explained(strand: Strand) -> _Item:
    dash = f' stroke-dasharray="{strand.dash}"' if strand.dash else ""
    return _Item(wording(strand.cable), f'stroke="{strand.colour}" stroke-width="4"{dash}', strand)


def _entry(item: _Item, x: float, y: float, theme: Theme) -> str:
    return (
        f'<path d="M{x:.1f} {y:g}h{_SAMPLE}" {item.stroke}/>'
        + (plug(x + 8, y, item.strand, theme) if item.strand else "")
        + f'<text x="{x + _SAMPLE + 7:.1f}" y="{y + 4.4:g}" text-anchor="start">{escape(item.text)}</text>'
    )
