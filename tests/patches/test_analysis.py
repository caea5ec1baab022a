"""What modulates what, how alike two panels are, and what differs."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from brutal_patches.patches.comparison import compare, likeness
from brutal_patches.patches.model import Cable, Patch, PatchBody
from brutal_patches.patches.modulation import effective, impossible
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.patches.similarity import similarity
from brutal_patches.patches.submission import read_body
from tests.patches.strategies import SENT


def body(*cables: str, **fields: Any) -> PatchBody:
    drawn = [cable.split(">") for cable in cables]
    modmatrix = [{"source": f"mod-{source}", "target": f"mod-{target}"} for source, target in drawn]
    return read_body({"title": "Sub", "modmatrix": modmatrix, **fields})


def patch(**fields: Any) -> Patch:
    sent = msgspec.structs.asdict(body(**fields))
    return Patch(**sent, id=1, username="ada", created_at="", updated_at="")


def live(found: PatchBody) -> list[str]:
    return [f"{route.source[4:]}>{route.target[4:]} {route.how}" for route in effective(found.modmatrix)]


def test_an_empty_matrix_still_modulates() -> None:
    """The normals are live: ENV to Metal, LFO to Pitch."""
    assert ["env>metal normal", "lfo>pitch normal"] == live(body())


def test_a_cable_takes_the_place_of_its_normal() -> None:
    """In whichever direction it was drawn; stackable plugs make several."""
    assert ["env>metal normal", "env>pitch cable"] == live(body("env>pitch"))
    assert ["env>metal normal", "lfo>pitch normal", "lfo>filter cable"] == live(body("filter>lfo"))
    assert ["env>metal cable", "lfo>metal cable", "lfo>pitch normal"] == live(body("env>metal", "lfo>metal"))


def test_cables_between_two_of_a_kind_carry_nothing() -> None:
    """They are kept, as they were drawn, and said to be impossible."""
    odd = body("env>lfo", "saw>pwm")
    assert [Cable("mod-env", "mod-lfo"), Cable("mod-saw", "mod-pwm")] == impossible(odd.modmatrix)
    assert live(body()) == live(odd)


@given(SENT.map(read_body), SENT.map(read_body))
def test_similarity_is_symmetric_and_one_only_for_the_same_sound(one: PatchBody, other: PatchBody) -> None:
    """From 0 to 1."""
    assert 1 == similarity(one, one)
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.field)
def test_every_control_counts_but_volume_and_transport(control: Any) -> None:
    """By its share of the range; a switch by all of its weight."""
    other = body(**{control.field: control.high if control.initial != control.high else control.low})
    distance = 1 - similarity(body(), other)
    if control.field in {"volume", "play"}:
        assert 0 == distance
    else:
        assert 0.005 < distance < 0.035


def test_a_small_turn_is_a_small_difference() -> None:
    """And a switch or a cable is not: what the predecessor had upside down."""
    start = body(glide=0, attack=0)
    assert similarity(start, body(glide=3, attack=2)) > 0.998
    assert similarity(start, body(mode=2)) < 0.98
    assert similarity(start, body("lfo>filter", "env>saw", "lfo>pwm")) < 0.97
    assert 1 == similarity(body("lfo>pitch"), start), "the cable does what the normal does"


def test_differences_name_fields_in_panel_order() -> None:
    """Then the texts, then cables and tags, whose order says nothing."""
    one = patch(cutoff=10, mode=1, tags=["a", "b"], description="x")
    other = patch(cutoff=20, mode=2, tags=["b", "a"], category="bass")
    found = compare(one, other)
    assert [("cutoff", 10, 20, "changed"), ("mode", 1, 2, "changed")] == [
        (each.field, each.value1, each.value2, each.type) for each in found.differences[:2]
    ]
    assert [("description", "removed"), ("category", "added")] == [
        (each.field, each.type) for each in found.differences[2:]
    ]
    assert 0 < found.similarity < 1


def test_likeness_is_one_for_the_same_panel_only() -> None:
    """Rounding does not make it so."""
    assert 1 == likeness(body(), body(volume=3))
    assert likeness(body(), body(cutoff=1)) < 1
