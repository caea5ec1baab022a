"""Public patches in the orders that lists want, kept sorted as they come and go."""

from bisect import bisect_left, insort

from brutal_patches.catalogue.entries import Entry, Place


class Orderings:
    """The places of public patches, of all and of each author, oldest first."""

    def __init__(self) -> None:
        self.all: list[Place] = []
        self._by_author: dict[str, list[Place]] = {}

    def add(self, entry: Entry) -> None:
        """Put a public patch where it belongs."""
        _insert(self.all, entry.place)
        _insert(self._by_author.setdefault(entry.folded_name, []), entry.place)

    def remove(self, entry: Entry) -> None:
        """Take a public patch out."""
        _take_out(self.all, entry.place)
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


def _take_out(places: list[Place], place: Place) -> None:
    position = bisect_left(places, place)
    if places[position] != place:
        raise LookupError(f"patch {place[1]} has no place")
    del places[position]
