"""Knobs, switches, sliders, lights: what is printed for each control, and where it stands.

A knob sweeps 300° clockwise from 7 o'clock: 0 is -150°, 50 is 12 o'clock, 100 is +150°.
"""

from math import cos, radians, sin

import msgspec

from brutal_patches.patches.panel import CENTRE, Control
from brutal_patches.sheets.layout import KNOB_RADIUS, SLIDER_LENGTH, Place
from brutal_patches.sheets.lettering import escape, width
from brutal_patches.sheets.themes import Theme

SWEEP = 300
NAME_RISE = 50
PITCH = 23
_LIGHTS = 25
_LABEL_SIZE = 11.5


class Pen(msgspec.Struct, frozen=True):
    """With what to draw."""

    theme: Theme
    values: bool


def angle(control: Control, position: int) -> float:
    """Where the pointer stands, in degrees clockwise from 12 o'clock."""
    return SWEEP * (position - control.low) / (control.high - control.low) - SWEEP / 2


def printed(control: Control, place: Place) -> str:
    """What is on the panel however the control stands."""
    match control.kind:
        case "knob":
            return _scale(place, 11) + (_centre_mark(place) if control.bipolar else "")
        case "rotary":
            return _scale(place, control.high - control.low + 1)
        case "slider":
            return _slider_scale(place)
        case "buttons":
            return _buttons(place)
        case "switch":
            return ""


def standing(control: Control, place: Place, position: int, ghost: int | None, pen: Pen) -> str:
    """The control at `position`; `ghost` is where another panel has it, None where that is the same."""
    match control.kind:
        case "knob":
            drawn = _knob(control, place, position, ghost, pen)
        case "rotary":
            drawn = _rotary(control, place, position, ghost, pen)
        case "slider":
            drawn = _slider(place, position, ghost, pen)
        case "buttons":
            drawn = _octave(control, place, position, ghost, pen)
        case "switch":
            drawn = _switch(control, place, position, ghost, pen)
    return f'<g data-control="{control.field}" data-position="{position}">{drawn}</g>'


def _on_circle(place: Place, radius: float, degrees: float) -> tuple[float, float]:
    return place.x + radius * sin(radians(degrees)), place.y - radius * cos(radians(degrees))


def _scale(place: Place, count: int) -> str:
    bars = []
    for step in range(count):
        degrees = SWEEP * step / (count - 1) - SWEEP / 2
        long = step in {0, count // 2, count - 1} if count % 2 else False
        x1, y1 = _on_circle(place, place.radius + 6, degrees)
        x2, y2 = _on_circle(place, place.radius + (11 if long else 9), degrees)
        bars.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
    return f'<path d="{"".join(bars)}"/>'


def _centre_mark(place: Place) -> str:
    """A solid mark at 12 o'clock, where the knob does nothing, with the signs of both sides."""
    top = place.y - place.radius - 5
    mark = f'<path d="M{place.x - 5} {top - 9}h10l-5 8z" fill="currentColor" stroke="none"/>'
    signs = "".join(
        f'<path d="M{place.x + side * 31 - 3} {place.y + 23}h6" stroke-width="1.6" stroke="currentColor"/>'
        for side in (-1, 1)
    )
    return f'{mark}{signs}<path d="M{place.x + 31} {place.y + 20}v6" stroke-width="1.6" stroke="currentColor"/>'


def _arc(place: Place, radius: float, start: float, end: float) -> str:
    x1, y1 = _on_circle(place, radius, start)
    x2, y2 = _on_circle(place, radius, end)
    wide, clockwise = int(abs(end - start) > 180), int(end > start)
    return f"M{x1:.1f} {y1:.1f}A{radius} {radius} 0 {wide} {clockwise} {x2:.1f} {y2:.1f}"


def _pointer(place: Place, degrees: float, colour: str) -> str:
    top = place.y - place.radius
    return (
        f'<path data-part="pointer" d="M{place.x} {top + 2}v{place.radius * 0.62:.1f}" stroke="{colour}"'
        f' stroke-width="3.4" transform="rotate({degrees:g} {place.x} {place.y})"/>'
    )


def _ghost_pointer(place: Place, degrees: float, ghost: float, colour: str) -> str:
    """A dashed hand that reaches over the scale, and how far the knob has moved since."""
    top = place.y - place.radius
    return (
        f'<path d="{_arc(place, place.radius + 13, ghost, degrees)}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        f'<path data-part="ghost" d="M{place.x} {top - 14}v{place.radius + 6}" stroke="{colour}"'
        f' stroke-width="2.4" stroke-dasharray="4 2.5" transform="rotate({ghost:g} {place.x} {place.y})"/>'
    )


def _cap(place: Place, theme: Theme) -> str:
    return (
        f'<circle cx="{place.x}" cy="{place.y}" r="{place.radius:g}" fill="{theme.cap}" stroke="{theme.edge}"'
        ' stroke-width="1.5"/>'
    )


def _knob(control: Control, place: Place, position: int, ghost: int | None, pen: Pen) -> str:
    degrees, rest = angle(control, position), angle(control, CENTRE if control.bipolar else control.low)
    parts = [_cap(place, pen.theme)]
    if degrees != rest:
        parts.append(
            f'<path d="{_arc(place, place.radius + 3.5, rest, degrees)}" fill="none" stroke="{pen.theme.accent}"'
            ' stroke-width="3"/>'
        )
    parts.append(_pointer(place, degrees, pen.theme.pointer))
    if ghost is not None:
        parts.append(_ghost_pointer(place, degrees, angle(control, ghost), pen.theme.ghost))
    parts.append(_value(place.x, place.y + place.radius + 19, position, ghost, pen))
    return "".join(parts)


def _rotary(control: Control, place: Place, position: int, ghost: int | None, pen: Pen) -> str:
    parts = [_cap(place, pen.theme), _pointer(place, angle(control, position), pen.theme.pointer)]
    if ghost is not None:
        parts.append(_ghost_pointer(place, angle(control, position), angle(control, ghost), pen.theme.ghost))
    for step, label in enumerate(control.labels, control.low):
        x, y = _on_circle(place, place.radius + 17, angle(control, step))
        parts.append(_label(x, y + 4, label, step == position, pen.theme))
    return "".join(parts)


def _value(x: float, y: float, value: int, ghost: int | None, pen: Pen) -> str:
    if not pen.values:
        return ""
    was = "" if ghost is None else f'<tspan fill="{pen.theme.ghost}" font-weight="normal" dx="4">({ghost})</tspan>'
    return f'<text x="{x}" y="{y:g}" font-size="12.5" font-weight="bold">{value}{was}</text>'


def _label(x: float, y: float, text: str, chosen: bool, theme: Theme, anchor: str = "middle") -> str:
    weight = ' font-weight="bold"' if chosen else f' fill="{theme.muted}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{_LABEL_SIZE}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )


def _slider_scale(place: Place) -> str:
    top = place.y - SLIDER_LENGTH / 2
    bars = [
        f"M{place.x - 15} {top + step * SLIDER_LENGTH / 10:g}h{30 if step in {0, 5, 10} else 26}" for step in range(11)
    ]
    return f'<path d="{"".join(bars)}"/>'


def _slider(place: Place, position: int, ghost: int | None, pen: Pen) -> str:
    theme, bottom = pen.theme, place.y + SLIDER_LENGTH / 2
    level = bottom - SLIDER_LENGTH * position / 100
    parts = [
        f'<rect x="{place.x - 3}" y="{bottom - SLIDER_LENGTH:g}" width="6" height="{SLIDER_LENGTH}" rx="3"'
        f' fill="{theme.plate}" stroke="{theme.line}"/>',
        f'<path d="M{place.x} {bottom:g}V{level:g}" stroke="{theme.accent}" stroke-width="4"/>',
    ]
    if ghost is not None:
        was = bottom - SLIDER_LENGTH * ghost / 100
        parts.append(
            f'<rect data-part="ghost" x="{place.x - 16}" y="{was - 6:g}" width="32" height="12" rx="3" fill="none"'
            f' stroke="{theme.ghost}" stroke-width="2" stroke-dasharray="4 2.5"/>'
        )
    parts.append(
        f'<rect data-part="cap" x="{place.x - 13}" y="{level - 7:g}" width="26" height="14" rx="3" fill="{theme.cap}"'
        f' stroke="{theme.edge}" stroke-width="1.5"/><path d="M{place.x - 10} {level:g}h20" stroke="{theme.pointer}"'
        ' stroke-width="2.4"/>'
    )
    parts.append(_value(place.x, bottom + 25, position, None, pen))
    if ghost is not None and pen.values:
        parts.append(f'<text x="{place.x}" y="{bottom + 40:g}" font-size="12.5" fill="{theme.ghost}">({ghost})</text>')
    return "".join(parts)


def slot(control: Control, place: Place) -> float:
    """The x of a switch's slot: it and its labels stand in the middle of their place."""
    longest = max(width(label, _LABEL_SIZE, bold=True) for label in control.labels)
    return round(place.x - (longest + 6) / 2, 1)


def switch_height(control: Control, place: Place, position: int) -> float:
    """The y of a position; positions count from the bottom."""
    return place.y + PITCH * ((control.high - control.low) / 2 - (position - control.low))


def _switch(control: Control, place: Place, position: int, ghost: int | None, pen: Pen) -> str:
    theme, x = pen.theme, slot(control, place)
    top, level = switch_height(control, place, control.high) - PITCH / 2, switch_height(control, place, position)
    tall = PITCH * (control.high - control.low + 1)
    parts = [
        f'<rect x="{x - 9:.1f}" y="{top:g}" width="18" height="{tall}" rx="9" fill="{theme.plate}"'
        f' stroke="{theme.line}"/>',
        f'<circle data-part="lever" cx="{x}" cy="{level:g}" r="7.5" fill="{theme.cap}" stroke="{theme.edge}"'
        f' stroke-width="1.5"/><circle cx="{x}" cy="{level:g}" r="2.6" fill="{theme.pointer}"/>',
    ]
    if ghost is not None:
        parts.append(
            f'<circle data-part="ghost" cx="{x}" cy="{switch_height(control, place, ghost):g}" r="7" fill="none"'
            f' stroke="{theme.ghost}" stroke-width="2" stroke-dasharray="3.5 2"/>'
        )
    for step, label in enumerate(control.labels, control.low):
        y = switch_height(control, place, step) + 4
        parts.append(_label(x + 15, y, label, step == position, theme, anchor="start"))
    return "".join(parts)


def _buttons(place: Place) -> str:
    """The two buttons beneath the lights, with their arrows."""
    y = place.y + 26
    return "".join(
        f'<rect x="{place.x + side * 25 - 18}" y="{y}" width="36" height="18" rx="4" fill="none"/>'
        f'<path d="M{place.x + side * 29} {y + 9}l{-side * 8} -5v10z" fill="currentColor" stroke="none"/>'
        for side in (-1, 1)
    )


def _octave(control: Control, place: Place, position: int, ghost: int | None, pen: Pen) -> str:
    theme, y, parts = pen.theme, place.y - KNOB_RADIUS / 2, []
    for step, label in enumerate(control.labels, control.low):
        x = place.x + _LIGHTS * (step - (control.low + control.high) / 2)
        lit = step == position
        shine = f'fill="{theme.accent}" stroke="{theme.accent}"' if lit else f'fill="none" stroke="{theme.tick}"'
        name = "lit" if lit else "unlit"
        parts.append(f'<circle data-part="{name}" cx="{x:g}" cy="{y:g}" r="{6.5 if lit else 5}" {shine}/>')
        if step == ghost:
            parts.append(
                f'<circle data-part="ghost" cx="{x:g}" cy="{y:g}" r="8.5" fill="none" stroke="{theme.ghost}"'
                ' stroke-width="2" stroke-dasharray="3.5 2"/>'
            )
        parts.append(_label(x, y + 23, label.replace("-", "\u2212"), lit, theme))
    return "".join(parts)
