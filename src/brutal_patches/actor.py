"""Who is asking, and with which role. The first argument of every service function."""

from typing import Literal

import msgspec

Role = Literal["user", "moderator", "admin"]
ROLES: tuple[Role, ...] = ("user", "moderator", "admin")


class Actor(msgspec.Struct, frozen=True):
    """The caller of a use case: anonymous, a user with a session, or the command line.

    `address` is the client's IP address as text, `request_id` the id in every answer and log line.
    `unchecked`: it may be somebody, but storage is away and cannot tell.
    """

    user_id: str = ""
    username: str = ""
    roles: frozenset[Role] = frozenset()
    session_id: str = ""
    address: str = ""
    agent: str = ""
    request_id: str = ""
    unchecked: bool = False

    @property
    def is_anonymous(self) -> bool:
        return not self.user_id

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def is_staff(self) -> bool:
        return "admin" in self.roles or "moderator" in self.roles

    def owns(self, owner_id: str) -> bool:
        return bool(self.user_id) and self.user_id == owner_id


ANONYMOUS = Actor()
SYSTEM = Actor(
    user_id="system", username="system", roles=frozenset({"admin"}), address="command line", agent="command line"
)
