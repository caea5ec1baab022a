"""A drawing as a page of PDF: the same shapes, letters that can be selected, nothing that runs.

It reads the SVG of our own sheets, and refuses what they do not have. What an author wrote becomes numbers
of glyphs on the page, and strings where the document says what it is called: never an operator.
"""

import zlib
from collections.abc import Mapping
from io import BytesIO
from xml.etree import ElementTree as ET

import pydyf

from brutal_patches.sheets.faces import EM, Face, face
from brutal_patches.sheets.strokes import Strokes

_SVG = "{http://www.w3.org/2000/svg}"
_SANS_SERIF, _NONSYMBOLIC = 0, 1 << 5
_BOLD_STEM, _STEM = 140, 88


def to_pdf(drawing: str, width: float, height: float, title: str, author: str, whole_faces: bool = False) -> bytes:
    """`drawing` on a page of `width` by `height` points. `whole_faces` saves the time that cutting them down takes."""
    root = ET.fromstring(drawing)  # noqa: S314 It is our own drawing, in which every text is escaped.
    left, top, wide, _ = map(float, root.attrib["viewBox"].split())
    strokes = Strokes(width / wide, -left * width / wide, height + top * width / wide)
    for child in root:
        if child.tag not in {f"{_SVG}title", f"{_SVG}desc"}:
            strokes.draw(child)
    return _document(strokes, width, height, title, author, whole_faces)


def _document(strokes: Strokes, width: float, height: float, title: str, author: str, whole_faces: bool) -> bytes:
    document = pydyf.PDF()
    told = {"Title": title, "Author": author}
    document.info.update({key: pydyf.String(text) for key, text in told.items() if text})
    document.catalog.update({"Lang": pydyf.String("en"), "ViewerPreferences": "<</DisplayDocTitle true>>"})
    fonts = {f"F{bold:d}": _font(document, face(bold), used, whole_faces) for bold, used in strokes.glyphs.items()}
    states = {name: f"<</CA {value:g}/ca {value:g}>>" for value, name in strokes.opacities.items()}
    content = _stream(strokes.content.encode(), packed=not whole_faces)
    document.add_object(content)
    page = {
        "Type": "/Page",
        "Parent": document.pages.reference,
        "MediaBox": pydyf.Array([0, 0, width, height]),
        "Contents": content.reference,
        "Resources": pydyf.Dictionary({"Font": pydyf.Dictionary(fonts), "ExtGState": pydyf.Dictionary(states)}),
    }
    document.add_page(pydyf.Dictionary(page))
    written = BytesIO()
    document.write(written, version=b"1.7")
    return written.getvalue()


def _stream(data: bytes, packed: bool, more: Mapping[str, object] | None = None) -> pydyf.Stream:
    extra = dict(more or {}) | ({"Filter": "/FlateDecode"} if packed else {})
    return pydyf.Stream([zlib.compress(data) if packed else data], extra)


def _font(document: pydyf.PDF, letters: Face, used: Mapping[int, tuple[str, float]], whole: bool) -> bytes:
    """A face in the document, its glyphs by their numbers, with what they stand for; the reference to it."""
    program = letters.program if whole else letters.subset(used)
    embedded = _stream(program, packed=not whole, more={"Length1": len(program)})
    document.add_object(embedded)
    descriptor = _added(document, _descriptor(letters, embedded))
    descendant = {
        "Type": "/Font",
        "Subtype": "/CIDFontType2",
        "BaseFont": f"/AAAAAA+{letters.name}",
        "CIDSystemInfo": "<</Registry (Adobe)/Ordering (Identity)/Supplement 0>>",
        "FontDescriptor": descriptor,
        "CIDToGIDMap": "/Identity",
        "W": pydyf.Array([f"{number} [{width:g}]" for number, (_, width) in sorted(used.items())]),
    }
    meanings = _stream(_meanings(used), packed=not whole)
    document.add_object(meanings)
    font = {
        "Type": "/Font",
        "Subtype": "/Type0",
        "BaseFont": f"/AAAAAA+{letters.name}",
        "Encoding": "/Identity-H",
        "DescendantFonts": pydyf.Array([_added(document, descendant)]),
        "ToUnicode": meanings.reference,
    }
    return _added(document, font)


def _descriptor(letters: Face, embedded: pydyf.Stream) -> dict[str, object]:
    return {
        "Type": "/FontDescriptor",
        "FontName": f"/AAAAAA+{letters.name}",
        "Flags": _NONSYMBOLIC | _SANS_SERIF,
        "FontBBox": pydyf.Array([-EM, letters.descent, 2 * EM, letters.ascent]),
        "ItalicAngle": 0,
        "Ascent": letters.ascent,
        "Descent": letters.descent,
        "CapHeight": letters.ascent,
        "StemV": _BOLD_STEM if letters.name.endswith("Bold") else _STEM,
        "FontFile2": embedded.reference,
    }


def _added(document: pydyf.PDF, values: Mapping[str, object]) -> bytes:
    added = pydyf.Dictionary(values)
    document.add_object(added)
    return bytes(added.reference)


def _meanings(used: Mapping[int, tuple[str, float]]) -> bytes:
    """The map from glyphs back to text (ISO 32000-2, 9.10.3), for whoever selects, searches or listens."""
    lines = [f"<{number:04x}> <{text.encode('utf-16-be').hex()}>" for number, (text, _) in sorted(used.items())]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo <</Registry (Adobe)/Ordering (UCS)/Supplement 0>> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
            *(f"{len(block)} beginbfchar\n{'\n'.join(block)}\nendbfchar" for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        )
    ).encode()
