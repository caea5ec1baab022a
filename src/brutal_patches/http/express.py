"""The express lane: public answers that are ready are sent before the framework is asked.

Routing, guards, injection and serialising cost several times what it takes to send ready bytes. A request
that carries no credentials gets the same answer as everybody, so the edge sends it at once where it knows
it: a single patch straight from the catalogue, and what a route has answered before to the very same
question, for as long as the catalogue has not changed. Limits, ids, headers, tags and metrics are the same
on both lanes; a test asks everything on both and compares.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import msgspec

from brutal_patches.watching import Watch

MAX_BYTES = 32_000_000
MAX_ANSWER = 1_000_000
_OWN_HEADERS = frozenset(
    {
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"content-security-policy",
        b"etag",
        b"cache-control",
        b"vary",
    }
)

type Pairs = list[tuple[bytes, bytes]]


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """An answer as it is sent, and the template of the route that it is of."""

    head: Pairs
    body: bytes
    etag: str
    template: str


class Source(Protocol):
    """Whoever has ready answers."""

    def state(self) -> object:
        """Something that is another thing after each change; None while answers must say more than usual."""
        ...

    def prepared(self, path: str) -> Prepared | None:
        """The answer to a path without a query, where it needs no memory of earlier ones."""
        ...


class Express:
    """Ready answers by what was asked. Memory is bounded by their bytes, the longest unasked going first."""

    def __init__(self, source: Source, watch: Watch | None = None) -> None:
        self._watch = watch or Watch()
        self._source = source
        self._state: object = None
        self._known: OrderedDict[tuple[str, bytes, bytes], Prepared] = OrderedDict()
        self._bytes = 0

    def find(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Prepared | None:
        """The ready answer to this request, where there is one. A hit is told by whoever sends it."""
        if not _may_share(scope, headers):
            return None
        state = self._source.state()
        if state is None:
            self._watch.cached("express", "stale")
            return None
        if state != self._state:
            self._forget(state)
        ready = self._look_up(scope, headers)
        if ready is None:
            self._watch.cached("express", "miss")
        return ready

    def _look_up(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Prepared | None:
        # What was compressed for a client that asked for it is among what was answered before.
        if not scope["query_string"] and not headers.get(b"accept-encoding"):
            return self._source.prepared(scope["path"]) or self._known.get(_question(scope, headers))
        return self._known.get(_question(scope, headers))

    def keeper(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Callable[[Pairs, str, bytes], None]:
        """Takes what a route will answer to this request, if it is the same for everybody.

        The state is that of now: what was worked out before a change is not kept after it.
        """
        return partial(self._keep, scope, headers, self._source.state())

    def _keep(
        self,
        scope: Mapping[str, Any],
        headers: Mapping[bytes, bytes],
        state: object,
        told: Pairs,
        tag: str,
        body: bytes,
    ) -> None:
        if state is None or state != self._source.state() or len(body) > MAX_ANSWER or not _may_share(scope, headers):
            return
        if not dict(told).get(b"cache-control", b"").startswith(b"public") or "path_template" not in scope:
            return
        if _varies_by_type(told):
            return
        if state != self._state:
            self._forget(state)
        while self._known and self._bytes + len(body) > MAX_BYTES:
            _, oldest = self._known.popitem(last=False)
            self._bytes -= len(oldest.body)
        head = [pair for pair in told if pair[0] in _OWN_HEADERS]
        self._known[_question(scope, headers)] = Prepared(head, body, tag, scope["path_template"])
        self._bytes += len(body)

    def _forget(self, state: object) -> None:
        self._state = state
        self._known.clear()
        self._bytes = 0


def _may_share(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Whether nothing about who asks can make a difference."""
    return scope["method"] in {"GET", "HEAD"} and b"authorization" not in headers and b"origin" not in headers


def _varies_by_type(told: Pairs) -> bool:
    """Whether another `Accept` gets another answer, which the question here does not tell."""
    vary = dict(told).get(b"vary", b"").lower().split(b",")
    return any(name.strip() == b"accept" for name in vary)


def _question(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> tuple[str, bytes, bytes]:
    return scope["path"], scope["query_string"], headers.get(b"accept-encoding", b"")
