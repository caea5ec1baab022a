"""A log that keeps what is written, for tests to read."""

import json
from typing import Any

from brutal_patches.telemetry.lines import Line, written
from brutal_patches.telemetry.stream import Stream


class Kept(Stream):
    """A stream that keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.dropped = 0

    def flush(self) -> None:
        pass

    def write(self, line: Line, *, soon: bool = False) -> None:
        self.lines.append(written([line]))

    def read(self, **wanted: object) -> list[dict[str, Any]]:
        """The lines with these fields."""
        lines = [json.loads(line) for line in self.lines]
        return [line for line in lines if wanted.items() <= line.items()]
