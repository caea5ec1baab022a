"""What a sheet costs to draw and to turn into a picture, in milliseconds, each new.

Run by `make bench-sheets`. References take turns with ours in the same run: for a drawing, what Python's own XML
library takes only to write the same tree (the limit of whoever builds trees); for a picture, Typst with an empty
page of the same pixels (limit) and resvg-py with the same drawing and letters (peer).
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from importlib.resources import files
from xml.etree import ElementTree as ET

import resvg_py

from bench.figures import Figure, keep
from brutal_patches.sheets.lab import random_panel
from brutal_patches.sheets.rendering import Picture, Rendering
from brutal_patches.sheets.sheet import Options, Sheet
from brutal_patches.sheets.svg import draw

ROUNDS = 60
_FONTS = [str(file) for file in (files("brutal_patches.sheets") / "fonts").iterdir() if file.name.endswith(".ttf")]
_EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="1188" height="840" viewBox="0 0 1188 840"></svg>'


def sheet(number: int) -> Sheet:
    words = "Open the cutoff by hand; keep the brute factor below noon. " * 4
    url = f"https://brutalpatches.com/p/{number}"
    return Sheet(random_panel(number), f"Patch {number}", "ada", words, ("bass", "deep"), number, url)


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def drawings() -> Figure:
    ours, limit = [], []
    for number in range(1, ROUNDS * 5):
        shown = sheet(number)
        ours.append(milliseconds(lambda shown=shown: draw(shown, Options())))  # type: ignore[misc]
        tree = ET.fromstring(draw(shown, Options()))  # noqa: S314 It is our own drawing.
        limit.append(milliseconds(lambda tree=tree: ET.tostring(tree)))  # type: ignore[misc]
    return _figure("a sheet as SVG", ours, limit, None)


async def pictures(picture: Picture) -> Figure:
    rendering = Rendering(threads=1)
    ours, limit, peer = [], [], []
    for number in range(1, ROUNDS):
        drawing = draw(sheet(number), Options())
        ours.append(await _timed(rendering, drawing, picture))
        limit.append(await _timed(rendering, _EMPTY.replace("></svg>", f" id='n{number}'></svg>"), picture))
        if picture == "png":
            peer.append(milliseconds(lambda drawing=drawing: _by_resvg(drawing)))  # type: ignore[misc]
    rendering.close()
    return _figure(f"a sheet as {picture.upper()}, from its SVG", ours, limit, peer or None)


async def _timed(rendering: Rendering, drawing: str, picture: Picture) -> float:
    started = time.perf_counter()
    await rendering.render(drawing, picture, "Sub", "ada")
    return (time.perf_counter() - started) * 1000


def _by_resvg(drawing: str) -> bytes:
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawing, skip_system_fonts=True, font_files=_FONTS, sans_serif_family="Liberation Sans"
        )
    )


def _figure(name: str, ours: list[float], limit: list[float], peer: list[float] | None) -> Figure:
    took, least = statistics.median(ours), statistics.median(limit)
    usual = statistics.median(peer) if peer else None
    return Figure(name, "ms, fewer are better", took, least, usual, took / least, usual and took / usual)


async def main() -> None:
    print(keep([drawings(), await pictures("png"), await pictures("pdf")]))


if __name__ == "__main__":
    asyncio.run(main())
