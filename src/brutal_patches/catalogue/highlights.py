"""Where in a text the words of a search are, as HTML that is safe to show."""

import html
import re
from collections.abc import Callable

_WORD = re.compile(r"[^\W_]+")
_AROUND = 80


def highlight(text: str, is_wanted: Callable[[str], bool], *, cut: bool = False) -> str | None:
    """`text` with the wanted words in `<mark>`, all else escaped; None where there are none.

    `cut` leaves what is around the first of them, some 160 characters.
    """
    found = [match for match in _WORD.finditer(text) if is_wanted(match[0].casefold())]
    if not found:
        return None
    start, end = _window(text, found[0]) if cut else (0, len(text))
    parts, position = ["…" if start else ""], start
    for match in found:
        if start <= match.start() and match.end() <= end:
            parts += [html.escape(text[position : match.start()]), f"<mark>{html.escape(match[0])}</mark>"]
            position = match.end()
    return "".join([*parts, html.escape(text[position:end]), "…" if end < len(text) else ""])


def _window(text: str, match: re.Match[str]) -> tuple[int, int]:
    """From and to a space, where there is one near."""
    start = max(0, match.start() - _AROUND)
    end = min(len(text), match.end() + _AROUND)
    if start:
        start = max(start, text.find(" ", start, match.start()) + 1)
    if end < len(text):
        end = max(text.rfind(" ", match.end(), end), match.end())
    return start, end
