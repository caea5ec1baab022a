"""A panel as a handful of bytes: a format number, one byte a control, then one byte a cable.

Format 1 has the 31 controls in the order of the panel's table. A control that is added later makes
format 2, which has it at the end; format 1 stays readable, and gives it its initial position.
"""

from brutal_patches.patches.model import Cable, PatchBody, settings
from brutal_patches.patches.panel import CONTROLS, JACKS

FORMAT = 1
_CONTROLS_OF_FORMAT = {1: CONTROLS[:31]}


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
    if any(not control.low <= position <= control.high for control, position in zip(controls, positions, strict=True)):
        raise NotAPanel("a control stands where it cannot")
    found = {control.field: position for control, position in zip(controls, positions, strict=True)}
    return found, tuple(_cable(code) for code in encoded[1 + len(controls) :])


def _cable(code: int) -> Cable:
    source, target = divmod(code, len(JACKS))
    if source >= len(JACKS):
        raise NotAPanel("a cable goes nowhere")
    return Cable(JACKS[source], JACKS[target])
