"""On the way to the collector: batched in threads, bounded, and counted where it is lost."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

QUEUE = 2048
BATCH = 512
TIMEOUT_SECONDS = 2
DELAY_SECONDS = 2


class Losses:
    """What did not reach the collector: `full` spans found no place in the queue, the rest was not accepted."""

    def __init__(self) -> None:
        self.full = self.spans = self.metrics = 0


class _Spans(SpanExporter):
    """Sends spans, and counts those that are done with, sent or not."""

    def __init__(self, exporter: SpanExporter, losses: Losses) -> None:
        self._exporter = exporter
        self._losses = losses
        self.done = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self.done += len(spans)
            if result is not SpanExportResult.SUCCESS:
                self._losses.spans += len(spans)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class BoundedSpans(BatchSpanProcessor):
    """Keeps at most `QUEUE` spans; those that come when it is full are counted and forgotten."""

    def __init__(self, exporter: SpanExporter, losses: Losses) -> None:
        self._counting = _Spans(exporter, losses)
        self._losses = losses
        self._taken = 0
        super().__init__(
            self._counting,
            max_queue_size=QUEUE,
            schedule_delay_millis=DELAY_SECONDS * 1000,
            max_export_batch_size=BATCH,
        )

    def on_end(self, span: ReadableSpan) -> None:
        if self._taken - self._counting.done >= QUEUE:
            self._losses.full += 1
            return
        self._taken += 1
        super().on_end(span)


class CountedMetrics(OTLPMetricExporter):
    """Sends metrics, and counts the readings that were not accepted."""

    losses: Losses

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        result = super().export(metrics_data, timeout_millis, **kwargs)
        if result is not MetricExportResult.SUCCESS:
            self.losses.metrics += 1
        return result


def spans_to(endpoint: str, losses: Losses) -> BoundedSpans:
    """Traces to the collector at `endpoint`."""
    return BoundedSpans(OTLPSpanExporter(endpoint, timeout=TIMEOUT_SECONDS), losses)


def metrics_to(endpoint: str, losses: Losses) -> CountedMetrics:
    """Metrics to the collector at `endpoint`."""
    exporter = CountedMetrics(endpoint, timeout=TIMEOUT_SECONDS)
    exporter.losses = losses
    return exporter
