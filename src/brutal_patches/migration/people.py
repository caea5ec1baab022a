"""Rows of the predecessor's users as users of ours: everybody is kept, and every change is told."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from brutal_patches.accounts.model import Status
from brutal_patches.accounts.submission import fold, looks_like_a_name, normal_email
from brutal_patches.actor import ROLES, Role
from brutal_patches.patches.legacy import UNKNOWN_TIME, Amendment, RowReading

# A cost above 15 would hold a hashing thread for many seconds at each login.
_BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}")
_READ = frozenset(
    ("username", "email", "password", "roles", "patches", "createdAt", "updatedAt", "isActive", "lastLogin")
)


class LegacyUser(msgspec.Struct, frozen=True):
    """A row as it is kept. `source` is its name there, which others' rows mean; `hash` is empty where there is none."""

    source: str
    username: str
    email: str
    roles: tuple[Role, ...]
    status: Status
    hash: str
    patches: tuple[int, ...]
    created_at: str
    updated_at: str
    last_login: str
    amendments: tuple[Amendment, ...]

    def __repr__(self) -> str:
        return f"LegacyUser(source={self.source!r}, …)"


class NotAUser(ValueError):
    """The row has no name, so nobody could log in with it."""


def read_user(row: Mapping[str, Any]) -> LegacyUser:
    """The user of `row`. Raises NotAUser for one without a name."""
    source = row.get("username")
    if not isinstance(source, str) or not source.strip():
        raise NotAUser(f"a row has the username {source!r}, which is none")
    reading = _Reading(source)
    created = reading.moment(row, "createdAt", UNKNOWN_TIME)
    listed = row.get("patches")
    user = LegacyUser(
        source=source,
        username=reading.name(source),
        email=reading.email(row.get("email")),
        roles=reading.roles(row.get("roles")),
        status=reading.status(row.get("isActive")),
        hash=reading.hash(row.get("password")),
        patches=tuple(each for each in listed if type(each) is int) if isinstance(listed, list) else (),
        created_at=created,
        updated_at=reading.moment(row, "updatedAt", created),
        last_login=reading.moment(row, "lastLogin", ""),
        amendments=(),
    )
    reading.drop_rest(row)
    return msgspec.structs.replace(user, amendments=tuple(reading.amendments))


class _Reading(RowReading):
    """Reads the fields of a user."""

    def name(self, source: str) -> str:
        """Any name that can be typed stays as it is, whatever new ones must look like."""
        if looks_like_a_name(source):
            return source
        typed = "".join(character for character in source if character.isprintable())[:200]
        return str(self.amend("username", source, typed or "unnamed", "has characters that nobody can type"))

    def email(self, sent: Any) -> str:
        normal = normal_email(sent.strip()) if isinstance(sent, str) else None
        if normal is None:
            return str(self.amend("email", sent, "", "is not an e-mail address")) if sent else ""
        return str(self.amend("email", sent, normal, "is written in its normal form"))

    def roles(self, sent: Any) -> tuple[Role, ...]:
        given = [sent] if isinstance(sent, str) else sent if isinstance(sent, list) else []
        if unknown := [role for role in given if role not in ROLES]:
            self.amend("roles", unknown, [], "are not roles")
        return tuple(role for role in ROLES if role in given or role == "user")

    def status(self, active: Any) -> Status:
        return "suspended" if active is False else "active"

    def hash(self, sent: Any) -> str:
        """A bcrypt hash as it is; anything else is dropped, and never told."""
        if isinstance(sent, str) and _BCRYPT.fullmatch(sent):
            return sent
        why = "is no bcrypt hash: a new password has to be set by the link of a mail"
        self.amendments.append(Amendment(self._id, "password", None, None, why))
        return ""

    def drop_rest(self, row: Mapping[str, Any]) -> None:
        """Values of fields that nobody knows may be secret, so they are not told."""
        for field in sorted(set(row) - _READ):
            self.amendments.append(Amendment(self._id, field, None, None, "is not kept"))


class Claims:
    """Who keeps a name, an address or a patch that several rows claim: the oldest account.

    It holds a name, an address and the listed patches of each row, and nothing else of it.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, str]] = []
        self._listed: dict[int, tuple[str, str]] = {}

    def add(self, user: LegacyUser) -> None:
        """Count in the claims of one row."""
        self._rows.append((user.created_at, user.source, fold(user.username), fold(user.email)))
        rank = (user.created_at, user.source)
        for patch_id in user.patches:
            self._listed[patch_id] = min(rank, self._listed.get(patch_id, rank))

    def in_order(self) -> list[str]:
        """The rows' names, the oldest account first: who comes first, is served first."""
        return [source for _, source, _, _ in sorted(self._rows)]

    def owner_of(self, patch_id: int) -> str:
        """The name of the row that lists a patch, or nothing."""
        return self._listed.get(patch_id, ("", ""))[1]
