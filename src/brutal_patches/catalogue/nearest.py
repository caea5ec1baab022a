"""The panels of all public patches as a matrix: distances to one of them, to all at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from brutal_patches.patches.similarity import COLUMNS, FARTHEST

type Row = bytes
_FIRST_CAPACITY = 1024
_NOWHERE = 65535
_ID_BITS = 40


class Nearest:
    """A column of the matrix lies together in memory, so each is one pass of the processor's vector unit.

    A place that is given up is used again; distances of empty places are beyond every real one.
    """

    def __init__(self) -> None:
        self._columns: NDArray[np.uint8] = np.zeros((len(COLUMNS), _FIRST_CAPACITY), np.uint8)
        self._ids: NDArray[np.int64] = np.zeros(_FIRST_CAPACITY, np.int64)
        self._places: dict[int, int] = {}
        self._free: list[int] = []
        self._used = 0

    def __len__(self) -> int:
        return len(self._places)

    def put(self, patch_id: int, row: Row) -> None:
        """Give a panel a place, or change what is at it."""
        place = self._places.get(patch_id)
        if place is None:
            place = self._places[patch_id] = self._free.pop() if self._free else self._grow()
        self._ids[place] = patch_id
        self._columns[:, place] = np.frombuffer(row, np.uint8)

    def remove(self, patch_id: int) -> None:
        """Give up a panel's place."""
        place = self._places.pop(patch_id)
        self._ids[place] = 0
        self._free.append(place)

    def row(self, patch_id: int) -> Row:
        """The panel at a patch's place."""
        return self._columns[:, self._places[patch_id]].tobytes()

    def distances(self, row: Row) -> NDArray[np.uint16]:
        """How far every place is from `row`."""
        used = self._used
        total = np.zeros(used, np.uint16)
        for column, values, value in zip(COLUMNS, self._columns[:, :used], row, strict=True):
            if column.is_category:
                total += (values != value).astype(np.uint16) * np.uint16(column.weight)
            else:
                apart = np.maximum(values, value) - np.minimum(values, value)
                total += apart.astype(np.uint16) * np.uint16(column.weight)
        total[self._ids[:used] == 0] = _NOWHERE
        return total

    def closest(
        self,
        row: Row,
        limit: int,
        *,
        among: list[int] | None = None,
        but: Sequence[int] = (),
        farthest: bool = False,
    ) -> list[tuple[int, int]]:
        """The ids and distances of the `limit` nearest patches, nearest first; only `among` these, or without `but`.

        Of those that are equally near the newest comes first, so that every task gives the same order.
        """
        total, ids = self.distances(row), self._ids[: self._used]
        total[[self._places[patch_id] for patch_id in but]] = _NOWHERE
        if among is not None:
            places = [self._places[patch_id] for patch_id in among]
            total, ids = total[places], ids[places]
        count = min(limit, int(np.count_nonzero(total != _NOWHERE)))
        if count == 0:
            return []
        away = total.astype(np.int64)
        if farthest:
            away = np.where(total == _NOWHERE, _NOWHERE, FARTHEST - away)
        keys = (away << _ID_BITS) - ids
        found = np.argpartition(keys, count - 1)[:count]
        found = found[np.argsort(keys[found])]
        return list(zip(ids[found].tolist(), total[found].tolist(), strict=True))

    def same(self, row: Row) -> list[int]:
        """The ids of patches that sound as `row` does, the oldest first."""
        total = self.distances(row)
        return sorted(int(patch_id) for patch_id in self._ids[: self._used][total == 0])

    def _grow(self) -> int:
        if self._used == len(self._ids):
            self._columns = np.concatenate([self._columns, np.zeros_like(self._columns)], axis=1)
            self._ids = np.concatenate([self._ids, np.zeros_like(self._ids)])
        self._used += 1
        return self._used - 1
