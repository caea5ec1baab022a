"""Refusals that anybody can provoke as often as they like: all are counted, and so many of them are announced."""

from collections.abc import Callable

from brutal_patches.actor import Actor
from brutal_patches.audit.events import Event, announce
from brutal_patches.clock import monotonic
from brutal_patches.http.addresses import neighbourhood
from brutal_patches.http.limits import SlidingWindow
from brutal_patches.watching import Watch

WINDOW_SECONDS = 60
MOST_OF_ONE = 60
"""Twice what alarms call too many of one address in a minute."""
MOST_OF_ALL = 600


class Refusals:
    """Announces tokens and callers that were refused: of one address and of all at most so many a minute.

    A flood of bad tokens is then in the metrics and in the lines of its requests, and once more nowhere.
    """

    def __init__(self, watch: Watch, now: Callable[[], float] = monotonic) -> None:
        self._watch = watch
        self._of_one = SlidingWindow(MOST_OF_ONE, WINDOW_SECONDS, now)
        self._of_all = SlidingWindow(MOST_OF_ALL, WINDOW_SECONDS, now)

    def token(self, actor: Actor, reason: str, *, quietly: bool = False) -> None:
        """A token does not hold; `quietly` where nothing was refused for it."""
        self._watch.rejected(reason)
        if not quietly:
            self._announce("authn_token_rejected", actor, reason)

    def role(self, actor: Actor, needed: str) -> None:
        """Somebody without the role has tried what only those with it may."""
        self._announce("authz_fail", actor, f"not {needed}")

    def _announce(self, event: Event, actor: Actor, reason: str) -> None:
        if self._of_one.take(f"{event} {neighbourhood(actor.address)}").granted and self._of_all.take(event).granted:
            announce(event, actor, reason=reason)
