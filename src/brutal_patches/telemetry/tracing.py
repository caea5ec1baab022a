"""Spans for X-Ray, made of the requests that are traced and of no others.

Whether a request is traced is decided here before anything is made: one that is not costs two look-ups of a header and
a random number. Parts below are told of afterwards, with the moments at which they began and ended.
"""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from random import random
from time import time, time_ns
from typing import Any

import msgspec
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from brutal_patches import SERVICE, __version__
from brutal_patches.clock import monotonic
from brutal_patches.telemetry.propagation import W3C, XRAY, Origin, origin, written
from brutal_patches.telemetry.redaction import redacted
from brutal_patches.watching import Call

TRACES_A_SECOND = 100
"""No more than these, in a flood too: a trace costs what an answer does, and any caller can ask for one."""
_LONGEST_STACK = 8000

type Attributes = Mapping[str, str | int | float | bool | list[str]]

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_FINE = Status()
_IDS = AwsXRayIdGenerator()
_SCOPE = InstrumentationScope(SERVICE, __version__)


class Open(msgspec.Struct, frozen=True, gc=False):
    """What is known of a span while its work goes on; `began` is in nanoseconds since 1970."""

    context: SpanContext
    parent: SpanContext | None
    began: int


_SPAN: ContextVar[Open | None] = ContextVar("span", default=None)


class Tracing:
    """Traces a share of all requests, and those whose callers have decided so. Without `processor`: none."""

    def __init__(self, ratio: float, resource: Resource, processor: SpanProcessor | None) -> None:
        self._ratio = ratio if processor else 0.0
        self._processor = processor
        self._resource = resource
        self._second, self._begun = 0, 0

    @property
    def is_tracing(self) -> bool:
        """Whether what is being worked on is traced."""
        return _SPAN.get() is not None

    def begin(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Open | None:
        """The span of a request, if it is traced. Its trace's id goes into the request's state, traced or not."""
        drawn = random() < self._ratio  # noqa: S311 - A share, not a secret.
        if not drawn and XRAY not in headers and W3C not in headers:
            return None
        begun = origin(headers)
        if not self._is_kept(begun, drawn) or not self._has_room():
            if begun is not None:
                scope["state"]["trace_id"] = written(begun.trace_id)
            return None
        span = _opened(time_ns(), _caller(begun), begun.trace_id if begun else 0)
        scope["state"]["trace_id"] = written(span.context.trace_id)
        scope["state"]["sampled"] = True
        _SPAN.set(span)
        return span

    def _is_kept(self, begun: Origin | None, drawn: bool) -> bool:
        """The caller's decision; where there is none, or nowhere to send it, that of the draw."""
        if begun is None or begun.sampled is None or self._processor is None:
            return drawn
        return begun.sampled

    def _has_room(self) -> bool:
        """Whether this second has not had all its traces."""
        second = int(monotonic())
        if second != self._second:
            self._second, self._begun = second, 0
        self._begun += 1
        return self._begun <= TRACES_A_SECOND

    def finish(self, span: Open, name: str, attributes: Attributes, fault: BaseException | None, failed: bool) -> None:
        """End a request's span."""
        _SPAN.set(None)
        self._end(span, name, SpanKind.SERVER, attributes, time_ns(), fault, failed)

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
        parent: Open,
        name: str,
        kind: SpanKind,
        began: float,
        ended: float,
        attributes: Attributes,
        fault: BaseException | None,
    ) -> None:
        # Spans want the time of day; the difference between the two clocks is that of this moment.
        offset = time() - monotonic()
        start, end = int((began + offset) * 1e9), int((ended + offset) * 1e9)
        self._end(_opened(start, parent.context), name, kind, attributes, end, fault, fault is not None)

    @contextmanager
    def working(self, name: str) -> Iterator[None]:
        """A span with all that happens inside it: below what is being worked on, or a trace of its own."""
        if self._processor is None:
            yield
            return
        parent = _SPAN.get()
        span = _opened(time_ns(), parent.context if parent else None)
        before, failure = _SPAN.set(span), None
        try:
            yield
        except BaseException as fault:
            failure = fault
            raise
        finally:
            _SPAN.reset(before)
            self._end(span, name, SpanKind.INTERNAL, {}, time_ns(), failure, failure is not None)

    def _end(
        self,
        span: Open,
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        ended: int,
        fault: BaseException | None,
        failed: bool,
    ) -> None:
        """Hand a span on. It is made now and never changed, which a tenth of the SDK's own way costs."""
        if self._processor is None:
            return
        status, attributes, events = _failure(fault, attributes) if failed else (_FINE, attributes, ())
        made = ReadableSpan(
            name,
            span.context,
            span.parent,
            self._resource,
            attributes,
            events,
            kind=kind,
            status=status,
            start_time=span.began,
            end_time=ended,
            instrumentation_scope=_SCOPE,
        )
        self._processor.on_end(made)

    def shutdown(self) -> None:
        """Hand on what is left."""
        if self._processor is not None:
            self._processor.shutdown()


def _opened(began: int, parent: SpanContext | None, trace_id: int = 0) -> Open:
    """A span below `parent`; without one the first of `trace_id`, or of a trace of its own."""
    trace_id = parent.trace_id if parent else trace_id or _IDS.generate_trace_id()
    return Open(SpanContext(trace_id, _IDS.generate_span_id(), False, _SAMPLED), parent, began)


def _caller(begun: Origin | None) -> SpanContext | None:
    """The span that called us, where one is named."""
    if begun is None or not begun.parent_id:
        return None
    return SpanContext(begun.trace_id, begun.parent_id, True, _SAMPLED)


def _failure(fault: BaseException | None, attributes: Attributes) -> tuple[Status, Attributes, tuple[Event, ...]]:
    """A failed span's status, attributes and events: what went wrong, as far as that is known."""
    if fault is None:
        return Status(StatusCode.ERROR), attributes, ()
    kind = type(fault).__qualname__
    told = {
        "exception.type": kind,
        "exception.message": redacted(str(fault)),
        "exception.stacktrace": redacted("".join(traceback.format_exception(fault))[-_LONGEST_STACK:]),
    }
    return Status(StatusCode.ERROR, kind), {**attributes, "error.type": kind}, (Event("exception", told),)
