"""The MicroBrute's panel as data: one row a control, in panel order, left to right, top row first.

Validation, storage, search ranges, similarity, comparison and drawing all read this table; there is no
other list of the settings. A control that is added goes to the end of CONTROLS' encoding order, which
is the order here: stored panels are read by position (see `encoding.py`).
"""

from typing import Literal

import msgspec

type Section = Literal["oscillator", "filter", "output", "controls", "lfo", "envelope", "sequencer"]
type Kind = Literal["knob", "slider", "switch", "buttons", "rotary"]
type Taper = Literal["linear", "logarithmic", "none"]
type Jack = Literal["mod-env", "mod-lfo", "mod-metal", "mod-pitch", "mod-saw", "mod-filter", "mod-sub", "mod-pwm"]

CENTRE = 50


class Control(msgspec.Struct, frozen=True):
    """One control: the field it is stored in, what is printed at it, and where it can stand.

    `low` to `high` are the positions, both inclusive; for switches `labels` names each of them,
    counted from the bottom. `bipolar` knobs have no effect at the centre.
    """

    field: str
    name: str
    section: Section
    kind: Kind
    low: int = 0
    high: int = 100
    initial: int = 0
    labels: tuple[str, ...] = ()
    taper: Taper = "linear"
    bipolar: bool = False
    meaning: str = ""

    @property
    def is_choice(self) -> bool:
        """Whether its positions are different things, rather than more or less of one."""
        return bool(self.labels)

    def label(self, position: int) -> str:
        """The name of a switch's position, or the number where the positions have none."""
        return self.labels[position - self.low] if self.labels else str(position)


def _log(field: str, name: str, section: Section, meaning: str, kind: Kind = "knob", initial: int = 0) -> Control:
    return Control(field, name, section, kind, initial=initial, taper="logarithmic", meaning=meaning)


def _linear(field: str, name: str, section: Section, meaning: str, kind: Kind = "knob") -> Control:
    return Control(field, name, section, kind, meaning=meaning)


def _bipolar(field: str, name: str, section: Section, meaning: str) -> Control:
    return Control(field, name, section, "knob", initial=CENTRE, bipolar=True, meaning=meaning)


def _choice(
    field: str,
    name: str,
    section: Section,
    meaning: str,
    *labels: str,
    kind: Kind = "switch",
    low: int = 0,
    initial: int = 0,
) -> Control:
    return Control(
        field, name, section, kind, low, low + len(labels) - 1, initial, labels, taper="none", meaning=meaning
    )


CONTROLS: tuple[Control, ...] = (
    _log("sub_fifth", "Sub > Fifth", "oscillator", "pitch of the overtone, from an octave below to a fifth above"),
    _log("overtone", "Overtone", "oscillator", "level of the sub-oscillator"),
    _linear("ultra_saw", "Ultrasaw", "oscillator", "depth of the two phase-shifted saws"),
    _log("saw", "Saw", "oscillator", "level of the saw"),
    _linear("pulse_width", "Pulse Width", "oscillator", "width of the pulse, from square to thin"),
    _log("square", "Square", "oscillator", "level of the square"),
    _linear("metalizer", "Metalizer", "oscillator", "folding of the triangle"),
    _log("triangle", "Triangle", "oscillator", "level of the triangle"),
    _linear("cutoff", "Cutoff", "filter", "cutoff frequency"),
    _choice("mode", "Mode", "filter", "filter mode", "LP", "BP", "HP"),
    _linear("resonance", "Resonance", "filter", "resonance, up to self-oscillation"),
    _bipolar("env_amt", "Env Amt", "filter", "how far the envelope moves the cutoff, down or up"),
    _linear("brute_factor", "Brute Factor", "filter", "feedback of the output into the filter"),
    _bipolar("kbd_tracking", "KBD Tracking", "filter", "how far the keyboard moves the cutoff"),
    _log("volume", "Master Volume", "output", "loudness", initial=50),
    _choice(
        "octave",
        "Octave",
        "output",
        "octave of the keyboard",
        "-2",
        "-1",
        "0",
        "+1",
        "+2",
        kind="buttons",
        low=1,
        initial=3,
    ),
    _log("glide", "Glide", "controls", "time from one note to the next"),
    _choice("mod_wheel", "Mod Wheel", "controls", "what the wheel moves", "Cutoff", "LFO Amount"),
    _log("amount", "LFO Amount", "lfo", "level at the LFO jack"),
    _choice("wave", "LFO Wave", "lfo", "shape of the LFO", "Triangle", "Saw", "Square"),
    _linear("rate", "LFO Rate", "lfo", "speed of the LFO"),
    _choice("sync", "LFO Sync", "lfo", "what the LFO follows", "Free", "Seq"),
    _linear("env_amt_2", "Env Amt (mod)", "envelope", "level at the ENV jack"),
    _choice("vca", "VCA", "envelope", "what opens the amplifier", "Gate", "Env"),
    _log("attack", "Attack", "envelope", "time to rise", "slider"),
    _log("decay", "Decay", "envelope", "time to fall to the sustain level", "slider"),
    _linear("sustain", "Sustain", "envelope", "level while a key is held", "slider"),
    _log("release", "Release", "envelope", "time to fall after the key", "slider"),
    _choice("pattern", "Pattern", "sequencer", "sequence", *"12345678", kind="rotary"),
    _choice("play", "Play", "sequencer", "sequencer transport", "Record", "Off", "Play"),
    _linear("rate_2", "Seq Rate", "sequencer", "tempo, 30 to 260 beats a minute"),
)

BY_FIELD: dict[str, Control] = {control.field: control for control in CONTROLS}

JACKS: tuple[Jack, ...] = (
    "mod-env", "mod-lfo", "mod-metal", "mod-pitch", "mod-saw", "mod-filter", "mod-sub", "mod-pwm",
)  # fmt: skip
OUTPUTS: frozenset[Jack] = frozenset({"mod-env", "mod-lfo"})
INPUTS: frozenset[Jack] = frozenset(JACKS) - OUTPUTS
NORMALS: dict[Jack, Jack] = {"mod-metal": "mod-env", "mod-pitch": "mod-lfo"}
"""What drives an input into which nothing is plugged; the other inputs rest."""

JACK_NAMES: dict[Jack, str] = {
    "mod-env": "Env",
    "mod-lfo": "LFO",
    "mod-metal": "Metal",
    "mod-pitch": "Pitch",
    "mod-saw": "Saw",
    "mod-filter": "Filter",
    "mod-sub": "Sub",
    "mod-pwm": "PWM",
}
"""What is printed at each jack."""
