"""The patch bay."""

from itertools import pairwise

from brutal_patches.patches.model import Cable
from brutal_patches.patches.panel import INPUTS, JACKS, OUTPUTS
from brutal_patches.sheets.lettering import width
from brutal_patches.sheets.sheet import Options
from brutal_patches.sheets.svg import draw
from brutal_patches.sheets.svg_cables import strands
from brutal_patches.sheets.themes import THEMES
from brutal_patches.sheets.wiring import plain
from tests.sheets.drawings import SVG, part, parts, read, texts
from tests.sheets.panels import panel, sheet

EVERY = [(out, into) for out in JACKS if out in OUTPUTS for into in JACKS if into in INPUTS]


def drawn(drawing: str, attribute: str) -> list[str]:
    """The values of an attribute, in the order of the drawing."""
    return [path.attrib[attribute] for path in read(drawing).iter(f"{SVG}path") if attribute in path.attrib]


def test_a_cable_is_the_same_from_either_end() -> None:
    """And drawn once, however often it is stored."""
    expected = (Cable("mod-lfo", "mod-filter"),)
    assert expected == plain([Cable("mod-filter", "mod-lfo"), Cable("mod-lfo", "mod-filter")])
    drawing = draw(sheet(panel(("mod-filter", "mod-lfo"), ("mod-lfo", "mod-filter"))))
    assert ["mod-lfo mod-filter"] == drawn(drawing, "data-cable")


def test_normals_show_where_nothing_is_plugged() -> None:
    """A cable into an input replaces its normal."""
    assert ["mod-metal", "mod-pitch"] == drawn(draw(sheet()), "data-normal")
    assert ["mod-metal"] == drawn(draw(sheet(panel(("mod-env", "mod-pitch")))), "data-normal")


def test_cables_differ_in_colour_and_dashes() -> None:
    """All twelve that are possible, in every theme, in colour or without."""
    for theme in THEMES.values():
        found = strands(panel(*EVERY).modmatrix, theme)
        assert 12 == len({(strand.colour, strand.dash) for strand in found})
        assert list(range(1, 13)) == [strand.number for strand in found]
        assert all(one.dash != other.dash for one, other in pairwise(found))


def test_plugs_in_one_jack_stand_side_by_side() -> None:
    """So that each number can be read."""
    found = strands(panel(*EVERY).modmatrix, THEMES["light"])
    places = [(place.x, place.y) for strand in found for place in (strand.start, strand.end)]
    assert 24 == len(set(places))


def test_a_cable_to_its_own_jack_has_two_plugs() -> None:
    """Nobody can stop a player."""
    (loop,) = strands([Cable("mod-env", "mod-env")], THEMES["light"])
    assert loop.start != loop.end


def test_the_legend_names_cables_and_normals() -> None:
    """With a dash for a cable that carries nothing."""
    found = texts(draw(sheet(panel(("mod-env", "mod-pitch"), ("mod-saw", "mod-sub")))))
    assert {"Env → Pitch", "Env → Metal (normal)", "Saw – Sub"} <= set(found)  # noqa: RUF001


def test_cables_of_the_ghost_are_shown() -> None:
    """As a stroke, and by name in the legend, unless they are many."""
    few = draw(sheet(panel()), Options(ghost=panel(("mod-lfo", "mod-saw"))))
    assert 1 == len(parts(read(few), "ghost"))
    assert "no LFO → Saw" in texts(few)
    assert "without 12 cables" in texts(draw(sheet(panel()), Options(ghost=panel(*EVERY))))


def test_the_legend_stays_on_the_page() -> None:
    """With every cable, a long title of a ghost, and the ghost's own cables."""
    impossible = [("mod-metal", "mod-saw"), ("mod-metal", "mod-sub"), ("mod-env", "mod-lfo"), ("mod-saw", "mod-pwm")]
    full, other = panel(*EVERY, *impossible), panel(("mod-sub", "mod-pwm"))  # type: ignore[arg-type]
    legend = part(read(draw(sheet(full), Options(ghost=other, ghost_title="Long " * 30))), "legend")
    entries = [text for text in legend.findall(f"{SVG}text") if text.get("text-anchor") == "start"]
    assert 18 == len(entries)
    assert 838 > max(float(entry.attrib["y"]) for entry in entries)
    assert 1188 > max(float(entry.attrib["x"]) + width(entry.text or "", 12.5) for entry in entries)
