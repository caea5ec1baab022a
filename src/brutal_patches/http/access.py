"""Who may call what. Closed by default: a handler is public only when its `opt` says so."""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from msgspec.structs import replace

from brutal_patches.actor import Actor, Role
from brutal_patches.errors import Forbidden, Unauthorized, Unavailable
from brutal_patches.http.limits import SlidingWindow, too_many
from brutal_patches.http.switches import Positions, resting

PUBLIC: Mapping[str, Any] = {"access": "public"}
SIGNED_IN: Mapping[str, Any] = {"access": "user"}
MODERATOR: Mapping[str, Any] = {"access": "moderator"}
ADMIN: Mapping[str, Any] = {"access": "admin"}
OPERATORS: Mapping[str, Any] = {"access": "operators"}
"""Open to all until an operators' token is set; then only to who sends it."""

_ENOUGH: dict[str, frozenset[Role]] = {
    "user": frozenset({"user", "moderator", "admin"}),
    "moderator": frozenset({"moderator", "admin"}),
    "admin": frozenset({"admin"}),
}
_SIGN_IN = "Please log in to do this."

type Connection = ASGIConnection[Any, Any, Any, Any]


class Authenticate(Protocol):
    """Turns a bearer token into the actor it stands for; raises Unauthorized for one that does not hold.

    The actor calls from where `caller` does. `thorough` asks for an answer that is true at this moment, not a few
    seconds ago; where the token is not `needed`, nothing is refused to a caller whose login has ended.
    """

    async def __call__(self, token: str, caller: Actor, *, thorough: bool, needed: bool) -> Actor: ...


class Refusals(Protocol):
    """Whoever wants to know of refusals."""

    def token(self, actor: Actor, reason: str) -> None: ...
    def role(self, actor: Actor, needed: str) -> None: ...


def bearer(headers: Mapping[str, str]) -> str:
    """The token of an `Authorization: Bearer` header, `""` where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Gate:
    """The guard of every route, and the source of its `actor`."""

    def __init__(
        self,
        authenticate: Authenticate,
        ops_token: str,
        window: SlidingWindow,
        refusals: Refusals,
        positions: Callable[[], Positions] = Positions,
    ) -> None:
        self._authenticate = authenticate
        self._ops_token = ops_token
        self._window = window
        self._refusals = refusals
        self._positions = positions

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Refuses whoever the route's `opt` does not let in; the actor is kept for the handler."""
        access = handler.opt.get("access", "")
        if access == "operators":
            self._check_operator(connection)
            return
        actor = await self._identify(connection, access)
        if actor.user_id:
            self._limit(actor)
        if access != "public":
            if actor.is_anonymous:
                raise Unauthorized(_SIGN_IN)
            if not actor.roles & _ENOUGH.get(access, frozenset()):
                self._refusals.role(actor, access)
                raise Forbidden("Your account does not have the role for this.")
        self._check_maintenance(connection, handler)
        connection.scope["state"]["actor"] = actor

    def _check_maintenance(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """While it lasts only admins change anything; people can still log in, and out."""
        positions = self._positions()
        changes = connection.scope.get("method") not in {"GET", "HEAD"} and handler.opt.get("writes", True)
        if positions.maintenance and changes and handler.opt["access"] != "admin":
            raise resting(positions)

    def _check_operator(self, connection: Connection) -> None:
        token = bearer(connection.headers)
        if self._ops_token and not hmac.compare_digest(token.encode(), self._ops_token.encode()):
            if token:
                self._refusals.token(_caller(connection), "invalid")
            raise Unauthorized("This page asks for the operators' token.")

    def _limit(self, actor: Actor) -> None:
        """One person with many addresses is still one person."""
        allowance = self._window.take(actor.user_id)
        if not allowance.granted:
            raise too_many(allowance)

    async def _identify(self, connection: Connection, access: str) -> Actor:
        token = bearer(connection.headers)
        caller = _caller(connection)
        if not token:
            return caller
        thorough = access in {"moderator", "admin"} or connection.scope.get("method") not in {"GET", "HEAD"}
        try:
            return await self._authenticate(token, caller, thorough=thorough, needed=access != "public")
        except (Unauthorized, Unavailable) as fault:
            if access == "public":
                # A public page is as public to someone whose session has ended, or cannot be looked up.
                return replace(caller, unchecked=isinstance(fault, Unavailable))
            raise


def _caller(connection: Connection) -> Actor:
    state = connection.scope["state"]
    agent = connection.headers.get("user-agent", "")[:200]
    return Actor(address=state.get("client_address", ""), agent=agent, request_id=state.get("request_id", ""))


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """The dependency `actor`: whom the gate let in."""
    return cast("Actor", request.scope["state"]["actor"])


def undeclared_routes(app: Litestar) -> list[str]:
    """Handlers that do not say who may call them; a start with any is refused."""
    return [
        f"{handler.fn.__qualname__} at {route.path}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"} and "access" not in handler.opt
    ]
