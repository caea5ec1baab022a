"""Accounts over HTTP: `/api/users` and `/api/auth`."""

from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, PathParameter

from brutal_patches.accounts.model import (
    Account,
    OwnProfile,
    PublicProfile,
    Registered,
    SessionLine,
    Standing,
    Tokens,
)
from brutal_patches.accounts.service import Accounts
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.accounts.submission import (
    EmailChange,
    Login,
    PasswordChange,
    Refresh,
    Registration,
    Reset,
    ResetRequest,
)
from brutal_patches.actor import Actor
from brutal_patches.errors import Conflict, Forbidden, NotFound, Unauthorized
from brutal_patches.http.given import Given
from brutal_patches.http.operations import public, signed_in

_PERSON = {
    "id": "01k5m0c6xw8v5q0d4y6n2h7j3t",
    "username": "ada",
    "email": "ada@example.com",
    "roles": ["user"],
    "patches": [1130],
    "createdAt": "2026-11-24T10:00:00.000000Z",
    "updatedAt": "2026-11-24T10:00:00.000000Z",
}
_TOKENS = {
    "username": "ada",
    "email": "ada@example.com",
    "roles": ["user"],
    "access_token": "eyJhbGciOiJIUzI1NiIs….….…",
    "expires_in": 3600,
    "token_type": "Bearer",
    "refresh_token": "01k5m0c6xw8v5q0d4y6n2h7j3t.0.…",
}
_SESSION = {
    "id": "01k5m0c6xw8v5q0d4y6n2h7j3t",
    "createdAt": "2026-11-24T10:00:00.000000Z",
    "lastUsed": "2026-11-24T10:30:00.000000Z",
    "endsAt": "2026-12-01T10:00:00.000000Z",
    "address": "192.0.2.7",
    "agent": "Mozilla/5.0",
    "current": True,
}
_NEW = {"username": "ada", "email": "ada@example.com", "password": "seven knobs at noon"}

Service = Given[Accounts]
SessionId = Annotated[str, PathParameter(max_length=26, description="A session's id, from the list of them.")]


@post(
    "/users/create",
    **public(
        "register",
        "Make an account",
        Conflict,
        Forbidden,
        status=201,
        sends=_NEW,
        example={"ok": True, "data": _PERSON | {"patches": []}},
    ),
)
async def register(data: JSONBody[Registration], actor: Given[Actor], accounts: Service) -> Registered:
    return Registered(await accounts.register(actor, data))


@get("/users/profile", **signed_in("readOwnProfile", "One's own profile", example={"ok": True, "user": _PERSON}))
async def read_own_profile(actor: Given[Actor], accounts: Service) -> OwnProfile:
    return OwnProfile(await accounts.profile(actor))


@get(
    "/users/getUserByUsername/{username:str}",
    **public(
        "readPublicProfile",
        "What anybody may know of a user",
        NotFound,
        example={"ok": True, "user": {name: _PERSON[name] for name in ("username", "patches", "createdAt")}},
    ),
)
async def read_public_profile(username: FromPath[str], accounts: Service) -> PublicProfile:
    return PublicProfile(await accounts.public_profile(username))


@get("/users/test", **signed_in("testLogin", "Whether a login works; in development only", Forbidden))
async def test_login(actor: Given[Actor], production: Given[bool]) -> dict[str, Any]:
    if production:
        raise Forbidden("This route is for development.")
    return {"ok": True, "user": {"id": actor.user_id, "username": actor.username}}


@post(
    "/auth/login",
    **public(
        "logIn",
        "Log in",
        Unauthorized,
        Forbidden,
        writes=False,
        sends={"username": "ada", "password": "seven knobs at noon"},
        example=_TOKENS,
    ),
)
async def log_in(data: JSONBody[Login], actor: Given[Actor], accounts: Service) -> Tokens:
    return await accounts.login(actor, data)


@post(
    "/auth/refresh",
    **public(
        "refresh",
        "New tokens, for a refresh token or for a bearer token that still holds",
        Unauthorized,
        writes=False,
        sends={"refresh_token": _TOKENS["refresh_token"]},
        example=_TOKENS | {"refreshed": True},
    ),
)
async def refresh(data: JSONBody[Refresh], actor: Given[Actor], sessions: Given[Sessions]) -> Tokens:
    token = data.refresh_token or data.refreshToken
    return await (sessions.refresh(actor, token) if token else sessions.refresh_by_bearer(actor))


@post("/auth/logout", **signed_in("logOut", "End this session", status=204, writes=False))
async def log_out(actor: Given[Actor], sessions: Given[Sessions]) -> None:
    await sessions.end(actor, actor.session_id)


@post("/auth/logout-all", **signed_in("logOutEverywhere", "End every session of one's own", status=204, writes=False))
async def log_out_everywhere(actor: Given[Actor], sessions: Given[Sessions]) -> None:
    await sessions.end_all(actor)


@get("/auth/sessions", **signed_in("listSessions", "Where one is logged in", example=[_SESSION]))
async def list_sessions(actor: Given[Actor], sessions: Given[Sessions]) -> list[SessionLine]:
    return await sessions.listing(actor)


@delete(
    "/auth/sessions/{session_id:str}", **signed_in("endSession", "End one session", NotFound, status=204, writes=False)
)
async def end_session(session_id: SessionId, actor: Given[Actor], sessions: Given[Sessions]) -> None:
    await sessions.end(actor, session_id, "ended by its user")


@get(
    "/auth/me/roles",
    **signed_in(
        "readOwnRoles",
        "What one may do",
        example={"roles": ["user"], "isAdmin": False, "permissions": ["patches:read", "patches:write"]},
    ),
)
async def read_own_roles(actor: Given[Actor], accounts: Service) -> Standing:
    return accounts.standing(actor)


@put(
    "/auth/password",
    **signed_in(
        "changePassword",
        "Set a new password; other sessions end",
        Forbidden,
        Conflict,
        status=204,
        sends={"currentPassword": "seven knobs at noon", "newPassword": "eight knobs at dusk"},
    ),
)
async def change_password(data: JSONBody[PasswordChange], actor: Given[Actor], accounts: Service) -> None:
    await accounts.change_password(actor, data.current_password, data.new_password)


@put(
    "/auth/email",
    **signed_in(
        "changeEmail",
        "Set a new e-mail address; other sessions end",
        Forbidden,
        Conflict,
        sends={"email": "ada@example.org", "password": "seven knobs at noon"},
        example=_PERSON | {"email": "ada@example.org"},
    ),
)
async def change_email(data: JSONBody[EmailChange], actor: Given[Actor], accounts: Service) -> Account:
    return await accounts.change_email(actor, data.email, data.password)


@post(
    "/auth/forgot-password",
    **public("askForReset", "Mail a link to set a new password", status=202, sends={"email": "ada@example.com"}),
)
async def ask_for_reset(data: JSONBody[ResetRequest], actor: Given[Actor], accounts: Service) -> dict[str, str]:
    await accounts.ask_for_reset(actor, data.email)
    return {"message": "If there is an account with this address, a mail is on its way."}


@post(
    "/auth/reset-password",
    **public(
        "resetPassword",
        "Set a new password by the token of a mail; every session ends",
        Conflict,
        status=204,
        sends={"token": "the token of the mail", "password": "eight knobs at dusk"},
    ),
)
async def reset_password(data: JSONBody[Reset], actor: Given[Actor], accounts: Service) -> None:
    await accounts.reset(actor, data.token, data.password)


ACCOUNT_ROUTES = [
    register,
    read_own_profile,
    read_public_profile,
    test_login,
    log_in,
    refresh,
    log_out,
    log_out_everywhere,
    list_sessions,
    end_session,
    read_own_roles,
    change_password,
    change_email,
    ask_for_reset,
    reset_password,
]
"""Below `/api`."""

HASHING_PATHS = frozenset({"/api/auth/login", "/api/users/create"})
"""Where anybody can ask for a hash, which takes long."""
