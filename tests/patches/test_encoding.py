"""A panel survives the way into bytes and back."""

from typing import Any

import pytest
from hypothesis import given

from brutal_patches.patches.encoding import NotAPanel, decode_panel, encode_panel
from brutal_patches.patches.model import setting
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.patches.submission import read_body
from tests.patches.strategies import SENT


@given(SENT)
def test_every_panel_survives(sent: dict[str, Any]) -> None:
    """Settings and cables come back as they were, one byte for each."""
    body = read_body(sent)

    settings, cables = decode_panel(encode_panel(body))

    assert settings == {control.field: setting(body, control.field) for control in CONTROLS}
    assert cables == body.modmatrix
    assert 32 + len(cables) == len(encode_panel(body))


@pytest.mark.parametrize(
    "encoded",
    [b"", b"\x01", b"\x02" + bytes(31), b"\x01" + bytes(30), b"\x01" + b"\xff" * 31],
    ids=["nothing", "cut short", "another format", "a byte short", "out of range"],
)
def test_other_bytes_are_not_a_panel(encoded: bytes) -> None:
    """They are refused, not guessed at."""
    with pytest.raises(NotAPanel):
        decode_panel(encoded)


def test_a_cable_to_nowhere_is_refused() -> None:
    """There are eight jacks."""
    with pytest.raises(NotAPanel):
        decode_panel(encode_panel(read_body({"title": "x"})) + b"\xff")
