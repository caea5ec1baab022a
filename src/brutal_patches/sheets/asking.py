"""How somebody wants a sheet: read from the query string, every faulty value named."""

from collections.abc import Iterable
from typing import Any, get_args

from brutal_patches.errors import FieldError, Invalid
from brutal_patches.sheets.drawings import MEDIA_TYPES, Form
from brutal_patches.sheets.sheet import Options, SizeName, ThemeName

NARROWEST, WIDEST = 100, 2400
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_THEMES: tuple[ThemeName, ...] = get_args(ThemeName.__value__)
_SIZES: tuple[SizeName, ...] = get_args(SizeName.__value__)


def _parameter(name: str, schema: dict[str, Any], told: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": told}


PARAMETERS: tuple[dict[str, Any], ...] = (
    _parameter("theme", {"type": "string", "enum": list(_THEMES)}, "The colours: light, and print for PDF, by itself."),
    _parameter(
        "size",
        {"type": "string", "enum": list(_SIZES), "default": "a4"},
        "The shape: a page of paper, a phone's column, a link's preview, or the panel alone.",
    ),
    _parameter(
        "width",
        {"type": "integer", "minimum": NARROWEST, "maximum": WIDEST},
        "Pixels from side to side; the shape's own by itself.",
    ),
    _parameter(
        "values",
        {"type": "string", "enum": list(_FLAGS), "default": "1"},
        "Whether positions are written beside the controls.",
    ),
)


def read_options(pairs: Iterable[tuple[str, str]], form: Form) -> Options:
    """What is asked for. Raises Invalid naming every faulty value; other parameters are passed over."""
    given = dict(pairs)
    faults: list[FieldError] = []

    def one_of[T](name: str, choices: dict[str, T], default: T) -> T:
        if name not in given:
            return default
        if given[name] not in choices:
            faults.append(FieldError(name, f"must be one of {', '.join(choices)}"))
        return choices.get(given[name], default)

    options = Options(
        theme=one_of("theme", {theme: theme for theme in _THEMES}, "print" if form == "pdf" else "light"),
        size=one_of("size", {size: size for size in _SIZES}, "a4"),
        width=_width(given.get("width"), faults),
        values=one_of("values", _FLAGS, True),
    )
    if faults:
        raise Invalid("Some parameters are not acceptable.", errors=faults)
    return options


def _width(text: str | None, faults: list[FieldError]) -> int:
    if text is None:
        return 0
    if text.isascii() and text.isdecimal() and len(text) < 6 and NARROWEST <= int(text) <= WIDEST:
        return int(text)
    faults.append(FieldError("width", f"must be a number from {NARROWEST} to {WIDEST}"))
    return 0


def form_of(suffix: str) -> Form | None:
    """The form that a file's name ends in, if it is one."""
    return next((form for form in MEDIA_TYPES if form == suffix), None)
