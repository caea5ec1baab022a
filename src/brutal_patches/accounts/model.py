"""What a user, a session and an answer to a login are."""

from typing import Literal

import msgspec

from brutal_patches.actor import Role

type Status = Literal["active", "suspended", "banned", "leaving"]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user as stored. Times are RFC 3339 in UTC.

    One who is `leaving` has chosen what becomes of their patches.

    Tokens made before `token_version` no longer count, nor do sessions begun before `session_floor`.
    """

    id: str
    username: str
    email: str
    roles: tuple[Role, ...] = ("user",)
    status: Status = "active"
    token_version: int = 1
    session_floor: int = 1
    created_at: str
    updated_at: str
    last_login: str = ""
    status_reason: str = ""
    leaving: Literal["", "delete", "keep"] = ""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One login, as stored. `generation` counts its refreshes; `ends` is in epoch seconds, and final."""

    id: str
    user_id: str
    generation: int = 0
    rotated_at: int
    token_version: int
    created_at: str
    last_used: str
    address: str
    agent: str
    ends: int
    revoked_at: str = ""
    revoked_why: str = ""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user on the wire, as they see themselves. `patches` are the ids of their patches."""

    id: str
    username: str
    email: str
    roles: tuple[Role, ...]
    patches: tuple[int, ...]
    created_at: str = msgspec.field(name="createdAt")
    updated_at: str = msgspec.field(name="updatedAt")


class PublicAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A user on the wire, as anybody sees them: public patches only."""

    username: str
    patches: tuple[int, ...]
    created_at: str = msgspec.field(name="createdAt")


class Registered(msgspec.Struct, frozen=True):
    """The answer to a registration."""

    data: Account
    ok: bool = True


class OwnProfile(msgspec.Struct, frozen=True):
    """The answer to a question for one's own profile."""

    user: Account
    ok: bool = True


class PublicProfile(msgspec.Struct, frozen=True):
    """The answer to a question for someone's public profile."""

    user: PublicAccount
    ok: bool = True


class Tokens(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a login or a refresh. `expires_in` is in seconds."""

    username: str
    email: str
    roles: tuple[Role, ...]
    access_token: str
    expires_in: int
    token_type: Literal["Bearer"] | msgspec.UnsetType = msgspec.UNSET
    refresh_token: str
    refreshed: bool = False

    def __repr__(self) -> str:
        return f"Tokens(username={self.username!r}, …)"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the actor is allowed to do, in the client's words."""

    roles: tuple[Role, ...]
    is_admin: bool = msgspec.field(name="isAdmin")
    permissions: tuple[str, ...]


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session in the list of one's own."""

    id: str
    created_at: str = msgspec.field(name="createdAt")
    last_used: str = msgspec.field(name="lastUsed")
    ends_at: str = msgspec.field(name="endsAt")
    address: str
    agent: str
    current: bool


_PERMISSIONS: dict[Role, tuple[str, ...]] = {
    "user": ("patches:read", "patches:write"),
    "moderator": ("moderation:read", "moderation:write"),
    "admin": ("admin:read", "admin:write", "users:manage"),
}


def permissions(roles: tuple[Role, ...] | frozenset[Role]) -> tuple[str, ...]:
    """What `roles` allow, in a fixed order."""
    return tuple(permission for role, granted in _PERMISSIONS.items() if role in roles for permission in granted)
