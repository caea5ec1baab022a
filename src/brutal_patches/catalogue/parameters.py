"""The parameters of a search as OpenAPI describes them; the panel's own come from its table."""

from collections.abc import Iterator
from typing import Any

from brutal_patches.catalogue.question import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, MAX_TEXT, ORDERS
from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.panel import CONTROLS, Control


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _integer(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


def _of_control(control: Control) -> Iterator[dict[str, Any]]:
    exact: dict[str, Any] = _integer(control.low, control.high)
    if control.labels:
        exact = {"type": "string", "examples": list(control.labels)}
    named = f", by name or number: {', '.join(control.labels)}" if control.labels else ""
    yield _parameter(control.field, exact, f"{control.name} exactly{named}")
    yield _parameter(f"{control.field}.min", _integer(control.low, control.high), f"{control.name} at least")
    yield _parameter(f"{control.field}.max", _integer(control.low, control.high), f"{control.name} at most")


_TEXT = {"type": "string", "maxLength": MAX_TEXT}
_RATING = {"type": "number", "minimum": 0, "maximum": 5}
_MOMENT = {"type": "string", "examples": ["2026-11-24", "2026-11-24T10:00:00Z"]}

PARAMETERS: tuple[dict[str, Any], ...] = (
    _parameter("q", _TEXT, "Words of title, tags, description or author; all of them must be there."),
    _parameter("category", {"type": "string", "enum": [each.id for each in CATEGORIES]}, "One category."),
    _parameter("tags", _TEXT, "Tags, by comma; all of them must be there."),
    _parameter("username", _TEXT, "The author."),
    _parameter("minRating", _RATING, "Rated at least so."),
    _parameter("maxRating", _RATING, "Rated at most so."),
    _parameter("dateFrom", _MOMENT, "Created then or later."),
    _parameter("dateTo", _MOMENT, "Created then or earlier; a day is meant to its end."),
    _parameter("cable", _TEXT, "Cables such as lfo-filter, by comma, in either direction; all of them must be there."),
    _parameter("similarTo", _integer(1, 999_999_999), "Most like this patch first."),
    _parameter("sortBy", {"type": "string", "enum": list(ORDERS)}, "By relevance where there are words, else newest."),
    _parameter("sortOrder", {"type": "string", "enum": ["asc", "desc"]}, "Which end comes first."),
    _parameter("limit", _integer(1, MAX_LIMIT) | {"default": DEFAULT_LIMIT}, "How many at most."),
    _parameter("offset", _integer(0, MAX_OFFSET) | {"default": 0}, "How many to pass over."),
    *(parameter for control in CONTROLS for parameter in _of_control(control)),
)
