"""Reading JSON bodies: every fault named at once, and no input that is anything but read or refused."""

from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec
from litestar import Request

from brutal_patches.actor import Actor
from brutal_patches.errors import FieldError, Invalid

type Reader = Callable[[object], Any]

_REFUSED = "Some fields of the request are not acceptable."


def parse(raw: bytes) -> object:
    """The JSON in `raw`. Raises Invalid for anything that is not JSON in UTF-8, or nested too deep to read."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError) as fault:
        raise Invalid("The body is not valid JSON in UTF-8.") from fault


def read[T: msgspec.Struct](kind: type[T], sent: object) -> T:
    """`sent`, decoded JSON, as a `kind`; Invalid names every field at fault by its name on the wire."""
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError:
        if not isinstance(sent, dict):
            raise Invalid("The body must be a JSON object.", errors=[FieldError("", "must be an object")]) from None
        raise Invalid(_REFUSED, errors=_each_fault(kind, sent)) from None
    except (RecursionError, ValueError, OverflowError) as fault:
        raise Invalid(_REFUSED) from fault


def _each_fault(kind: type[msgspec.Struct], sent: dict[str, Any]) -> list[FieldError]:
    hints = get_type_hints(kind, include_extras=True)
    faults = []
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in sent:
            if field.required:
                faults.append(FieldError(field.encode_name, "is required"))
        elif fault := check(field.encode_name, sent[field.encode_name], hints[field.name]):
            faults.append(fault)
    return faults


def check(name: str, value: object, kind: Any) -> FieldError | None:
    """What is wrong with `value` as the field `name`: `tags[3]` where the fault is inside it."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as fault:
        reason, _, path = str(fault).partition(" - at ")
        return FieldError(name + path.strip("`").removeprefix("$"), reason.replace("`", "").lower())
    return None


class JsonRequest(Request[Actor, Any, Any]):
    """A request whose body is read by ours: by the reader that the route names, or by the body's own type.

    The framework's reader answers 500 to bytes that are not UTF-8 and to very deep nesting.
    """

    async def body(self) -> bytes:
        """The bytes that were sent; nothing at all is read as an object of which everything is absent."""
        return await super().body() or b"{}"

    async def json(self) -> Any:
        sent = parse(await self.body())
        field = self.route_handler.parsed_data_field
        reader: Reader | None = self.route_handler.opt.get("reader")
        if reader is not None:
            return reader(sent)
        kinds = [kind for kind in (field.inner_types or (field,)) if field] if field else []
        structs = [kind.annotation for kind in kinds if isinstance(kind.annotation, type)]
        struct = next((kind for kind in structs if issubclass(kind, msgspec.Struct)), None)
        return read(struct, sent) if struct else sent
