"""Public patches in the orders that lists want, kept sorted as they come and go."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from brutal_patches.catalogue.entries import Entry, Place

_MANY = 100

type Titled = tuple[str, int]
"""A title in the form that titles are compared in, then its patch's id."""


class Titles:
    """Patches by title. Those that come are put into place when somebody asks, as most come all at once."""

    def __init__(self) -> None:
        self._sorted: list[Titled] = []
        self._fresh: list[Titled] = []

    def add(self, title: str, patch_id: int) -> None:
        self._fresh.append((title, patch_id))

    def remove(self, title: str, patch_id: int) -> None:
        self.settle()
        _take_out(self._sorted, (title, patch_id))

    def ids(self, *, ascending: bool = True) -> Iterator[int]:
        """All of them in order."""
        self.settle()
        return (patch_id for _, patch_id in (self._sorted if ascending else reversed(self._sorted)))

    def settle(self) -> None:
        """Put into place what has come."""
        if len(self._fresh) > _MANY:
            self._sorted += self._fresh
            self._sorted.sort()
        else:
            for each in self._fresh:
                insort(self._sorted, each)
        self._fresh.clear()


class Orderings:
    """The places of public patches, of all and of each author, oldest first; and all by their titles."""

    def __init__(self) -> None:
        self.all: list[Place] = []
        self.titles = Titles()
        self._by_author: dict[str, list[Place]] = {}

    def add(self, entry: Entry) -> None:
        """Put a public patch where it belongs."""
        # One place in both lists: of 100,000 patches another would take six megabytes.
        place = entry.place
        _insert(self.all, place)
        self.titles.add(entry.folded_title, entry.id)
        _insert(self._by_author.setdefault(entry.folded_name, []), place)

    def remove(self, entry: Entry) -> None:
        """Take a public patch out."""
        _take_out(self.all, entry.place)
        self.titles.remove(entry.folded_title, entry.id)
        mine = self._by_author[entry.folded_name]
        _take_out(mine, entry.place)
        if not mine:
            del self._by_author[entry.folded_name]

    def by_author(self, folded_name: str) -> list[Place]:
        """The places of one author's patches."""
        return self._by_author.get(folded_name, [])


def newest(places: list[Place], offset: int, limit: int) -> list[Place]:
    """`limit` places after the newest `offset` ones, newest first."""
    end = max(0, len(places) - offset)
    return places[max(0, end - limit) : end][::-1]


def newest_before(places: list[Place], before: Place | None, limit: int) -> list[Place]:
    """The newest `limit` places that are older than `before`: stable while patches are added."""
    end = len(places) if before is None else bisect_left(places, before)
    return places[max(0, end - limit) : end][::-1]


def _insert(places: list[Place], place: Place) -> None:
    if not places or places[-1] < place:
        # What is new is the newest, nearly always.
        places.append(place)
    else:
        insort(places, place)


def _take_out(places: list[tuple[str, int]], place: tuple[str, int]) -> None:
    position = bisect_left(places, place)
    if places[position] != place:
        raise LookupError(f"patch {place[1]} has no place")
    del places[position]
