"""What one careful visitor waits for while others make load.

Those who make it are busy, and would take their own lateness for the service's: where they fill a core, they
measured two hundred milliseconds where a client that had time measured fifteen.
"""

import http.client
import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

PAUSE = 0.02
SECONDS = 10.0
type Quantiles = dict[str, float]


class Visitor:
    """Asks again and again, with a pause of 20 ms, and keeps how long each answer took, in milliseconds.

    `read` is a patch over a connection that stays open; `newcomer` is `/health` over a new one, which waits for the
    loop alone; `own` is a list that storage has to answer, if it was, and `refused` the time of its 503s.
    """

    def __init__(self, url: str, token: str) -> None:
        self._address = urlsplit(url).netloc
        self._own = {"authorization": f"Bearer {token}"}
        self._times: dict[str, list[float]] = defaultdict(list)
        self.failures = 0

    def quantiles(self, what: str) -> Quantiles:
        """The quantiles of what was asked, zero where nothing was."""
        return quantiles(self._times[what])

    @contextmanager
    def visiting(self) -> Iterator[None]:
        """Asks in a thread of its own for as long as it is entered."""
        done = threading.Event()
        visitor = threading.Thread(target=self._visit, args=(done,), daemon=True)
        visitor.start()
        try:
            yield
        finally:
            done.set()
            visitor.join(SECONDS)

    def _visit(self, done: threading.Event) -> None:
        stays = http.client.HTTPConnection(self._address, timeout=SECONDS)
        while not done.wait(PAUSE):
            try:
                self._ask(stays, "/api/patches/1", "read", {})
                self._ask(stays, "/api/patches/my?limit=5", "own", self._own)
                comes = http.client.HTTPConnection(self._address, timeout=SECONDS)
                self._ask(comes, "/health", "newcomer", {"connection": "close"})
                comes.close()
            except (OSError, http.client.HTTPException):
                self.failures += 1
                stays.close()
        stays.close()

    def _ask(self, connection: http.client.HTTPConnection, path: str, what: str, headers: dict[str, str]) -> None:
        asked = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took = (time.perf_counter() - asked) * 1000
        if answer.status == http.client.SERVICE_UNAVAILABLE:
            what = "refused"
        elif answer.status != http.client.OK:
            self.failures += 1
        self._times[what].append(took)


def quantiles(times: Sequence[float]) -> Quantiles:
    """The smallest value that so many of a hundred do not exceed."""
    ordered = sorted(times) or [0.0]
    return {
        f"p({share})": round(ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)], 1) for share in (50, 95, 99)
    } | {"max": round(ordered[-1], 1), "count": len(times)}
