"""The way back, here: what was carried over and not changed since goes, line by line of the ledger."""

from collections import Counter
from collections.abc import Callable

from brutal_patches.accounts import store as accounts_store
from brutal_patches.accounts.submission import fold
from brutal_patches.actor import SYSTEM
from brutal_patches.audit.entries import entry
from brutal_patches.clock import Clock
from brutal_patches.errors import Conflict
from brutal_patches.migration import ledger
from brutal_patches.migration.ledger import Line
from brutal_patches.patches import store
from brutal_patches.patches.model import PatchRecord
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.operations import Delete, Operation, Query
from brutal_patches.storage.table import Table

_KEPT = "was changed here since it was carried over"

type Tell = Callable[[dict[str, str]], None]


class Undoing:
    """Takes back an import. `tell` gets each row that stays, and why."""

    def __init__(self, table: Table, clock: Clock, tell: Tell) -> None:
        self._table = table
        self._clock = clock
        self._tell = tell

    async def take_back(self) -> Counter[str]:
        """Patches first, then the users who have none left. The counter of ids never goes back."""
        done: Counter[str] = Counter()
        for kind, forget in (("patches", self._forget_patch), ("users", self._forget_user)):
            async for page in self._table.pages(Query(_partition(kind), 100, consistent=True)):
                for line in (from_item(Line, item) for item in page):
                    why = await forget(line)
                    done[f"{kind} {'kept' if why else 'taken back'}"] += 1
                    if why:
                        self._tell({"row": line.key, "kept": why})
        await self._table.write(entry(SYSTEM, "legacy.taken_back", "import", self._clock, after=dict(done)))
        return done

    async def _forget_patch(self, line: Line) -> str:
        item = await self._table.get(keys.patch(int(line.id)))
        writes: list[Operation] = [Delete(keys.imported("patches", line.key))]
        if item is not None:
            record = store.from_item(item)
            if not record.deleted_at:
                if ledger.hash_of_patch(record.patch) != line.target or _is_loved(record):
                    return _KEPT
                writes += self._removal(record)
        try:
            await self._table.write(*writes)
        except Conflict:
            return _KEPT
        return ""

    def _removal(self, record: PatchRecord) -> list[Operation]:
        patch = record.patch
        seen = {":seen": record.revision}
        return [
            Delete(keys.patch(patch.id), "revision = :seen", seen, otherwise=Conflict("The patch was changed.")),
            *(Delete(keys.patch_version(patch.id, number)) for number in range(1, patch.version + 1)),
            Delete(keys.owned_patch(record.owner_id, patch.id)),
        ]

    async def _forget_user(self, line: Line) -> str:
        user = await accounts_store.find(self._table, line.id)
        writes: list[Operation] = [Delete(keys.imported("users", line.key))]
        if user is not None:
            stored = await accounts_store.read_hash(self._table, line.id) or ""
            if ledger.hash_of_user(user, stored) != line.target:
                return _KEPT
            if await self._table.count(Query(keys.owned_patches(line.id), consistent=True)):
                return "has patches here"
            seen = {":seen": user.token_version}
            writes += [
                Delete(keys.user(user.id), "token_version = :seen", seen, otherwise=Conflict("The user was changed.")),
                Delete(keys.credentials(user.id)),
                Delete(keys.listed_user(user.id)),
                Delete(keys.username(fold(user.username))),
                *([Delete(keys.email(fold(user.email)))] if user.email else []),
            ]
        try:
            await self._table.write(*writes)
        except Conflict:
            return _KEPT
        return ""


def _is_loved(record: PatchRecord) -> bool:
    """Whether others have done something to it that would be lost."""
    return bool(record.patch.rating_count or record.patch.favourite_count or record.forks)


def _partition(kind: str) -> keys.Partition:
    return keys.everything_imported("patches" if kind == "patches" else "users")
