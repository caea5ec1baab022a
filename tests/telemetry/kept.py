"""A log that keeps what is written, for tests to read."""

import json
from typing import Any

from brutal_patches.telemetry.stream import Stream


class Kept(Stream):
    """A stream that keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.dropped = 0

    def flush(self) -> None:
        pass

    def write(self, text: bytes, lines: int = 1, *, soon: bool = False) -> None:
        taken = text.splitlines(keepends=True)
        assert lines == len(taken)
        self.lines += taken

    def read(self, **wanted: object) -> list[dict[str, Any]]:
        """The lines with these fields."""
        lines = [json.loads(line) for line in self.lines]
        return [line for line in lines if wanted.items() <= line.items()]
