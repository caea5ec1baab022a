"""Which trace a request belongs to, as its headers say: X-Ray's from the load balancer, and W3C's.

The X-Ray propagator of OpenTelemetry passes over a header without a parent, which is what a load balancer sends.
"""

import re
from collections.abc import Mapping

import msgspec

XRAY = b"x-amzn-trace-id"
W3C = b"traceparent"
_ROOT = re.compile(rb"(?:^|[;\s])Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?=[;\s]|$)")
_PARENT = re.compile(rb"(?:^|[;\s])Parent=([0-9a-f]{16})(?=[;\s]|$)")
_SAMPLED = re.compile(rb"(?:^|[;\s])Sampled=([01])(?=[;\s]|$)")
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?=-|$)")


class Origin(msgspec.Struct, frozen=True, gc=False):
    """A trace that was begun before us: its id, the span that called us (0: none), and whether it is sampled.

    `sampled` is None where that is left to us.
    """

    trace_id: int
    parent_id: int = 0
    sampled: bool | None = None


def origin(headers: Mapping[bytes, bytes]) -> Origin | None:
    """The trace that `headers` continue: that of a caller's span where one is named, in X-Ray's header before W3C's."""
    xray, w3c = headers.get(XRAY), headers.get(W3C)
    if xray is None and w3c is None:
        return None
    begun = _from_xray(xray) if xray is not None else None
    if w3c is None or (begun is not None and begun.parent_id):
        return begun
    return _from_w3c(w3c) or begun


def _from_xray(header: bytes) -> Origin | None:
    root = _ROOT.search(header)
    if root is None or not int(root[2], 16):
        return None
    parent, sampled = _PARENT.search(header), _SAMPLED.search(header)
    return Origin(
        int(root[1] + root[2], 16), int(parent[1], 16) if parent else 0, sampled[1] == b"1" if sampled else None
    )


def _from_w3c(header: bytes) -> Origin | None:
    found = _TRACEPARENT.match(header)
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    return Origin(int(found[1], 16), int(found[2], 16), bool(int(found[3], 16) & 1))


def written(trace_id: int) -> str:
    """A trace's id as X-Ray writes it."""
    digits = f"{trace_id:032x}"
    return f"1-{digits[:8]}-{digits[8:]}"
