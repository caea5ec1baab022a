"""What a sheet costs to draw and to turn into a picture, in milliseconds, each new.

Run by `make bench-sheets`. References take turns with ours in the same run: for a drawing, what Python's own XML
library takes only to write the same tree (the limit of whoever builds trees); for a picture, the same steps with an
empty page of the same pixels (limit), and Typst and resvg-py with the same drawing and letters (peers).
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from xml.etree import ElementTree as ET

import resvg_py
import typst

from bench.figures import Figure, keep
from brutal_patches.sheets.lab import random_panel
from brutal_patches.sheets.rendering import Picture, Rendering
from brutal_patches.sheets.sheet import Options, Sheet
from brutal_patches.sheets.svg import draw

ROUNDS = 60
_FOLDER = files("brutal_patches.sheets") / "fonts"
_FONTS = [str(file) for file in _FOLDER.iterdir() if file.name.endswith(".ttf")]
_TYPST = typst.Compiler(font_paths=[str(_FOLDER)], ignore_system_fonts=True)
_PROGRAM = b"""
#set page(width: float(sys.inputs.width) * 1pt, height: float(sys.inputs.height) * 1pt, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg", width: 100%)
"""
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
        ours.append(milliseconds(partial(draw, shown, Options())))
        tree = ET.fromstring(draw(shown, Options()))  # noqa: S314 - It is our own drawing.
        limit.append(milliseconds(partial(ET.tostring, tree)))
    return _figure("a sheet as SVG", ours, limit, None)


async def pictures(picture: Picture) -> list[Figure]:
    """Ours beside both peers; resvg-py makes no PDF."""
    rendering = Rendering()
    ours, limit, by_typst, by_resvg = [], [], [], []
    for number in range(1, ROUNDS):
        drawing = draw(sheet(number), Options())
        ours.append(await _timed(rendering, drawing, picture))
        limit.append(await _timed(rendering, _EMPTY, picture))
        by_typst.append(milliseconds(partial(_by_typst, drawing, picture)))
        if picture == "png":
            by_resvg.append(milliseconds(partial(_by_resvg, drawing)))
    rendering.close()
    name = f"a sheet as {picture.upper()}, from its SVG"
    found = [_figure(f"{name}, beside Typst", ours, limit, by_typst)]
    return found + ([_figure(f"{name}, beside resvg-py", ours, limit, by_resvg)] if by_resvg else [])


async def _timed(rendering: Rendering, drawing: str, picture: Picture) -> float:
    started = time.perf_counter()
    await rendering.render(drawing, picture, "Sub", "ada")
    return (time.perf_counter() - started) * 1000


def _by_typst(drawing: str, picture: Picture) -> bytes | list[bytes] | None:
    width, height = (1188, 840) if picture == "png" else (841.89, 595.28)
    inputs = {"drawing": drawing, "width": str(width), "height": str(height)}
    return _TYPST.compile(_PROGRAM, format=picture, ppi=72, sys_inputs=inputs)


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
    print(keep([drawings(), *await pictures("png"), *await pictures("pdf")]))


if __name__ == "__main__":
    asyncio.run(main())
