"""Text on a drawing: made harmless, measured without a font, wrapped and cut to the room there is."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html import escape as escape_markup

ELLIPSIS = "…"
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.24),
    **dict.fromkeys('.,:;!I[]/\\ ft()-r`"', 0.32),
    **dict.fromkeys("ckszxyvJ", 0.5),
    **dict.fromkeys("ABEKPSVXY&", 0.67),
    **dict.fromkeys("CDHNRUwTFLZ", 0.71),
    **dict.fromkeys("GOQ", 0.78),
    **dict.fromkeys("mM%", 0.86),
    **dict.fromkeys("W@→—…", 0.98),
}
_ORDINARY = 0.56
_BOLD = 1.08
# What the letters of pictures do not have is a box there, wider than in most faces: room for that is room for both.
_BOX = 0.76
_OURS = (range(0x0530), range(0x0590, 0x0600), range(0x1E00, 0x2000))
"""Latin, Greek and Cyrillic, with what stands on them; Hebrew; and the letters of the first two with marks."""
# XML has no place for these two at all; the others turn the direction of what follows them.
_REFUSED = frozenset("\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u2028\u2029")


def clean(text: str, keep: str = "") -> str:
    """`text` without control characters, lone surrogates and turns of direction; `keep` names exceptions.

    Breaks and tabs that are not kept become spaces, so that words stay apart.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(kept for character in text if (kept := _kept(character, keep)))


def _kept(character: str, keep: str) -> str:
    if character in keep:
        return character
    if character in "\n\r\t":
        return " "
    refused = character in _REFUSED or unicodedata.category(character) in {"Cc", "Cs"}
    return "" if refused else character


def escape(text: str) -> str:
    """`text` as XML's character data or attribute, whatever it holds."""
    return escape_markup(clean(text))


@lru_cache(maxsize=4096)
def _advance(character: str) -> float:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.0
    if unicodedata.category(character)[0] in "LMS" and not any(ord(character) in block for block in _OURS):
        return _BOX
    if unicodedata.combining(character) or character == "\u200d":
        return 0.0
    return 0.67 if character.isupper() else _ORDINARY


def width(text: str, size: float, bold: bool = False) -> float:
    """About how wide `text` is, in the unit of `size`; sans-serif faces differ by a few per cent."""
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1)


def fit(text: str, size: float, room: float, bold: bool = False) -> str:
    """`text`, or as much of its beginning as fits, with an ellipsis."""
    if width(text, size, bold) <= room:
        return text
    return _beginning(text, size, room - width(ELLIPSIS, size, bold), bold).rstrip() + ELLIPSIS


def _beginning(text: str, size: float, room: float, bold: bool) -> str:
    left = room / size / (_BOLD if bold else 1)
    for index, character in enumerate(text):
        left -= _advance(character)
        if left < 0:
            return text[:index]
    return text


def wrap(text: str, size: float, room: float, lines: int, bold: bool = False) -> list[str]:
    """`text` in at most `lines` lines no wider than `room`; an ellipsis ends what was cut."""
    found: list[str] = []
    for line in _lines(clean(text, keep="\n"), size, room, bold):
        if len(found) == lines:
            found[-1] = _cut(found[-1], size, room, bold)
            break
        found.append(line)
    return found


def _cut(line: str, size: float, room: float, bold: bool) -> str:
    return _beginning(line, size, room - width(ELLIPSIS, size, bold), bold).rstrip(" .,;:") + ELLIPSIS


def _lines(text: str, size: float, room: float, bold: bool) -> Iterator[str]:
    for paragraph in text.split("\n"):
        line = ""
        for word in _pieces(paragraph.split(), size, room, bold):
            longer = f"{line} {word}" if line else word
            if line and width(longer, size, bold) > room:
                yield line
                longer = word
            line = longer
        if line:
            yield line


def _pieces(words: list[str], size: float, room: float, bold: bool) -> Iterator[str]:
    """Words, of which those that no line can hold are broken."""
    for word in words:
        rest = word
        while width(rest, size, bold) > room:
            piece = _beginning(rest, size, room, bold) or rest[0]
            yield piece
            rest = rest[len(piece) :]
        if rest:
            yield rest
