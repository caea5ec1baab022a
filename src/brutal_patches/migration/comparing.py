"""The proof: every row there is read once more, and what it should have become is compared with what is here."""

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from brutal_patches.accounts.model import User
from brutal_patches.migration import ledger
from brutal_patches.migration.ledger import Digest, Line
from brutal_patches.migration.people import LegacyUser, NotAUser, read_user
from brutal_patches.patches import store
from brutal_patches.patches.importing import patch_of
from brutal_patches.patches.legacy import NotAPatch, read_row
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.foreign import ForeignTable, Row
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table

type Tell = Callable[[dict[str, str]], None]


class Compared(msgspec.Struct, frozen=True):
    """One table there and what is here of it. `expected` and `found` are sums of content hashes: equal if all is."""

    rows: int
    carried: int
    verdicts: dict[str, int]
    expected: str
    found: str

    @property
    def agree(self) -> bool:
        """Whether nothing is missing, nothing differs, and nothing is here that is not there."""
        same = self.expected == self.found and self.rows == self.carried
        return same and set(self.verdicts) <= {"equal", "equal, password hashed anew"}


class Comparing:
    """Compares; changes nothing. `tell` gets each row that is not as it should be."""

    def __init__(self, table: Table, tell: Tell) -> None:
        self._table = table
        self._tell = tell

    async def users(self, users: ForeignTable) -> Compared:
        """Names, addresses, roles, standing and passwords."""
        tally = _Tally(self._tell)
        async for page in users.pages():
            names = [str(row["username"]) for row in page]
            lines = await ledger.read_many(self._table, "users", names)
            here = await self._here([line.id for line in lines if line])
            for row, line in zip(page, lines, strict=True):
                self._judge_user(tally, row, line, here)
        return tally.result(await self._carried("users"))

    def _judge_user(self, tally: "_Tally", row: Row, line: Line | None, here: dict[str, tuple[User, str]]) -> None:
        name = str(row["username"])
        try:
            legacy = read_user(row)
        except NotAUser as fault:
            tally.count(name, str(fault), "", "")
            return
        if line is None or line.id not in here:
            tally.count(name, "missing here", _expected_user(legacy, line), "")
            return
        user, stored = here[line.id]
        anew = bool(legacy.hash) and stored.startswith("$argon2")
        expected, found = _expected_user(legacy, line), ledger.hash_of_user(user, legacy.hash if anew else stored)
        tally.count(name, _verdict(row, line, expected, found, anew=anew), expected, found)

    async def _here(self, ids: Sequence[str]) -> dict[str, tuple[User, str]]:
        profiles = await self._table.get_many([keys.user(user_id) for user_id in ids])
        secrets = await self._table.get_many([keys.credentials(user_id) for user_id in ids])
        return {
            user_id: (from_item(User, profile), str(secret["hash"]) if secret else "")
            for user_id, profile, secret in zip(ids, profiles, secrets, strict=True)
            if profile
        }

    async def patches(self, patches: ForeignTable) -> Compared:
        """Everything that an author can see of a patch."""
        tally = _Tally(self._tell)
        async for page in patches.pages():
            lines = await ledger.read_many(self._table, "patches", [f"{row['id']:016d}" for row in page])
            here = await self._table.get_many([keys.patch(int(row["id"])) for row in page])
            for row, line, item in zip(page, lines, here, strict=True):
                try:
                    legacy = read_row(row)
                except NotAPatch as fault:
                    tally.count(str(row["id"]), str(fault), "", "")
                    continue
                expected = ledger.hash_of_patch(patch_of(legacy, line.username if line else legacy.username))
                record = store.from_item(item) if item else None
                if line is None or record is None:
                    tally.count(str(legacy.id), "missing here", expected, "")
                    continue
                found = "" if record.deleted_at else ledger.hash_of_patch(record.patch)
                tally.count(str(legacy.id), _verdict(row, line, expected, found), expected, found)
        return tally.result(await self._carried("patches"))

    async def _carried(self, kind: ledger.Kind) -> int:
        return await self._table.count(Query(keys.everything_imported(kind), consistent=True))


class _Tally:
    """Counts verdicts and sums hashes."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._verdicts: Counter[str] = Counter()
        self._expected = Digest()
        self._found = Digest()

    def count(self, row: str, verdict: str, expected: str, found: str) -> None:
        self._verdicts[verdict] += 1
        for digest, content in ((self._expected, expected), (self._found, found)):
            if content:
                digest.add(content)
        if not verdict.startswith("equal"):
            self._tell({"row": row, "verdict": verdict})

    def result(self, carried: int) -> Compared:
        rows = self._verdicts.total()
        return Compared(rows, carried, dict(self._verdicts), str(self._expected), str(self._found))


def _expected_user(legacy: LegacyUser, line: Line | None) -> str:
    """What the row becomes; a name or an address that another had before it is the one that the ledger tells."""
    user = User(
        id="",
        username=line.username if line else legacy.username,
        email=line.email if line else legacy.email,
        roles=legacy.roles,
        status=legacy.status,
        created_at=legacy.created_at,
        updated_at="",
    )
    return ledger.hash_of_user(user, legacy.hash)


def _verdict(row: Row, line: Line, expected: str, found: str, *, anew: bool = False) -> str:
    if expected == found:
        return "equal, password hashed anew" if anew else "equal"
    there, here = ledger.hash_of_row(row) != line.source, found != line.target
    if there and here:
        return "changed there and here"
    return "changed there since" if there else "changed here since" if here else "DIFFERENT"
