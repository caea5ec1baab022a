"""Lines on their way to stdout, written in batches by a thread: no request waits for whoever reads them."""

import atexit
import os
import threading
import time

from brutal_patches.clock import monotonic
from brutal_patches.telemetry.lines import Line, written

PAUSE_SECONDS = 0.1
MAX_LINES = 20_000
_BATCH = 2000
"""A third of a millisecond's work, for which the event loop waits."""
_STOP_SECONDS = 2.0


class Stream:
    """Takes lines and writes them soon after. Beyond `MAX_LINES` waiting, new ones are dropped and counted.

    Nobody waits for a reader that is slow: the counts are `dropped`, and said in the log when it goes on.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: list[Line] = []
        self._wake = threading.Event()
        self._closing = self._writing = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, line: Line, *, soon: bool = False) -> None:
        """Take a line; `soon` does not wait for others to join it."""
        if len(self._waiting) >= MAX_LINES:
            self.dropped += 1
            return
        self._waiting.append(line)
        if soon:
            self._wake.set()

    def flush(self) -> None:
        """Wait until what was taken is written, for at most two seconds."""
        deadline = monotonic() + _STOP_SECONDS
        self._wake.set()
        while (self._waiting or self._writing) and monotonic() < deadline:
            time.sleep(0.005)

    def close(self) -> None:
        """Write what is left, for at most two seconds."""
        atexit.unregister(self.close)
        self._closing = True
        self._wake.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(PAUSE_SECONDS)
            self._wake.clear()
            self._drain()
        self._drain()

    def _drain(self) -> None:
        waiting = self._waiting
        while waiting:
            self._writing = True
            # Two steps that no thread can come between, each; lines are only ever added behind these.
            taken = waiting[:_BATCH]
            del waiting[: len(taken)]
            batch = written(taken)
            try:
                while batch:
                    batch = batch[os.write(self._descriptor, batch) :]
            except OSError:
                # Nobody reads any more; the service goes on without a log.
                self.dropped += batch.count(b"\n")
            self._writing = False
