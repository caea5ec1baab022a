"""Which tokens no longer count, known to every task within seconds, without a read per request."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

from loguru import logger

from brutal_patches.accounts.model import Session
from brutal_patches.accounts.tokens import Claims
from brutal_patches.clock import Clock, epoch, monotonic, parse_rfc3339, rfc3339
from brutal_patches.errors import Unavailable
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Item, Operation, Put, Query
from brutal_patches.storage.table import Table

POLL_SECONDS = 1.0
STALE_SECONDS = 60.0
_OVERLAP = timedelta(seconds=10)


class Revocations:
    """The feed of revocations as this process knows it; `follow` keeps it up to date."""

    def __init__(self, table: Table, clock: Clock, life: int) -> None:
        self._table = table
        self._clock = clock
        self._since = clock.now() - timedelta(seconds=life)
        self._sessions: dict[str, int] = {}
        self._versions: dict[str, tuple[int, int]] = {}
        self._not_before = 0
        self._read_at = monotonic()

    def refuses(self, claims: Claims) -> bool:
        """Whether the token with these claims has been revoked."""
        if claims.sid in self._sessions or claims.iat < self._not_before:
            return True
        version, _ = self._versions.get(claims.sub, (0, 0))
        return claims.version < version

    def predates(self, session: Session) -> bool:
        """Whether a session was begun before everybody had to log in again."""
        return parse_rfc3339(session.created_at).timestamp() < self._not_before

    @property
    def is_stale(self) -> bool:
        """Whether the feed has not been read for so long that nobody can tell what was revoked."""
        return monotonic() - self._read_at > STALE_SECONDS

    def note(self, operations: list[Operation]) -> None:
        """Take in at once what this process has written itself."""
        for operation in operations:
            if isinstance(operation, Put) and operation.key.pk == keys.revocations().pk:
                self._take(operation.item)

    async def refresh(self) -> None:
        """Read what is new, and a little of what is not: clocks differ."""
        started = self._clock.now()
        query = Query(keys.revocations(), after=rfc3339(self._since - _OVERLAP), consistent=True)
        async for page in self._table.pages(query):
            for item in page:
                self._take(item)
        barrier = await self._table.get(keys.setting("not_before"))
        self._not_before = int(str(barrier["moment"])) if barrier else 0
        self._since = started
        self._read_at = monotonic()
        self._forget()

    async def follow(self) -> None:
        """Refresh once a second, for ever; a feed that cannot be read is waited for."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except Unavailable:
                logger.warning("the revocation feed cannot be read")

    def _take(self, item: Item) -> None:
        subject, until = str(item["subject"]), cast("int", item["until"])
        if item["kind"] == "session":
            self._sessions[subject] = until
        else:
            version = max(cast("int", item["version"]), self._versions.get(subject, (0, 0))[0])
            self._versions[subject] = version, until

    def _forget(self) -> None:
        """What no living token can need any more."""
        now = epoch(self._clock)
        self._sessions = {subject: until for subject, until in self._sessions.items() if until > now}
        self._versions = {subject: pair for subject, pair in self._versions.items() if pair[1] > now}


def barrier_at(moment: datetime) -> Put:
    """Every token made, and every session begun, before `moment` is refused from now on."""
    return Put(keys.setting("not_before"), {"moment": int(moment.astimezone(UTC).timestamp())})
