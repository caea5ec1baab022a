"""Spans for X-Ray, made of the requests that are traced and of no others.

Whether a request is traced is decided here before anything is made: one that is not costs two look-ups of a header and
a random number. Parts below are told of afterwards, with the moments at which they began and ended.
"""

import random
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec
from opentelemetry.context import Context
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, set_span_in_context
from opentelemetry.trace.status import Status, StatusCode

from brutal_patches import SERVICE, __version__
from brutal_patches.clock import monotonic
from brutal_patches.telemetry.propagation import Origin, origin, written
from brutal_patches.telemetry.redaction import redacted
from brutal_patches.watching import Call

TRACES_A_SECOND = 100
"""No more than these, in a flood too: a trace costs what an answer does, and any caller can ask for one."""
_LONGEST_STACK = 8000

type Attributes = Mapping[str, str | int | float | bool | list[str]]

_SPAN: ContextVar[Span | None] = ContextVar("span", default=None)
_NOWHERE = Context()


class _Ids(AwsXRayIdGenerator):
    """X-Ray's ids, which begin with the time; the next trace goes on under `continued` where that is set."""

    continued = 0

    def generate_trace_id(self) -> int:
        given, self.continued = self.continued, 0
        return given or super().generate_trace_id()


class Tracing:
    """Traces a share of all requests, and those whose callers have decided so. Without `processor`: none."""

    def __init__(self, ratio: float, resource: Resource, processor: SpanProcessor | None) -> None:
        self._ratio = ratio if processor else 0.0
        self._is_on = processor is not None
        self._ids = _Ids()
        self._provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=self._ids)
        if processor:
            self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE, __version__)
        self._second, self._begun = 0, 0

    @property
    def is_tracing(self) -> bool:
        """Whether what is being worked on is traced."""
        return _SPAN.get() is not None

    def begin(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Span | None:
        """The span of a request, if it is traced. Its trace's id goes into the request's state, traced or not."""
        begun = origin(headers)
        if begun is None:
            if random.random() >= self._ratio or not self._has_room():  # noqa: S311 - A share, not a secret.
                return None
        elif not self._is_kept(begun):
            scope["state"]["trace_id"] = written(begun.trace_id)
            return None
        span = self._start(begun)
        scope["state"]["trace_id"] = written(span.get_span_context().trace_id)
        scope["state"]["sampled"] = True
        _SPAN.set(span)
        return span

    def _is_kept(self, begun: Origin) -> bool:
        """The caller's decision, within bounds; ours where there is none."""
        if begun.sampled is None or not self._is_on:
            return random.random() < self._ratio and self._has_room()  # noqa: S311
        return begun.sampled and self._has_room()

    def _has_room(self) -> bool:
        """Whether this second has not had all its traces."""
        second = int(monotonic())
        if second != self._second:
            self._second, self._begun = second, 0
        self._begun += 1
        return self._begun <= TRACES_A_SECOND

    def _start(self, begun: Origin | None) -> Span:
        if begun is None:
            return self._tracer.start_span("request", _NOWHERE, SpanKind.SERVER)
        if not begun.parent_id:
            self._ids.continued = begun.trace_id
            return self._tracer.start_span("request", _NOWHERE, SpanKind.SERVER)
        caller = SpanContext(begun.trace_id, begun.parent_id, True, TraceFlags(TraceFlags.SAMPLED))
        return self._tracer.start_span(
            "request", set_span_in_context(NonRecordingSpan(caller), _NOWHERE), SpanKind.SERVER
        )

    def finish(self, span: Span, name: str, attributes: Attributes, fault: BaseException | None, failed: bool) -> None:
        """End a request's span."""
        _SPAN.set(None)
        span.update_name(name)
        span.set_attributes(attributes)
        if failed:
            _record(span, fault)
        span.end()

    def called(self, call: Call) -> None:
        """A span for a call of DynamoDB, below what is being worked on."""
        parent = _SPAN.get()
        if parent is None:
            return
        operation = "".join(word.title() for word in call.operation.split("_"))
        attributes: dict[str, Any] = {
            "rpc.system": "aws-api",
            "rpc.service": "DynamoDB",
            "rpc.method": operation,
            "db.system.name": "aws.dynamodb",
            "db.operation.name": operation,
            "db.collection.name": call.table,
            "aws.dynamodb.table_names": [call.table],
            "http.request.resend_count": max(0, call.tries - 1),
        }
        if call.capacity is not None:
            used = {"TableName": call.table, "CapacityUnits": call.capacity}
            attributes["aws.dynamodb.consumed_capacity"] = [msgspec.json.encode(used).decode()]
        if call.refused:
            # A condition that does not hold is an answer, and no error of the call's.
            attributes["db.response.status_code"] = "ConditionalCheckFailedException"
        self._below(parent, f"DynamoDB.{operation}", SpanKind.CLIENT, call.began, call.ended, attributes, call.fault)

    def worked(self, name: str, began: float, attributes: Attributes) -> None:
        """A span for a piece of work, below what is being worked on."""
        parent = _SPAN.get()
        if parent is not None:
            self._below(parent, name, SpanKind.INTERNAL, began, monotonic(), attributes, None)

    def _below(
        self,
        parent: Span,
        name: str,
        kind: SpanKind,
        began: float,
        ended: float,
        attributes: Attributes,
        fault: BaseException | None,
    ) -> None:
        # Spans want the time of day; the difference between the two clocks is that of this moment.
        offset = time.time() - monotonic()
        start, end = int((began + offset) * 1e9), int((ended + offset) * 1e9)
        context = set_span_in_context(parent, _NOWHERE)
        span = self._tracer.start_span(name, context, kind, attributes, start_time=start)
        if fault is not None:
            _record(span, fault)
        span.end(end)

    @contextmanager
    def working(self, name: str) -> Iterator[None]:
        """A span with all that happens inside it: below what is being worked on, or a trace of its own."""
        if not self._is_on:
            yield
            return
        parent = _SPAN.get()
        context = set_span_in_context(parent, _NOWHERE) if parent else _NOWHERE
        span = self._tracer.start_span(name, context)
        before = _SPAN.set(span)
        try:
            yield
        except BaseException as fault:
            _record(span, fault)
            raise
        finally:
            _SPAN.reset(before)
            span.end()

    def shutdown(self) -> None:
        """Hand on what is left."""
        self._provider.shutdown()


def _record(span: Span, fault: BaseException | None) -> None:
    """Mark a span as failed, and keep why."""
    if fault is None:
        span.set_status(Status(StatusCode.ERROR))
        return
    kind = type(fault).__qualname__
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR, kind))
    told = {
        "exception.type": kind,
        "exception.message": redacted(str(fault)),
        "exception.stacktrace": redacted("".join(traceback.format_exception(fault))[-_LONGEST_STACK:]),
    }
    span.add_event("exception", told)
