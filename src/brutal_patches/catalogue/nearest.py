"""The panels of all public patches as a matrix: distances to one of them, to all at once."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from brutal_patches.catalogue.places import FIRST_CAPACITY, Places, with_room
from brutal_patches.patches.similarity import COLUMNS, FARTHEST

type Row = bytes
_NOWHERE = 65535
_REMEMBERED = 8


class Nearest:
    """A column of the matrix lies together in memory, so each is one pass of the processor's vector unit.

    Distances of places that are nobody's are beyond every real one.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._columns: NDArray[np.uint8] = np.zeros((len(COLUMNS), FIRST_CAPACITY), np.uint8)
        # Whoever narrows down what is like a patch asks for the same distances again.
        self._known: OrderedDict[Row, NDArray[np.uint16]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._places)

    def put(self, place: int, row: Row) -> None:
        """Write a panel to its place."""
        self._columns = with_room(self._columns, place, axis=1)
        self._columns[:, place] = np.frombuffer(row, np.uint8)
        self._known.clear()

    def forget_distances(self) -> None:
        """A place is nobody's any more."""
        self._known.clear()

    def row(self, patch_id: int) -> Row:
        """The panel at a patch's place."""
        return self._columns[:, self._places[patch_id]].tobytes()

    def distances(self, row: Row) -> NDArray[np.uint16]:
        """How far every place is from `row`; not to be written to."""
        known = self._known.get(row)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.popitem(last=False)
            known = self._known[row] = self._measure(row)
        return known

    def _measure(self, row: Row) -> NDArray[np.uint16]:
        used = self._places.used
        total = np.zeros(used, np.uint16)
        for column, values, value in zip(COLUMNS, self._columns[:, :used], row, strict=True):
            if column.is_category:
                total += (values != value).astype(np.uint16) * np.uint16(column.weight)
            else:
                apart = np.maximum(values, value) - np.minimum(values, value)
                total += apart.astype(np.uint16) * np.uint16(column.weight)
        total[~self._places.taken] = _NOWHERE
        return total

    def closest(
        self,
        row: Row,
        limit: int,
        *,
        among: NDArray[np.bool] | None = None,
        but: Sequence[int] = (),
        farthest: bool = False,
    ) -> list[tuple[int, int]]:
        """The ids and distances of the `limit` nearest patches, nearest first; `among` these places, without `but`.

        Of those that are equally near the newest comes first, so that every task gives the same order.
        """
        total, ids = self.distances(row), self._places.ids
        wanted = (total != _NOWHERE) if among is None else among & (total != _NOWHERE)
        wanted[self._places.of(list(but))] = False
        places = np.flatnonzero(wanted)
        count = min(limit, len(places))
        if count == 0:
            return []
        away = FARTHEST - total[places] if farthest else total[places]
        near = away <= np.partition(away, count - 1)[count - 1]
        places = places[near]
        first = places[np.lexsort((-ids[places], away[near]))[:count]]
        return list(zip(ids[first].tolist(), total[first].tolist(), strict=True))

    def same(self, row: Row) -> list[int]:
        """The ids of patches that sound as `row` does, the oldest first."""
        return sorted(self._places.ids[self.distances(row) == 0].tolist())
