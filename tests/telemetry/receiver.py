"""A collector that remembers: the real services of OTLP over gRPC, on a port of their own."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metric_messages
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metric_services
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_services

type Meeting = Callable[[Any], None]


def welcome(_context: Any) -> None:
    """How a collector that is well meets what comes."""


class Collector(trace_services.TraceServiceServicer, metric_services.MetricsServiceServicer):  # type: ignore[misc]
    """What has arrived; `meet` is called first, and may take its time or refuse."""

    def __init__(self, meet: Meeting = welcome) -> None:
        self.meet = meet
        self.spans: list[Any] = []
        self.metrics: dict[str, Any] = {}
        self.resources: list[dict[str, str]] = []
        self.endpoint = ""

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - Named by the protocol, for both services.
        self.meet(context)
        if isinstance(request, trace_messages.ExportTraceServiceRequest):
            for resource in request.resource_spans:
                self.resources.append(attributes(resource.resource))
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
            return trace_messages.ExportTraceServiceResponse()
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                self.metrics |= {metric.name: metric for metric in scope.metrics}
        return metric_messages.ExportMetricsServiceResponse()

    def trace(self, trace_id: str) -> list[Any]:
        """The spans of a trace, in the order in which they began."""
        found = [span for span in self.spans if span.trace_id.hex() == trace_id.replace("-", "")[1:]]
        return sorted(found, key=lambda span: int(span.start_time_unix_nano))

    def root(self, trace_id: str) -> Any:
        """The span of the request itself."""
        (found,) = [span for span in self.trace(trace_id) if span.kind == span.SPAN_KIND_SERVER]
        return found

    def tree(self, trace_id: str) -> str:
        """A trace as text: each span below its parent, with its milliseconds and what is special about it."""
        spans = self.trace(trace_id)
        known = {span.span_id for span in spans}

        def below(parent: bytes, depth: int) -> Iterator[str]:
            for span in spans:
                if span.parent_span_id == parent or (depth == 0 and span.parent_span_id not in known):
                    took = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
                    told = attributes(span)
                    shown = [f"{name}={told[name]}" for name in _SHOWN if name in told]
                    yield f"{'  ' * depth}{span.name}  {took:.1f} ms  {' '.join(shown)}".rstrip()
                    yield from below(span.span_id, depth + 1)

        return "\n".join(below(b"", 0))


_SHOWN = (
    "http.response.status_code",
    "db.collection.name",
    "aws.dynamodb.consumed_capacity",
    "http.request.resend_count",
    "hits",
    "error.type",
)


def attributes(holder: Any) -> dict[str, Any]:
    """What a span, a resource or a point says about itself."""
    return {one.key: _value(one.value) for one in holder.attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return [_value(each) for each in value.array_value.values] if kind == "array_value" else getattr(value, kind)


def points(metric: Any) -> list[Any]:
    """The readings of a metric, of whatever kind it is."""
    return list(getattr(metric, metric.WhichOneof("data")).data_points)


@contextmanager
def collecting(meet: Meeting = welcome) -> Iterator[Collector]:
    """A collector that listens for as long as the context lasts."""
    server, collector = grpc.server(ThreadPoolExecutor(4)), Collector(meet)
    trace_services.add_TraceServiceServicer_to_server(collector, server)
    metric_services.add_MetricsServiceServicer_to_server(collector, server)
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(0).wait()


def refuse(context: Any) -> None:
    """How a collector that wants nothing meets what comes."""
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")


def dawdle(_context: Any) -> None:
    """How a collector that is too slow meets what comes."""
    time.sleep(10)
