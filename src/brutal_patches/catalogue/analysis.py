"""Words as they are indexed and looked for: without accents, and in the stems of four languages.

Descriptions are in English, French, Spanish and Hungarian, and nobody says in which. A word is indexed as
it is and as each language would stem it (Snowball), so that a plural in any of them finds its singular.
"""

import re
import unicodedata
from functools import lru_cache

import Stemmer

LANGUAGES = ("english", "french", "spanish", "hungarian")
MAX_WORDS = 12
_REMEMBERED = 50_000
_SHORTEST_STEMMED = 4
_LONG_WORD = 8
_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def folded(text: str) -> str:
    """`text` in lower case and without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(50_000)
def fold(text: str) -> str:
    """The same of what comes again and again, such as a word or a name."""
    return folded(text)


def words(text: str) -> list[str]:
    """The words of `text` as they are written, in lower case."""
    if text.isascii():
        return _WORD.findall(text.lower())
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def slack(plain: str) -> int:
    """How many letters of a word may be wrong, missing or too many."""
    return 2 if len(plain) >= _LONG_WORD else 1 if len(plain) >= _SHORTEST_STEMMED else 0


@lru_cache(50_000)
def is_near(plain: str, typed: str, *, begun: bool = False) -> bool:
    """Whether `plain` is `typed` with some slack, as the index has it; `begun`: or goes on from there."""
    allowed = slack(typed)
    if not begun and abs(len(plain) - len(typed)) > allowed:
        return False
    # What it takes to turn what is typed into each beginning of the word, letter by letter (Levenshtein,
    # and two letters that changed places count once).
    before, row = list[int](), list(range(len(plain) + 1))
    for i, letter in enumerate(typed, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(plain, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == plain[j - 2] and typed[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return (min(row) if begun else row[-1]) <= allowed


class Analyser:
    """Turns words into what is indexed of them; it remembers those it has seen, as vocabularies are small."""

    def __init__(self) -> None:
        self._stemmers = [Stemmer.Stemmer(language) for language in LANGUAGES]
        self._known: dict[str, tuple[str, ...]] = {}
        self._written: dict[str, str] = {}

    def forms(self, word: str) -> tuple[str, ...]:
        """The word without accents, then its stems where they differ from it."""
        known = self._known.get(word)
        if known is None and word.isdecimal():
            return (folded(word),)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
                self._written.clear()
            known = self._known[word] = self._analyse(word)
        return known

    def text(self, text: str) -> str:
        """Everything that is indexed of `text`, separated by spaces."""
        found = words(text)
        try:
            return " ".join(map(self._written.__getitem__, found))
        except KeyError:
            return " ".join([self._written.get(word) or self._write(word) for word in found])

    def _write(self, word: str) -> str:
        if word.isdecimal():
            # There is no end to numbers, and nothing to stem in them.
            return folded(word)
        found = self._written[word] = " ".join(self.forms(word))
        return found

    def _analyse(self, word: str) -> tuple[str, ...]:
        plain = fold(word)
        if len(word) < _SHORTEST_STEMMED:
            return (plain,)
        stems = {fold(stemmer.stemWord(word)) for stemmer in self._stemmers}
        return (plain, *sorted(stems - {plain}))
