"""The head of a sheet: what the patch is called, who made it, what it is, and where it is found."""

from brutal_patches.sheets.layout import MARGIN, PLATE_TOP
from brutal_patches.sheets.lettering import clean, escape, fit, width, wrap
from brutal_patches.sheets.qr import QUIET, bars
from brutal_patches.sheets.sheet import Sheet
from brutal_patches.sheets.sizes import Size
from brutal_patches.sheets.themes import Theme

_CODE = 152
_TITLE_SIZES = (40, 32, 26)
_SMALL_TITLE = 21
_BYLINE = 15
_PROSE = 14.5
_LEADING = 19
_TAG = 12.5
_TAGS = 32
_TOP = 24
_BOTTOM = PLATE_TOP - 14


def header(sheet: Sheet, theme: Theme, size: Size) -> str:
    """Everything above the panel, cut to the room that there is."""
    code = _code(clean(sheet.url), size.page.width - size.plate.x)
    room = size.plate.width - (_CODE + 20 if code else 0) - _indent(size)
    title, y = _title(clean(sheet.title).strip(), room)
    y += 25
    byline = _text(_byline(sheet, room), y, _BYLINE, f' fill="{theme.muted}"')
    lines = _prose(sheet.description, room, _BOTTOM - y - 9 - (_TAGS if sheet.tags else 0))
    prose = "".join(_text(line, y + 9 + _LEADING * row, _PROSE) for row, line in enumerate(lines, 1))
    tags = _tags(sheet.tags, y + 9 + _LEADING * len(lines) + _TAGS, room, theme)
    moved = f' transform="translate({_indent(size) + size.plate.x - MARGIN:g} 0)"' if size.plate.x != MARGIN else ""
    return f'<g text-anchor="start"{moved}>{title}{byline}{prose}{tags}</g>{code}'


def headline(sheet: Sheet, theme: Theme, size: Size) -> str:
    """One line above the panel: the title, and who made it at its right end."""
    y, right = PLATE_TOP - 15, size.plate.x + size.plate.width
    author = clean(sheet.author).strip()
    by = fit(f"by {author}" if author else "", 17, size.plate.width * 0.3)
    title = fit(clean(sheet.title).strip(), 26, size.plate.width - width(by, 17) - 40, bold=True)
    return (
        f'<text x="{size.plate.x + 2:g}" y="{y}" font-size="26" font-weight="bold" text-anchor="start"'
        f' data-part="title">{escape(title)}</text>'
        f'<text x="{right - 2:g}" y="{y}" font-size="17" text-anchor="end" fill="{theme.muted}">{escape(by)}</text>'
    )


def _indent(size: Size) -> float:
    """Text on a narrow page keeps away from its edge."""
    return 10 if size.plate.x < MARGIN else 0


def _text(text: str, y: float, size: float, more: str = "") -> str:
    return f'<text x="{MARGIN}" y="{y:g}" font-size="{size}"{more}>{escape(text)}</text>'


def _title(title: str, room: float) -> tuple[str, float]:
    """The title as large as it fits, in two small lines at last; and the line it ends on."""
    bold = ' font-weight="bold" data-part="title"'
    for size in _TITLE_SIZES:
        if width(title, size, bold=True) <= room:
            return _text(title, _TOP + size * 0.9, size, bold), _TOP + size * 0.9
    y, drawn = float(_TOP - 6), []
    for line in wrap(title, _SMALL_TITLE, room, 2, bold=True):
        y += 25
        drawn.append(_text(line, y, _SMALL_TITLE, bold))
    return "".join(drawn), y


def _byline(sheet: Sheet, room: float) -> str:
    """Who made it and where it is found; where there is little room, at least so much that it can be typed in."""
    author, url = clean(sheet.author).strip(), clean(sheet.url)
    by, number = f"by {author}" if author else "", f"patch {sheet.patch_id}" if sheet.patch_id else ""
    for parts in ((by, number, url), (by, url.partition("://")[2] or url)):
        line = "  ·  ".join(part for part in parts if part)
        if width(line, _BYLINE) <= room:
            return line
    return fit(line, _BYLINE, room)


def _prose(description: str, room: float, height: float) -> list[str]:
    return wrap(description, _PROSE, room, int(height // _LEADING))


def _tags(tags: tuple[str, ...], bottom: float, room: float, theme: Theme) -> str:
    """As many tags as fit on one line, and how many more there are."""
    x, drawn = float(MARGIN), []
    for index, tag in enumerate(tags):
        text = fit(clean(tag), _TAG, 220)
        wide = width(text, _TAG) + 20
        if x + wide > MARGIN + room - 40:
            drawn.append(f'<text x="{x:.1f}" y="{bottom - 6:g}" font-size="{_TAG}">+{len(tags) - index}</text>')
            break
        drawn.append(
            f'<rect x="{x:.1f}" y="{bottom - 21:g}" width="{wide:.1f}" height="22" rx="11" fill="{theme.area}"'
            f' stroke="{theme.line}"/><text x="{x + wide / 2:.1f}" y="{bottom - 5.6:g}" text-anchor="middle"'
            f' font-size="{_TAG}">{escape(text)}</text>'
        )
        x += wide + 8
    return "".join(drawn)


def _code(url: str, right: float) -> str:
    """The QR code, dark on white in every theme: many readers know no other."""
    path, modules = bars(url)
    if not path:
        return ""
    x, y, scale = right - _CODE, _TOP + 10, _CODE / (modules + 2 * QUIET)
    return (
        f'<g data-part="code"><rect x="{x}" y="{y}" width="{_CODE}" height="{_CODE}" rx="6" fill="#ffffff"/>'
        f'<path transform="translate({x + QUIET * scale:.3f} {y + QUIET * scale:.3f}) scale({scale:.4f})"'
        f' fill="#000000" shape-rendering="crispEdges" d="{path}"/></g>'
    )
