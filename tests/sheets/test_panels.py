"""Panels over HTTP, without an account."""

import pytest

from brutal_patches.sheets.codes import to_code
from tests.client import Client
from tests.sheets.panels import panel

CODE = to_code(panel(("mod-lfo", "mod-saw"), cutoff=70))


async def test_a_panel_becomes_a_code_and_comes_back(client: Client) -> None:
    """Whole."""
    made = await client.post("/api/panels", {"cutoff": 70, "modmatrix": [{"source": "mod-lfo", "target": "mod-saw"}]})
    assert CODE == made.json()["code"]
    found = (await client.get(f"/api/panels/{CODE}")).json()
    assert (70, CODE) == (found["panel"]["cutoff"], found["code"])


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "txt"])
async def test_a_code_has_sheets(client: Client, form: str) -> None:
    """As a patch has."""
    answer = await client.get(f"/api/panels/{CODE}/sheet.{form}")
    assert (200, "public") == (answer.status_code, answer.headers["cache-control"][:6])
    accepted = await client.get(f"/api/panels/{CODE}/sheet", headers={"accept": "text/plain"})
    assert "Cutoff 2 o'clock" in accepted.text


async def test_a_mistyped_code_is_told(client: Client) -> None:
    """In a path and in a body."""
    for path in ("zzz", "zzz/sheet.svg", CODE[:-1], f"{CODE[:-2]}AA"):
        assert 404 == (await client.get(f"/api/panels/{path}")).status_code
    refused = await client.post("/api/panels/mutate", {"panel": "zzz"})
    assert (400, "panel") == (refused.status_code, refused.json()["errors"][0]["field"])
    other = await client.post("/api/panels/morph", {"one": CODE, "other": {"cutoff": 101}})
    assert (400, "other.cutoff") == (other.status_code, other.json()["errors"][0]["field"])


async def test_the_same_seed_gives_the_same_panel(client: Client) -> None:
    """And what was drawn by chance says its seed."""
    by_chance = (await client.post("/api/panels/random", {})).json()
    again = (await client.post("/api/panels/random", {"seed": by_chance["seed"]})).json()
    assert by_chance == again


async def test_locked_sections_stay(client: Client) -> None:
    """While the others move."""
    sent = {"panel": CODE, "seed": 3, "amount": 1, "locked": ["filter", "matrix"]}
    found = (await client.post("/api/panels/mutate", sent)).json()["panel"]
    assert (70, [{"source": "mod-lfo", "target": "mod-saw"}]) == (found["cutoff"], found["modmatrix"])
    assert CODE != to_code(panel(("mod-lfo", "mod-saw"), **{k: v for k, v in found.items() if k != "modmatrix"}))


async def test_a_morph_stands_between(client: Client) -> None:
    """Half-way, where nothing else is said."""
    sent = {"one": {"cutoff": 20}, "other": {"cutoff": 40}}
    assert 30 == (await client.post("/api/panels/morph", sent)).json()["panel"]["cutoff"]
