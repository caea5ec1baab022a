"""The request that is being worked on, for whoever speaks while it is: log lines, and spans below its own."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

type Scope = Mapping[str, Any]
type Answered = tuple[str, str, int, float, float, str, Mapping[str, Any]]
"""A request that is over: method, route, status, when it began and ended by `clock.monotonic`, path, and its state."""

REQUEST: ContextVar[Scope | None] = ContextVar("request", default=None)
"""Its ASGI scope: its `path_template`, and of its `state` `request_id`, `client_address`, `actor` and `trace_id`."""


def identity(scope: Scope) -> dict[str, str]:
    """Which request it is, of which route, whose, from where, and its trace; what is not known is left out."""
    state = scope.get("state", {})
    actor = state.get("actor")
    told = {
        "route": scope.get("path_template"),
        "request_id": state.get("request_id"),
        "trace_id": state.get("trace_id"),
        "user_id": actor.user_id if actor else None,
        "client_address": state.get("client_address"),
    }
    return {name: value for name, value in told.items() if value}
