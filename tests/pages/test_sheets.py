"""Sheets of patches over HTTP: every form, every wish, and nobody else's patches."""

import asyncio
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from brutal_patches.app import Service
from brutal_patches.sheets.drawings import MEDIA_TYPES
from tests.client import Client
from tests.sheets.drawings import SVG, texts

NASTY = "</title><script>alert(1)</script>&\"') Tj ET ("
FORMS = list(MEDIA_TYPES)


async def sheet(client: Client, patch_id: int, file: str = "sheet.svg", **more: Any) -> Any:
    return await client.get(f"/api/patches/{patch_id}/{file}", **more)


@pytest.mark.parametrize("form", FORMS)
async def test_a_patch_is_a_sheet_in_every_form(client: Client, ada: Client, form: str) -> None:
    """Public to everybody, with a tag to ask again with."""
    patch = await ada.create(cutoff=70)
    answer = await sheet(client, patch["id"], f"sheet.{form}")
    assert 200 == answer.status_code
    assert answer.headers["content-type"].startswith(MEDIA_TYPES[form])  # type: ignore[index]
    assert "public, max-age=0, must-revalidate" == answer.headers["cache-control"]
    again = await sheet(client, patch["id"], f"sheet.{form}", headers={"if-none-match": answer.headers["etag"]})
    assert (304, b"") == (again.status_code, again.content)


async def test_accept_chooses_the_form(client: Client, ada: Client) -> None:
    """A drawing where it does not say; and caches are told, the express lane too."""
    patch = await ada.create()
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    for accept, expected in [
        ("application/pdf", "application/pdf"),
        ("image/png", "image/png"),
        ("text/plain", "text/plain"),
        ("image/svg+xml", "image/svg+xml"),
        (browser, "image/svg+xml"),
    ]:
        answer = await sheet(client, patch["id"], "sheet", headers={"accept": accept})
        assert answer.headers["content-type"].startswith(expected)
        assert "accept" in answer.headers["vary"].lower()


async def test_wishes_are_granted(client: Client, ada: Client) -> None:
    """Theme, shape, pixels and numbers."""
    patch = await ada.create(cutoff=37)
    drawn = (await sheet(client, patch["id"], "sheet.svg?theme=dark&size=phone&width=600&values=0")).text
    assert "#121214" in drawn
    assert "600" == ET.fromstring(drawn).get("width")  # noqa: S314 It is our own drawing.
    assert "37" not in texts(drawn)
    picture = (await sheet(client, patch["id"], "sheet.png?size=card")).content
    assert (1200, 630) == (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24]))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("theme=pink", "theme"),
        ("size=a3", "size"),
        ("width=99", "width"),
        ("width=1e3", "width"),
        ("values=x", "values"),
    ],
)
async def test_a_wish_that_cannot_be_granted_is_named(client: Client, ada: Client, query: str, field: str) -> None:
    """All of them at once."""
    patch = await ada.create()
    answer = await sheet(client, patch["id"], f"sheet.svg?{query}")
    assert (400, [field]) == (answer.status_code, [error["field"] for error in answer.json()["errors"]])


@pytest.mark.parametrize("form", FORMS)
async def test_no_text_of_an_author_can_break_out(client: Client, ada: Client, form: str) -> None:
    """As markup of no kind."""
    patch = await ada.create(NASTY, description=NASTY * 3, tags=["<b>", "(eval)"])
    body = (await sheet(client, patch["id"], f"sheet.{form}")).content
    if form == "svg":
        allowed = {"svg", "title", "desc", "g", "rect", "circle", "path", "text", "tspan"}
        assert allowed >= {element.tag.removeprefix(SVG) for element in ET.fromstring(body).iter()}  # noqa: S314
    if form == "pdf":
        assert not re.search(rb"/(JavaScript|JS|OpenAction|Launch|EmbeddedFile)\b", body)
    if form == "txt":
        assert NASTY in body.decode()
    assert body


async def test_a_private_patch_has_a_sheet_for_its_owner_alone(client: Client, ada: Client, robin: Client) -> None:
    """Nobody keeps it; to others it is not there."""
    patch = await ada.create(isPublic=False)
    for path in ("sheet", *(f"sheet.{form}" for form in FORMS)):
        assert [404, 404] == [(await sheet(other, patch["id"], path)).status_code for other in (client, robin)]
        own = await sheet(ada, patch["id"], path)
        assert (200, "private, no-store") == (own.status_code, own.headers["cache-control"])


async def test_a_change_is_seen_at_once(client: Client, ada: Client) -> None:
    """A sheet in memory is that of its version."""
    patch = await ada.create(cutoff=37)
    before = (await sheet(client, patch["id"])).text
    await ada.put(f"/api/patches/{patch['id']}", {"title": "Sub", "cutoff": 38})
    assert ("37" in texts(before), "38" in texts((await sheet(client, patch["id"])).text)) == (True, True)


async def test_a_difference_is_the_shortest_list_of_moves(client: Client, ada: Client) -> None:
    """In the order of the panel."""
    one = await ada.create("One", cutoff=20, modmatrix=[{"source": "mod-lfo", "target": "mod-saw"}])
    other = await ada.create("Other", cutoff=70, mode=1, overtone=50)
    path = f"/api/patches/{one['id']}/diff/{other['id']}"
    found = (await client.get(path)).json()
    assert ["Overtone: 7 → 12 o'clock", "Cutoff: 9 → 2 o'clock", "Mode: LP → BP", "unplug LFO → Saw"] == [
        move["text"] for move in found["moves"]
    ]
    assert (4, "One", "Other") == (found["total"], found["one"]["title"], found["other"]["title"])
    assert "From One to Other\n\n1. Oscillator: Overtone" in (await client.get(f"{path}.txt")).text
    assert "as in One" in texts((await client.get(f"{path}.svg")).text)
    assert (await client.get(f"{path}.png")).content.startswith(b"\x89PNG")


async def test_a_difference_from_what_is_private_is_its_owners(client: Client, ada: Client) -> None:
    """Either way round."""
    hidden, shown = await ada.create(isPublic=False), await ada.create()
    for one, other in ((hidden["id"], shown["id"]), (shown["id"], hidden["id"])):
        path = f"/api/patches/{one}/diff/{other}"
        assert 404 == (await client.get(path)).status_code == (await client.get(f"{path}.svg")).status_code
        assert "private, no-store" == (await ada.get(path)).headers["cache-control"]


async def test_too_many_pictures_at_once_wait_their_turn_elsewhere(service: Service, ada: Client) -> None:
    """Past the queue 503 with Retry-After, and never another failure."""
    patch = await ada.create()
    files = [f"sheet.png?width={width}" for width in range(1000, 1040)]
    answers = await asyncio.gather(*(sheet(Client(service), patch["id"], file) for file in files))
    assert {200, 503} == {answer.status_code for answer in answers}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)
    assert 200 == (await sheet(Client(service), patch["id"], "sheet.png?width=1039")).status_code
