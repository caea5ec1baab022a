"""A line of the log as production writes it: one flat JSON object. docs/observability.md lists the fields."""

import time
import traceback
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from brutal_patches.telemetry.present import REQUEST, identity
from brutal_patches.telemetry.redaction import redacted

_ENCODER = msgspec.json.Encoder()
_PLAIN = (bool, int, float, type(None))


class Access(NamedTuple):
    """What the line of a request is made of. Its route is a template; what was sent has no place in it."""

    head: str
    moment: float
    seconds: float
    request_id: str
    client_address: str
    trace_id: str
    sampled: bool
    user_id: str
    path: str


def head(method: str, route: str, status: int) -> str:
    """The part of a line that all requests of one kind share."""
    told = {
        "level": "ERROR" if status >= 500 else "INFO",
        "message": f"{method} {route} {status}",
        "event": "request",
        "method": method,
        "route": route,
        "status": status,
    }
    return _ENCODER.encode(told).decode()[1:-1]


class Encoder:
    """Writes the lines of requests, in the writer's thread; what repeats is made once."""

    def __init__(self) -> None:
        self._second, self._written = 0, ""

    def __call__(self, line: Access) -> bytes:
        """The line with its end."""
        second = int(line.moment)
        if second != self._second:
            self._second, self._written = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        # An id is of letters that need no escape; an address may be what a proxy has passed on.
        text = (
            f'{{"timestamp":"{self._written}.{int((line.moment - second) * 1e6):06d}Z",{line.head},'
            f'"duration_ms":{line.seconds * 1000:.3f},"request_id":"{line.request_id}",'
            f'"client_address":{_quoted(line.client_address)}'
        )
        if line.trace_id:
            text += f',"trace_id":"{line.trace_id}"' + (',"sampled":true' if line.sampled else "")
        if line.user_id:
            text += f',"user_id":"{line.user_id}"'
        if line.path:
            text += f',"path":{_ENCODER.encode(line.path).decode()}'
        return text.encode() + b"}\n"


@lru_cache(10_000)
def _quoted(text: str) -> str:
    return _ENCODER.encode(text).decode()


def structured(record: Mapping[str, Any]) -> bytes:
    """What somebody has said through loguru; the request that it was said in is added."""
    scope = REQUEST.get()
    fields: dict[str, Any] = {
        "timestamp": record["time"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "level": record["level"].name,
        "message": redacted(record["message"]),
        "logger": record["extra"].get("logger") or record["name"],
    }
    if scope is not None:
        fields |= identity(scope)
    for name, value in record["extra"].items():
        if value not in ("", None):
            fields[name] = value if isinstance(value, _PLAIN) else redacted(str(value))
    if record["exception"] is not None:
        fields["exception"] = redacted("".join(traceback.format_exception(record["exception"].value)))
    return _ENCODER.encode(fields) + b"\n"
