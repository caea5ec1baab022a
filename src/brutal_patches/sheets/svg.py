"""A patch sheet as one self-contained SVG: nothing is fetched, nothing runs, every text is escaped.

Styles are attributes, so that a page with a strict content policy can show the drawing, and several
drawings can stand in one page.
"""

from functools import cache

from brutal_patches.patches.model import setting
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.sheets import words
from brutal_patches.sheets.layout import AREAS, PLACES, PRINTED, Area
from brutal_patches.sheets.lettering import escape
from brutal_patches.sheets.sheet import PLAIN, Options, Sheet, SizeName
from brutal_patches.sheets.sizes import SIZES, Box, Size, shift
from brutal_patches.sheets.svg_cables import names, sockets, wires
from brutal_patches.sheets.svg_controls import NAME_RISE, Pen, printed, standing
from brutal_patches.sheets.svg_header import header, headline
from brutal_patches.sheets.svg_legend import legend
from brutal_patches.sheets.themes import THEMES, Theme

_FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
_FOOT = 16


def draw(sheet: Sheet, options: Options = PLAIN) -> str:
    """The drawing of `sheet` in the shape of `options.size`."""
    theme, size = THEMES[options.theme], SIZES[options.size]
    below, foot = _legend(sheet, options, size, theme)
    height = size.page.height or foot
    return "".join(
        (
            _opening(sheet, options, Box(size.page.x, size.page.y, size.page.width, height), theme),
            _plate(size.name, theme),
            _head(sheet, size, theme),
            *(_section(area, sheet, options, size, theme) for area in AREAS),
            below,
            "</g></svg>\n",
        )
    )


def _opening(sheet: Sheet, options: Options, page: Box, theme: Theme) -> str:
    pixels = options.width or SIZES[options.size].pixels
    name = f"sheet-{sheet.patch_id}"
    author = f" by {sheet.author}" if sheet.author else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{round(pixels * page.height / page.width)}"'
        f' viewBox="{page.x:g} {page.y:g} {page.width:g} {page.height:g}" role="img" aria-labelledby="{name}-title"'
        f' aria-describedby="{name}-desc"><title id="{name}-title">{escape(f"{sheet.title}{author}, MicroBrute patch")}'
        f'</title><desc id="{name}-desc">{escape(words.in_one_line(sheet.panel))}</desc>'
        f'<g font-family="{_FONTS}" text-anchor="middle" fill="{theme.ink}" color="{theme.ink}">'
        f'<rect x="{page.x:g}" y="{page.y:g}" width="{page.width:g}" height="{page.height:g}" fill="{theme.page}"/>'
    )


def _head(sheet: Sheet, size: Size, theme: Theme) -> str:
    match size.head:
        case "whole":
            return header(sheet, theme, size)
        case "line":
            return headline(sheet, theme, size)
        case "none":
            return ""


def _legend(sheet: Sheet, options: Options, size: Size, theme: Theme) -> tuple[str, float]:
    """What the strokes mean, and where the page may end below it."""
    if not size.legend:
        return "", 0
    drawn, bottom = legend(sheet.panel, options.ghost, options.ghost_title, theme, size)
    return drawn, bottom + _FOOT


@cache
def _plate(name: SizeName, theme: Theme) -> str:
    """The plate, and the frames and titles of its sections."""
    size = SIZES[name]
    plate = size.plate
    titled = ((area, size.frames[area.part]) for area in AREAS)
    return (
        f'<rect x="{plate.x:g}" y="{plate.y:g}" width="{plate.width:g}" height="{plate.height:g}" rx="14"'
        f' fill="{theme.plate}" stroke="{theme.line}"/>'
    ) + "".join(
        f'<rect x="{frame.x:g}" y="{frame.y:g}" width="{frame.width:g}" height="{frame.height:g}" rx="8"'
        f' fill="{theme.area}" stroke="{theme.line}"/>'
        f'<text x="{frame.x + 14:g}" y="{frame.y + 22:g}" font-size="13" font-weight="bold" letter-spacing="1.6"'
        f' text-anchor="start" fill="{theme.accent}">{area.title.upper()}</text>'
        for area, frame in titled
    )


def _section(area: Area, sheet: Sheet, options: Options, size: Size, theme: Theme) -> str:
    """A section's controls, or its jacks, where this shape has them."""
    across, down = shift(size, area)
    moved = f' transform="translate({across:g} {down:g})"' if across or down else ""
    if area.part == "matrix":
        inside = sockets(theme) + wires(sheet.panel, options.ghost, theme) + names(theme)
    else:
        inside = _printed(area, theme) + _controls(area, sheet, options, Pen(theme, options.values))
    return f'<g data-section="{area.part}"{moved}>{inside}</g>'


@cache
def _printed(area: Area, theme: Theme) -> str:
    """What is on the panel however the controls stand: the same for every patch."""
    here = [control for control in CONTROLS if control.section == area.part]
    scales = "".join(printed(control, PLACES[control.field]) for control in here)
    texts = []
    for control in here:
        place = PLACES[control.field]
        rise, letters = (72, "11.5") if control.kind == "slider" else (NAME_RISE, "12.5")
        name = escape(PRINTED.get(control.field, control.name))
        texts.append(f'<text x="{place.x}" y="{place.y - rise}" font-size="{letters}">{name}</text>')
    return f'<g stroke="{theme.tick}" stroke-width="1.3">{scales}</g><g font-weight="bold">{"".join(texts)}</g>'


def _controls(area: Area, sheet: Sheet, options: Options, pen: Pen) -> str:
    drawn = []
    for control in CONTROLS:
        if control.section != area.part:
            continue
        position = setting(sheet.panel, control.field)
        was = setting(options.ghost, control.field) if options.ghost else position
        ghost = None if was == position else was
        drawn.append(standing(control, PLACES[control.field], position, ghost, pen))
    return "".join(drawn)
