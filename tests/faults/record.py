"""How large a fault test is, and what it saw: a seed in CI, the whole by `make faults` and `make histories`."""

import json
from collections import Counter, defaultdict
from pathlib import Path

PAGE = Path("build") / "reliability.json"


class Record:
    """Counts and maxima of one test. A full run, or `part` of one, keeps them in build/reliability.json."""

    def __init__(self, name: str, part: float) -> None:
        self.name = name
        self.is_full = part > 0
        self._part = part
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._most: dict[str, float] = {}

    def size(self, *, full: int, seed: int) -> int:
        """How many of something this run does."""
        return max(seed, round(full * self._part)) if self.is_full else seed

    def count(self, what: str, kind: str, by: int = 1) -> None:
        """`by` more of a kind."""
        self._counts[what][kind] += by

    def most(self, what: str, value: float) -> None:
        """Keep the largest value."""
        self._most[what] = max(self._most.get(what, value), value)

    def keep(self) -> None:
        """Add what was seen to the page of full runs."""
        if not self.is_full:
            return
        PAGE.parent.mkdir(exist_ok=True)
        page = json.loads(PAGE.read_text()) if PAGE.exists() else {}
        page[self.name] = {what: dict(counts) for what, counts in self._counts.items()} | {
            what: round(value, 3) for what, value in self._most.items()
        }
        PAGE.write_text(json.dumps(page, indent=1, sort_keys=True))
