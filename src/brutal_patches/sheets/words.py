"""A patch in words, for screen readers and forums: knobs by the clock, sliders in per cent, cables by name."""

from collections.abc import Iterator

from brutal_patches.patches.model import WiredPanel, setting
from brutal_patches.patches.modulation import Route, directed, effective
from brutal_patches.patches.panel import CENTRE, CONTROLS, JACK_NAMES, Control, Jack
from brutal_patches.sheets.layout import AREAS, PRINTED, TITLES, Part
from brutal_patches.sheets.lettering import clean
from brutal_patches.sheets.sheet import Sheet
from brutal_patches.sheets.wiring import normals, plain, wording

_HALF_HOUR = 5
_NO_CABLES = "no cables"
_AMOUNTS: dict[Jack, str] = {"mod-env": "env_amt_2", "mod-lfo": "amount"}


def clock(position: int) -> str:
    """A knob's position as on a clock, to the half hour: 0 is 7 o'clock, 50 is 12, 100 is 5."""
    hours, half = divmod(round(position / _HALF_HOUR), 2)
    hour = (hours + 6) % 12 + 1
    return f"half past {hour}" if half else f"{hour} o'clock"


def stand(control: Control, position: int) -> str:
    """Where a control stands, as a player would say it."""
    if control.is_choice:
        return control.label(position)
    if control.kind == "slider":
        return f"{position} %"
    return f"{_nearly(control, position)}{clock(position)}"


def _nearly(control: Control, position: int) -> str:
    """A knob close to where it does nothing is not there, and the ear knows."""
    for landmark in (control.low, control.high, CENTRE) if control.bipolar else (control.low, control.high):
        if position != landmark and round(position / _HALF_HOUR) == landmark // _HALF_HOUR:
            return "just past " if position > landmark else "just before "
    return ""


def write(sheet: Sheet) -> str:
    """The whole sheet as plain text, ending in a line break; lines below a section's title are indented."""
    blocks = [_head(sheet), clean(sheet.description, keep="\n").strip()]
    blocks += ["\n".join([TITLES[part], *(f"  {line}" for line in lines)]) for part, lines in sections(sheet.panel)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def in_one_line(panel: WiredPanel) -> str:
    """The panel as one line, for the description of a drawing."""
    return " ".join(f"{TITLES[part]}: {', '.join(lines)}." for part, lines in sections(panel))


def sections(panel: WiredPanel) -> Iterator[tuple[Part, list[str]]]:
    """Every section in the order of the panel, and what there is to say of it."""
    for area in AREAS:
        if area.part == "matrix":
            yield area.part, wires(panel)
        else:
            yield area.part, [_line(control, panel) for control in CONTROLS if control.section == area.part]


def modulation(panel: WiredPanel) -> list[str]:
    """What really moves what, a sentence each: cables, and what the instrument wires by itself."""
    return [_sentence(route, panel) for route in effective(panel.modmatrix)]


def _sentence(route: Route, panel: WiredPanel) -> str:
    source, target = JACK_NAMES[route.source], JACK_NAMES[route.target]
    how = "through a cable" if route.how == "cable" else "by itself, as nothing is plugged in there"
    still = "" if setting(panel, _AMOUNTS[route.source]) else f" The {source} amount is at zero, so nothing moves yet."
    return f"{source} drives {target} {how}.{still}"


def wires(panel: WiredPanel) -> list[str]:
    """The cables, then the normals that are still live."""
    cables = [wording(cable) + ("" if directed(cable) else " (carries nothing)") for cable in plain(panel.modmatrix)]
    return (cables or [_NO_CABLES]) + [f"{wording(cable)} (normal)" for cable in normals(panel.modmatrix)]


def _line(control: Control, panel: WiredPanel) -> str:
    return f"{PRINTED.get(control.field, control.name)} {stand(control, setting(panel, control.field))}"


def _head(sheet: Sheet) -> str:
    lines = [
        sheet.title,
        f"by {sheet.author}" if sheet.author else "",
        f"patch {sheet.patch_id}" if sheet.patch_id else "",
        f"tags: {', '.join(sheet.tags)}" if sheet.tags else "",
        sheet.url,
    ]
    return "\n".join(clean(line) for line in lines if line)
