"""A line of the log as production writes it: one flat JSON object. docs/observability.md lists the fields."""

import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brutal_patches.telemetry.present import REQUEST, identity
from brutal_patches.telemetry.redaction import redacted

_ENCODER = msgspec.json.Encoder()
_PLAIN = (bool, int, float, type(None))


class Access(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The line of a request, its fields in the order in which people read. What was sent has no place in it.

    A struct, because the library then writes hundreds of them at once, each in a tenth of the time of a template.
    """

    timestamp: datetime
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


def written(lines: Sequence[Access]) -> bytes:
    """These lines, each with its end. What cannot be written, as no text can be made of it, is left out."""
    try:
        return _ENCODER.encode_lines(lines)
    except UnicodeEncodeError:
        return b"".join(map(_alone, lines))


def _alone(line: Access) -> bytes:
    try:
        return _ENCODER.encode(line) + b"\n"
    except UnicodeEncodeError:
        return b""


def text(message: str) -> bytes:
    """A line for people, which may be many, as it is."""
    return message.removesuffix("\n").encode(errors="replace") + b"\n"


def structured(record: Mapping[str, Any]) -> bytes:
    """The line of what somebody has said through loguru; the request that it was said in is added."""
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
