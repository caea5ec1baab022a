"""The elements of a drawing as operators of a page's content: who is filled, who is drawn around, in what state.

Coordinates are those of the drawing, whose y grows downwards: the first matrix turns the page over, and each text
is turned back.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from xml.etree import ElementTree as ET

from brutal_patches.sheets.faces import EM, MISSING, Glyph, shaped
from brutal_patches.sheets.outlines import circle, number, path, rectangle

_SVG = "{http://www.w3.org/2000/svg}"
_INHERITED = frozenset(
    {
        "color", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
        "font-size", "font-weight", "text-anchor", "letter-spacing", "paint-order",
    }
)  # fmt: skip
_INITIAL = {"fill": "#000000", "stroke": "none"}
_NO_OPACITY = "1"
_CAPS = {"butt": 0, "round": 1}
_TRANSFORM = re.compile(r"(rotate|translate|scale)\(([^)]*)\)")
_SHIFTS = {"start": 0.0, "middle": 0.5, "end": 1.0}

type State = Mapping[str, str]


class Strokes:
    """The content of a page as it grows, and which glyphs and opacities it needs."""

    def __init__(self, scale: float, across: float, up: float) -> None:
        self.glyphs: dict[bool, dict[int, tuple[str, float]]] = {}
        self.opacities: dict[float, str] = {}
        self._parts = [f"{_numbers(scale, 0, 0, -scale, across, up)} cm"]
        self._set: dict[str, str] = {}

    @property
    def content(self) -> str:
        return "\n".join(self._parts)

    def draw(self, element: ET.Element, inherited: State = _INITIAL) -> None:
        """`element` and all that is in it. Raises ValueError for an element that our drawings do not have."""
        own = element.attrib
        state = {**inherited, **{name: own[name] for name in own if name in _INHERITED}}
        alone = "transform" in own or "opacity" in own
        before = dict(self._set)
        if alone:
            self._parts.append("q")
            self._place(own)
        match element.tag.removeprefix(_SVG):
            case "g":
                for child in element:
                    self.draw(child, state)
            case "text":
                self._write(element, state)
            case "rect":
                x, y, width, height = (float(own[name]) for name in ("x", "y", "width", "height"))
                self._paint(rectangle(x, y, width, height, float(own.get("rx", 0))), state)
            case "circle":
                self._paint(circle(float(own["cx"]), float(own["cy"]), float(own["r"])), state)
            case "path":
                self._paint(path(own["d"]), state)
            case other:
                raise ValueError(f"no drawing of ours has the element {other}")
        if alone:
            self._parts.append("Q")
            self._set = before

    def _place(self, own: State) -> None:
        for name, written in _TRANSFORM.findall(own.get("transform", "")):
            self._parts.append(f"{_matrix(name, written)} cm")
        opacity = own.get("opacity", _NO_OPACITY)
        if opacity != _NO_OPACITY:
            name = self.opacities.setdefault(float(opacity), f"A{len(self.opacities)}")
            self._parts.append(f"/{name} gs")

    def _paint(self, outline: str, state: State) -> None:
        filled, drawn = self._fill(state), self._stroke(state)
        if filled or drawn:
            self._parts.append(f"{outline}\n{'B' if filled and drawn else 'f' if filled else 'S'}")

    def _fill(self, state: State) -> bool:
        """Whether a shape is filled; if it is, the colour is set."""
        colour = _colour("fill", state)
        if colour:
            self._state("fill", f"{colour} rg")
        return bool(colour)

    def _stroke(self, state: State) -> bool:
        """Whether a shape is drawn around; if it is, how is set."""
        colour = _colour("stroke", state)
        if colour:
            self._state("stroke", f"{colour} RG")
            self._state("width", f"{number(float(state.get('stroke-width', 1)))} w")
            self._state("dash", f"[{state.get('stroke-dasharray', '')}] 0 d")
            self._state("cap", f"{_CAPS[state.get('stroke-linecap', 'butt')]} J")
            self._state("join", f"{int(state.get('stroke-linejoin') == 'round')} j")
        return bool(colour)

    def _state(self, what: str, operator: str) -> None:
        """Say it unless it has just been said."""
        if self._set.get(what) != operator:
            self._set[what] = operator
            self._parts.append(operator)

    def _write(self, element: ET.Element, state: State) -> None:
        """A line of text, and the pieces in it that look otherwise, side by side."""
        runs: list[tuple[str, State, float]] = [(element.text or "", state, 0.0)]
        for piece in element:
            own = piece.attrib
            look: State = {**state, **{name: own[name] for name in own if name in _INHERITED}}
            runs += [(piece.text or "", look, float(own.get("dx", 0))), (piece.tail or "", state, 0.0)]
        runs = [run for run in runs if run[0]]
        wide = sum(_wide(text, look) + dx for text, look, dx in runs)
        x = float(element.attrib["x"]) - wide * _SHIFTS[state.get("text-anchor", "start")]
        for text, look, dx in runs:
            self._run(text, look, x + dx, float(element.attrib["y"]))
            x += _wide(text, look) + dx

    def _run(self, text: str, look: State, x: float, y: float) -> None:
        bold = look.get("font-weight") == "bold"
        glyphs = shaped(text, bold)
        self.glyphs.setdefault(bold, {}).update({each.number: (each.text, each.width) for each in glyphs})
        shown = (
            f"BT /F{bold:d} {look['font-size']} Tf {look.get('letter-spacing', '0')} Tc"
            f" 1 0 0 -1 {number(x)} {number(y)} Tm {{}} Tr {_shown(glyphs)} TJ ET"
        )
        # Letters that stand apart, or are not in the face, are still words to whoever searches or listens.
        spelt = "letter-spacing" in look or any(each.number == MISSING for each in glyphs)
        self._parts += [f"/Span <</ActualText <feff{text.encode('utf-16-be').hex()}>>> BDC"] if spelt else []
        # A rim lies below its letters, so that they stay as thin as they are.
        if self._stroke(look):
            self._parts.append(shown.format(1))
        if self._fill(look):
            self._parts.append(shown.format(0))
        self._parts += ["EMC"] if spelt else []


def _colour(which: str, state: State) -> str:
    """A colour as PDF has it; nothing for none."""
    colour = state[which]
    return "" if colour == "none" else _rgb(state["color"] if colour == "currentColor" else colour)


@lru_cache(maxsize=256)
def _rgb(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return _numbers(red / 255, green / 255, blue / 255)


@lru_cache(maxsize=1024)
def _matrix(name: str, written: str) -> str:
    """A transformation as the six numbers of a matrix."""
    values = [float(value) for value in written.split()]
    match name:
        case "translate":
            return _numbers(1, 0, 0, 1, *values)
        case "scale":
            return _numbers(values[0], 0, 0, values[0], 0, 0)
    return _turned(*values)


def _turned(degrees: float, x: float, y: float) -> str:
    """A turn about a point."""
    turn = complex(0, 1) ** (degrees / 90)
    return _numbers(
        turn.real, turn.imag, -turn.imag, turn.real,
        x - x * turn.real + y * turn.imag, y - x * turn.imag - y * turn.real,
    )  # fmt: skip


def _numbers(*values: float) -> str:
    return " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in values)


def _wide(text: str, look: State) -> float:
    """How wide a piece of text is."""
    glyphs = shaped(text, look.get("font-weight") == "bold")
    spacing = float(look.get("letter-spacing", 0)) * len(glyphs)
    return sum(each.advance for each in glyphs) * float(look["font-size"]) / EM + spacing


def _shown(glyphs: tuple[Glyph, ...]) -> str:
    """Glyphs by number, with the corrections of kerning between them."""
    parts = ["[<"]
    for each in glyphs:
        parts.append(f"{each.number:04x}")
        if each.advance != each.width:
            parts.append(f">{each.width - each.advance:g}<")
    return "".join([*parts, ">]"])
