"""Values go to DynamoDB's typed form and come back the same."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.storage.codec import decode, decode_item, encode, encode_item, from_item, to_item
from brutal_patches.storage.operations import Value

VALUES = st.recursive(
    st.text() | st.integers(-(10**30), 10**30) | st.booleans() | st.binary() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Note(msgspec.Struct):
    """Something to store."""

    text: str
    seal: bytes
    pinned: bool = False
    parent: int | None = None


@given(VALUES)
def test_values_survive_the_way_there_and_back(value: Value) -> None:
    """Whole numbers of any size stay whole numbers, truth is not a number."""
    back = decode(encode(value))

    assert value == back
    assert type(value) is type(back)


def test_a_struct_is_an_item_without_what_is_absent() -> None:
    """None is left out, bytes stay bytes, and unknown attributes are passed over."""
    item = to_item(Note("x", b"\x00"))

    assert {"text": "x", "seal": b"\x00", "pinned": False} == item
    assert Note("x", b"\x00") == from_item(Note, {**item, "pk": "P", "sk": "S"})


def test_an_items_absent_values_are_not_sent() -> None:
    """DynamoDB would store a null otherwise."""
    assert {"a": {"N": "1"}} == encode_item({"a": 1, "b": None})
    assert {"a": 1} == decode_item({"a": {"N": "1"}})


def test_foreign_kinds_of_attributes_are_refused() -> None:
    """We write no sets, so to meet one is a mistake that must not pass silently."""
    with pytest.raises(ValueError, match="kind SS"):
        decode({"SS": ["a"]})
