"""Hashing and verifying passwords, in threads of its own so that a flood of logins starves nothing else."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from passlib.context import CryptContext

from brutal_patches.clock import monotonic
from brutal_patches.errors import Unavailable
from brutal_patches.watching import Watch

WAITING_AT_MOST = 8
NICENESS = 10
_BUSY = "Too many people are logging in at this moment. Please try again shortly."
_BCRYPT_BYTES = 72


class Verdict:
    """Whether a password is right, and the hash to store in place of an outdated one."""

    __slots__ = ("is_right", "upgrade")

    def __init__(self, is_right: bool, upgrade: str | None = None) -> None:
        self.is_right = is_right
        self.upgrade = upgrade


class Passwords:
    """argon2id for new hashes; bcrypt is verified, and replaced when its owner logs in.

    One thread for each core but the event loop's, and a short queue before them; beyond that Unavailable is raised.
    The threads give way to the loop where they share a core; `idle` ones at once. Those are for cores that no other
    process wants: there they might wait for one while they hold the interpreter's lock.
    """

    def __init__(self, threads: int | None = None, watch: Watch | None = None, *, idle: bool = False) -> None:
        self._watch = watch or Watch()
        self._threads = threads or max(1, (os.process_cpu_count() or 1) - 1)
        self._pool = ThreadPoolExecutor(self._threads, "passwords", initializer=_give_way, initargs=(idle,))
        self._under_way = self._inside = 0
        # m = 19 MiB, t = 2, p = 1: the first choice of OWASP's Password Storage Cheat Sheet.
        self._context = CryptContext(
            ["argon2", "bcrypt"],
            deprecated=["bcrypt"],
            argon2__type="ID",
            argon2__memory_cost=19 * 1024,
            argon2__time_cost=2,
            argon2__parallelism=1,
        )
        self._stand_in = self._context.hash("nobody's password")

    @property
    def waiting(self) -> int:
        """How many calculations wait for a thread."""
        return max(0, self._under_way - self._threads)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for all of a request that may hash, what it asks of storage included; raises Unavailable."""
        if refusal := self.refusal():
            raise refusal
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def refusal(self) -> Unavailable | None:
        """What one is told for which there is no place."""
        return Unavailable(_BUSY) if self._inside >= self._threads + WAITING_AT_MOST else None

    async def hash(self, password: str) -> str:
        """A new hash of `password`."""
        return await self.run(lambda: str(self._context.hash(password)), "password hash")

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Whether `stored` is a hash of `password`; None takes as long, and is never right."""
        return await self.run(lambda: self._verify(password, stored), "password verify")

    async def run[T](self, work: Callable[[], T], name: str = "password work") -> T:
        """Carry out `work` in the pool; its span tells the wait for a thread too."""
        if self._under_way >= self._threads + WAITING_AT_MOST:
            raise Unavailable(_BUSY)
        self._under_way += 1
        began = monotonic()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1
            self._watch.worked(name, began)

    def close(self) -> None:
        """Let what is under way end, and take no more."""
        self._pool.shutdown(wait=True)

    def _verify(self, password: str, stored: str | None) -> Verdict:
        if stored is None:
            self._context.verify(password, self._stand_in)
            return Verdict(False)
        if not stored.startswith("$2"):
            right, upgrade = self._context.verify_and_update(password, stored)
            return Verdict(bool(right), upgrade)
        return self._verify_legacy(password, stored)

    def _verify_legacy(self, password: str, stored: str) -> Verdict:
        """bcrypt looks at 72 bytes only, and its library refuses more, and NUL: the whole is hashed anew."""
        try:
            right = self._context.verify(password.encode()[:_BCRYPT_BYTES], stored)
        except (ValueError, TypeError):
            return Verdict(False)
        return Verdict(bool(right), str(self._context.hash(password)) if right else None)


def _give_way(idle: bool) -> None:
    """Linux alone has a priority for each thread; it may be lowered by anybody.

    A thread of low priority keeps the core for its slice, three milliseconds on Linux 6.6 and later; an idle one loses
    it to whoever wakes.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            if idle:
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            else:
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
