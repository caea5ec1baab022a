"""Which way text runs: Hebrew and Arabic from the right, the words and numbers among them from the left.

This is the part of Unicode's bidirectional algorithm (UAX 9) that a line of a drawing needs: it runs from the left, as
SVG's does by itself, and marks that turn text around are gone before (`lettering.clean`).
"""

from collections.abc import Sequence
from itertools import groupby
from unicodedata import bidirectional

import msgspec

_BACKWARDS = frozenset({"R", "AL", "AN"})
_SEEN_AS = {"R": "R", "AL": "R", "EN": "R", "AN": "R", "L": "L"}
"""What a letter or number is to the neutral characters beside it (N1)."""
_LEVELS = {"L": 0, "R": 1, "EN": 2, "AN": 2}
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_OUTSIDE = "L"


class Run(msgspec.Struct, frozen=True):
    """A piece of a text that runs one way: from `start` to before `end`."""

    start: int
    end: int
    backwards: bool


def runs(text: str) -> tuple[Run, ...]:
    """The pieces of `text` as they stand on the line, from left to right."""
    if text.isascii() or not any(bidirectional(character) in _BACKWARDS for character in text):
        return (Run(0, len(text), False),)
    pieces, start = list[tuple[int, Run]](), 0
    for level, group in groupby(_levels(text)):
        end = start + len(list(group))
        pieces.append((level, Run(start, end, bool(level % 2))))
        start = end
    return tuple(_turned(pieces))


def _turned(pieces: list[tuple[int, Run]]) -> list[Run]:
    """Pieces in the order of the eye: those that run backwards, with the numbers among them, from the right (L2)."""
    found: list[Run] = []
    for turned, group in groupby(pieces, lambda piece: piece[0] > 0):
        here = [run for _, run in group]
        found += reversed(here) if turned else here
    return found


def _levels(text: str) -> list[int]:
    kinds = _numbers([bidirectional(character) for character in text])
    _brackets(text, kinds)
    levels, before, start = [], _OUTSIDE, 0
    for neutral, group in groupby(kinds, lambda kind: kind not in _LEVELS):
        found = list(group)
        end = start + len(found)
        if neutral:
            after = _SEEN_AS[kinds[end]] if end < len(kinds) else _OUTSIDE
            levels += [int(before == after == "R")] * len(found)
        else:
            levels += [_LEVELS[kind] for kind in found]
            before = _SEEN_AS[found[-1]]
        start = end
    return levels


def _numbers(kinds: list[str]) -> list[str]:
    """What each character is once its neighbours are known: numbers, and the signs in and beside them (W1 to W7)."""
    strong, previous, known = _OUTSIDE, _OUTSIDE, []
    for kind in kinds:
        now = previous if kind in {"NSM", "BN"} else kind
        if now in {"L", "R", "AL"}:
            strong = now
        if now == "EN" and strong == "AL":
            now = "AN"
        known.append(now)
        previous = now
    for at in range(1, len(known) - 1):
        around = {known[at - 1], known[at + 1]}
        if len(around) == 1 and (
            (known[at] == "ES" and around == {"EN"}) or (known[at] == "CS" and around <= {"EN", "AN"})
        ):
            known[at] = known[at - 1]
    _signs(known)
    strong = _OUTSIDE
    for at, kind in enumerate(known):
        if kind in {"L", "R", "AL"}:
            known[at] = strong = "L" if kind == "L" else "R"
        elif kind == "EN" and strong == "L":
            known[at] = "L"
    return known


def _signs(known: list[str]) -> None:
    """Signs of money and per cent are part of the number beside them (W5)."""
    start = 0
    for kind, group in groupby(list(known)):
        end = start + len(list(group))
        if kind == "ET" and "EN" in (*known[max(0, start - 1) : start], *known[end : end + 1]):
            known[start:end] = ["EN"] * (end - start)
        start = end


def _brackets(text: str, kinds: list[str]) -> None:
    """A pair of brackets runs the way of what is in it, or else of what is before it (N0)."""
    for opened, closed in _pairs(text, kinds):
        inside = {_SEEN_AS.get(kind) for kind in kinds[opened + 1 : closed]}
        if "L" in inside:
            kinds[opened] = kinds[closed] = "L"
        elif "R" in inside:
            before = next((_SEEN_AS[kind] for kind in reversed(kinds[:opened]) if kind in _SEEN_AS), _OUTSIDE)
            kinds[opened] = kinds[closed] = before


def _pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Where brackets open and close, in the order in which they open."""
    found, waiting = [], list[tuple[str, int]]()
    for at, character in enumerate(text):
        if kinds[at] != "ON":
            continue
        if character in _BRACKETS:
            waiting.append((_BRACKETS[character], at))
        elif character in _BRACKETS.values():
            for index in range(len(waiting) - 1, -1, -1):
                if waiting[index][0] == character:
                    found.append((waiting[index][1], at))
                    del waiting[index:]
                    break
    return sorted(found)
