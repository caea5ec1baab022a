"""Finding patches: by words and properties, by likeness, by what others do with them."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import filterfalse, islice
from typing import Literal

import msgspec

from brutal_patches.catalogue.analysis import fold, is_near, words
from brutal_patches.catalogue.highlights import highlight
from brutal_patches.catalogue.index import Bucket, Hits, Leniency
from brutal_patches.catalogue.memory import Memory
from brutal_patches.catalogue.question import Question
from brutal_patches.errors import FieldError, Invalid
from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.similarity import from_distance, row

_LENIENCIES: tuple[Leniency, ...] = ("exact", "near", "some")
_SUGGESTIONS = 8
_DECIMALS = 4


class Highlights(msgspec.Struct, frozen=True, omit_defaults=True):
    """Title and description with the found words in `<mark>`, all else escaped; absent where none are."""

    title: str | None = None
    description: str | None = None


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a search found beside the patches. `similarities` are there where likeness was asked for.

    `forgiven`: nothing has all the words as they were written, and this was found by words that are nearly so, or
    by some of them.
    """

    total: int
    facets: dict[str, list[Bucket]]
    highlights: dict[str, Highlights] = {}
    similarities: list[float] = []
    forgiven: bool = False


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody who is typing may mean; `id` where it is a patch's title."""

    text: str
    kind: Literal["title", "tag", "author"]
    id: int = 0


class _Texts(msgspec.Struct):
    title: str
    description: str


def search(memory: Memory, question: Question) -> tuple[list[int], Found]:
    """The ids of the patches on this page, in order, and what else there is to say."""
    for leniency in _LENIENCIES if question.text else _LENIENCIES[:1]:
        hits = _page(memory, question, leniency)
        if hits.total:
            break
    ids, alike = hits.ids, list[float]()
    if question.similar_to is not None:
        ids, alike = _by_likeness(memory, question, leniency, hits.total)
    marks = _highlights(memory, question.text, leniency, ids) if question.text else {}
    name = (leniency, msgspec.structs.replace(question, limit=0, offset=0, order="relevance", ascending=False))
    facets = memory.index.facets(memory.index.query(question, leniency), name)
    return ids, Found(hits.total, facets, marks, alike, leniency != "exact" and hits.total > 0)


def _page(memory: Memory, question: Question, leniency: Leniency) -> Hits:
    query = memory.index.query(question, leniency)
    if question.similar_to is not None or question.order in {"similarity", "title"}:
        # Orders that the index does not know: from it comes only how many there are.
        hits = memory.index.search(query, "relevance", limit=1)
        if hits.total and question.similar_to is None:
            hits.ids = _by_title(memory, question, _sides(memory, question, leniency, hits.total))
        return hits
    return memory.index.search(query, question.order, question.ascending, question.limit, question.offset)


class _Sides(msgspec.Struct, frozen=True):
    """What was found, by the smaller side: these ids alone, or all others than those in `but`."""

    among: list[int] | None
    but: list[int]


def _sides(memory: Memory, question: Question, leniency: Leniency, total: int) -> _Sides:
    query, everything = memory.index.query(question, leniency), len(memory.nearest)
    if total * 2 > everything:
        return _Sides(None, memory.index.others(query, everything - total))
    return _Sides(memory.index.every(query, total), [])


def _by_title(memory: Memory, question: Question, sides: _Sides) -> list[int]:
    """A page of what was found. The index itself would read the title of each patch up to the end of the page."""
    ordered = memory.orderings.titles.ids(ascending=question.ascending)
    if sides.among is not None:
        ordered = filter(set(sides.among).__contains__, ordered)
    elif sides.but:
        ordered = filterfalse(set(sides.but).__contains__, ordered)
    return list(islice(ordered, question.offset, question.offset + question.limit))


def _by_likeness(memory: Memory, question: Question, leniency: Leniency, total: int) -> tuple[list[int], list[float]]:
    """A page of all that was found, the most alike first."""
    like = question.similar_to or 0
    if memory.public(like) is None:
        fault = FieldError("similarTo", f"there is no patch {like}")
        raise Invalid("Some values of the search are not acceptable.", errors=[fault])
    sides = _sides(memory, question, leniency, total)
    ranked = memory.nearest.closest(
        memory.nearest.row(like),
        question.offset + question.limit,
        among=sides.among,
        but=sides.but,
        farthest=question.ascending and question.order == "similarity",
    )
    page = ranked[question.offset :]
    return [patch_id for patch_id, _ in page], [round(from_distance(far), _DECIMALS) for _, far in page]


def _wanted(memory: Memory, text: str, leniency: Leniency) -> Callable[[str], bool]:
    """Tells of a word in a text whether it is one of those that were looked for."""
    typed = words(text)
    forms = frozenset(form for word in typed for form in memory.index.forms(word))
    plain = [fold(word) for word in typed]

    @cache
    def is_wanted(word: str) -> bool:
        if not forms.isdisjoint(memory.index.forms(word)):
            return True
        if leniency == "exact":
            return False
        folded = fold(word)
        return any(is_near(folded, each, begun=each is plain[-1]) for each in plain)

    return is_wanted


def _highlights(memory: Memory, text: str, leniency: Leniency, ids: list[int]) -> dict[str, Highlights]:
    is_wanted = _wanted(memory, text, leniency)
    marked: dict[str, Highlights] = {}
    for patch_id in ids:
        entry = memory.public(patch_id)
        if entry is not None:
            texts = msgspec.json.decode(entry.body, type=_Texts)
            title = highlight(texts.title, is_wanted)
            description = highlight(texts.description, is_wanted, cut=True)
            if title or description:
                marked[str(patch_id)] = Highlights(title, description)
    return marked


def nearest(memory: Memory, body: WiredPanel, limit: int) -> tuple[list[int], list[float]]:
    """The patches that sound most like `body`, and how much so."""
    found = memory.nearest.closest(row(body), limit)
    return [patch_id for patch_id, _ in found], [round(from_distance(far), _DECIMALS) for _, far in found]


def related(memory: Memory, patch_id: int, limit: int) -> list[int]:
    """The patches that sound most like this one."""
    return [other for other, _ in memory.nearest.closest(memory.nearest.row(patch_id), limit, but=[patch_id])]


def twins(memory: Memory, body: WiredPanel) -> list[int]:
    """The patches that sound exactly like `body`, the oldest first."""
    return memory.nearest.same(row(body))


def leading(memory: Memory, order: Literal["trending", "featured"], limit: int) -> list[int]:
    """The patches that are first by warmth or by standing."""
    return memory.index.search(memory.index.query(Question()), order, False, limit, 0).ids


def suggest(memory: Memory, text: str) -> list[Suggestion]:
    """Titles, tags and authors that go on as `text` begins."""
    index = memory.index
    ids = index.titles_with(text, _SUGGESTIONS) or index.titles_with(text, _SUGGESTIONS, nearly=True)
    entries = [entry for patch_id in ids if (entry := memory.public(patch_id))]
    titles = [Suggestion(entry.patch().title, "title", entry.id) for entry in entries]
    begun = fold(text.strip())
    if not begun:
        return []
    tags = [Suggestion(tag, "tag") for tag in _commonest(memory.tags, begun)]
    authors = [Suggestion(name, "author") for name in _commonest(memory.authors, begun)]
    return [*tags, *authors, *titles]


def _commonest(counter: Counter[str], begun: str) -> list[str]:
    fitting = [(-count, value) for value, count in counter.items() if fold(value).startswith(begun)]
    return [value for _, value in sorted(fitting)[:4]]
