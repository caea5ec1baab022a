"""Metrics, once, for two readers: Prometheus at `/monitoring/metrics`, and the collector by OTLP.

Counts are kept as plain numbers and read when somebody asks; only durations go through the SDK at each
request, as they need its histogram. Label values are bounded: routes are templates.
"""

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.metrics import Histogram as Recorder
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, generate_latest

from brutal_patches import SERVICE, __version__
from brutal_patches.settings import Settings

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
EXPORT_SECONDS = 60
EXPORT_TIMEOUT_SECONDS = 2
MAX_LABEL_SETS = 2000
_UNROUTED = "unrouted"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

type Reading = Callable[[], float]
type Labels = tuple[str, ...]


class Tally:
    """A counter with labels that costs a dictionary's increment; label sets beyond the bound share one."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._counts: Counter[Labels] = Counter()

    def add(self, *values: str, by: int = 1) -> None:
        """Count under these label values."""
        if values not in self._counts and len(self._counts) >= MAX_LABEL_SETS:
            values = ("other",) * len(self.names)
        self._counts[values] += by

    def total(self) -> int:
        """Over all labels."""
        return sum(self._counts.values())

    def __call__(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [
            Observation(count, dict(zip(self.names, values, strict=True))) for values, count in self._counts.items()
        ]


class Metrics:
    """The service's metrics. `gauges` are read when somebody asks for them."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        # The exporter adds what Prometheus wants at the end of a name: `_total`, and the unit.
        self._provider = MeterProvider(
            self._readers(settings),
            Resource.create({"service.name": SERVICE, "service.version": __version__}),
            exemplar_filter=AlwaysOffExemplarFilter(),
        )
        self._meter = self._provider.get_meter(SERVICE, __version__)
        self._durations = self._histogram("http_request_duration", "How long requests took.")
        self._queries = self._histogram("database_query_duration", "How long DynamoDB took.")
        self.requests = self._tally("http_requests", "Requests by route.", "method", "route", "status_code")
        self.errors = self._tally("errors", "Answers that are errors.", "type", "severity")
        self.caches = self._tally("cache_operations", "Questions to caches.", "operation", "result")
        self.issued = self._tally("jwt_tokens_issued", "Tokens handed out.", "type")
        self.rejected = self._tally("jwt_tokens_rejected", "Tokens refused.", "reason")
        self.events = self._tally("auth_events", "Security events.", "event")
        self.patches = self._tally("patch_operations", "What was done with patches.", "operation")
        self.users = self._tally("user_operations", "What was done with accounts.", "operation")
        self._attributes: dict[tuple[str, str], dict[str, str]] = {}
        self._process_gauges()

    def _readers(self, settings: Settings) -> list[MetricReader]:
        prometheus = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=self.registry)
        readers: list[MetricReader] = [prometheus]
        if settings.telemetry.otlp_endpoint:
            exporter = OTLPMetricExporter(
                settings.telemetry.otlp_endpoint,
                insecure=True,
                timeout=EXPORT_TIMEOUT_SECONDS,
                # CloudWatch tells percentiles of these; of fixed buckets it keeps no more than sum and count.
                preferred_aggregation={Histogram: ExponentialBucketHistogramAggregation()},
            )
            readers.append(
                PeriodicExportingMetricReader(exporter, EXPORT_SECONDS * 1000, EXPORT_TIMEOUT_SECONDS * 1000)
            )
        return readers

    def _histogram(self, name: str, told: str) -> Recorder:
        """The buckets are for Prometheus, whose reader takes the advice; the exporter has its own."""
        return self._meter.create_histogram(name, "s", told, explicit_bucket_boundaries_advisory=BUCKETS)

    def _tally(self, name: str, told: str, *labels: str) -> Tally:
        tally = Tally(*labels)
        self._meter.create_observable_counter(name, [tally], description=told)
        return tally

    def gauge(self, name: str, told: str, read: Reading, unit: str = "") -> None:
        """A value that is read when somebody asks."""
        self._meter.create_observable_gauge(name, [lambda _options: [Observation(read())]], unit, told)

    def _process_gauges(self) -> None:
        self.gauge("process_cpu", "CPU time of this process.", time.process_time, "s")
        self.gauge("process_memory_peak", "Most memory this process had.", _peak_memory, "By")

    def observe_request(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count a request and its duration under its route's template."""
        route = scope.get("path_template") or _UNROUTED
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self.requests.add(method, route, str(status))
        key = (method, route)
        attributes = self._attributes.get(key)
        if attributes is None:
            attributes = self._attributes[key] = {"method": method, "route": route}
        self._durations.record(seconds, attributes)
        if status >= 400:
            self.errors.add("server" if status >= 500 else "client", "error" if status >= 500 else "warning")
        elif method != "GET":
            self._count_operation(scope)

    def _count_operation(self, scope: Mapping[str, Any]) -> None:
        handler = scope.get("route_handler")
        operation = getattr(handler, "operation_id", None)
        if isinstance(operation, str):
            accounts = str(scope.get("path_template")).startswith(("/api/users", "/api/auth"))
            (self.users if accounts else self.patches).add(operation)

    def observe_query(self, operation: str, table: str, seconds: float) -> None:
        """Record how long a call of DynamoDB took, its retries included."""
        self._queries.record(seconds, {"operation": operation, "table": table})

    def render(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self.registry)

    def shutdown(self) -> None:
        """Send what is left, within the exporter's timeout."""
        self._provider.shutdown(timeout_millis=EXPORT_TIMEOUT_SECONDS * 1000)


def _peak_memory() -> float:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(kilobytes) * 1024
