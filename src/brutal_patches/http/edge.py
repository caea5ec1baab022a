"""The outermost layer: what is done for every request, before routing and after the answer.

It wraps the framework instead of being one of its middlewares, because those do not see requests
that no route answers.
"""

import asyncio
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from brutal_patches.clock import Clock, monotonic, new_id
from brutal_patches.errors import DomainError, Unavailable
from brutal_patches.http import incoming, problems
from brutal_patches.http.addresses import client_address, neighbourhood
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


class Edge:
    """An ASGI application around another; `watch` is told of each request.

    `active` is the number of requests that are being worked on; `express` has answers that are ready; `window`
    is what addresses are limited by. `crowded` refuses by its path what would only find out inside that there is no
    room for it.
    """

    def __init__(
        self,
        app: Any,
        settings: HttpSettings,
        clock: Clock,
        watch: Watch | None = None,
        express: Express | None = None,
        crowded: Callable[[str], DomainError | None] = lambda _path: None,
    ) -> None:
        self._app = app
        self._crowded = crowded
        self._watch = watch or Watch()
        self._express = express
        self._trusted = settings.trusted_proxies
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
            self._watch.answered(scope, trace, status, started)
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

    def _introduce(self, scope: Any, headers: Mapping[bytes, bytes]) -> None:
        """Put into the request's state who asks, and under which id."""
        given = headers.get(b"x-request-id")
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded_for = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        kept = given is not None and _REQUEST_ID.fullmatch(given)
        scope["state"] = {
            "request_id": given.decode() if given and kept else f"{self._id_prefix}-{next(self._ids):x}",
            "client_address": client_address(peer, forwarded_for, self._trusted),
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
        refused = refused or incoming.refusal(headers) or self._crowded(scope["path"])
        if refused is None and scope["method"] not in {"GET", "HEAD"}:
            try:
                receive = await self._arrivals.whole(receive, neighbourhood(scope["state"]["client_address"]))
            except DomainError as fault:
                refused = fault
            except ClientGone:
                return
        if refused is None and not await self._find_place():
            refused = Unavailable("The service is busy. Please try again in a moment.", retry_after=1)
        if refused is not None:
            await self._refuse(scope, headers, refused, answer)
            return
        try:
            with retrying.together(retrying.Lost()):
                await self._serve(scope, receive, answer)
        finally:
            self._places.release()

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

    async def _find_place(self) -> bool:
        """Wait a moment for one of the places for requests in flight."""
        if not self._places.locked():
            await self._places.acquire()
            return True
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            return False
        return True

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
