"""Security events in the log, under names that alarms and queries can rely on (after OWASP's vocabulary)."""

from typing import Literal

from loguru import logger

from brutal_patches.actor import Actor

type Event = Literal[
    "authn_login_success",
    "authn_login_fail",
    "authn_login_lock",
    "authn_password_change",
    "authn_password_reset",
    "authn_token_created",
    "authn_token_rejected",
    "authn_token_revoked",
    "authn_token_reuse",
    "authz_fail",
    "user_created",
    "user_updated",
    "user_deleted",
    "privilege_permissions_changed",
]

_WARNINGS = frozenset(
    {"authn_login_fail", "authn_login_lock", "authn_token_rejected", "authn_token_reuse", "authz_fail"}
)


def announce(event: Event, actor: Actor, *, user_id: str = "", reason: str = "") -> None:
    """Log `event`, and who it came from. Names, e-mails and secrets have no place in it."""
    bound = logger.bind(
        event=event,
        user_id=user_id or actor.user_id,
        client_address=actor.address,
        request_id=actor.request_id,
        reason=reason,
    )
    bound.log("WARNING" if event in _WARNINGS else "INFO", "{}", event)
