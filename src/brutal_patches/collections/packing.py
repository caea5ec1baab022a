"""A collection for a place without a network: one file with everything that is in it."""

import io
import zipfile
from html import escape

import msgspec

from brutal_patches.collections.model import CollectionPage
from brutal_patches.patches.model import Patch
from brutal_patches.sheets.sheet import sheet_of
from brutal_patches.sheets.svg import draw

_STYLE = "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}img{width:100%}"


def pack(page: CollectionPage, url: str) -> bytes:
    """A zip of an index to read, each patch as JSON, and its sheet; `url` is where the service is found."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("collection.json", _written(page))
        packed.writestr("index.html", _index(page))
        packed.writestr("index.txt", _list(page))
        for position, patch in enumerate(page.patches, 1):
            packed.writestr(f"patches/{_stem(position, patch)}.json", _written(patch))
            packed.writestr(f"sheets/{_stem(position, patch)}.svg", draw(sheet_of(patch, url)))
    return buffer.getvalue()


def _stem(position: int, patch: Patch) -> str:
    """Sorts in the order of the set."""
    return f"{position:03d}-{patch.id}"


def _written(thing: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(thing))


def _list(page: CollectionPage) -> str:
    lines = [page.name, "=" * len(page.name), "", page.description, ""]
    lines += [
        f"{position:3d}. {patch.title} by {patch.username} (patch {patch.id})"
        for position, patch in enumerate(page.patches, 1)
    ]
    return "\n".join(lines) + "\n"


def _index(page: CollectionPage) -> str:
    """A page that shows every sheet, for a browser or a printer."""
    sheets = "".join(
        f"<h2>{position}. {escape(patch.title)}</h2><p>by {escape(patch.username)}</p>"
        f'<img src="sheets/{_stem(position, patch)}.svg" alt="{escape(patch.title)}">\n'
        for position, patch in enumerate(page.patches, 1)
    )
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(page.name)}</title>'
        f"<style>{_STYLE}</style>\n<h1>{escape(page.name)}</h1><p>{escape(page.description)}</p>\n{sheets}</html>\n"
    )
