"""Which element of the catalogue's arrays is whose."""

import numpy as np
from numpy.typing import NDArray

FIRST_CAPACITY = 1024


class Places:
    """A place for each public patch. One that is given up is used again, so arrays stay as long as they need to be.

    `ids` has the patch at each place, 0 where there is none, and `taken` whether there is one; what is beyond `used`
    has never been anybody's.
    """

    def __init__(self) -> None:
        self._ids: NDArray[np.int64] = np.zeros(FIRST_CAPACITY, np.int64)
        self._taken: NDArray[np.bool] = np.zeros(FIRST_CAPACITY, np.bool)
        self._of: dict[int, int] = {}
        self._free: list[int] = []
        self.used = 0

    def __len__(self) -> int:
        return len(self._of)

    def __getitem__(self, patch_id: int) -> int:
        return self._of[patch_id]

    @property
    def ids(self) -> NDArray[np.int64]:
        return self._ids[: self.used]

    @property
    def taken(self) -> NDArray[np.bool]:
        return self._taken[: self.used]

    def take(self, patch_id: int) -> int:
        """The place of this patch, a new one if it has none."""
        place = self._of.get(patch_id)
        if place is None:
            place = self._of[patch_id] = self._free.pop() if self._free else self._next()
            self._ids[place], self._taken[place] = patch_id, True
        return place

    def give_up(self, patch_id: int) -> None:
        """The patch is gone."""
        place = self._of.pop(patch_id)
        self._ids[place], self._taken[place] = 0, False
        self._free.append(place)

    def of(self, patch_ids: list[int]) -> NDArray[np.intp]:
        """The places of patches, in their order."""
        return np.fromiter(map(self._of.__getitem__, patch_ids), np.intp, len(patch_ids))

    def _next(self) -> int:
        self._ids, self._taken = with_room(self._ids, self.used), with_room(self._taken, self.used)
        self.used += 1
        return self.used - 1


def with_room[Kind: np.generic](array: NDArray[Kind], place: int, axis: int = 0) -> NDArray[Kind]:
    """`array`, or one of twice its length that begins as it does where `place` is beyond its end."""
    if place < array.shape[axis]:
        return array
    return np.concatenate([array, np.zeros_like(array)], axis=axis)
