"""Drawings read back as XML."""

from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def read(drawing: str) -> ET.Element:
    """The drawing's root."""
    return ET.fromstring(drawing)  # noqa: S314 It is our own drawing.


def control(drawing: str, field: str) -> ET.Element:
    """The group that shows one control."""
    (found,) = read(drawing).iterfind(f".//{SVG}g[@data-control='{field}']")
    return found


def parts(element: ET.Element, name: str) -> list[ET.Element]:
    """Everything that is drawn as `name`."""
    return element.findall(f".//*[@data-part='{name}']")


def part(element: ET.Element, name: str) -> ET.Element:
    """The one thing that is drawn as `name`."""
    (found,) = parts(element, name)
    return found


def turned(element: ET.Element) -> float:
    """The degrees by which a hand is turned."""
    return float(element.attrib["transform"].removeprefix("rotate(").split()[0])


def texts(drawing: str) -> list[str]:
    """Every text that is drawn, and nothing that is only described."""
    return ["".join(text.itertext()) for text in read(drawing).iter(f"{SVG}text")]
