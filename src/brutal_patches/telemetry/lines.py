"""A line of the log as production writes it: one flat JSON object. docs/observability.md lists the fields."""

import time
import traceback
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import msgspec

from brutal_patches.telemetry.present import REQUEST, identity
from brutal_patches.telemetry.redaction import redacted

_ENCODER = msgspec.json.Encoder()
_PLAIN = (bool, int, float, type(None))


class Access(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The line of one request. Its route is a template; what was sent, query strings included, has no place in it."""

    timestamp: str
    level: str
    message: str
    event: str
    method: str
    route: str
    status: int
    duration_ms: float
    request_id: str
    client_address: str
    trace_id: str = ""
    sampled: bool = False
    user_id: str = ""
    path: str = ""


def encoded(line: Access) -> bytes:
    """The line with its end."""
    return _ENCODER.encode(line) + b"\n"


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


class Watchmaker:
    """Writes the present moment as every line has it; the seconds are written once for all that happens in one."""

    def __init__(self) -> None:
        self._second, self._written = 0, ""

    def now(self) -> str:
        moment = time.time()
        second = int(moment)
        if second != self._second:
            self._second, self._written = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._written}.{int((moment - second) * 1e6):06d}Z"
