"""The patch bay: sockets, cables that hang, and the normals that they leave standing."""

from collections.abc import Sequence

import msgspec

from brutal_patches.patches.model import Cable, WiredPanel
from brutal_patches.patches.panel import JACK_NAMES, JACKS, OUTPUTS, Jack
from brutal_patches.sheets.layout import AREAS, JACK_PLACES, Place
from brutal_patches.sheets.lettering import width
from brutal_patches.sheets.themes import DASHES, Theme
from brutal_patches.sheets.wiring import normals, plain

_BAY = next(area for area in AREAS if area.part == "matrix")
_MIDDLE = _BAY.x + _BAY.width / 2
_PLUG = 7.5


class Strand(msgspec.Struct, frozen=True):
    """A cable as it is drawn: its number and stroke, and where its plugs are."""

    cable: Cable
    number: int
    colour: str
    dash: str
    start: Place
    end: Place


def sockets(theme: Theme) -> str:
    """The empty bay: a frame around the outputs, and the eight holes."""
    frame = (
        f'<rect x="{_BAY.x + 14}" y="264" width="{_BAY.width - 28}" height="60" rx="8" fill="none"'
        f' stroke="{theme.tick}" stroke-dasharray="3 3"/>'
        f'<text x="{_MIDDLE}" y="281" font-size="10.5" fill="{theme.muted}">OUT</text>'
        f'<text x="{_MIDDLE}" y="346" font-size="10.5" fill="{theme.muted}">IN</text>'
    )
    return frame + "".join(
        f'<circle cx="{place.x}" cy="{place.y}" r="{place.radius}" fill="{theme.area}" stroke="{theme.tick}"'
        f' stroke-width="3"/>'
        f'<circle cx="{place.x}" cy="{place.y}" r="5.5" fill="{theme.socket}" stroke="{theme.edge}"/>'
        for place in JACK_PLACES.values()
    )


def names(theme: Theme) -> str:
    """What is printed at the jacks; drawn after the cables, with a rim, so that it can be read on them."""
    texts = []
    for jack in JACKS:
        place, label = JACK_PLACES[jack], JACK_NAMES[jack]
        if jack in OUTPUTS:
            wide = width(label, 12, bold=True) + 14
            texts.append(
                f'<rect x="{place.x - wide / 2:.1f}" y="{place.y - 34}" width="{wide:.1f}" height="17" rx="3"'
                f' fill="{theme.ink}" stroke="none"/>'
                f'<text x="{place.x}" y="{place.y - 21}" fill="{theme.area}" stroke="none">{label}</text>'
            )
        else:
            texts.append(f'<text x="{place.x}" y="{place.y - 18}">{label}</text>')
    return (
        f'<g font-size="12" font-weight="bold" stroke="{theme.area}" stroke-width="4" stroke-linejoin="round"'
        f' paint-order="stroke">{"".join(texts)}</g>'
    )


def strands(cables: Sequence[Cable], theme: Theme) -> tuple[Strand, ...]:
    """Cables with their numbers, strokes and plugs; plugs that share a jack stand side by side."""
    drawn = plain(cables)
    plugs = {jack: _beside(jack, drawn) for jack in JACKS}
    found = []
    for index, cable in enumerate(drawn):
        colour, dash = theme.cables[index % len(theme.cables)], DASHES[index % len(DASHES)]
        # A cable from a jack to itself has both its plugs there.
        start, end = plugs[cable.source][cable][0], plugs[cable.target][cable][-1]
        found.append(Strand(cable, index + 1, colour, dash, start, end))
    return tuple(found)


def _beside(jack: Jack, drawn: Sequence[Cable]) -> dict[Cable, list[Place]]:
    """The places of the plugs in one jack, in the order in which their cables cross least."""
    here = JACK_PLACES[jack]

    def leaving(cable: Cable) -> tuple[float, float]:
        there = JACK_PLACES[cable.target if cable.source == jack else cable.source]
        return there.x, -there.y if here.x < _MIDDLE else there.y

    plugs = sorted((cable for cable in drawn for end in (cable.source, cable.target) if end == jack), key=leaving)
    apart = min(2 * _PLUG + 1, 64 / max(len(plugs) - 1, 1))
    places: dict[Cable, list[Place]] = {}
    # Plugs that would lie upon each other stand in two rows, so that every number can be read.
    aside = _PLUG + 1 if apart < 2 * _PLUG else 0
    for index, cable in enumerate(plugs):
        y = here.y + (aside if index % 2 else -aside)
        place = Place(here.x + apart * (index - (len(plugs) - 1) / 2), y, _PLUG)
        places.setdefault(cable, []).append(place)
    return places


def curve(start: Place, end: Place, lane: int) -> str:
    """A cable's way: it hangs between its plugs, and bends outwards where it would run straight down."""
    across, down = end.x - start.x, end.y - start.y
    reach = (across**2 + down**2) ** 0.5
    sag = 14 + reach * 0.2 + 2 * lane
    side = -1 if start.x + end.x < 2 * _MIDDLE else 1
    bow = side * (24 + reach * 0.14) if abs(across) < 46 else 0
    low = max(start.y, end.y) + min(sag, 26)
    return (
        f"M{start.x:.1f} {start.y:.1f}C{start.x + bow:.1f} {min(start.y + sag, low):.1f}"
        f" {end.x + bow:.1f} {min(end.y + sag, low):.1f} {end.x:.1f} {end.y:.1f}"
    )


def wires(panel: WiredPanel, ghost: WiredPanel | None, theme: Theme) -> str:
    """Everything that hangs in the bay: normals, another panel's cables, and this panel's on top."""
    own = strands(panel.modmatrix, theme)
    parts = [_normal(cable, theme) for cable in normals(panel.modmatrix)]
    parts += [_ghost(cable, theme) for cable in missing(panel, ghost)]
    parts += [_hanging(strand, theme) for strand in own]
    plugs = "".join(_plugs(strand, theme) for strand in own)
    return f'<g fill="none" stroke-linecap="round">{"".join(parts)}</g>{plugs}'


def missing(panel: WiredPanel, ghost: WiredPanel | None) -> list[Cable]:
    """The cables that only the other panel has."""
    kept = set(plain(panel.modmatrix))
    return [cable for cable in plain(ghost.modmatrix) if cable not in kept] if ghost else []


def _normal(cable: Cable, theme: Theme) -> str:
    start, end = JACK_PLACES[cable.source], JACK_PLACES[cable.target]
    return (
        f'<path data-normal="{cable.target}" d="M{start.x} {start.y + 12}V{end.y - 34}"'
        f' stroke="{theme.tick}" stroke-width="1.8" stroke-dasharray="1.5 4"/>'
        f'<path d="M{end.x - 4} {end.y - 39}l4 6l4 -6" stroke="{theme.tick}" stroke-width="1.8"/>'
    )


def _ghost(cable: Cable, theme: Theme) -> str:
    way = curve(JACK_PLACES[cable.source], JACK_PLACES[cable.target], 3)
    return (
        f'<path data-part="ghost" d="{way}" stroke="{theme.ghost}" stroke-width="2.4" stroke-dasharray="5 5"'
        ' opacity="0.85"/>'
    )


def _hanging(strand: Strand, theme: Theme) -> str:
    way = curve(strand.start, strand.end, strand.number)
    dash = f' stroke-dasharray="{strand.dash}"' if strand.dash else ""
    return (
        f'<path d="{way}" stroke="{theme.area}" stroke-width="7"/>'
        f'<path data-cable="{strand.cable.source} {strand.cable.target}" d="{way}" stroke="{strand.colour}"'
        f' stroke-width="4"{dash}/>'
    )


def _plugs(strand: Strand, theme: Theme) -> str:
    return "".join(plug(place.x, place.y, strand, theme) for place in (strand.start, strand.end))


def plug(x: float, y: float, strand: Strand, theme: Theme) -> str:
    """A plug with its cable's number."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_PLUG}" fill="{theme.area}" stroke="{strand.colour}"'
        f' stroke-width="2"/><text x="{x:.1f}" y="{y + 3.6:.1f}" font-size="10" font-weight="bold">'
        f"{strand.number}</text>"
    )
