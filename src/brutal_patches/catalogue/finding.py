"""Finding patches: by words and properties, by likeness, by what others do with them."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import msgspec
import numpy as np

from brutal_patches.catalogue.analysis import fold
from brutal_patches.catalogue.columns import Bucket, Mask, page
from brutal_patches.catalogue.highlights import Highlights
from brutal_patches.catalogue.index import Leniency
from brutal_patches.catalogue.memory import Memory
from brutal_patches.catalogue.question import Question
from brutal_patches.errors import FieldError, Invalid
from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.similarity import from_distance, row

_LENIENCIES: tuple[Leniency, ...] = ("exact", "near", "some")
_SUGGESTIONS = 8
_DECIMALS = 4
_FEW = 1000


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


def search(memory: Memory, question: Question) -> tuple[list[int], Found]:
    """The ids of the patches on this page, in order, and what else there is to say."""
    allowed = memory.columns.mask(question)
    leniency: Leniency = "exact"
    mask = allowed
    for leniency in _LENIENCIES if question.text else ():
        mask = allowed & memory.index.having(question, leniency, len(allowed))
        if mask.any():
            break
    total = int(np.count_nonzero(mask))
    ids, alike = _page(memory, question, leniency, mask, total)
    marks = _highlights(memory, question.text, leniency, ids) if question.text else {}
    return ids, Found(total, memory.columns.facets(mask), marks, alike, leniency != "exact" and total > 0)


def _page(
    memory: Memory, question: Question, leniency: Leniency, mask: Mask, total: int
) -> tuple[list[int], list[float]]:
    """The ids of one page of the `total` that are in `mask`, and how alike they are if that is asked."""
    start, end = question.offset, question.offset + question.limit
    if question.similar_to is not None:
        return _by_likeness(memory, question, mask)
    match question.order:
        case "relevance":
            rows = memory.index.best(question, leniency, mask, min(end, total))[start:]
        case "created_at" | "updated_at" | "rating" | "popularity" as order:
            ordered = memory.columns.ordered(order)
            rows = page(ordered if question.ascending else ordered[::-1], mask, start, end)
        case "title" | "similarity":
            return list(islice(_by_title(memory, question, mask, total), start, end)), []
    return memory.places.ids[rows].tolist(), []


def _by_title(memory: Memory, question: Question, mask: Mask, total: int) -> Iterator[int]:
    """The ids of what is in `mask`, in order."""
    if total < _FEW:
        found = [entry for each in memory.places.ids[mask].tolist() if (entry := memory.public(each))]
        found.sort(key=lambda entry: (entry.folded_title, entry.id), reverse=not question.ascending)
        return iter([entry.id for entry in found])
    # Where many were found, the next of them is never far in the order of all.
    is_found, places = mask.tobytes(), memory.places
    return (each for each in memory.orderings.titles.ids(ascending=question.ascending) if is_found[places[each]])


def _by_likeness(memory: Memory, question: Question, mask: Mask) -> tuple[list[int], list[float]]:
    """A page of all that was found, the most alike first."""
    like = question.similar_to or 0
    if memory.public(like) is None:
        fault = FieldError("similarTo", f"there is no patch {like}")
        raise Invalid("Some values of the search are not acceptable.", errors=[fault])
    ranked = memory.nearest.closest(
        memory.nearest.row(like),
        question.offset + question.limit,
        among=mask,
        farthest=question.ascending and question.order == "similarity",
    )
    part = ranked[question.offset :]
    return [patch_id for patch_id, _ in part], [round(from_distance(far), _DECIMALS) for _, far in part]


def _highlights(memory: Memory, text: str, leniency: Leniency, ids: list[int]) -> dict[str, Highlights]:
    entries = [entry for patch_id in ids if (entry := memory.public(patch_id))]
    marked = [(entry.id, memory.markers.marked(text, leniency != "exact", entry)) for entry in entries]
    return {str(patch_id): highlights for patch_id, highlights in marked if highlights}


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
    found = page(memory.columns.ordered(order)[::-1], memory.places.taken, 0, limit)
    leaders: list[int] = memory.places.ids[found].tolist()
    return leaders


def suggest(memory: Memory, text: str) -> list[Suggestion]:
    """Titles, tags and authors that go on as `text` begins."""
    index = memory.index
    found = index.titles_with(text, _SUGGESTIONS) or index.titles_with(text, _SUGGESTIONS, nearly=True)
    ids = memory.places.ids[found].tolist()
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
