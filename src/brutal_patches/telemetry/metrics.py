"""Metrics, once, for two readers: Prometheus at `/monitoring/metrics`, and the collector by OTLP.

Counts are kept as plain numbers and read when somebody asks. Label values are bounded: routes are templates.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, MetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, generate_latest

from brutal_patches import SERVICE, __version__
from brutal_patches.telemetry.durations import Durations, ScrapedWithDurations, SentWithDurations
from brutal_patches.telemetry.names import METRICS
from brutal_patches.telemetry.present import Answered

EXPORT_SECONDS = 60
MAX_LABEL_SETS = 2000
STATUSES = tuple(map(str, range(1000)))

type Reading = Callable[[], float]
type Labels = tuple[str, ...]


class Tally:
    """A counter with labels that costs a dictionary's increment; label sets beyond the bound share one."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._counts: dict[Labels, int] = {}

    def add(self, *values: str, by: int = 1) -> None:
        """Count under these label values."""
        try:
            self._counts[values] += by
        except KeyError:
            if len(self._counts) >= MAX_LABEL_SETS:
                values = ("other",) * len(self.names)
            self._counts[values] = self._counts.get(values, 0) + by

    def total(self) -> int:
        """Over all labels."""
        return sum(self._counts.values())

    def __call__(self, _options: CallbackOptions) -> Iterable[Observation]:
        # A copy, because the exporter asks from a thread of its own while others go on counting.
        counts = list(self._counts.items())
        return [Observation(count, dict(zip(self.names, values, strict=True))) for values, count in counts]


class Metrics:
    """The service's metrics. `gauges` are read when somebody asks for them."""

    def __init__(self, resource: Resource, exporter: MetricExporter | None = None) -> None:
        self.registry = CollectorRegistry()
        self._durations = _durations("http_request_duration_seconds", "status_code")
        self._queries = _durations("database_query_duration_seconds")
        # The exporter adds what Prometheus wants at the end of a name: `_total`, and the unit.
        self._provider = MeterProvider(
            self._readers(exporter), resource, shutdown_on_exit=False, exemplar_filter=AlwaysOffExemplarFilter()
        )
        self._meter = self._provider.get_meter(SERVICE, __version__)
        self.counter("http_requests_total", self._durations.counts)
        self.errors = self._tally("errors_total")
        self.caches = self._tally("cache_operations_total")
        self.issued = self._tally("jwt_tokens_issued_total")
        self.rejected = self._tally("jwt_tokens_rejected_total")
        self.events = self._tally("auth_events_total")
        self.patches = self._tally("patch_operations_total")
        self.users = self._tally("user_operations_total")

    def _readers(self, exporter: MetricExporter | None) -> list[MetricReader]:
        both = (self._durations, self._queries)
        prometheus = ScrapedWithDurations(disable_target_info=True, scope_info_enabled=False, registry=self.registry)
        prometheus.durations = both
        if exporter is None:
            return [prometheus]
        sending = SentWithDurations(exporter, EXPORT_SECONDS * 1000)
        sending.durations = both
        return [prometheus, sending]

    def _tally(self, name: str) -> Tally:
        tally = Tally(*METRICS[name].labels)
        self.counter(name, tally)
        return tally

    def counter(self, name: str, read: Callable[[CallbackOptions], Iterable[Observation]]) -> None:
        """A count that is kept elsewhere and read when somebody asks."""
        stem, unit = _instrument(name.removesuffix("_total"))
        self._meter.create_observable_counter(stem, [read], unit, METRICS[name].meaning)

    def gauge(self, name: str, read: Reading) -> None:
        """A value that is read when somebody asks."""
        stem, unit = _instrument(name)
        self._meter.create_observable_gauge(stem, [lambda _options: [Observation(read())]], unit, METRICS[name].meaning)

    def observe_requests(self, requests: Iterable[Answered]) -> None:
        """Count requests and their durations under their routes' templates."""
        record = self._durations.record
        for method, route, status, began, ended, _, _ in requests:
            record(ended - began, (method, route, STATUSES[status]))
            if status >= 400:
                self.errors.add("server" if status >= 500 else "client", "error" if status >= 500 else "warning")

    def count_operation(self, scope: Mapping[str, Any], route: str) -> None:
        """Count what was done under the operation's id in the API's documentation."""
        operation = getattr(scope.get("route_handler"), "operation_id", None)
        if isinstance(operation, str):
            accounts = route.startswith(("/api/users", "/api/auth"))
            (self.users if accounts else self.patches).add(operation)

    def observe_query(self, operation: str, table: str, seconds: float) -> None:
        """Record how long a call of DynamoDB took, its retries included."""
        self._queries.record(seconds, (operation, table))

    def render(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self.registry)

    def shutdown(self) -> None:
        """Send what is left, within the exporter's timeout."""
        self._provider.shutdown()


def _durations(name: str, *finer: str) -> Durations:
    return Durations(_instrument(name)[0], METRICS[name].meaning, METRICS[name].labels, finer)


def _instrument(name: str) -> tuple[str, str]:
    """An instrument's name without what exporters add to it, and its unit."""
    for end, unit in (("_seconds", "s"), ("_bytes", "By")):
        if name.endswith(end):
            return name.removesuffix(end), unit
    return name, ""
