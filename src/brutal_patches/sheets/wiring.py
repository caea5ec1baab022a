"""Cables as they sound: a cable drawn from its input's end is the same cable."""

from collections.abc import Sequence

from brutal_patches.patches.model import Cable
from brutal_patches.patches.modulation import directed, effective
from brutal_patches.patches.panel import JACK_NAMES, JACKS


def plain(cables: Sequence[Cable]) -> tuple[Cable, ...]:
    """Each cable once, its output first, in the order of the jacks; impossible ones are among them."""
    return tuple(sorted({undirected(cable) for cable in cables}, key=_order))


def undirected(cable: Cable) -> Cable:
    """The one form of a cable: from output to input, or from the earlier jack where it joins two of a kind."""
    return directed(cable) or Cable(*sorted((cable.source, cable.target), key=JACKS.index))


def normals(cables: Sequence[Cable]) -> list[Cable]:
    """What the instrument itself wires: the normals of inputs into which nothing is plugged."""
    return [Cable(route.source, route.target) for route in effective(cables) if route.how == "normal"]


def wording(cable: Cable) -> str:
    """`LFO → Filter`; a dash instead where nothing flows."""
    link = "→" if directed(cable) else "–"  # noqa: RUF001 An en dash joins two equals.
    return f"{JACK_NAMES[cable.source]} {link} {JACK_NAMES[cable.target]}"


def _order(cable: Cable) -> tuple[int, int]:
    return JACKS.index(cable.source), JACKS.index(cable.target)
