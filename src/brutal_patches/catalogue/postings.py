"""Which places have a word: a row of bits for each word that has been asked for, kept true as patches come and go."""

from collections import OrderedDict
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from brutal_patches.catalogue.places import FIRST_CAPACITY, with_room

MAX_ROWS = 512
"""64 bytes for each patch. Of 100,000 that is every word that one in a hundred has; the rest are quick to look for."""
_FEWEST = 16

type Bits = NDArray[np.uint8]


class Postings:
    """Rows are filled by whoever knows the places of a word, once; from then on each change costs one bit."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, int] = OrderedDict()
        self._bits: Bits = np.zeros((_FEWEST, FIRST_CAPACITY // 8), np.uint8)

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, word: str, fetch: Callable[[], NDArray[np.intp]]) -> Bits:
        """A bit for each place that has `word`, the first place in the highest bit; `fetch` says where it is."""
        row = self._rows.get(word)
        if row is None:
            # Fetched before a row is taken from another word: what fails in between would leave that row nobody's.
            found = np.packbits(spread(fetch(), self._bits.shape[1] * 8))
            row = self._rows[word] = self._free_row()
            self._bits[row] = found
        self._rows.move_to_end(word)
        bits: Bits = self._bits[row]
        return bits

    def put(self, place: int, words: Iterable[str]) -> None:
        """A patch that has `words` has come to `place`."""
        self._bits = with_room(self._bits, place >> 3, axis=1)
        # At a start there are no rows until all patches are there.
        if self._rows and (rows := [row for word in words if (row := self._rows.get(word)) is not None]):
            self._bits[rows, place >> 3] |= _bit(place)

    def remove(self, place: int) -> None:
        """What was at `place` is gone."""
        self._bits[:, place >> 3] &= ~_bit(place)

    def _free_row(self) -> int:
        if len(self._rows) >= MAX_ROWS:
            return self._rows.popitem(last=False)[1]
        self._bits = with_room(self._bits, len(self._rows))
        return len(self._rows)


def _bit(place: int) -> np.uint8:
    return np.uint8(128 >> (place & 7))


def spread(places: NDArray[np.intp], size: int) -> NDArray[np.bool]:
    """A mask of `size` places, of which these are meant."""
    mask = np.zeros(size, np.bool)
    mask[places] = True
    return mask
