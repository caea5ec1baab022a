"""Reading what an author sends: tolerant of what clients send along, exact about what is stored.

Every fault is named at once. Server-given and unknown fields are passed over, absent settings get the
panel's initial position, and text is put into Unicode's composed form.
"""

import unicodedata
from typing import Any, get_type_hints

import msgspec

from brutal_patches.errors import FieldError, Invalid
from brutal_patches.patches.model import PatchBody, WiredPanel, wired
from brutal_patches.patches.panel import BY_FIELD

_WIRE_NAMES = {field.encode_name: field.name for field in msgspec.structs.fields(PatchBody)}
_KINDS: dict[str, Any] = get_type_hints(PatchBody, include_extras=True)
_REFUSED = "Some fields of the patch are not acceptable."


def read_body(sent: object) -> PatchBody:
    """The patch that `sent`, decoded JSON, describes. Raises Invalid naming every field at fault."""
    if not isinstance(sent, dict):
        raise Invalid("A patch is a JSON object.", errors=[FieldError("", "must be an object")])
    fields = {name: value for name, value in sent.items() if name in _WIRE_NAMES}
    _forgive(fields)
    faults = _text_faults(fields)
    try:
        body = msgspec.convert(fields, PatchBody)
    except msgspec.ValidationError:
        raise Invalid(_REFUSED, errors=_each_fault(fields, faults)) from None
    if len(set(body.modmatrix)) < len(body.modmatrix):
        faults.append(FieldError("modmatrix", "has the same cable twice"))
    if faults:
        raise Invalid(_REFUSED, errors=faults)
    return body


def read_panel(sent: object) -> WiredPanel:
    """A panel alone, which needs no title."""
    return wired(read_body({"title": "Panel", **sent} if isinstance(sent, dict) else sent))


def _forgive(fields: dict[str, Any]) -> None:
    """What the present client means, where it says it in a way of its own."""
    if fields.get("octave") == 0 and not isinstance(fields["octave"], bool):
        fields["octave"] = BY_FIELD["octave"].initial
    if fields.get("category") in ("", None):
        fields.pop("category", None)
    for name in ("title", "description"):
        if isinstance(fields.get(name), str):
            fields[name] = _composed(fields[name])
    if isinstance(fields.get("title"), str):
        fields["title"] = fields["title"].strip()
    if isinstance(fields.get("tags"), list):
        tags = [_composed(tag).strip() if isinstance(tag, str) else tag for tag in fields["tags"]]
        fields["tags"] = [tag for position, tag in enumerate(tags) if tag not in tags[:position]]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def _text_faults(fields: dict[str, Any]) -> list[FieldError]:
    """Control characters, which no title or tag needs, and lone surrogates, which no database takes."""
    lines = {"title": fields.get("title"), "tags": fields.get("tags")}
    faults = [FieldError(name, "must not have control characters") for name, value in lines.items() if _controls(value)]
    description = fields.get("description")
    if isinstance(description, str) and _controls(description.replace("\n", "").replace("\t", "")):
        faults.append(FieldError("description", "must not have control characters besides line breaks and tabs"))
    return faults


def _controls(value: object) -> bool:
    if isinstance(value, list):
        return any(_controls(part) for part in value)
    return isinstance(value, str) and any(unicodedata.category(character) in {"Cc", "Cs"} for character in value)


def _each_fault(fields: dict[str, Any], faults: list[FieldError]) -> list[FieldError]:
    """Every field on its own, as msgspec stops at the first fault."""
    for wire_name, name in _WIRE_NAMES.items():
        if wire_name in fields:
            try:
                msgspec.convert(fields[wire_name], _KINDS[name])
            except msgspec.ValidationError as fault:
                faults.append(FieldError(*_locate(wire_name, str(fault))))
        elif name == "title":
            faults.append(FieldError("title", "is required"))
    return faults


def _locate(field: str, said: str) -> tuple[str, str]:
    """`Expected `int` <= 100 - at `$[3]`` about `tags` is a fault of `tags[3]`."""
    reason, _, path = said.partition(" - at ")
    return field + path.strip("`").removeprefix("$"), reason.replace("`", "").lower()
