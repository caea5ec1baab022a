"""Putting single rows: each with its line of the ledger, in one transaction."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from brutal_patches.accounts import store as accounts_store
from brutal_patches.accounts.model import User
from brutal_patches.accounts.standing import Standings
from brutal_patches.accounts.submission import fold
from brutal_patches.clock import Clock, id_at, rfc3339, timestamp
from brutal_patches.errors import Conflict, NotFound
from brutal_patches.migration import ledger
from brutal_patches.migration.ledger import Line
from brutal_patches.migration.people import LegacyUser
from brutal_patches.patches import store
from brutal_patches.patches.importing import Importing, patch_of, told_now
from brutal_patches.patches.legacy import KEEPER, Amendment, LegacyPatch
from brutal_patches.patches.model import Patch, PatchRecord
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.operations import Delete, Operation, Put, Query, Update, create
from brutal_patches.storage.table import Table

type Outcome = Literal[
    "added", "changed", "unchanged", "was there", "changed here too", "id taken", "deleted", "kept here"
]
type Done = tuple[Outcome, tuple[Amendment, ...]]
_NAMES_TO_TRY = 50


class _NameTaken(Conflict):
    """Somebody has this name."""


class _AddressTaken(Conflict):
    """Somebody has this address."""


class Putting:
    """Writes rows that were read. When `dry` it writes nothing, and says what it would have done."""

    def __init__(self, table: Table, clock: Clock, standings: Standings, *, dry: bool) -> None:
        self._table = table
        self._clock = clock
        self._standings = standings
        self._dry = dry
        self._importing = Importing(table, clock)
        self._claimed: set[keys.Key] = set()
        self._owners: dict[str, tuple[str, str]] = {}

    async def jump_ahead(self, highest: int) -> None:
        """Let new patches have ids above `highest`."""
        await self._importing.jump_ahead(highest)

    async def user(self, user: LegacyUser, source: str, line: Line | None) -> Done:
        """Add a user with their claims, or change the one whose row has changed since the pass that wrote `line`."""
        return await (self._add_user(user, source) if line is None else self._change_user(user, source, line))

    async def _add_user(self, user: LegacyUser, source: str) -> Done:
        made = User(
            id=id_at(datetime.fromisoformat(user.created_at), self._clock),
            username=user.username,
            email=user.email,
            roles=user.roles,
            status=user.status,
            created_at=user.created_at,
            updated_at=user.updated_at,
            last_login=user.last_login,
        )
        amendments: list[Amendment] = []
        for number in range(2, _NAMES_TO_TRY):
            try:
                await self._write_user(made, user.hash, source, user.source)
            except _NameTaken:
                name = f"{user.username}-{number}"
                made = replace(made, username=name)
            except _AddressTaken:
                amendments.append(
                    Amendment(user.source, "email", made.email, "", "is an older account's, but for case")
                )
                made = replace(made, email="")
            else:
                break
        else:
            raise Conflict(f"No name could be found for {user.source}.")
        self._owners[user.source] = _known(made)
        if made.username != user.username:
            why = "is an older account's, but for case"
            amendments.append(Amendment(user.source, "username", user.username, made.username, why))
        return "added", tuple(amendments)

    async def _write_user(self, user: User, password_hash: str, source: str, row: str) -> None:
        folded = fold(user.username)
        name, address = keys.username(folded), keys.email(fold(user.email))
        if folded == fold(KEEPER):
            raise _NameTaken("This name is that of what has no author.")
        line = _user_line(user, password_hash, source, row)
        writes: list[Operation] = [
            create(name, {"user_id": user.id}, _NameTaken("taken")),
            *([create(address, {"user_id": user.id}, _AddressTaken("taken"))] if user.email else []),
            create(keys.user(user.id), to_item(user), Conflict("This id is taken.")),
            accounts_store.list_user(user),
            *([accounts_store.set_hash(user.id, password_hash, user.updated_at)] if password_hash else []),
            ledger.write("users", line),
        ]
        if not self._dry:
            await self._table.write(*writes)
            return
        for key, taken in ((name, _NameTaken), (address, _AddressTaken)):
            if key != keys.email("") and (key in self._claimed or await self._table.get(key)):
                raise taken("taken")
        self._claimed |= {name, address}

    async def _change_user(self, user: LegacyUser, source: str, line: Line) -> Done:
        """Names are keys there, so they never change; a second claim on somebody's address is passed over."""
        present = await accounts_store.find(self._table, line.id)
        stored = await accounts_store.read_hash(self._table, line.id) or ""
        if present is None or ledger.hash_of_user(present, stored) != line.target:
            return "changed here too", (_changed_here(user.source),)
        email = line.email if fold(user.email) == fold(line.email) else user.email
        if await self._is_another(email, line.id):
            email = line.email
        changed = accounts_store.raised(
            present, sessions=True, moment=user.updated_at, email=email, roles=user.roles, status=user.status
        )
        written = _user_line(changed, user.hash, source, line.key)
        writes: list[Operation] = [ledger.write("users", written)]
        if written.target != line.target:
            writes.append(accounts_store.change_user(present, changed))
            writes += [accounts_store.set_hash(line.id, user.hash, user.updated_at)] if user.hash else []
            if fold(email) != fold(present.email):
                writes += accounts_store.move_email(present, fold(present.email), fold(email))
        if not self._dry:
            await self._table.write(*writes)
        return ("unchanged" if written.target == line.target else "changed"), ()

    async def _is_another(self, email: str, user_id: str) -> bool:
        claim = await self._table.get(keys.email(fold(email))) if email else None
        return claim is not None and claim["user_id"] != user_id

    async def patch(self, legacy: LegacyPatch, source: str, line: Line | None) -> Done:
        """Add a patch, or make a new version of the one whose row has changed since the pass that wrote `line`."""
        if line is not None:
            return await self._change_patch(legacy, source, line)
        (owner_id, username), settled = await self._owner(legacy)
        patch = patch_of(legacy, username)
        added = told_now(store.add(PatchRecord(patch=patch, owner_id=owner_id)), legacy.id, timestamp(self._clock))
        kept = ledger.write("patches", _patch_line(patch, source))
        if not self._dry:
            try:
                await self._table.write(*added, kept)
                return "added", settled
            except Conflict:
                pass
        item = await self._table.get(keys.patch(legacy.id))
        if item is None:
            return "added", settled
        if ledger.hash_of_patch(store.from_item(item).patch) != ledger.hash_of_patch(patch):
            return "id taken", (
                Amendment(legacy.id, "id", None, None, "is another patch's here: the row was not kept"),
            )
        if not self._dry:
            await self._table.write(kept)
        return "was there", ()

    async def _change_patch(self, legacy: LegacyPatch, source: str, line: Line) -> Done:
        item = await self._table.get(keys.patch(legacy.id))
        present = store.from_item(item) if item else None
        if present is None or present.deleted_at or ledger.hash_of_patch(present.patch) != line.target:
            return "changed here too", (_changed_here(legacy.id),)
        patch = patch_of(legacy, present.patch.username)
        written = _patch_line(patch, source)
        writes: list[Operation] = [ledger.write("patches", written)]
        if written.target != line.target:
            patch.version = present.patch.version + 1
            record = replace(present, patch=patch)
            change: list[Put | Update] = [
                store.replace(record),
                store.keep_version(record, ""),
                store.list_under_owner(record),
            ]
            writes += told_now(change, legacy.id, timestamp(self._clock))
        if not self._dry:
            await self._table.write(*writes)
        return ("unchanged" if written.target == line.target else "changed"), ()

    async def lines(self, kind: ledger.Kind) -> AsyncIterator[list[Line]]:
        """The ledger, page by page."""
        async for page in self._table.pages(Query(keys.everything_imported(kind), 100, consistent=True)):
            yield [from_item(Line, item) for item in page]

    async def bury(self, line: Line) -> Outcome:
        """Delete a patch that is gone there, as its author would; one that was changed here is kept."""
        item = await self._table.get(keys.patch(int(line.id)))
        record = store.from_item(item) if item else None
        if record is not None and not record.deleted_at and ledger.hash_of_patch(record.patch) != line.target:
            return "kept here"
        if self._dry:
            return "deleted"
        moment = self._clock.now()
        gone: list[Operation] = [Delete(keys.imported("patches", line.key))]
        if record is not None and not record.deleted_at:
            gone += store.bury(replace(record, deleted_at=rfc3339(moment)), moment)
        await self._table.write(*gone)
        return "deleted"

    async def _owner(self, legacy: LegacyPatch) -> tuple[tuple[str, str], tuple[Amendment, ...]]:
        """Id and name of the author, and what there is to tell where it is nobody."""
        known = self._owners.get(legacy.username) or await self._find_owner(legacy.username)
        if known:
            self._owners[legacy.username] = known
            return known, ()
        keeper = (KEEPER, KEEPER) if self._dry else _known(await self._standings.ensure_keeper(KEEPER))
        self._owners[KEEPER] = keeper
        nobody = Amendment(legacy.id, "username", legacy.username, KEEPER, "has no account")
        return keeper, (() if legacy.username == KEEPER else (nobody,))

    async def _find_owner(self, source: str) -> tuple[str, str] | None:
        line = (await ledger.read_many(self._table, "users", [source]))[0]
        if line is not None:
            return line.id, line.username
        try:
            user = await self._standings.find_by_name(source)
        except NotFound:
            return None
        return _known(user)


def _known(user: User) -> tuple[str, str]:
    return user.id, user.username


def _changed_here(row: int | str) -> Amendment:
    return Amendment(row, "", None, None, "was changed there and here: it stays as it is here")


def _user_line(user: User, password_hash: str, source: str, row: str) -> Line:
    target = ledger.hash_of_user(user, password_hash)
    return Line(key=row, source=source, target=target, id=user.id, username=user.username, email=user.email)


def _patch_line(patch: Patch, source: str) -> Line:
    target = ledger.hash_of_patch(patch)
    return Line(key=f"{patch.id:016d}", source=source, target=target, id=str(patch.id), username=patch.username)
