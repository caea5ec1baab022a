"""What searches narrow, order and count by: arrays with an element for each place.

A comparison or a count over 100,000 patches is then a few passes of the processor's vector unit, microseconds each.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from brutal_patches.catalogue.analysis import fold
from brutal_patches.catalogue.places import FIRST_CAPACITY, Places, with_room
from brutal_patches.catalogue.question import Question, microseconds
from brutal_patches.clock import parse_rfc3339
from brutal_patches.patches.model import Cable, PatchRecord, settings
from brutal_patches.patches.modulation import directed
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.patches.warmth import standing

type Key = Literal["created_at", "updated_at", "rating", "popularity", "trending", "featured"]
type Mask = NDArray[np.bool]
"""For each place whether it is meant."""
type Rows = NDArray[np.intp]
"""Places, in some order."""

_KEYS: dict[Key, type[np.signedinteger]] = {
    "created_at": np.int64,
    "updated_at": np.int64,
    "rating": np.int16,
    "popularity": np.int32,
    "trending": np.int64,
    "featured": np.int32,
}
_ROWS = {control.field: row for row, control in enumerate(CONTROLS)}
_FACET_SIZES = {"categories": 8, "tags": 20, "authors": 10}
_USUAL_TAGS = 4
_LOOKED_THROUGH = 1024


class Bucket(msgspec.Struct, frozen=True):
    """One value of a facet, and how many patches have it."""

    value: str
    count: int


class Values:
    """Words by number, from 1, and the numbers of those that are alike once folded. 0 is none."""

    def __init__(self) -> None:
        self.words = [""]
        self._numbers: dict[str, int] = {}
        self._alike: dict[str, list[int]] = {}

    def number(self, word: str) -> int:
        """The number of `word`, a new one if it has none."""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self.words)
            self.words.append(word)
            self._alike.setdefault(fold(word), []).append(found)
        return found

    def alike(self, word: str) -> list[int]:
        """The numbers of all that differ from `word` in case and accents at most."""
        return self._alike.get(fold(word), [])

    def commonest(self, counts: NDArray[np.intp], size: int) -> list[Bucket]:
        """The `size` with the highest counts, by the alphabet where they are equal."""
        counts[0] = 0
        there = counts.nonzero()[0]
        if len(there) > size:
            least = np.partition(counts[there], -size)[-size]
            there = there[counts[there] >= least]
        pairs = sorted((-int(counts[number]), self.words[number]) for number in there.tolist())
        return [Bucket(word, -count) for count, word in pairs[:size]]


class Columns:
    """The properties of public patches. Orders are sorted when somebody asks for them after a change."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._settings: NDArray[np.uint8] = np.zeros((len(CONTROLS), FIRST_CAPACITY), np.uint8)
        self._keys = {key: np.zeros(FIRST_CAPACITY, kind) for key, kind in _KEYS.items()}
        self._cables: NDArray[np.uint64] = np.zeros(FIRST_CAPACITY, np.uint64)
        self._category: NDArray[np.int32] = np.zeros(FIRST_CAPACITY, np.int32)
        self._author: NDArray[np.int32] = np.zeros(FIRST_CAPACITY, np.int32)
        # A row for everybody's first tag, one for the second and so on; few have more than the usual number, and the
        # rows beyond are looked at for those alone.
        self._tags: NDArray[np.int32] = np.zeros((_USUAL_TAGS, FIRST_CAPACITY), np.int32)
        self._has_more: NDArray[np.bool] = np.zeros(FIRST_CAPACITY, np.bool)
        self._values = {name: Values() for name in _FACET_SIZES}
        self._bits: dict[Cable, int] = {}
        self._ordered: dict[str, Rows] = {}
        self._totals: dict[str, NDArray[np.intp]] | None = None

    def put(self, record: PatchRecord, place: int, warmth: int) -> None:
        """Write what a patch has to its place."""
        patch = record.patch
        self._make_room(place, len(patch.tags))
        self._settings[:, place] = settings(patch)
        self._cables[place] = self._cable_bits(patch.modmatrix)
        self._category[place] = self._values["categories"].number(patch.category) if patch.category else 0
        self._author[place] = self._values["authors"].number(patch.username)
        self._tags[:, place] = 0
        self._tags[: len(patch.tags), place] = [self._values["tags"].number(tag) for tag in patch.tags]
        self._has_more[place] = len(patch.tags) > _USUAL_TAGS
        self._order(place, record, warmth)
        self.forget_counts()

    def forget_counts(self) -> None:
        """A patch has come or gone."""
        self._totals = None

    def warm(self, patch_id: int, warmth: int) -> None:
        """A fork has come or gone."""
        self._keys["trending"][self._places[patch_id]] = warmth
        self._ordered.pop("trending", None)

    def _order(self, place: int, record: PatchRecord, warmth: int) -> None:
        patch = record.patch
        created = microseconds(parse_rfc3339(patch.created_at))
        is_old = patch.updated_at == patch.created_at
        keys = self._keys
        keys["created_at"][place] = created
        keys["updated_at"][place] = created if is_old else microseconds(parse_rfc3339(patch.updated_at))
        keys["rating"][place] = round(100 * record.rating_sum / patch.rating_count) if patch.rating_count else 0
        keys["popularity"][place] = record.forks
        keys["trending"][place] = warmth
        keys["featured"][place] = standing(record.rating_sum, patch.rating_count, record.forks)
        self._ordered.clear()

    def _make_room(self, place: int, tags: int) -> None:
        if place >= len(self._cables):
            self._settings = with_room(self._settings, place, axis=1)
            self._keys = {key: with_room(array, place) for key, array in self._keys.items()}
            self._cables, self._category = with_room(self._cables, place), with_room(self._category, place)
            self._author, self._tags = with_room(self._author, place), with_room(self._tags, place, axis=1)
            self._has_more = with_room(self._has_more, place)
        while tags > len(self._tags):
            self._tags = with_room(self._tags, tags - 1)

    def _cable_bits(self, cables: Iterable[Cable]) -> int:
        bits = 0
        for each in cables:
            if cable := directed(each):
                # There are two outputs and six inputs, so few that each pair has a bit.
                bits |= 1 << self._bits.setdefault(cable, len(self._bits))
        return bits

    def mask(self, question: Question) -> Mask:
        """The patches that have the properties that `question` asks for; its words are not looked at."""
        mask, used = self._places.taken.copy(), self._places.used
        for bounds in question.ranges:
            control, column = CONTROLS[_ROWS[bounds.field]], self._settings[_ROWS[bounds.field], :used]
            low, high = bounds.low, bounds.high
            _bound(mask, column, low if low > control.low else None, high if high < control.high else None)
        _bound(mask, self._keys["rating"][:used], *question.rating)
        _bound(mask, self._keys["created_at"][:used], *question.created)
        if question.category:
            mask &= _is_any(self._category[:used], self._values["categories"].alike(question.category))
        if question.author:
            mask &= _is_any(self._author[:used], self._values["authors"].alike(question.author))
        for cable in question.cables:
            bit = self._bits.get(cable)
            mask &= False if bit is None else (self._cables[:used] & np.uint64(1 << bit)) != 0
        for tag in question.tags:
            mask &= self._tagged(self._values["tags"].alike(tag))
        return mask

    def _tagged(self, numbers: list[int]) -> Mask:
        used = self._places.used
        mask = np.zeros(used, np.bool)
        more = np.flatnonzero(self._has_more[:used])
        for row in self._tags[:_USUAL_TAGS, :used]:
            mask |= _is_any(row, numbers)
        for row in self._tags[_USUAL_TAGS:]:
            mask[more] |= _is_any(row[more], numbers)
        return mask

    def ordered(self, order: Key) -> Rows:
        """All places by `order`, the least first, equals by their ids; also such as are nobody's."""
        found = self._ordered.get(order)
        if found is None:
            ids, used = self._places.ids, self._places.used
            found = self._ordered[order] = np.lexsort((ids, self._keys[order][:used]))
        return found

    def facets(self, mask: Mask) -> dict[str, list[Bucket]]:
        """How what is in `mask` spreads over categories, tags and authors, the commonest first."""
        rows = mask.nonzero()[0]
        if 2 * len(rows) <= len(self._places):
            counts = self._count(rows)
        else:
            # What is left out is fewer.
            everybody = self._places.taken
            if self._totals is None:
                self._totals = self._count(everybody.nonzero()[0])
            others = self._count((everybody > mask).nonzero()[0])
            counts = {name: total - others[name] for name, total in self._totals.items()}
        return {name: self._values[name].commonest(counts[name], size) for name, size in _FACET_SIZES.items()}

    def _count(self, rows: Rows) -> dict[str, NDArray[np.intp]]:
        """For each number of a category, a tag and an author, how many of these places have it."""
        tags, more = self._tags[:_USUAL_TAGS].take(rows, axis=1).ravel(), rows[self._has_more.take(rows)]
        if len(more):
            tags = np.concatenate([tags, self._tags[_USUAL_TAGS:].take(more, axis=1).ravel()])
        numbers = {"categories": self._category.take(rows), "tags": tags, "authors": self._author.take(rows)}
        return {name: np.bincount(each, minlength=len(self._values[name].words)) for name, each in numbers.items()}


def page(ordered: Rows, mask: Mask, start: int, end: int) -> Rows:
    """Those in `mask`, from the `start`-th to before the `end`-th; no more is looked through than that takes."""
    looked = _LOOKED_THROUGH
    while True:
        found = ordered[:looked][mask[ordered[:looked]]]
        if len(found) >= end or looked >= len(ordered):
            return found[start:end]
        looked *= 8


def _bound(mask: Mask, column: NDArray[Any], low: int | None, high: int | None) -> None:
    if low is not None:
        mask &= column >= low
    if high is not None:
        mask &= column <= high


def _is_any(column: NDArray[np.int32], numbers: list[int]) -> Mask:
    mask = np.zeros(len(column), np.bool)
    for number in numbers:
        mask |= column == number
    return mask
