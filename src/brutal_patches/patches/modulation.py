"""What modulates what: the cables, and the normals that they leave standing."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from brutal_patches.patches.model import Cable
from brutal_patches.patches.panel import INPUTS, JACKS, NORMALS, OUTPUTS, Jack

type How = Literal["cable", "normal"]


class Route(msgspec.Struct, frozen=True):
    """One modulation that is live: `source` (an output) drives `target` (an input)."""

    source: Jack
    target: Jack
    how: How


def directed(cable: Cable) -> Cable | None:
    """The cable from its output to its input, however it was drawn; None where it joins two of a kind."""
    if cable.source in OUTPUTS and cable.target in INPUTS:
        return cable
    if cable.target in OUTPUTS and cable.source in INPUTS:
        return Cable(cable.target, cable.source)
    return None


def impossible(cables: Sequence[Cable]) -> list[Cable]:
    """Cables that join two outputs or two inputs, and so carry nothing."""
    return [cable for cable in cables if directed(cable) is None]


def effective(cables: Sequence[Cable]) -> tuple[Route, ...]:
    """Every live modulation, in the order of the panel's inputs: cables first, else the input's normal."""
    plugged = {cable for drawn in cables if (cable := directed(drawn))}
    routes: list[Route] = []
    for jack in JACKS:
        sources = sorted(cable.source for cable in plugged if cable.target == jack)
        routes += [Route(source, jack, "cable") for source in sources]
        if not sources and jack in NORMALS:
            routes.append(Route(NORMALS[jack], jack, "normal"))
    return tuple(routes)
