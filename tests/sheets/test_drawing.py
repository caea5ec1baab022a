"""The drawing: every control stands where the panel does, and no text can break out."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brutal_patches.patches.model import WiredPanel
from brutal_patches.patches.panel import BY_FIELD, CONTROLS, JACKS, Section
from brutal_patches.sheets.layout import AREAS, JACK_PLACES, PAGE_HEIGHT, PAGE_WIDTH, PLACES, Area
from brutal_patches.sheets.lettering import width
from brutal_patches.sheets.sheet import Options, Sheet, ThemeName
from brutal_patches.sheets.svg import draw
from brutal_patches.sheets.svg_controls import slot
from brutal_patches.sheets.themes import THEMES
from tests.sheets.drawings import SVG, control, part, parts, read, texts, turned
from tests.sheets.panels import PANELS, panel, sheet

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)
ALLOWED = {"svg", "title", "desc", "g", "rect", "circle", "path", "text", "tspan"}


def area_of(section: str) -> Area:
    """The area of a section."""
    (found,) = [area for area in AREAS if area.part == section]
    return found


def test_every_control_has_a_place() -> None:
    """And nothing else has one."""
    assert [control.field for control in CONTROLS] == list(PLACES)


def test_every_jack_has_a_place() -> None:
    """In the order of the panel."""
    assert list(JACKS) == list(JACK_PLACES)


def test_every_section_has_an_area() -> None:
    """The patch bay has one as well."""
    assert {*get_args(Section.__value__), "matrix"} == {area.part for area in AREAS}


@pytest.mark.parametrize("field", PLACES)
def test_a_control_is_inside_its_section(field: str) -> None:
    """With room for a knob around it."""
    area, place = area_of(BY_FIELD[field].section), PLACES[field]
    assert area.x + 24 <= place.x <= area.x + area.width - 24
    assert area.y + 50 <= place.y <= area.y + area.height - 40


def test_controls_do_not_touch() -> None:
    """Neighbours are a slider's width apart at least."""
    places = list(PLACES.values())
    for index, one in enumerate(places):
        assert all(abs(one.x - other.x) >= 48 or abs(one.y - other.y) >= 100 for other in places[index + 1 :])


def test_switches_keep_clear_of_scales() -> None:
    """A knob's scale ends before the switch beside it begins, and after the labels of the one before."""
    for area in AREAS:
        low = [field for field, place in PLACES.items() if BY_FIELD[field].section == area.part and place.y > 600]
        spans = sorted(_span(field) for field in low)
        edges = [(area.x, area.x), *spans, (area.x + area.width, area.x + area.width)] if spans else []
        assert all(following[0] - span[1] >= 3.5 for span, following in pairwise(edges)), area.part


def _span(field: str) -> tuple[float, float]:
    """Where a control of the lower row begins and ends, with its scale or labels, as sheets measure them."""
    control, place = BY_FIELD[field], PLACES[field]
    if control.kind == "switch":
        labels = max(width(label, 11.5, bold=True) for label in control.labels)
        return slot(control, place) - 9, slot(control, place) + 15 + labels
    reach = {"slider": 15, "rotary": place.radius + 21}.get(control.kind, place.radius + 11)
    return place.x - reach, place.x + reach


def test_areas_do_not_overlap() -> None:
    """And stay on the page."""
    for index, one in enumerate(AREAS):
        assert one.x + one.width < PAGE_WIDTH
        assert one.y + one.height < PAGE_HEIGHT
        for other in AREAS[index + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or one.y + one.height <= other.y


@pytest.mark.parametrize(("position", "degrees"), [(0, -150), (25, -75), (50, 0), (75, 75), (100, 150)])
def test_a_pointer_sweeps_three_hundred_degrees(position: int, degrees: float) -> None:
    """From 7 o'clock to 5 o'clock."""
    assert degrees == turned(part(control(draw(sheet(panel(cutoff=position))), "cutoff"), "pointer"))


@pytest.mark.parametrize(("pattern", "degrees"), [(0, -150), (7, 150)])
def test_the_pattern_is_turned_from_end_to_end(pattern: int, degrees: float) -> None:
    """Its eight positions share a knob's sweep."""
    assert degrees == turned(part(control(draw(sheet(panel(pattern=pattern))), "pattern"), "pointer"))


def test_every_control_is_drawn() -> None:
    """With its position, so that a page can find it."""
    drawn = {group.get("data-control"): group.get("data-position") for group in read(draw(sheet())).iter(f"{SVG}g")}
    assert {control.field: str(control.initial) for control in CONTROLS}.items() <= drawn.items()


def test_switches_count_from_the_bottom() -> None:
    """LP is lowest, HP highest."""
    heights = [float(part(control(draw(sheet(panel(mode=mode))), "mode"), "lever").attrib["cy"]) for mode in range(3)]
    assert heights[0] > heights[1] > heights[2]


def test_a_switch_shows_the_chosen_label_in_bold() -> None:
    """And the others not."""
    labels = control(draw(sheet(panel(mode=1))), "mode").findall(f"{SVG}text")
    assert [("LP", None), ("BP", "bold"), ("HP", None)] == [(label.text, label.get("font-weight")) for label in labels]


def test_sliders_rise() -> None:
    """The cap of a full slider is the slider's length above that of an empty one."""
    low, high = (part(control(draw(sheet(panel(attack=at))), "attack"), "cap") for at in (0, 100))
    assert 110 == float(low.attrib["y"]) - float(high.attrib["y"])


@pytest.mark.parametrize("octave", range(1, 6))
def test_one_light_of_five_is_lit(octave: int) -> None:
    """The one that the octave's number counts to."""
    lights = [
        circle.get("data-part") for circle in control(draw(sheet(panel(octave=octave))), "octave").iter(f"{SVG}circle")
    ]
    assert ["lit" if light == octave else "unlit" for light in range(1, 6)] == lights


def test_values_are_shown_when_asked_for() -> None:
    """And only then."""
    shown = sheet(panel(cutoff=37))
    assert "37" in texts(draw(shown))
    assert "37" not in texts(draw(shown, Options(values=False)))


def test_a_bipolar_knob_is_empty_at_its_centre() -> None:
    """Its arc begins at 12 o'clock; one that is not bipolar has its arc from 7 o'clock on."""
    drawing = draw(sheet(panel(env_amt=50, cutoff=50)))
    assert 1 == len(control(drawing, "env_amt").findall(f"{SVG}path"))
    assert 2 == len(control(drawing, "cutoff").findall(f"{SVG}path"))


def test_a_ghost_stands_where_the_other_panel_does() -> None:
    """With its number beside the panel's own."""
    drawing = draw(sheet(panel(cutoff=75)), Options(ghost=panel(cutoff=25), ghost_title="Before"))
    assert -75 == turned(part(control(drawing, "cutoff"), "ghost"))
    assert {"75(25)", "as in Before"} <= set(texts(drawing))


@pytest.mark.parametrize("field", PLACES)
def test_every_kind_of_control_has_a_ghost(field: str) -> None:
    """One, and none where both panels stand alike."""
    drawing = draw(sheet(panel()), Options(ghost=panel(**{field: BY_FIELD[field].low}), width=600))
    expected = int(BY_FIELD[field].low != BY_FIELD[field].initial)
    assert expected == len(parts(read(drawing), "ghost"))
    other = draw(sheet(panel(**{field: BY_FIELD[field].high})), Options(ghost=panel()))
    assert 1 == len(parts(control(other, field), "ghost"))


@pytest.mark.parametrize("theme", THEMES)
def test_themes_colour_the_page(theme: ThemeName) -> None:
    """Each with its own colours."""
    drawing = draw(sheet(), Options(theme=theme))
    (page, *_) = read(drawing).iter(f"{SVG}rect")
    assert THEMES[theme].page == page.get("fill")
    assert THEMES[theme].ink in drawing


def test_a_page_keeps_its_shape_at_any_width() -> None:
    """The height follows."""
    root = read(draw(sheet(), Options(width=594)))
    assert ("594", "420", "0 0 1188 840") == (root.get("width"), root.get("height"), root.get("viewBox"))


def test_a_drawing_is_described() -> None:
    """For those who cannot see it: a name, and the whole panel in words."""
    root = read(draw(sheet(panel(cutoff=70), author="ada", patch_id=7)))
    named = {element.get("id"): element.text or "" for element in root if element.get("id")}
    assert ("img", "Sub Aqua by ada, MicroBrute patch") == (root.get("role"), named[root.attrib["aria-labelledby"]])
    assert "Filter: Cutoff 2 o'clock, Mode LP" in named[root.attrib["aria-describedby"]]


@settings(deadline=None, max_examples=150)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=4), ANY_TEXT)
def test_no_text_can_break_out(title: str, author: str, description: str, tags: list[str], url: str) -> None:
    """Whatever is written, the drawing is XML, has the elements that it should, and no handlers or addresses."""
    shown = Sheet(panel(), title, author, description, tuple(tags), 7, url)
    root = read(draw(shown, Options(ghost=panel(), ghost_title=title)))
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        assert not any("href" in name or name.startswith("on") or name == "style" for name in element.attrib)


def test_markup_in_a_title_is_text() -> None:
    """It is read, not run."""
    nasty = "</title><script>alert('1')</script>&\"\x00\x1b"
    drawing = draw(sheet(title=nasty))
    assert "<script" not in drawing
    assert nasty.rstrip("\x00\x1b") in texts(drawing)


@settings(deadline=None, max_examples=100)
@given(PANELS, PANELS)
def test_every_panel_can_be_drawn(one: WiredPanel, other: WiredPanel) -> None:
    """Beside any other."""
    assert f"{SVG}svg" == read(draw(sheet(one), Options(ghost=other))).tag


def test_a_drawing_is_the_same_every_time() -> None:
    """So that it can be cached."""
    assert draw(sheet(url="https://example.org/1")) == draw(sheet(url="https://example.org/1"))
