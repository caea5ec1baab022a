"""Finding patches: by words and properties, by likeness, by what others do with them."""

from collections import Counter
from typing import Literal

import msgspec

from brutal_patches.catalogue.analysis import fold, words
from brutal_patches.catalogue.highlights import highlight
from brutal_patches.catalogue.index import Bucket
from brutal_patches.catalogue.memory import Memory
from brutal_patches.catalogue.question import Question
from brutal_patches.errors import FieldError, Invalid
from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.similarity import from_distance, row

MOST_COMPARED = 5000
_SUGGESTIONS = 8
_DECIMALS = 4


class Highlights(msgspec.Struct, frozen=True, omit_defaults=True):
    """Title and description with the found words in `<mark>`, all else escaped; absent where none are."""

    title: str | None = None
    description: str | None = None


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a search found beside the patches. `similarities` are there where likeness was asked for.

    `forgiven`: nothing was found as it was written, and this was found by words that are nearly so.
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
    index = memory.index
    query = index.query(question)
    order = "relevance" if question.order == "similarity" else question.order
    hits = index.search(query, order, question.ascending, question.limit, question.offset)
    forgiven = False
    if not hits.total and question.text:
        query = index.query(question, forgiving=True)
        hits = index.search(query, order, question.ascending, question.limit, question.offset)
        forgiven = hits.total > 0
    ids, alike = hits.ids, list[float]()
    if question.similar_to is not None:
        candidates = index.search(query, "created_at", False, MOST_COMPARED, 0).ids
        ids, alike = _by_likeness(memory, question, candidates)
    marks = _highlights(memory, question.text, ids) if question.text else {}
    return ids, Found(hits.total, index.facets(query), marks, alike, forgiven)


def _by_likeness(memory: Memory, question: Question, candidates: list[int]) -> tuple[list[int], list[float]]:
    like = question.similar_to or 0
    if memory.public(like) is None:
        fault = FieldError("similarTo", f"there is no patch {like}")
        raise Invalid("Some values of the search are not acceptable.", errors=[fault])
    far = memory.nearest.apart(memory.nearest.row(like), candidates)
    pairs = sorted(zip(far, candidates, strict=True), reverse=question.ascending and question.order == "similarity")
    page = pairs[question.offset : question.offset + question.limit]
    return [patch_id for _, patch_id in page], [round(from_distance(each), _DECIMALS) for each, _ in page]


def _highlights(memory: Memory, text: str, ids: list[int]) -> dict[str, Highlights]:
    wanted = frozenset(form for word in words(text) for form in memory.index.forms(word))
    marked: dict[str, Highlights] = {}
    for patch_id in ids:
        entry = memory.public(patch_id)
        if entry is not None:
            texts = msgspec.json.decode(entry.body, type=_Texts)
            title = highlight(texts.title, wanted, memory.index)
            description = highlight(texts.description, wanted, memory.index, cut=True)
            if title or description:
                marked[str(patch_id)] = Highlights(title, description)
    return marked


def nearest(memory: Memory, body: WiredPanel, limit: int) -> tuple[list[int], list[float]]:
    """The patches that sound most like `body`, and how much so."""
    found = memory.nearest.closest(row(body), limit)
    return [patch_id for patch_id, _ in found], [round(from_distance(far), _DECIMALS) for _, far in found]


def related(memory: Memory, patch_id: int, limit: int) -> list[int]:
    """The patches that sound most like this one."""
    return [other for other, _ in memory.nearest.closest(memory.nearest.row(patch_id), limit, but=patch_id)]


def twins(memory: Memory, body: WiredPanel) -> list[int]:
    """The patches that sound exactly like `body`, the oldest first."""
    return memory.nearest.same(row(body))


def leading(memory: Memory, order: Literal["trending", "featured"], limit: int) -> list[int]:
    """The patches that are first by warmth or by standing."""
    return memory.index.search(memory.index.query(Question()), order, False, limit, 0).ids


def suggest(memory: Memory, text: str) -> list[Suggestion]:
    """Titles, tags and authors that go on as `text` begins."""
    ids = memory.index.titles_with(text, _SUGGESTIONS)
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
