"""The outermost layer: what is done for every request, before routing and after the answer.

It wraps the framework instead of being one of its middlewares, because those do not see requests
that no route answers.
"""

import asyncio
import itertools
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol

from brutal_patches.clock import Clock, monotonic, new_id
from brutal_patches.errors import DomainError, Unavailable
from brutal_patches.http import incoming, problems
from brutal_patches.http.addresses import addressing, neighbourhood
from brutal_patches.http.express import Express
from brutal_patches.http.incoming import Arrivals, ClientGone, Receive
from brutal_patches.http.limits import SlidingWindow, too_many
from brutal_patches.http.outgoing import Answer, Headers, Send, send_ready
from brutal_patches.settings import HttpSettings
from brutal_patches.storage import retrying
from brutal_patches.watching import Watch

WAIT_SECONDS = 0.1
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._=:-]{8,128}")
_PROBES = frozenset({"/health", "/health/ready"})


class Room(Protocol):
    """Places for requests that need something scarce besides the loop's time."""

    def refusal(self) -> DomainError | None:
        """What a request is told for which there is no place."""

    def place(self) -> AbstractContextManager[None]:
        """A place for as long as it is entered; raises the refusal where there is none."""


class Edge:
    """An ASGI application around another; `watch` is told of each request.

    `active` is the number of requests that are being worked on; `express` has answers that are ready; `window`
    is what addresses are limited by. `room` says by its path where else a request needs a place. It gets that before
    the framework is asked: whatever comes with one turn of the loop would be let in by a look.
    """

    def __init__(
        self,
        app: Any,
        settings: HttpSettings,
        clock: Clock,
        watch: Watch | None = None,
        express: Express | None = None,
        room: Callable[[str], Room | None] = lambda _path: None,
    ) -> None:
        self._app = app
        self._room = room
        self._watch = watch or Watch()
        self._express = express
        self._client_address = addressing(settings.trusted_proxies)
        self._origins = settings.cors_origins
        self.window = SlidingWindow(settings.rate_max, settings.rate_window_ms / 1000)
        self._arrivals = Arrivals()
        self._places = asyncio.Semaphore(settings.max_in_flight)
        # Unique over all tasks and starts, and cheap: made once, then counted.
        self._id_prefix = new_id(clock)
        self._ids = itertools.count(1)
        self.active = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = monotonic()
        headers = dict(scope["headers"])
        self._introduce(scope, headers)
        trace = self._watch.arrived(scope, headers)
        always, refused = self._count(scope)
        ready = self._express.find(scope, headers) if self._express and refused is None else None
        if ready is not None:
            scope["path_template"] = ready.template
            status = await send_ready(ready, always, scope["method"], headers, send)
            self._watch.ready(scope, trace, status, started)
            return
        self._watch.admitted(scope)
        self.active += 1
        answer = Answer(send, scope["method"], headers.get(b"if-none-match", b"").decode("latin-1"), always)
        if self._express is not None:
            answer.keep = self._express.keeper(scope, headers)
        try:
            await self._admit(scope, headers, receive, answer, refused)
        finally:
            self.active -= 1
            self._watch.answered(scope, trace, answer.status, started)
            # A fault knows the frames that it came through, and they know the scope: a ring that outlives the request.
            scope["state"].pop("fault", None)

    def _introduce(self, scope: Any, headers: Mapping[bytes, bytes]) -> None:
        """Put into the request's state who asks, and under which id."""
        given = headers.get(b"x-request-id")
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded_for = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        kept = given is not None and _REQUEST_ID.fullmatch(given)
        scope["state"] = {
            "request_id": given.decode() if given and kept else f"{self._id_prefix}-{next(self._ids):x}",
            "client_address": self._client_address(peer, forwarded_for),
        }

    def _count(self, scope: Any) -> tuple[Headers, DomainError | None]:
        """The headers of every answer, and a refusal where the caller has asked too often."""
        always = [(b"x-request-id", scope["state"]["request_id"].encode())]
        if "sampled" in scope["state"]:
            # Whoever waits too long can name the trace that tells why.
            always.append((b"x-amzn-trace-id", b"Root=%b;Sampled=1" % scope["state"]["trace_id"].encode()))
        if scope["path"] in _PROBES:
            return always, None
        allowance = self.window.take(neighbourhood(scope["state"]["client_address"]))
        return always + self.window.headers(allowance), None if allowance.granted else too_many(allowance)

    async def _admit(
        self,
        scope: Any,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        answer: Answer,
        refused: DomainError | None,
    ) -> None:
        room = self._room(scope["path"])
        refused = refused or incoming.refusal(headers) or (room.refusal() if room else None)
        if refused is not None:
            await self._refuse(scope, headers, refused, answer)
            return
        with ExitStack() as held:
            try:
                if scope["method"] not in {"GET", "HEAD"}:
                    receive = await self._arrivals.whole(receive, neighbourhood(scope["state"]["client_address"]))
                if room is not None:
                    held.enter_context(room.place())
                await self._find_place()
                held.callback(self._places.release)
            except DomainError as fault:
                await self._refuse(scope, headers, fault, answer)
                return
            except ClientGone:
                return
            with retrying.together(retrying.Lost()):
                await self._serve(scope, receive, answer)

    async def _serve(self, scope: Any, receive: Receive, answer: Answer) -> None:
        if scope["method"] == "HEAD":
            # Every GET answers HEAD too; `answer` leaves the body out.
            scope["method"] = "GET"
            try:
                await self._app(scope, receive, answer)
            finally:
                scope["method"] = "HEAD"
            return
        await self._app(scope, receive, answer)

    async def _find_place(self) -> None:
        """Wait a moment for one of the places for requests in flight; raises Unavailable."""
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable("The service is busy. Please try again in a moment.", retry_after=1) from None

    async def _refuse(self, scope: Any, headers: Mapping[bytes, bytes], error: DomainError, answer: Answer) -> None:
        scope["state"]["fault"] = error
        body = problems.describe(scope, error.status, error.title, error.message, error.errors)
        told = {
            "content-type": problems.MEDIA_TYPE,
            "content-length": str(len(body)),
            **problems.headers_of(error),
        }
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and (origin in self._origins or "*" in self._origins):
            told |= {"access-control-allow-origin": origin, "vary": "Origin"}
        pairs = [(name.encode(), value.encode()) for name, value in told.items()]
        await answer({"type": "http.response.start", "status": error.status, "headers": pairs})
        await answer({"type": "http.response.body", "body": body})
