"""A patch sheet as one self-contained SVG: nothing is fetched, nothing runs, every text is escaped.

Styles are attributes, so that a page with a strict content policy can show the drawing, and several
drawings can stand in one page.
"""

from functools import cache

from brutal_patches.patches.model import setting
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.sheets import words
from brutal_patches.sheets.layout import (
    AREAS,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PLACES,
    PLATE_HEIGHT,
    PLATE_TOP,
    PRINTED,
)
from brutal_patches.sheets.lettering import escape
from brutal_patches.sheets.sheet import PLAIN, Options, Sheet
from brutal_patches.sheets.svg_cables import legend, names, sockets, wires
from brutal_patches.sheets.svg_controls import NAME_RISE, Pen, printed, standing
from brutal_patches.sheets.svg_header import header
from brutal_patches.sheets.themes import THEMES, Theme

_FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"


def draw(sheet: Sheet, options: Options = PLAIN) -> str:
    """The drawing of `sheet`, a landscape page of A4's shape, `options.width` pixels wide."""
    theme, ghost = THEMES[options.theme], options.ghost
    return "".join(
        (
            _opening(sheet, options.width, theme),
            _panel(theme),
            header(sheet, theme),
            _controls(sheet, options, Pen(theme, options.values)),
            wires(sheet.panel, ghost, theme),
            names(theme),
            legend(sheet.panel, ghost, options.ghost_title, theme),
            "</g></svg>\n",
        )
    )


def _opening(sheet: Sheet, pixels: int, theme: Theme) -> str:
    height = round(pixels * PAGE_HEIGHT / PAGE_WIDTH)
    name = f"sheet-{sheet.patch_id}"
    author = f" by {sheet.author}" if sheet.author else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{height}"'
        f' viewBox="0 0 {PAGE_WIDTH} {PAGE_HEIGHT}" role="img" aria-labelledby="{name}-title"'
        f' aria-describedby="{name}-desc"><title id="{name}-title">{escape(f"{sheet.title}{author}, MicroBrute patch")}'
        f'</title><desc id="{name}-desc">{escape(words.in_one_line(sheet.panel))}</desc>'
        f'<g font-family="{_FONTS}" text-anchor="middle" fill="{theme.ink}" color="{theme.ink}">'
    )


@cache
def _panel(theme: Theme) -> str:
    """The page, the plate and all that is printed on it: the same for every patch."""
    plate = (
        f'<rect width="{PAGE_WIDTH}" height="{PAGE_HEIGHT}" fill="{theme.page}"/>'
        f'<rect x="{MARGIN}" y="{PLATE_TOP}" width="{PAGE_WIDTH - 2 * MARGIN}" height="{PLATE_HEIGHT}" rx="14"'
        f' fill="{theme.plate}" stroke="{theme.line}"/>'
    )
    areas = "".join(
        f'<rect x="{area.x}" y="{area.y}" width="{area.width}" height="{area.height}" rx="8" fill="{theme.area}"'
        f' stroke="{theme.line}"/><text x="{area.x + 14}" y="{area.y + 22}" font-size="13" font-weight="bold"'
        f' letter-spacing="1.6" text-anchor="start" fill="{theme.accent}">{area.title.upper()}</text>'
        for area in AREAS
    )
    scales = "".join(printed(control, PLACES[control.field]) for control in CONTROLS)
    return f'{plate}{areas}<g stroke="{theme.tick}" stroke-width="1.3">{scales}</g>{_names()}{sockets(theme)}'


def _names() -> str:
    texts = []
    for control in CONTROLS:
        place = PLACES[control.field]
        rise, size = (72, "11.5") if control.kind == "slider" else (NAME_RISE, "12.5")
        name = escape(PRINTED.get(control.field, control.name))
        texts.append(f'<text x="{place.x}" y="{place.y - rise}" font-size="{size}">{name}</text>')
    return f'<g font-weight="bold">{"".join(texts)}</g>'


def _controls(sheet: Sheet, options: Options, pen: Pen) -> str:
    drawn = []
    for control in CONTROLS:
        position = setting(sheet.panel, control.field)
        was = setting(options.ghost, control.field) if options.ghost else position
        ghost = None if was == position else was
        drawn.append(standing(control, PLACES[control.field], position, ghost, pen))
    return "".join(drawn)
