"""Values of ours to attribute values of DynamoDB and back: integers stay int, no Decimal, no None."""

import base64
from collections.abc import Callable
from typing import Any, cast

import msgspec

from brutal_patches.storage.operations import Item, Value

type AttributeValue = dict[str, Any]


def to_item(struct: msgspec.Struct) -> Item:
    """The fields of `struct` as an item, those that are None or unset left out."""
    fields = cast("dict[str, Value]", msgspec.to_builtins(struct, builtin_types=(bytes,)))
    return {name: value for name, value in fields.items() if value is not None}


def from_item[T: msgspec.Struct](kind: type[T], item: Item) -> T:
    """The struct that `to_item` made this of; attributes that it does not know are passed over."""
    return msgspec.convert(item, kind, builtin_types=(bytes,))


def encode(value: Value) -> AttributeValue:
    """One value in DynamoDB's typed form."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [encode(part) for part in value]}
        case dict():
            return {"M": {name: encode(part) for name, part in value.items()}}
        case None:
            return {"NULL": True}
    raise TypeError(f"a {type(value).__name__} is not a value that this service stores")


def _bytes(value: str | bytes) -> bytes:
    """Answers bring bytes as base64 (see `parsing.py`)."""
    return value if isinstance(value, bytes) else base64.b64decode(value)


def _list(values: list[AttributeValue]) -> list[Value]:
    return [decode(value) for value in values]


def _nothing(_value: bool) -> None:
    return None


class _Readers(dict[str, Callable[[Any], Value]]):
    """What reads a value, by its kind."""

    def __missing__(self, kind: str) -> Callable[[Any], Value]:
        raise ValueError(f"an attribute of kind {kind} is not one that this service writes")


def decode(attribute: AttributeValue) -> Value:
    """The value in DynamoDB's typed form `attribute`, such as `{"N": "3"}`."""
    ((kind, value),) = attribute.items()
    return _READERS[kind](value)


def encode_item(item: Item) -> dict[str, AttributeValue]:
    """A whole item in DynamoDB's typed form, absent values left out."""
    return {name: encode(value) for name, value in item.items() if value is not None}


def decode_item(attributes: dict[str, AttributeValue]) -> Item:
    """The item in DynamoDB's typed form `attributes`."""
    # A hundred thousand patches pass here at each start: no calls but those that read.
    return {name: _READERS[kind](value) for name, attribute in attributes.items() for kind, value in attribute.items()}


_READERS = _Readers(S=str, N=int, BOOL=bool, B=_bytes, L=_list, M=decode_item, NULL=_nothing)
