"""The watch that sees: what the service's parts tell becomes metrics, spans and lines.

Requests that were answered wait until they are `TOGETHER`, or for a tenth of a second. Counting and encoding them one
by one, each time with everything that an answer needs in between, costs several times what it does in a row.
"""

import asyncio
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from threading import Lock, Thread
from typing import Any

from loguru import logger
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.resources import Resource

from brutal_patches import SERVICE, __version__
from brutal_patches.clock import monotonic
from brutal_patches.settings import Settings
from brutal_patches.telemetry.export import Losses, metrics_to, spans_to
from brutal_patches.telemetry.logs import Logs
from brutal_patches.telemetry.metrics import Metrics
from brutal_patches.telemetry.present import REQUEST, Answered
from brutal_patches.telemetry.process import LoopLag, cpu_seconds, memory_bytes
from brutal_patches.telemetry.tracing import Open, Tracing
from brutal_patches.watching import Call, Watch

UNROUTED = "unrouted"
CLIENT_GONE = 499
FLUSH_SECONDS = 4.0
TOGETHER = 64
WAIT_SECONDS = 0.1
_READS = frozenset({"GET", "HEAD"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Telemetry(Watch):
    """Everything that a service says about itself while it runs. Without `logs`, requests leave no lines."""

    def __init__(self, settings: Settings, logs: Logs | None = None) -> None:
        endpoint = settings.telemetry.otlp_endpoint
        resource = Resource.create(
            {
                "service.name": SERVICE,
                "service.version": __version__,
                "deployment.environment.name": settings.environment,
            }
        )
        self.losses = Losses()
        self.logs = logs
        self.metrics = Metrics(resource, metrics_to(endpoint, self.losses) if endpoint else None)
        self.tracing = Tracing(
            settings.telemetry.trace_ratio, resource, spans_to(endpoint, self.losses) if endpoint else None
        )
        self._waiting: list[Answered] = []
        self._hits = 0
        self._is_due = False
        self._telling = Lock()

        self.lag = LoopLag()
        self.metrics.gauge("event_loop_lag_seconds", lambda: self.lag.seconds)
        self.metrics.gauge("process_memory_bytes", memory_bytes)
        self.metrics.counter("process_cpu_seconds_total", lambda _options: [Observation(cpu_seconds())])
        self.metrics.counter("telemetry_dropped_total", self._dropped)

    def _dropped(self, _options: CallbackOptions) -> list[Observation]:
        losses = self.losses
        lost = [
            ("spans", "full", losses.full),
            ("spans", "refused", losses.spans),
            ("metrics", "refused", losses.metrics),
        ]
        if self.logs:
            lost.append(("lines", "full", self.logs.dropped))
        return [Observation(count, {"signal": signal, "reason": reason}) for signal, reason, count in lost]

    @property
    def is_tracing(self) -> bool:
        return self.tracing.is_tracing

    def arrived(self, scope: MutableMapping[str, Any], headers: Mapping[bytes, bytes]) -> Open | None:
        return self.tracing.begin(scope, headers)

    def admitted(self, scope: Mapping[str, Any]) -> None:
        REQUEST.set(scope)

    def answered(self, scope: Mapping[str, Any], trace: object, status: int, began: float) -> None:
        ended = monotonic()
        route = scope.get("path_template") or UNROUTED
        method = scope["method"]
        if method not in _METHODS:
            method = "OTHER"
        # Nothing was answered: the client has gone.
        status = status or CLIENT_GONE
        self._waiting.append((method, route, status, began, ended, scope["path"], scope["state"]))
        if status < 400 and method not in _READS:
            self.metrics.count_operation(scope, route)
        if trace is not None:
            self._finish(trace, scope, route, method, status)
        if REQUEST.get() is not None:
            REQUEST.set(None)
        self._tell_soon()

    def ready(self, scope: Mapping[str, Any], trace: object, status: int, began: float) -> None:
        # As little as can be, because there is little besides: a read under its route, of whom nobody speaks.
        method, route = scope["method"], scope["path_template"]
        waiting = self._waiting
        waiting.append((method, route, status, began, monotonic(), scope["path"], scope["state"]))
        self._hits += 1
        if trace is not None:
            self._finish(trace, scope, route, method, status)
        if len(waiting) >= TOGETHER or not self._is_due:
            self._tell_soon()

    def _tell_soon(self) -> None:
        if len(self._waiting) >= TOGETHER:
            self.tell()
        elif not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self._tell_late)

    def _tell_late(self) -> None:
        self._is_due = False
        self.tell()

    def tell(self) -> None:
        """Count the requests that wait, and write their lines."""
        # A stop tells what is left from a thread.
        with self._telling:
            told, self._waiting = self._waiting, []
            hits, self._hits = self._hits, 0
            self.metrics.observe_requests(told)
            if hits:
                self.metrics.caches.add("express", "hit", by=hits)
            if self.logs is not None:
                self.logs.answered(told)

    def render(self) -> bytes:
        """What Prometheus reads."""
        self.tell()
        return self.metrics.render()

    def _finish(self, trace: Any, scope: Mapping[str, Any], route: str, method: str, status: int) -> None:
        state = scope["state"]
        actor = state.get("actor")
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "url.scheme": scope.get("scheme", "http"),
            "client.address": state["client_address"],
            "network.protocol.version": scope.get("http_version", "1.1"),
            "request.id": state["request_id"],
        }
        if route != UNROUTED and "@" not in scope["path"]:
            attributes["url.path"] = scope["path"]
        if actor is not None and actor.user_id:
            attributes["user.id"] = actor.user_id
        failed = status >= 500
        if failed:
            attributes["error.type"] = str(status)
        self.tracing.finish(trace, f"{method} {route}", attributes, state.get("fault") if failed else None, failed)

    def called(self, call: Call) -> None:
        self.metrics.observe_query(call.operation, call.table, call.ended - call.began)
        self.tracing.called(call)

    def worked(self, name: str, began: float, **attributes: str | float | bool) -> None:
        self.tracing.worked(name, began, attributes)

    def working(self, name: str) -> AbstractContextManager[None]:
        return self.tracing.working(name)

    def cached(self, cache: str, result: str) -> None:
        self.metrics.caches.add(cache, result)

    def issued(self, kind: str) -> None:
        self.metrics.issued.add(kind)

    def rejected(self, reason: str) -> None:
        self.metrics.rejected.add(reason)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count the security events that are logged, whatever the log's level is."""
        handler = logger.add(self._hear, level="INFO", format="{message}", filter=_is_event)
        try:
            yield
        finally:
            logger.remove(handler)

    def _hear(self, message: Any) -> None:
        self.metrics.events.add(message.record["extra"]["event"])

    def close(self) -> None:
        """Hand on what is left, for at most `FLUSH_SECONDS`, however the collector is."""
        deadline = monotonic() + FLUSH_SECONDS
        self._is_due = False
        self.tell()
        flushing = [Thread(target=part.shutdown, daemon=True) for part in (self.tracing, self.metrics)]
        for each in flushing:
            each.start()
        for each in flushing:
            each.join(max(0.0, deadline - monotonic()))
        if self.logs:
            self.logs.flush()


def _is_event(record: Any) -> bool:
    return "event" in record["extra"]
