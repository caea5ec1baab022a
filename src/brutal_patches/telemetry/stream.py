"""Lines on their way to stdout, written in batches by a thread: no request waits for whoever reads them."""

import atexit
import os
import threading
import time

from brutal_patches.clock import monotonic

PAUSE_SECONDS = 0.1
MAX_LINES = 20_000
_STOP_SECONDS = 2.0


class Stream:
    """Takes lines and writes them soon after. Beyond `MAX_LINES` waiting, new ones are dropped and counted.

    Nobody waits for a reader that is slow: the counts are `dropped`, and said in the log when it goes on.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: list[bytes] = []
        self._held = 0
        # Whatever the garbage collector finds may have something to say while this thread is here.
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closing = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, text: bytes, lines: int = 1, *, soon: bool = False) -> None:
        """Take the text of so many lines, each with its end; `soon` does not wait for others to join them."""
        with self._lock:
            if self._held + lines > MAX_LINES:
                self.dropped += lines
                return
            self._held += lines
            self._waiting.append(text)
        if soon:
            self._wake.set()

    def flush(self) -> None:
        """Wait until what was taken is written, for at most two seconds."""
        deadline = monotonic() + _STOP_SECONDS
        self._wake.set()
        while self._held and monotonic() < deadline:
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
        while self._waiting:
            with self._lock:
                taken, lines = self._waiting, self._held
                self._waiting = []
            self._put(b"".join(taken))
            with self._lock:
                self._held -= lines

    def _put(self, batch: bytes) -> None:
        try:
            while batch:
                batch = batch[os.write(self._descriptor, batch) :]
        except OSError:
            # Nobody reads any more; the service goes on without a log.
            self.dropped += batch.count(b"\n")
