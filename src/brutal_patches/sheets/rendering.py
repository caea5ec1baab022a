"""Drawings as PNG and PDF, by Typst, with letters of our own: the same bytes on every machine.

Rendering takes tens of milliseconds, so it has threads of its own, and a short queue before them.
"""

import asyncio
import os
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file, files
from typing import Literal

import typst

from brutal_patches.errors import Unavailable

WAITING_AT_MOST = 8
_A4_WIDTH = 841.89
_POINTS_PER_UNIT = 0.75
_FONTS = files("brutal_patches.sheets") / "fonts"
_SHAPE = re.compile(r'width="(\d+)" height="(\d+)" viewBox="\S+ \S+ (\S+) ')
# What is written on a sheet comes in as values, never as a part of this program.
_PROGRAM = b"""
#set document(title: sys.inputs.title, author: sys.inputs.author, date: none)
#set page(width: float(sys.inputs.width) * 1pt, height: float(sys.inputs.height) * 1pt, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg", width: 100%)
"""

type Picture = Literal["png", "pdf"]


class Rendering:
    """Typst in as many threads as there are cores; beyond them and the queue Unavailable is raised."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, "rendering")
        self._own = threading.local()
        self._under_way = 0

    @property
    def waiting(self) -> int:
        """How many drawings wait for a thread."""
        return max(0, self._under_way - self._threads)

    async def render(self, drawing: str, picture: Picture, title: str, author: str) -> bytes:
        """`drawing`, an SVG of ours, as a picture of the pixels it asks for, or as a page for paper."""
        if self._under_way >= self._threads + WAITING_AT_MOST:
            raise Unavailable("Too many pictures are being drawn at this moment. Please try again shortly.")
        self._under_way += 1
        try:
            inputs = _inputs(drawing, picture) | {"title": title, "author": author}
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._compile, picture, inputs)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """Let what is under way end, and take no more."""
        self._pool.shutdown(wait=True)

    def _compile(self, picture: Picture, inputs: Mapping[str, str]) -> bytes:
        compiler: typst.Compiler | None = getattr(self._own, "compiler", None)
        if compiler is None:
            with as_file(_FONTS) as fonts:
                compiler = self._own.compiler = typst.Compiler(font_paths=[fonts], ignore_system_fonts=True)
        made = compiler.compile(_PROGRAM, format=picture, ppi=72, sys_inputs=dict(inputs))
        if not isinstance(made, bytes):
            raise TypeError("a sheet has one page")
        return made


def _inputs(drawing: str, picture: Picture) -> dict[str, str]:
    """The drawing and the page around it: in pixels as points, or as large as paper."""
    shape = _SHAPE.search(drawing)
    if shape is None:
        raise ValueError("a drawing begins with its shape")
    width, height, units = (float(part) for part in shape.groups())
    if picture == "pdf":
        paper = _A4_WIDTH if units == 1188 else units * _POINTS_PER_UNIT
        width, height = paper, paper * height / width
    return {"drawing": drawing, "width": str(width), "height": str(height)}
