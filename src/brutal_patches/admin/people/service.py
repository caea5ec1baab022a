"""Users as admins see them: listed, found, and decided upon one by one and in bulk."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import msgspec

from brutal_patches.accounts.model import Status, User
from brutal_patches.accounts.standing import Standings
from brutal_patches.accounts.submission import fold
from brutal_patches.actor import Actor, Role
from brutal_patches.admin.service import Done, tried
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.privacy.leaving import Choice, Leaving

type Order = Literal["created_at", "username", "email", "patchCount", "lastLogin"]
type Action = Literal["suspend", "activate", "ban", "delete"]


class UserLine(msgspec.Struct, frozen=True, kw_only=True):
    """A user in a list. `lastLogin` is null for one who never logged in; `patchCount` has private ones too."""

    id: str
    username: str
    email: str
    created_at: str
    patch_count: int = msgspec.field(name="patchCount")
    is_active: bool = msgspec.field(name="isActive")
    last_login: str | None = msgspec.field(name="lastLogin")
    roles: tuple[Role, ...]
    status: Status


class UserDetail(UserLine, frozen=True, kw_only=True):
    """A user with what was decided about them, and how many sessions go on."""

    status_reason: str = msgspec.field(name="statusReason")
    updated_at: str
    sessions: int


class UserPage(msgspec.Struct, frozen=True):
    """Some users, and how many there are that fit."""

    users: list[UserLine]
    total: int


class People:
    """The use cases of admins with users; each decision is audited in its own transaction."""

    def __init__(self, standings: Standings, leaving: Leaving, feeder: Feeder) -> None:
        self._standings = standings
        self._leaving = leaving
        self._feeder = feeder

    async def search(self, words: str, order: Order, descending: bool, limit: int, offset: int) -> UserPage:
        """Users whose name, address or id has `words` in it, sorted and in part."""
        wanted = fold(words)
        lines = [
            self._line(user)
            for user in await self._standings.everyone()
            if wanted in fold(user.username) or wanted in user.email.casefold() or wanted == user.id
        ]
        lines.sort(key=lambda line: (_SORTED[order](line), line.id), reverse=descending)
        return UserPage(lines[offset : offset + limit], len(lines))

    async def detail(self, user_id: str) -> UserDetail:
        """One user."""
        user = await self._standings.find(user_id)
        return UserDetail(
            **msgspec.structs.asdict(self._line(user)),
            status_reason=user.status_reason,
            updated_at=user.updated_at,
            sessions=await self._standings.count_sessions(user_id),
        )

    async def moderate(self, actor: Actor, user_id: str, action: Action, reason: str, keep: Choice = "delete") -> Done:
        """Decide about one user. A deleted user's patches go with them, unless they are to be kept."""
        if action == "delete":
            await self._leaving.remove(actor, user_id, keep, reason)
            return Done("The user was deleted.")
        await self._standings.decide(actor, user_id, action, reason)
        return Done(f"The user is {_DONE[action]}.")

    async def moderate_many(self, actor: Actor, user_ids: Sequence[str], action: Action, reason: str) -> Done:
        """The same decision about several, each on its own."""
        return await self._each(user_ids, lambda user_id: self.moderate(actor, user_id, action, reason))

    async def set_roles(self, actor: Actor, user_ids: Sequence[str], roles: tuple[Role, ...]) -> Done:
        """Give exactly these roles to several users."""
        return await self._each(user_ids, lambda user_id: self._standings.set_roles(actor, user_id, roles))

    async def revoke(self, actor: Actor, user_id: str) -> Done:
        """Log a user out everywhere."""
        await self._standings.end_sessions(actor, user_id)
        return Done("The user is logged out everywhere.")

    async def _each(self, user_ids: Sequence[str], work: Callable[[str], Awaitable[object]]) -> Done:
        return await tried("users", dict.fromkeys(user_ids), work)

    def _line(self, user: User) -> UserLine:
        return UserLine(
            id=user.id,
            username=user.username,
            email=user.email,
            created_at=user.created_at,
            patch_count=self._feeder.memory.owners[user.id],
            is_active=user.status == "active",
            last_login=user.last_login or None,
            roles=user.roles,
            status=user.status,
        )


_DONE = {"suspend": "suspended", "activate": "active", "ban": "banned"}
_SORTED: dict[Order, Callable[[UserLine], str | int]] = {
    "created_at": lambda line: line.created_at,
    "username": lambda line: fold(line.username),
    "email": lambda line: line.email,
    "patchCount": lambda line: line.patch_count,
    "lastLogin": lambda line: line.last_login or "",
}
