"""Shapes of a drawing as operators of PDF: rectangles, circles, and paths of the commands that our drawings use."""

import re
from collections.abc import Iterator
from functools import lru_cache
from math import acos, cos, hypot, pi, sin, sqrt, tan

type Point = tuple[float, float]

_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?[\d.]+")
_ROUND = 0.5522847498
"""How far a curve's handles reach, in radii, to look like a quarter of a circle."""
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}
_LONG = 1500


def number(value: float) -> str:
    """`value` to the thousandth, without what says nothing."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    """A rectangle, its corners round."""
    if not radius:
        return f"{number(x)} {number(y)} {number(width)} {number(height)} re"
    r = min(radius, width / 2, height / 2)
    right, bottom, k = x + width, y + height, r * (1 - _ROUND)
    return "\n".join(
        (
            _move(x + r, y),
            _line(right - r, y),
            _curve(right - k, y, right, y + k, right, y + r),
            _line(right, bottom - r),
            _curve(right, bottom - k, right - k, bottom, right - r, bottom),
            _line(x + r, bottom),
            _curve(x + k, bottom, x, bottom - k, x, bottom - r),
            _line(x, y + r),
            _curve(x, y + k, x + k, y, x + r, y),
            "h",
        )
    )


def circle(x: float, y: float, radius: float) -> str:
    return rectangle(x - radius, y - radius, 2 * radius, 2 * radius, radius)


def path(data: str) -> str:
    """A path as PDF has it. Raises ValueError for a command that our drawings do not use."""
    return _path(data) if len(data) > _LONG else _known(data)


@lru_cache(maxsize=1024)
def _known(data: str) -> str:
    """Scales and marks are the same on every sheet."""
    return _path(data)


def _path(data: str) -> str:
    here, start, found = (0.0, 0.0), (0.0, 0.0), []
    for command, values in _commands(data):
        here, start, drawn = _step(command, values, here, start)
        found.append(drawn)
    return "\n".join(found)


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers."""
    for command, written in _COMMAND.findall(data):
        values = [float(value) for value in _NUMBER.findall(written)]
        if _COUNTS.get(command.upper()) != len(values):
            raise ValueError(f"no drawing of ours has the command {command}{written}")
        yield command, values


def _step(command: str, values: list[float], here: Point, start: Point) -> tuple[Point, Point, str]:
    """Where a command leads, where its figure began, and what it draws."""
    (x, y), relative = here, command.islower()
    match command.upper():
        case "Z":
            return start, start, "h"
        case "H":
            there = (values[0] + (x if relative else 0), y)
        case "V":
            there = (x, values[0] + (y if relative else 0))
        case _:
            there = (values[-2] + (x if relative else 0), values[-1] + (y if relative else 0))
    match command.upper():
        case "M":
            return there, there, _move(*there)
        case "C":
            handles = [value + (here[index % 2] if relative else 0) for index, value in enumerate(values)]
            return there, start, _curve(*handles)
        case "A":
            return there, start, _arc(here, there, values[0], bool(values[3]), bool(values[4]))
    return there, start, _line(*there)


def _arc(here: Point, there: Point, radius: float, large: bool, clockwise: bool) -> str:
    """Part of a circle, as curves of at most a quarter each (SVG 2, B.2.4, for equal radii)."""
    dx, dy = (here[0] - there[0]) / 2, (here[1] - there[1]) / 2
    half = hypot(dx, dy)
    if not half:
        return _line(*there)
    radius = max(radius, half)
    height = sqrt(max(0.0, radius * radius - half * half)) / half * (-1 if large == clockwise else 1)
    cx, cy = (here[0] + there[0]) / 2 + height * dy, (here[1] + there[1]) / 2 - height * dx
    turn = acos(max(-1.0, min(1.0, 1 - 2 * (half / radius) ** 2)))
    turn = (2 * pi - turn if large else turn) * (1 if clockwise else -1)
    pieces = max(1, int(abs(turn) / (pi / 2) + 0.999))
    step = turn / pieces
    reach, ux, uy, drawn = 4 / 3 * tan(step / 4), (here[0] - cx) / radius, (here[1] - cy) / radius, []
    for _ in range(pieces):
        vx, vy = ux * cos(step) - uy * sin(step), ux * sin(step) + uy * cos(step)
        handles = (ux - reach * uy, uy + reach * ux, vx + reach * vy, vy - reach * vx, vx, vy)
        drawn.append(_curve(*(value * radius + (cx, cy)[index % 2] for index, value in enumerate(handles))))
        ux, uy = vx, vy
    return "\n".join(drawn)


def _move(x: float, y: float) -> str:
    return f"{number(x)} {number(y)} m"


def _line(x: float, y: float) -> str:
    return f"{number(x)} {number(y)} l"


def _curve(*values: float) -> str:
    return " ".join(map(number, values)) + " c"
