"""What an author may send, and what each wrong input is told."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.errors import Invalid
from brutal_patches.patches.model import body_of, setting
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.patches.submission import read_body
from tests.patches.strategies import SENT

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def faults(**fields: Any) -> dict[str, str]:
    """Field to message, for a patch that is fine but for `fields`."""
    with pytest.raises(Invalid) as refused:
        read_body({"title": "Fine", **fields})
    return {fault.field: fault.message for fault in refused.value.errors}


def test_a_title_is_enough() -> None:
    """Everything else starts where the panel does."""
    body = read_body({"title": "Init"})

    assert {control.field: control.initial for control in CONTROLS} == {
        control.field: setting(body, control.field) for control in CONTROLS
    }
    assert body.is_public
    assert ((), (), "") == (body.tags, body.modmatrix, body.description)


def test_what_the_present_client_sends_along_is_passed_over() -> None:
    """Server-given and unknown fields are ignored; octave 0 is the middle; an empty category is none."""
    body = read_body(
        {"title": " Sub ", "id": 0, "created_at": "", "average_rating": "", "mood": 1, "octave": 0, "category": ""}
    )

    assert ("Sub", 3, msgspec.UNSET) == (body.title, body.octave, body.category)  # type: ignore[attr-defined]


@given(SENT)
def test_every_good_patch_is_read_as_it_was_sent(sent: dict[str, Any]) -> None:
    """Settings, cables and flags are kept, and reading what was read changes nothing."""
    body = read_body(sent)

    assert all(sent[control.field] == setting(body, control.field) for control in CONTROLS)
    assert body == read_body(msgspec.to_builtins(body) | {"title": body.title})
    assert body == body_of(body)


@given(
    st.dictionaries(
        st.sampled_from(["title", "tags", "modmatrix", "octave", "cutoff", "category", "isPublic"]), ANYTHING
    )
)
def test_no_input_is_anything_but_read_or_refused(sent: dict[str, Any]) -> None:
    """A refusal names at least one field."""
    try:
        read_body(sent)
    except Invalid as refused:
        assert refused.errors


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("title", "", "title"),
        ("title", "   ", "title"),
        ("title", None, "title"),
        ("title", "x" * 121, "title"),
        ("title", "a\x00b", "title"),
        ("title", "a\ud800", "title"),
        ("description", "x" * 5001, "description"),
        ("description", "a\x1bb", "description"),
        ("cutoff", 101, "cutoff"),
        ("cutoff", -1, "cutoff"),
        ("cutoff", True, "cutoff"),
        ("cutoff", 3.0, "cutoff"),
        ("cutoff", "3", "cutoff"),
        ("cutoff", None, "cutoff"),
        ("cutoff", 10**40, "cutoff"),
        ("mode", 3, "mode"),
        ("octave", 6, "octave"),
        ("octave", False, "octave"),
        ("pattern", 8, "pattern"),
        ("tags", "bass", "tags"),
        ("tags", [str(number) for number in range(21)], "tags"),
        ("tags", ["fine", "x" * 41], "tags[1]"),
        ("tags", ["\x07"], "tags"),
        ("category", "polka", "category"),
        ("isPublic", "yes", "isPublic"),
        ("modmatrix", [{"source": "mod-env"}], "modmatrix[0]"),
        ("modmatrix", [{"source": "mod-env", "target": "mod-moon"}], "modmatrix[0].target"),
        ("modmatrix", [{"source": "mod-env", "target": "mod-saw"}] * 2, "modmatrix"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, named: str) -> None:
    """The name is the one on the wire, down to the part at fault."""
    assert [named] == list(faults(**{field: value}))


def test_all_wrong_fields_are_named_at_once() -> None:
    """Nobody mends one field to learn of the next."""
    assert {"title", "cutoff", "mode"} == set(faults(title="", cutoff=500, mode="LP"))


def test_a_missing_title_is_named() -> None:
    """It is the only field that must be sent."""
    with pytest.raises(Invalid) as refused:
        read_body({})
    assert [("title", "is required")] == [(fault.field, fault.message) for fault in refused.value.errors]


@pytest.mark.parametrize("sent", [None, [], "patch", 3])
def test_what_is_no_object_is_refused(sent: object) -> None:
    """A patch is an object."""
    with pytest.raises(Invalid, match="JSON object"):
        read_body(sent)


def test_text_is_composed_and_tags_are_kept_once() -> None:
    """The same letters written in two ways are the same tag; line breaks have one form."""
    body = read_body({"title": "Cafe\u0301", "tags": ["Café", "Cafe\u0301 ", "bass"], "description": "a\r\nb\tc"})

    assert ("Café", ("Café", "bass"), "a\nb\tc") == (body.title, body.tags, body.description)
