"""What a player should know of a patch before turning the knobs: hints, never refusals."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec

from brutal_patches.patches.model import WiredPanel, setting
from brutal_patches.patches.modulation import directed, effective, impossible
from brutal_patches.patches.panel import CENTRE, JACK_NAMES

BRUTE_TO_CONTROL = 75
SELF_OSCILLATES = 85
_LEVELS = ("overtone", "saw", "square", "triangle")

type Code = Literal[
    "silent-mixer",
    "stackable-cable",
    "impossible-cable",
    "wild-brute-factor",
    "live-normal",
    "unused-output",
    "closed-filter",
    "short-gate",
]


class Hint(msgspec.Struct, frozen=True):
    """One hint: a stable code, the fields that it is about, and a sentence."""

    code: Code
    fields: tuple[str, ...]
    message: str


def lint(body: WiredPanel) -> tuple[Hint, ...]:
    """Every hint about this panel, in the order of the panel."""
    return tuple(
        hint for check in (_mixer, _filter, _brute, _envelope, _cables, _outputs, _normals) for hint in check(body)
    )


def _mixer(body: WiredPanel) -> Iterator[Hint]:
    levels = [setting(body, field) for field in _LEVELS]
    if any(levels):
        return
    if setting(body, "resonance") >= SELF_OSCILLATES:
        yield Hint("silent-mixer", _LEVELS, "All wave levels are at 0: what sounds is the filter whistling by itself.")
    else:
        yield Hint(
            "silent-mixer",
            _LEVELS,
            "All wave levels are at 0: you hear nothing, unless something is plugged into the audio input.",
        )


def _filter(body: WiredPanel) -> Iterator[Hint]:
    values = {name: setting(body, name) for name in ("cutoff", "env_amt", "mode", "kbd_tracking")}
    opened = any(route.target == "mod-filter" for route in effective(body.modmatrix))
    if values["mode"] == 0 and values["cutoff"] == 0 and values["env_amt"] <= CENTRE and not opened:
        yield Hint(
            "closed-filter",
            ("cutoff", "env_amt"),
            "The low-pass is shut and nothing opens it: turn Cutoff up, or Env Amt to the right.",
        )


def _brute(body: WiredPanel) -> Iterator[Hint]:
    if setting(body, "brute_factor") > BRUTE_TO_CONTROL:
        yield Hint(
            "wild-brute-factor",
            ("brute_factor",),
            "Brute Factor is above 3 o'clock: it feeds back and every synth answers differently. Mind your ears.",
        )


def _envelope(body: WiredPanel) -> Iterator[Hint]:
    shape = {name: setting(body, name) for name in ("vca", "decay", "sustain")}
    if shape == {"vca": 1, "decay": 0, "sustain": 0}:
        yield Hint(
            "short-gate",
            ("vca", "decay", "sustain"),
            "The envelope opens the amplifier with Decay and Sustain at 0: notes are only a click.",
        )


def _cables(body: WiredPanel) -> Iterator[Hint]:
    for cable in impossible(body.modmatrix):
        names = f"{JACK_NAMES[cable.source]} and {JACK_NAMES[cable.target]}"
        yield Hint(
            "impossible-cable", ("modmatrix",), f"The cable between {names} joins two jacks of a kind: it does nothing."
        )


def _outputs(body: WiredPanel) -> Iterator[Hint]:
    drawn = {cable for each in body.modmatrix if (cable := directed(each))}
    for jack, count in Counter(cable.source for cable in drawn).items():
        if count > 1:
            yield Hint(
                "stackable-cable",
                ("modmatrix",),
                f"{count} cables leave {JACK_NAMES[jack]}, which has one jack: you need stackable plugs or a splitter.",
            )
    for jack, count in Counter(cable.target for cable in drawn).items():
        if count > 1:
            yield Hint(
                "stackable-cable",
                ("modmatrix",),
                f"{count} cables enter {JACK_NAMES[jack]}, which has one jack: you need stackable plugs or a mixer.",
            )
    levels = {"mod-env": "env_amt_2", "mod-lfo": "amount"}
    for jack in sorted({cable.source for cable in drawn}):
        if setting(body, levels[jack]) == 0:
            yield Hint(
                "unused-output",
                ("modmatrix", levels[jack]),
                f"A cable leaves {JACK_NAMES[jack]}, whose amount is at 0: it does nothing until you turn it up.",
            )


def _normals(body: WiredPanel) -> Iterator[Hint]:
    amounts = {"mod-env": ("env_amt_2", "Env Amt"), "mod-lfo": ("amount", "LFO Amount")}
    for route in effective(body.modmatrix):
        field, name = amounts[route.source]
        if route.how == "normal" and setting(body, field) > 0 and body.modmatrix:
            yield Hint(
                "live-normal",
                (field, "modmatrix"),
                f"Nothing is plugged into {JACK_NAMES[route.target]}, so {JACK_NAMES[route.source]} still drives it "
                f"({name} is up).",
            )
