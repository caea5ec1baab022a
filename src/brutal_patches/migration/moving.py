"""Carrying users and patches over. A pass that was cut off goes on where it was; another copies what came since."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from brutal_patches.actor import SYSTEM
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock
from brutal_patches.migration import ledger
from brutal_patches.migration.people import Claims, NotAUser, read_user
from brutal_patches.migration.putting import Outcome, Putting
from brutal_patches.patches.legacy import KEEPER, Amendment, LegacyPatch, NotAPatch, read_row
from brutal_patches.storage.foreign import ForeignTable, Row
from brutal_patches.storage.table import Table

_AT_ONCE = 16

type Tell = Callable[[Amendment], None]


class Moved(msgspec.Struct):
    """What a pass did: rows by outcome, rows that could not be kept, changes by kind."""

    users: Counter[str] = msgspec.field(default_factory=Counter)
    patches: Counter[str] = msgspec.field(default_factory=Counter)
    refused: list[str] = msgspec.field(default_factory=list)
    changes: Counter[str] = msgspec.field(default_factory=Counter)
    staff: list[str] = msgspec.field(default_factory=list)
    highest: int = 0


class Moving:
    """One pass over the predecessor's tables. `tell` gets each thing that is changed in a row."""

    def __init__(self, table: Table, clock: Clock, putting: Putting, tell: Tell, *, dry: bool) -> None:
        self._table = table
        self._clock = clock
        self._putting = putting
        self._tell = tell
        self._dry = dry
        self._claims = Claims()
        self.moved = Moved()

    async def carry(self, users: ForeignTable | None, patches: ForeignTable | None) -> Moved:
        """Users first, as patches belong to them; what is gone there goes here too, last."""
        if users is not None:
            await self._carry_users(users)
        if patches is not None:
            async for page in patches.pages():
                await self._carry_patches(page)
            await self._follow_deletions(patches)
        if not self._dry:
            counted = {"users": dict(self.moved.users), "patches": dict(self.moved.patches)}
            await self._table.write(entry(SYSTEM, "legacy.imported", "import", self._clock, after=counted))
        return self.moved

    async def _carry_users(self, users: ForeignTable) -> None:
        async for page in users.pages():
            for row in page:
                try:
                    self._claims.add(read_user(row))
                except NotAUser as fault:
                    self.moved.refused.append(str(fault))
        names = self._claims.in_order()
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            rows = await users.get_many(part)
            lines = await ledger.read_many(self._table, "users", part)
            # One after the other: of two rows that claim a name, the first is to have it.
            for name, line in zip(part, lines, strict=True):
                if name in rows:
                    await self._carry_user(rows[name], line)

    async def _carry_user(self, row: Row, line: ledger.Line | None) -> None:
        user = read_user(row)
        source = ledger.hash_of_row(row)
        if line is not None and line.source == source:
            self.moved.users["unchanged"] += 1
            return
        outcome, settled = await self._putting.user(user, source, line)
        self.moved.users[outcome] += 1
        self._note((*user.amendments, *settled))
        if "admin" in user.roles or "moderator" in user.roles:
            self.moved.staff.append(user.source)

    async def _carry_patches(self, page: Sequence[Row]) -> None:
        read: list[tuple[LegacyPatch, str]] = []
        for row in page:
            try:
                read.append((self._owned(read_row(row)), ledger.hash_of_row(row)))
            except NotAPatch as fault:
                self.moved.refused.append(str(fault))
        highest = max((patch.id for patch, _ in read), default=0)
        self.moved.highest = max(highest, self.moved.highest)
        if not self._dry:
            # Before any is written, so that a patch that is created meanwhile does not take an id of theirs.
            await self._putting.jump_ahead(highest)
        lines = await ledger.read_many(self._table, "patches", [f"{patch.id:016d}" for patch, _ in read])
        todo = [
            (patch, source, line)
            for (patch, source), line in zip(read, lines, strict=True)
            if line is None or line.source != source
        ]
        self.moved.patches["unchanged"] += len(read) - len(todo)
        for start in range(0, len(todo), _AT_ONCE):
            part = todo[start : start + _AT_ONCE]
            done = await asyncio.gather(*(self._putting.patch(*each) for each in part))
            for (patch, _, _), (outcome, settled) in zip(part, done, strict=True):
                self.moved.patches[outcome] += 1
                self._note((*patch.amendments, *settled))

    def _owned(self, patch: LegacyPatch) -> LegacyPatch:
        """A patch without an author is whose list it is on."""
        owner = self._claims.owner_of(patch.id) if patch.username == KEEPER else ""
        if not owner:
            return patch
        found = Amendment(patch.id, "username", "", owner, "is on their list")
        return msgspec.structs.replace(patch, username=owner, amendments=(*patch.amendments, found))

    async def _follow_deletions(self, patches: ForeignTable) -> None:
        async for lines in self._putting.lines("patches"):
            there = await patches.get_many([int(line.key) for line in lines])
            for line in lines:
                if int(line.key) not in there:
                    outcome: Outcome = await self._putting.bury(line)
                    self.moved.patches[outcome] += 1

    def _note(self, amendments: Sequence[Amendment]) -> None:
        for amendment in amendments:
            self._tell(amendment)
            self.moved.changes[f"{amendment.field}: {amendment.why}"] += 1
