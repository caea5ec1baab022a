"""Colours that everybody can tell apart: who sees all, who lacks one of three, and a printer for black alone."""

from itertools import combinations
from typing import get_args

import pytest
from coloraide import Color

from brutal_patches.sheets.sheet import ThemeName
from brutal_patches.sheets.themes import DASHES, THEMES, Theme

VISIONS = ("", "deutan", "protan", "tritan")
"""All cones, or one kind missing, as Machado, Oliveira and Fernandes have it (2009)."""
APART = 20
"""CIEDE2000; 2 is just to be seen, side by side."""
GHOSTS_APART = 12
themes = pytest.mark.parametrize("theme", [THEMES[name] for name in get_args(ThemeName.__value__)], ids=list(THEMES))


def seen(colour: str, vision: str) -> Color:
    return Color(colour).filter(vision, method="machado") if vision else Color(colour)


def apart(one: str, other: str, vision: str) -> float:
    return float(seen(one, vision).delta_e(seen(other, vision), method="2000"))


def contrast(one: str, other: str) -> float:
    return float(Color(one).contrast(other, method="wcag21"))


@themes
@pytest.mark.parametrize("vision", VISIONS)
def test_cables_are_told_apart_by_every_eye(theme: Theme, vision: str) -> None:
    """Any two of six."""
    assert 6 == len(theme.cables)
    assert APART <= min(apart(one, other, vision) for one, other in combinations(theme.cables, 2))


@themes
@pytest.mark.parametrize("vision", VISIONS)
def test_ghosts_are_no_cables(theme: Theme, vision: str) -> None:
    """What was is not taken for what is."""
    assert GHOSTS_APART <= min(apart(theme.ghost, cable, vision) for cable in theme.cables)


@themes
def test_without_any_colour_strokes_and_greys_tell_cables_apart(theme: Theme) -> None:
    """On a printer for black alone: of ten cables any two differ in dashes, or clearly in how dark they are."""
    looks = [(theme.cables[n % len(theme.cables)], DASHES[n % len(DASHES)]) for n in range(10)]
    for (one, dash), (other, another) in combinations(looks, 2):
        lightness = [Color(colour).convert("lab-d65")["l"] for colour in (one, other)]
        assert dash != another or abs(lightness[0] - lightness[1]) > 15, (one, other, dash)
    assert 30 == len({(theme.cables[n % 6], DASHES[n % 5]) for n in range(30)})


@themes
def test_strokes_stand_out_from_the_panel(theme: Theme) -> None:
    """WCAG 2.2: 3 to 1 for what is drawn, 4.5 to 1 for what is read."""
    assert 3 <= min(contrast(colour, theme.area) for colour in (*theme.cables, theme.tick, theme.accent))
    for ground in (theme.area, theme.page):
        assert 4.5 <= min(contrast(colour, ground) for colour in (theme.ink, theme.muted, theme.ghost)), ground
    assert 4.5 <= contrast(theme.accent, theme.area)
    assert 7 <= contrast(theme.pointer, theme.cap)


def test_the_check_refuses_colours_that_some_eyes_confuse() -> None:
    """The control: red and green of the same lightness are one colour to every tenth man."""
    assert apart("#c0504d", "#6f8f3f", "") > APART > apart("#c0504d", "#6f8f3f", "deutan")
