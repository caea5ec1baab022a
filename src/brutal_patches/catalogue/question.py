"""What a search asks for, read from the query string: every faulty value is named."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import msgspec

from brutal_patches.errors import FieldError, Invalid
from brutal_patches.patches.categories import CATEGORIES
from brutal_patches.patches.model import Cable
from brutal_patches.patches.modulation import directed
from brutal_patches.patches.panel import BY_FIELD, JACKS, Control, Jack

MAX_TEXT = 200
MAX_LIMIT = 1000
DEFAULT_LIMIT = 20
MAX_OFFSET = 10_000

type Order = Literal["relevance", "created_at", "updated_at", "rating", "title", "popularity", "similarity"]
ORDERS: tuple[Order, ...] = get_args(Order.__value__)
_ALSO: dict[str, Order] = {
    "createdat": "created_at",
    "created": "created_at",
    "date": "created_at",
    "latest": "created_at",
    "newest": "created_at",
    "updatedat": "updated_at",
    "updated": "updated_at",
    "average_rating": "rating",
    "averagerating": "rating",
    "name": "title",
    "popular": "popularity",
}


class Range(msgspec.Struct, frozen=True):
    """Positions of one control, both ends inclusive."""

    field: str
    low: int
    high: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A search. Ratings are in hundredths, moments in microseconds since 1970; None does not bound."""

    text: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    rating: tuple[int | None, int | None] = (None, None)
    created: tuple[int | None, int | None] = (None, None)
    ranges: tuple[Range, ...] = ()
    cables: tuple[Cable, ...] = ()
    similar_to: int | None = None
    order: Order = "relevance"
    ascending: bool = False
    limit: int = DEFAULT_LIMIT
    offset: int = 0


class _Refused(Exception):
    """What is wrong with one value."""


def read_question(pairs: Iterable[tuple[str, str]]) -> Question:
    """The question in a query string. A control that does not exist is refused.

    Other names that mean nothing here are passed over, and so is what has been left empty, as forms send it.
    """
    fields: dict[str, object] = {}
    ranges: dict[str, Range] = {}
    cables: list[Cable] = []
    faults: list[FieldError] = []
    for name, value in pairs:
        try:
            if name == "cable":
                cables += [_cable(part) for part in value.split(",") if part.strip()]
            elif value == "":
                continue
            elif (field := name.partition(".")[0]) in BY_FIELD:
                ranges[field] = _range(ranges.get(field), name, value)
            elif name in _READERS:
                key, read = _READERS[name]
                fields[key] = read(value)
            elif name.endswith((".min", ".max")):
                raise _Refused(f"{field} is not a control of the panel")
        except _Refused as fault:
            faults.append(FieldError(name, str(fault)))
    if faults:
        raise Invalid("Some values of the search are not acceptable.", errors=faults)
    return _question(fields, tuple(ranges.values()), tuple(dict.fromkeys(cables)))


def _question(fields: dict[str, object], ranges: tuple[Range, ...], cables: tuple[Cable, ...]) -> Question:
    if not str(fields.get("text", "")).strip():
        # Spaces alone are no words.
        fields.pop("text", None)
    rating = fields.pop("rating_low", None), fields.pop("rating_high", None)
    created = fields.pop("created_low", None), fields.pop("created_high", None)
    default: Order = "similarity" if "similar_to" in fields else "relevance" if fields.get("text") else "created_at"
    order = fields.pop("order", None) or default
    if order == "relevance" and not fields.get("text"):
        # Without words everything is as relevant, and the newest is what people expect first.
        order = default
    ascending = fields.pop("ascending", order == "title")
    read = {**fields, "rating": rating, "created": created, "order": order, "ascending": ascending}
    return msgspec.structs.replace(msgspec.convert(read, Question), ranges=ranges, cables=cables)


def _whole(low: int, high: int, *names: str) -> Callable[[str], int]:
    """`names` are what may be written instead; they are read elsewhere."""
    either = f"{', '.join(names)}, or " if names else ""

    def read(value: str) -> int:
        if not re.fullmatch(r"-?\d{1,9}", value) or not low <= int(value) <= high:
            raise _Refused(f"must be {either}a whole number from {low} to {high}")
        return int(value)

    return read


def _rating(value: str) -> int:
    if not re.fullmatch(r"\d(\.\d{1,4})?", value) or not 0 <= float(value) <= 5:
        raise _Refused("must be a number from 0 to 5")
    return round(float(value) * 100)


def _moment(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise _Refused("must be a date such as 2026-11-24, or a time in RFC 3339") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _from(value: str) -> int:
    return microseconds(_moment(value))


def _until(value: str) -> int:
    """A day is meant to its end."""
    last = timedelta(days=1, microseconds=-1) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else timedelta()
    return microseconds(_moment(value) + last)


def _text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise _Refused(f"must have at most {MAX_TEXT} characters")
    return value


def _category(value: str) -> str:
    if value.lower() not in {category.id for category in CATEGORIES}:
        raise _Refused(f"must be one of {', '.join(category.id for category in CATEGORIES)}")
    return value.lower()


def _tags(value: str) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in _text(value).split(",") if tag.strip())


def _order(value: str) -> Order:
    name = value.lower()
    for order in ORDERS:
        if order == name:
            return order
    if name not in _ALSO:
        raise _Refused(f"must be one of {', '.join(ORDERS)}")
    return _ALSO[name]


def _ascending(value: str) -> bool:
    if value.lower() not in {"asc", "desc"}:
        raise _Refused("must be asc or desc")
    return value.lower() == "asc"


_READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "q": ("text", _text),
    "category": ("category", _category),
    "tags": ("tags", _tags),
    "tag": ("tags", _tags),
    "username": ("author", _text),
    "minRating": ("rating_low", _rating),
    "maxRating": ("rating_high", _rating),
    "dateFrom": ("created_low", _from),
    "dateTo": ("created_high", _until),
    "similarTo": ("similar_to", _whole(1, 999_999_999)),
    "limit": ("limit", _whole(1, MAX_LIMIT)),
    "offset": ("offset", _whole(0, MAX_OFFSET)),
    "sortBy": ("order", _order),
    "sortOrder": ("ascending", _ascending),
}


def _range(known: Range | None, name: str, value: str) -> Range:
    """`cutoff.min=20`, `cutoff.max=60`, `cutoff=30` or, for a switch, `mode=hp`."""
    field, _, bound = name.partition(".")
    control = BY_FIELD[field]
    position = _position(control, value)
    low, high = (known.low, known.high) if known else (control.low, control.high)
    match bound:
        case "":
            return Range(field, position, position)
        case "min":
            return Range(field, position, high)
        case "max":
            return Range(field, low, position)
    raise _Refused("has .min and .max, and nothing else")


def _position(control: Control, value: str) -> int:
    """The number on the wire comes before a name that looks like one: pattern 3 is the fourth."""
    # A plus that was not escaped arrives as a space: octave=+1.
    named = value.replace(" ", "+", 1).lower() if re.fullmatch(r" \d", value) else value.strip().lower()
    if not (named.isdecimal() and control.low <= int(named) <= control.high):
        for position, label in enumerate(control.labels, control.low):
            if label.lower() == named:
                return position
    return _whole(control.low, control.high, *control.labels)(value)


def _cable(text: str) -> Cable:
    """`lfo-filter`, in either direction."""
    parts = re.split(r"\s*(?:->|→|>|-)\s*", text.strip().lower())
    if len(parts) == 2:
        first, second = (_jack(part) for part in parts)
        if cable := directed(Cable(first, second)):
            return cable
    raise _Refused("must be an output and an input such as lfo-filter")


def _jack(name: str) -> Jack:
    for jack in JACKS:
        if jack == f"mod-{name}":
            return jack
    raise _Refused(f"{name} is not a jack: {', '.join(jack.removeprefix('mod-') for jack in JACKS)}")
