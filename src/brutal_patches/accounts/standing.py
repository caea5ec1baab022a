"""What staff decide about an account: its roles, and whether it may be used."""

from collections.abc import AsyncIterator
from typing import Literal

from brutal_patches.accounts import store
from brutal_patches.accounts.model import User
from brutal_patches.accounts.revocations import barrier_at
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.accounts.submission import fold
from brutal_patches.actor import ROLES, Actor, Role
from brutal_patches.audit.entries import entry
from brutal_patches.audit.events import announce
from brutal_patches.clock import Clock, timestamp
from brutal_patches.errors import Conflict, FieldError, Invalid
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table

_PART = 500

type Decision = Literal["activate", "suspend", "ban"]
_STATUS: dict[Decision, Literal["active", "suspended", "banned"]] = {
    "activate": "active",
    "suspend": "suspended",
    "ban": "banned",
}


class Standings:
    """Decisions about accounts; each takes effect on every task within seconds, and is audited."""

    def __init__(self, table: Table, clock: Clock, sessions: Sessions) -> None:
        self._table = table
        self._clock = clock
        self._sessions = sessions

    async def set_roles(self, actor: Actor, user_id: str, roles: tuple[Role, ...]) -> User:
        """Give exactly these roles; an admin cannot take the admin role from themselves."""
        if unknown := [role for role in roles if role not in ROLES]:
            raise Invalid("There are no such roles.", errors=[FieldError("roles", f"{unknown[0]} is not a role")])
        user = await self.find(user_id)
        wanted = tuple(role for role in ROLES if role in roles or role == "user")
        if actor.owns(user_id) and "admin" not in wanted:
            raise Conflict("You cannot take the admin role from yourself.")
        changed = store.raised(user, sessions=False, moment=timestamp(self._clock), roles=wanted)
        audited = entry(
            actor,
            "user.roles_changed",
            f"user/{user_id}",
            self._clock,
            before=list(user.roles),
            after=list(wanted),
        )
        await self._sessions.change_user(user, changed, audited)
        announce("privilege_permissions_changed", actor, user_id=user_id)
        return changed

    async def decide(self, actor: Actor, user_id: str, decision: Decision, reason: str) -> User:
        """Suspend, ban or activate an account; all its sessions end."""
        if actor.owns(user_id):
            raise Conflict("You cannot do this to your own account.")
        user = await self.find(user_id)
        if user.status == "leaving":
            raise Conflict("This account is being deleted.")
        status = _STATUS[decision]
        moment = timestamp(self._clock)
        told = "" if status == "active" else reason
        changed = store.raised(user, sessions=True, moment=moment, status=status, status_reason=told)
        audited = entry(
            actor,
            f"user.{decision}",
            f"user/{user_id}",
            self._clock,
            before=user.status,
            after=status,
            reason=reason,
        )
        await self._sessions.change_user(user, changed, audited)
        return changed

    async def begin_leaving(self, actor: Actor, user: User, choice: Literal["delete", "keep"], reason: str) -> User:
        """Nobody can use the account any more; what is its is taken apart after this."""
        moment = timestamp(self._clock)
        changed = store.raised(user, sessions=True, moment=moment, status="leaving", leaving=choice)
        audited = entry(
            actor, "user.deleted", f"user/{user.id}", self._clock, before=user.status, after=choice, reason=reason
        )
        await self._sessions.change_user(user, changed, audited)
        announce("user_deleted", actor, user_id=user.id)
        return changed

    async def finish_leaving(self, user: User) -> None:
        """The account itself and its claims on a name and an address are gone."""
        await self._table.write(*store.remove(user, fold(user.username), fold(user.email)))

    async def end_sessions(self, actor: Actor, user_id: str) -> None:
        """Log a user out everywhere."""
        user = await self.find(user_id)
        changed = store.raised(user, sessions=True, moment=timestamp(self._clock))
        audited = entry(actor, "user.sessions_ended", f"user/{user_id}", self._clock)
        await self._sessions.change_user(user, changed, audited)

    async def end_everybodys_sessions(self, actor: Actor) -> None:
        """Refuse every token and every session there is: after a leak, or a restore."""
        barrier = barrier_at(self._clock.now())
        await self._table.write(barrier, entry(actor, "users.sessions_ended", "users", self._clock))

    async def ensure_keeper(self, username: str) -> User:
        """An account that nobody can log in to, made where it is missing: it owns what has no author."""
        moment = timestamp(self._clock)
        keeper = User(
            id=username, username=username, email="", status="suspended", created_at=moment, updated_at=moment
        )
        try:
            await self._table.write(*store.add_keeper(keeper, fold(username)))
        except Conflict:
            return await self.find_by_name(username)
        return keeper

    async def find_by_name(self, username: str) -> User:
        """The user of this name, whatever its case."""
        user_id = await store.find_id(self._table, fold(username))
        return await self.find(user_id or "")

    async def everyone(self) -> list[User]:
        """All users, the oldest first: for admins, and never for a page that is asked for often."""
        return [user async for part in self.parts() for user in part]

    async def parts(self) -> AsyncIterator[list[User]]:
        """The same in parts of bounded size."""
        async for lines in self._table.pages(Query(keys.listed_users(), _PART, consistent=True)):
            items = await self._table.get_many([keys.user(str(line["id"])) for line in lines])
            yield [from_item(User, item) for item in items if item]

    async def count(self) -> int:
        """How many users there are."""
        return await self._table.count(Query(keys.listed_users(), consistent=True))

    async def count_sessions(self, user_id: str) -> int:
        """How many sessions of a user are listed as going on."""
        return await self._table.count(Query(keys.user_sessions(user_id), consistent=True))

    async def find(self, user_id: str) -> User:
        """The user with this id."""
        user = await store.find(self._table, user_id)
        if user is None:
            raise store.no_such_user()
        return user
