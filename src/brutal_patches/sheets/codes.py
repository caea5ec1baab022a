"""A whole panel in some thirty characters that a URL, a forum or a shout across the room can carry.

A code is base64url of: a format number, one large number, a checksum of both. The number is built digit
by digit, each control a digit with as many values as the control has positions, and above them one bit for
each pair of jacks that a cable can join. Panels that sound the same have the same code, and there
is one code for each.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import crc_hqx
from itertools import combinations_with_replacement
from typing import Any

from brutal_patches.patches.model import Cable, WiredPanel, setting
from brutal_patches.patches.modulation import directed
from brutal_patches.patches.panel import CONTROLS, JACKS
from brutal_patches.sheets.wiring import plain, undirected

FORMAT = 1
MOST_CABLES = 16
LONGEST = 48
_CONTROLS_OF_FORMAT = {1: CONTROLS[:31]}
_PAIRS = [undirected(Cable(one, other)) for one, other in combinations_with_replacement(JACKS, 2)]
# Cables that carry something come first: most codes then need no bits for the others.
_CABLES = tuple(sorted(_PAIRS, key=lambda cable: directed(cable) is None))
_BITS = {cable: 1 << index for index, cable in enumerate(_CABLES)}
_CHECKSUM_BYTES = 2


class NotACode(ValueError):
    """This text is not a panel's code: mistyped, cut short, or of a format that is not known here."""


def to_code(panel: WiredPanel) -> str:
    """The one code of `panel`. Raises NotACode where a control stands outside its range."""
    number = sum(_BITS[cable] for cable in plain(panel.modmatrix))
    for control in reversed(_CONTROLS_OF_FORMAT[FORMAT]):
        position = setting(panel, control.field)
        if not control.low <= position <= control.high:
            raise NotACode(f"{control.field} cannot stand at {position}")
        number = number * (control.high - control.low + 1) + position - control.low
    packed = bytes([FORMAT]) + number.to_bytes((number.bit_length() + 7) // 8)
    return urlsafe_b64encode(packed + _checksum(packed)).rstrip(b"=").decode()


def from_code(code: str) -> WiredPanel:
    """The panel of a code, its cables each once and output first. Raises NotACode for anything else."""
    packed = _unpacked(code)
    controls = _CONTROLS_OF_FORMAT.get(packed[0])
    if controls is None:
        raise NotACode("this code is of a format that is not known here")
    number, found = int.from_bytes(packed[1:]), dict[str, Any]()
    for control in controls:
        number, step = divmod(number, control.high - control.low + 1)
        found[control.field] = control.low + step
    if number >> len(_CABLES) or number.bit_count() > MOST_CABLES:
        raise NotACode("this code has cables that no panel has")
    cables = plain([cable for cable, bit in _BITS.items() if number & bit])
    panel = WiredPanel(**found, modmatrix=cables)
    if to_code(panel) != code:
        raise NotACode("this code is not in its one form")
    return panel


def _checksum(packed: bytes) -> bytes:
    return crc_hqx(packed, 0xFFFF).to_bytes(_CHECKSUM_BYTES)


def _unpacked(code: str) -> bytes:
    """What is under the checksum: at least the format's byte."""
    if not code.isascii() or len(code) > LONGEST:
        raise NotACode("this is not a panel's code")
    try:
        sealed = urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except ValueError:
        raise NotACode("this is not a panel's code") from None
    packed, seal = sealed[:-_CHECKSUM_BYTES], sealed[-_CHECKSUM_BYTES:]
    if not packed or _checksum(packed) != seal:
        raise NotACode("this code is mistyped or cut short")
    return packed
