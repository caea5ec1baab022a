"""The head of a sheet: what the patch is called, who made it, what it is, and where it is found."""

from brutal_patches.sheets.layout import MARGIN, PAGE_WIDTH, PLATE_TOP
from brutal_patches.sheets.lettering import clean, escape, fit, width, wrap
from brutal_patches.sheets.qr import QUIET, bars
from brutal_patches.sheets.sheet import Sheet
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


def header(sheet: Sheet, theme: Theme) -> str:
    """Everything above the panel, cut to the room that there is."""
    code = _code(clean(sheet.url))
    room = PAGE_WIDTH - 2 * MARGIN - (_CODE + 28 if code else 0)
    title, y = _title(clean(sheet.title).strip(), room)
    y += 25
    byline = _text(fit(_byline(sheet), _BYLINE, room), y, _BYLINE, f' fill="{theme.muted}"')
    lines = _prose(sheet.description, room, _BOTTOM - y - 9 - (_TAGS if sheet.tags else 0))
    prose = "".join(_text(line, y + 9 + _LEADING * row, _PROSE) for row, line in enumerate(lines, 1))
    tags = _tags(sheet.tags, y + 9 + _LEADING * len(lines) + _TAGS, room, theme)
    return f'<g text-anchor="start">{title}{byline}{prose}{tags}</g>{code}'


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


def _byline(sheet: Sheet) -> str:
    author = clean(sheet.author).strip()
    said = [f"by {author}" if author else "", f"patch {sheet.patch_id}" if sheet.patch_id else "", clean(sheet.url)]
    return "  ·  ".join(part for part in said if part)


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


def _code(url: str) -> str:
    """The QR code, dark on white in every theme: many readers know no other."""
    path, modules = bars(url)
    if not path:
        return ""
    x, y, scale = PAGE_WIDTH - MARGIN - _CODE, _TOP + 10, _CODE / (modules + 2 * QUIET)
    return (
        f'<g data-part="code"><rect x="{x}" y="{y}" width="{_CODE}" height="{_CODE}" rx="6" fill="#ffffff"/>'
        f'<path transform="translate({x + QUIET * scale:.3f} {y + QUIET * scale:.3f}) scale({scale:.4f})"'
        f' fill="#000000" shape-rendering="crispEdges" d="{path}"/></g>'
    )
