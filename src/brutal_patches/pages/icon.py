"""The icon of the pages: a knob at 2 o'clock, as a drawing, and as pictures for browsers that know no drawings."""

from importlib.resources import files

POLICY = "default-src 'none'; sandbox"
"""Opened by itself, the drawing can run nothing."""


def icon(name: str) -> bytes:
    """`favicon.svg`, or `favicon.ico`, which is made of it (`docs/icon.py`)."""
    return (files("brutal_patches.pages") / "html" / name).read_bytes()
