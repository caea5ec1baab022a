"""The whole service assembled: settings in, an ASGI application out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from brutal_patches.accounts.mail import LogMailer, Mailer
from brutal_patches.accounts.routes import ACCOUNT_ROUTES, HASHING_PATHS
from brutal_patches.activity.routes import FEED_ROUTES, USER_ACTIVITY_ROUTES
from brutal_patches.actor import Actor
from brutal_patches.admin.moderation.routes import MODERATION_ROUTES
from brutal_patches.admin.routes import ADMIN_ROUTES
from brutal_patches.assembly import Parts, assemble
from brutal_patches.audit.refusals import Refusals
from brutal_patches.catalogue.express import CatalogueExpress
from brutal_patches.catalogue.routes import CATALOGUE_ROUTES
from brutal_patches.clock import Clock, SystemClock
from brutal_patches.collections.routes import COLLECTION_ROUTES
from brutal_patches.feedback.routes import FEEDBACK_ROUTES, USER_FEEDBACK_ROUTES
from brutal_patches.http import documentation
from brutal_patches.http.access import Gate, actor_of, undeclared_routes
from brutal_patches.http.bodies import JsonRequest
from brutal_patches.http.documentation import Documentation
from brutal_patches.http.edge import Edge, Room
from brutal_patches.http.express import Express
from brutal_patches.http.health import HEALTH_ROUTES, Vitals
from brutal_patches.http.idempotency import mark_of
from brutal_patches.http.limits import SlidingWindow
from brutal_patches.http.monitoring import MONITORING_ROUTES
from brutal_patches.http.problems import HANDLERS
from brutal_patches.http.switches import Positions
from brutal_patches.pages.routes import PAGE_ROUTES, SHEET_ROUTES
from brutal_patches.patches.routes import PATCH_ROUTES
from brutal_patches.privacy.routes import PRIVACY_ROUTES
from brutal_patches.settings import Settings
from brutal_patches.sheets.routes import PANEL_ROUTES
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.mail import open_ses
from brutal_patches.storage.retrying import Patience
from brutal_patches.telemetry.logs import Logs
from brutal_patches.telemetry.watch import Telemetry

_EXPOSED = [
    "etag",
    "location",
    "link",
    "retry-after",
    "x-request-id",
    "ratelimit",
    "ratelimit-policy",
    "x-catalogue-age",
]
_COMPACT = r"\.(png|pdf|zip)$"
"""Paths whose answers are compressed as they are."""
_METHODS: list[Any] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Service:
    """The parts of a running service, there from start to stop; `app` is the ASGI application."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        patience: Patience | None = None,
        logs: Logs | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._patience = patience
        self.telemetry = telemetry or Telemetry(settings, logs)
        self.parts: Parts
        self.vitals = Vitals(
            self._clock, settings.environment, {"database": self._check_database, "catalogue": self._check_catalogue}
        )
        window = SlidingWindow(settings.http.rate_max, settings.http.rate_window_ms / 1000)
        self._refusals = Refusals(self.telemetry)
        self._gate = Gate(
            self._authenticate,
            settings.http.ops_token,
            window,
            self._refusals,
            lambda: self.parts.switches.positions,
        )
        self._windows = [window]
        self.litestar = self._litestar()
        if undeclared := undeclared_routes(self.litestar):
            raise RuntimeError(f"these routes do not say who may call them: {', '.join(undeclared)}")
        express = Express(CatalogueExpress(lambda: self.parts.reading), self.telemetry)
        self.app = Edge(self.litestar, settings.http, self._clock, self.telemetry, express, self._room)
        self._windows.append(self.app.window)
        self._gauges()

    def _room(self, path: str) -> Room | None:
        """A flood of logins is refused before the framework is asked."""
        return self.parts.passwords if path in HASHING_PATHS else None

    def _obey(self, positions: Positions) -> None:
        """Take over what admins have turned; what they have left alone is as the environment says."""
        for window in self._windows:
            window.limit = positions.rate_limit or self._settings.http.rate_max
        if self.telemetry.logs:
            self.telemetry.logs.turn(positions.log_level)

    def _gauges(self) -> None:
        metrics = self.telemetry.metrics

        def parts() -> Parts:
            return self.parts

        metrics.gauge("active_connections", lambda: self.app.active)
        metrics.gauge("catalogue_patches", lambda: len(parts().feeder.memory))
        metrics.gauge("catalogue_age_seconds", lambda: parts().feeder.age)
        metrics.gauge("catalogue_drift", lambda: parts().feeder.drift.total)
        metrics.gauge("hashing_queue", lambda: parts().passwords.waiting)
        metrics.gauge("rendering_queue", lambda: parts().drawings.waiting)

    def _litestar(self) -> Litestar:
        origins = list(self._settings.http.cors_origins)
        return Litestar(
            route_handlers=self._routes(),
            guards=[self._gate.guard],
            dependencies=self._dependencies(),
            exception_handlers=HANDLERS,
            request_class=JsonRequest,
            request_max_body_size=None,
            compression_config=CompressionConfig(
                backend="brotli", brotli_gzip_fallback=True, brotli_quality=4, exclude=[_COMPACT]
            ),
            cors_config=CORSConfig(
                allow_origins=origins,
                allow_methods=_METHODS,
                allow_headers=["authorization", "content-type", "if-match", "if-none-match", "idempotency-key"],
                expose_headers=_EXPOSED,
                max_age=600,
            )
            if origins
            else None,
            lifespan=[self.live],
            openapi_config=None,
            logging_config=None,
        )

    def _routes(self) -> list[ControllerRouterHandler]:
        return [
            *HEALTH_ROUTES,
            *MONITORING_ROUTES,
            *PAGE_ROUTES,
            *(documentation.ROUTES if self._settings.shows_api_docs else []),
            Router("/feeds", route_handlers=FEED_ROUTES),
            Router(
                "/api",
                route_handlers=[*ACCOUNT_ROUTES, *USER_FEEDBACK_ROUTES, *PRIVACY_ROUTES, *USER_ACTIVITY_ROUTES],
            ),
            Router("/api/panels", route_handlers=PANEL_ROUTES),
            Router("/api/admin", route_handlers=[*ADMIN_ROUTES, *MODERATION_ROUTES]),
            Router("/api/patches/collections", route_handlers=COLLECTION_ROUTES),
            # One router for all that is below a path, whichever feature answers it.
            Router("/api/patches", route_handlers=[*PATCH_ROUTES, *CATALOGUE_ROUTES, *FEEDBACK_ROUTES, *SHEET_ROUTES]),
        ]

    def _dependencies(self) -> dict[str, Provide]:
        """Services by the names that handlers ask for; they are looked up when asked, as they start later."""
        return {name: self._part(name) for name in Parts.__struct_fields__} | {
            "actor": Provide(actor_of, sync_to_thread=False),
            "twins": self._part("reading", "twins"),
            "mark": Provide(mark_of),
            "vitals": _constant(self.vitals),
            "metrics": _constant(self.telemetry),
            "documentation": self._documentation(),
            "production": _constant(self._settings.is_production),
        }

    def _documentation(self) -> Provide:
        """Made at the first request for it: it takes half a second that no start should wait for."""
        made: list[Documentation] = []

        def read() -> Any:
            if not made:
                made.append(Documentation(self._routes(), self._dependencies()))
            return made[0]

        return Provide(read, sync_to_thread=False)

    def _part(self, name: str, member: str = "") -> Provide:
        def read() -> Any:
            part = getattr(self.parts, name)
            return getattr(part, member) if member else part

        return Provide(read, sync_to_thread=False)

    @asynccontextmanager
    async def live(self, _app: object = None) -> AsyncIterator[None]:
        """Open what the service stands on, load the catalogue, follow the feeds; close it all at the end."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, self.telemetry.close)
            stack.enter_context(self.telemetry.listening())
            table = await stack.enter_async_context(
                open_table(self._settings.dynamodb, self._clock, self._patience, self.telemetry)
            )
            mailer = await self._mailer(stack)
            self.parts = assemble(self._settings, table, mailer, self._clock, self.telemetry, self._refusals)
            stack.callback(self.parts.passwords.close)
            stack.callback(self.parts.drawings.close)
            stack.push_async_callback(self.parts.accounts.close)
            stack.push_async_callback(self.parts.upkeep.close)
            self.parts.switches.listen(self._obey)
            await self.parts.switches.refresh()
            await self.parts.revocations.refresh()
            await self.parts.feeder.load()
            followers = [
                asyncio.create_task(self.parts.switches.follow()),
                asyncio.create_task(self.parts.revocations.follow()),
                asyncio.create_task(self.parts.feeder.follow()),
                asyncio.create_task(self.telemetry.lag.follow()),
            ]
            self.vitals.loaded = True
            try:
                yield
            finally:
                self.vitals.loaded = False
                for follower in followers:
                    follower.cancel()
                    with suppress(asyncio.CancelledError):
                        await follower

    async def _mailer(self, stack: AsyncExitStack) -> Mailer:
        if not self._settings.mail.sender:
            return LogMailer()
        return await stack.enter_async_context(open_ses(self._settings.dynamodb.region, self._settings.mail.sender))

    async def _authenticate(self, token: str, caller: Actor, *, thorough: bool, needed: bool) -> Actor:
        return await self.parts.authentication(token, caller, thorough=thorough, needed=needed)

    async def _check_database(self) -> dict[str, Any]:
        await self.parts.table.ping()
        return {}

    async def _check_catalogue(self) -> dict[str, Any]:
        feeder = self.parts.feeder
        state = "failing" if feeder.is_stale else "ok"
        return {"status": state, "patches": len(feeder.memory), "ageSeconds": round(feeder.age, 1)}


def _constant(value: object) -> Provide:
    def read() -> Any:
        return value

    return Provide(read, sync_to_thread=False)


def create_app(settings: Settings, logs: Logs | None = None) -> Edge:
    """The ASGI application that `settings` describe."""
    return Service(settings, logs=logs).app
