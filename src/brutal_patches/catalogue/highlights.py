"""Where in a text the words of a search are, as HTML that is safe to show."""

import html
import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable
from itertools import accumulate

import msgspec

from brutal_patches.catalogue.analysis import fold, is_near, words
from brutal_patches.catalogue.entries import Entry

_WORD = re.compile(r"([^\W_]+)")
_AROUND = 80
_MAX_MARKERS = 32
_MAX_MARKED = 4000
_MAX_JUDGED = 2000

type Forms = Callable[[str], tuple[str, ...]]


class Highlights(msgspec.Struct, frozen=True, omit_defaults=True):
    """Title and description with the found words in `<mark>`, all else escaped; absent where none are."""

    title: str | None = None
    description: str | None = None


class _Texts(msgspec.Struct):
    title: str
    description: str


_TEXTS = msgspec.json.Decoder(_Texts)


class Markers:
    """What the words of the last searches are, and how patches look in which they are marked.

    The same words are looked for with other bounds, and then much the same patches come first again.
    """

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._markers: OrderedDict[tuple[str, bool], Marker] = OrderedDict()
        self._marked: OrderedDict[tuple[str, bool, str], Highlights | None] = OrderedDict()

    def marked(self, text: str, forgiving: bool, entry: Entry) -> Highlights | None:
        """A patch with the words of `text` marked, None where it has none; `forgiving`: also what is nearly so."""
        key = (text, forgiving, entry.etag)
        if key not in self._marked:
            if len(self._marked) >= _MAX_MARKED:
                self._marked.popitem(last=False)
            self._marked[key] = self._mark(text, forgiving, entry)
        return self._marked[key]

    def _mark(self, text: str, forgiving: bool, entry: Entry) -> Highlights | None:
        marker = self._markers.get((text, forgiving))
        if marker is None:
            if len(self._markers) >= _MAX_MARKERS:
                self._markers.popitem(last=False)
            marker = self._markers[text, forgiving] = Marker(_Judged(text, forgiving, self._forms))
        texts = _TEXTS.decode(entry.body)
        title, description = marker.mark(texts.title), marker.mark(texts.description, cut=True)
        return Highlights(title, description) if title or description else None


class _Judged(dict[str, bool]):
    """Of each word that has been met, whether it is one of those that were looked for."""

    def __init__(self, text: str, forgiving: bool, forms: Forms) -> None:
        super().__init__()
        typed = words(text)
        self._forms = forms
        self._wanted = frozenset(form for word in typed for form in forms(word))
        self._plain = [fold(word) for word in typed] if forgiving else []

    def __missing__(self, word: str) -> bool:
        if len(self) >= _MAX_JUDGED:
            self.clear()
        found = self[word] = not self._wanted.isdisjoint(self._forms(word)) or self._is_near(fold(word))
        return found

    def _is_near(self, folded: str) -> bool:
        return any(is_near(folded, each, begun=each is self._plain[-1]) for each in self._plain)


class Marker:
    """Marks the words of one search in texts."""

    def __init__(self, judged: _Judged) -> None:
        self._is_wanted = judged.__getitem__

    def mark(self, text: str, *, cut: bool = False) -> str | None:
        """`text` with the wanted words in `<mark>`, all else escaped; None where there are none.

        `cut` leaves what is around the first of them, some 160 characters.
        """
        # Every second part is a word.
        parts = _WORD.split(text)
        wanted = [2 * number + 1 for number, word in enumerate(parts[1::2]) if self._is_wanted(word.casefold())]
        if not wanted:
            return None
        begins = list(accumulate(map(len, parts), initial=0))
        start, end = _window(text, begins[wanted[0]], begins[wanted[0] + 1]) if cut else (0, len(text))
        # The parts that are whole in the window; what is left at its ends is no word that was found.
        first, beyond = bisect_left(begins, start), bisect_right(begins, end) - 1
        ends = text[start : begins[first]], text[begins[beyond] : end]
        if html.escape(text) != text:
            parts[::2] = map(html.escape, parts[::2])
            ends = html.escape(ends[0]), html.escape(ends[1])
        for number in wanted:
            parts[number] = f"<mark>{parts[number]}</mark>"
        shown = "".join([ends[0], *parts[first:beyond], ends[1]])
        return f"{'…' if start else ''}{shown}{'…' if end < len(text) else ''}"


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """Somewhat before `start` and after `end`; from and to a space, where there is one near."""
    low, high = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if low:
        low = max(low, text.find(" ", low, start) + 1)
    if high < len(text):
        high = max(text.rfind(" ", end, high), end)
    return low, high
