"""A panel as a handful of bytes: a format number, one byte a control, then one byte a cable.

Format 1 has the 31 controls in the order of the panel's table. A control that is added later makes
format 2, which has it at the end; format 1 stays readable, and gives it its initial position.
"""

from functools import lru_cache
from operator import le

from brutal_patches.patches.model import Cable, PatchBody, settings
from brutal_patches.patches.panel import CONTROLS, JACKS

FORMAT = 1
_CONTROLS_OF_FORMAT = {1: CONTROLS[:31]}
_FIELDS_OF_FORMAT = {number: [each.field for each in found] for number, found in _CONTROLS_OF_FORMAT.items()}
_BOUNDS_OF_FORMAT = {
    number: ([each.low for each in found], [each.high for each in found])
    for number, found in _CONTROLS_OF_FORMAT.items()
}


class NotAPanel(ValueError):
    """These bytes are not a panel that any format describes."""


def encode_panel(body: PatchBody) -> bytes:
    """The settings and cables of `body`, 32 bytes and one more for each cable."""
    cables = [JACKS.index(cable.source) * len(JACKS) + JACKS.index(cable.target) for cable in body.modmatrix]
    return bytes([FORMAT, *settings(body), *cables])


def decode_panel(encoded: bytes) -> tuple[dict[str, int], tuple[Cable, ...]]:
    """Settings by field, and the cables. Raises NotAPanel for bytes that no format describes."""
    controls = _CONTROLS_OF_FORMAT.get(encoded[0]) if encoded else None
    if controls is None or len(encoded) < 1 + len(controls):
        raise NotAPanel("these bytes are not a panel")
    positions = encoded[1 : 1 + len(controls)]
    lows, highs = _BOUNDS_OF_FORMAT[encoded[0]]
    if not (all(map(le, lows, positions)) and all(map(le, positions, highs))):
        raise NotAPanel("a control stands where it cannot")
    fields = _FIELDS_OF_FORMAT[encoded[0]]
    return dict(zip(fields, positions, strict=True)), tuple(map(_cable, encoded[1 + len(controls) :]))


@lru_cache
def _cable(code: int) -> Cable:
    source, target = divmod(code, len(JACKS))
    if source >= len(JACKS):
        raise NotAPanel("a cable goes nowhere")
    return Cable(JACKS[source], JACKS[target])
