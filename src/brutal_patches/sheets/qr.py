"""A patch's address as a QR code: one path of horizontal bars."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

import segno

QUIET = 4
"""The empty modules that readers of codes want on every side."""
_LONGEST = 400
# Trying all eight masks takes most of the time, and every mask can be read.
_MASK = 3


@lru_cache(maxsize=512)
def bars(url: str) -> tuple[str, int]:
    """The path's data and the modules on a side, without the quiet zone; nothing for an address too long."""
    if not url or len(url) > _LONGEST:
        return "", 0
    matrix = segno.make(url, error="m", mask=_MASK, boost_error=False, micro=False).matrix
    return "".join(_row(y, row) for y, row in enumerate(matrix)), len(matrix)


def _row(y: int, row: Iterable[int]) -> str:
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, length in _runs(row))


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The dark stretches of a row: where each begins, and how long it is."""
    x = 0
    for dark, modules in groupby(row):
        length = len(list(modules))
        if dark:
            yield x, length
        x += length
