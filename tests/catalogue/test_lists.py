"""Related, duplicates, trending, featured, random, categories and tags: what players browse by."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.catalogue.nearest import Nearest
from brutal_patches.catalogue.places import Places
from brutal_patches.patches.lint import lint
from brutal_patches.patches.similarity import distance, row
from brutal_patches.patches.submission import read_body
from brutal_patches.patches.warmth import standing, together, warmer, warmth
from tests.client import Client
from tests.patches.strategies import SENT


async def test_related_are_the_most_alike(ada: Client, client: Client) -> None:
    """Nearest first, without itself, without what is private."""
    start = await ada.create("Start", cutoff=50)
    far = await ada.create("Far", cutoff=90, mode=2)
    near = await ada.create("Near", cutoff=55)
    await ada.create("Hidden", cutoff=50, isPublic=False)
    mine = await ada.create("Mine", cutoff=56, isPublic=False)

    path = f"/api/patches/{start['id']}/related"
    assert [near["id"], far["id"]] == [patch["id"] for patch in (await client.get(path)).json()]
    assert [near["id"]] == [patch["id"] for patch in (await client.get(f"{path}?limit=1")).json()]
    own = await ada.get(f"/api/patches/{mine['id']}/related")
    assert [near["id"], start["id"], far["id"]] == [patch["id"] for patch in own.json()]
    assert "private, no-store" == own.headers["cache-control"]
    assert 404 == (await client.get(f"/api/patches/{mine['id']}/related")).status_code


async def test_a_panel_that_exists_is_kept_and_said_to(ada: Client, robin: Client, client: Client) -> None:
    """With a link; volume and cables drawn from the other end make no difference."""
    first = await ada.create("First", cutoff=50, modmatrix=[{"source": "mod-lfo", "target": "mod-filter"}])
    second = await robin.post(
        "/api/patches",
        {"title": "Second", "cutoff": 50, "volume": 90, "modmatrix": [{"source": "mod-filter", "target": "mod-lfo"}]},
    )
    assert (201, f'</api/patches/{first["id"]}>; rel="duplicate"') == (second.status_code, second.headers["link"])
    same = (await client.get(f"/api/patches/{first['id']}/duplicates")).json()
    assert ["Second"] == [patch["title"] for patch in same]
    other = await robin.post("/api/patches", {"title": "Third", "cutoff": 51})
    assert "link" not in other.headers


async def test_what_is_worked_out_of_a_private_patch_is_for_its_owner_alone(ada: Client, client: Client) -> None:
    """No shared cache keeps it; of a public patch everybody may keep it, under its tag."""
    public, private = (await ada.create("A"))["id"], (await ada.create("B", isPublic=False))["id"]
    for path in ("related", "duplicates", "lint", f"compare/{public}"):
        own = await ada.get(f"/api/patches/{private}/{path}")
        assert (200, "private, no-store") == (own.status_code, own.headers["cache-control"])
        assert 404 == (await client.get(f"/api/patches/{private}/{path}")).status_code
        shared = await client.get(f"/api/patches/{public}/{path}")
        assert shared.headers["cache-control"].startswith("public")
        again = await client.get(f"/api/patches/{public}/{path}", headers={"if-none-match": shared.headers["etag"]})
        assert (304, b"") == (again.status_code, again.content)


async def test_what_is_forked_is_warm(ada: Client, robin: Client, client: Client) -> None:
    """And cools when the forks go."""
    old = await ada.create("Old")
    new = await ada.create("New")
    assert [new["id"], old["id"]] == [patch["id"] for patch in (await client.get("/api/patches/trending")).json()]
    fork = (await robin.post(f"/api/patches/{old['id']}/fork")).json()
    assert old["id"] == (await client.get("/api/patches/trending?limit=1")).json()[0]["id"]
    await robin.delete(f"/api/patches/{fork['id']}")
    assert new["id"] == (await client.get("/api/patches/trending?limit=1")).json()[0]["id"]
    assert 2 == len((await client.get("/api/patches/featured")).json())


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_warmth_halves_in_a_week() -> None:
    """Two of a week ago are one of today; the order of two never changes by itself."""
    week = timedelta(days=7)
    one_today = together([warmth(NOW, []) / 1e12])
    two_then = together([warmth(NOW - week, []) / 1e12] * 2)
    assert abs(one_today - two_then) < 1e-5
    assert warmth(NOW - week, [NOW]) > warmth(NOW, [])
    assert warmth(NOW, [], warmer(0, NOW, 2.0)) > warmth(NOW, [])


def test_few_votes_prove_little() -> None:
    """One five is less than twenty of 4.5; no votes stand in the middle."""
    assert standing(90, 20, 0) > standing(5, 1, 0) > standing(0, 0, 0) > standing(5, 5, 0)
    assert standing(0, 0, 3) > standing(0, 0, 0)


async def test_counts_of_categories_and_tags(ada: Client, client: Client) -> None:
    """Of public patches, following every change."""
    patch = await ada.create("A", category="bass", tags=["deep", "warm"])
    await ada.create("B", category="bass", tags=["deep"])
    await ada.create("C", category="lead", tags=["secret"], isPublic=False)
    categories = {each["id"]: each["count"] for each in (await client.get("/api/patches/categories")).json()}
    assert (8, 2, 0) == (len(categories), categories["bass"], categories["lead"])
    assert [{"tag": "deep", "count": 2}, {"tag": "warm", "count": 1}] == (await client.get("/api/patches/tags")).json()
    await ada.delete(f"/api/patches/{patch['id']}")
    assert [{"tag": "deep", "count": 1}] == (await client.get("/api/patches/tags")).json()


async def test_a_random_patch_is_some_public_one(ada: Client, client: Client) -> None:
    """404 while there is none; never from a cache."""
    assert 404 == (await client.get("/api/patches/random")).status_code
    await ada.create("Hidden", isPublic=False)
    made = {(await ada.create(f"P{number}"))["id"] for number in range(3)}
    seen = set()
    for _ in range(30):
        answer = await client.get("/api/patches/random")
        assert "no-store" == answer.headers["cache-control"]
        seen.add(answer.json()["id"])
    assert made == seen


async def test_hints_come_with_a_patch(ada: Client, client: Client) -> None:
    """On creation, and whenever they are asked for."""
    patch = await ada.create("Silent", brute_factor=90)
    assert ["silent-mixer", "closed-filter", "wild-brute-factor"] == [hint["code"] for hint in patch["warnings"]]
    assert patch["warnings"] == (await client.get(f"/api/patches/{patch['id']}/lint")).json()


def codes(**sent: object) -> set[str]:
    return {hint.code for hint in lint(read_body({"title": "x", "saw": 50, "cutoff": 50, **sent}))}


def cables(*drawn: str) -> list[dict[str, str]]:
    return [{"source": f"mod-{each.split('>')[0]}", "target": f"mod-{each.split('>')[1]}"} for each in drawn]


def test_each_hint_has_its_reason() -> None:
    """And none comes without."""
    assert set() == codes()
    assert {"silent-mixer"} == codes(saw=0)
    assert {"silent-mixer"} == codes(saw=0, resonance=90)
    assert {"wild-brute-factor"} == codes(brute_factor=76)
    assert {"closed-filter"} == codes(cutoff=0)
    assert set() == codes(cutoff=0, env_amt=60)
    assert {"short-gate"} == codes(vca=1)
    assert {"impossible-cable"} == codes(modmatrix=cables("env>lfo"))
    assert {"stackable-cable"} == codes(modmatrix=cables("lfo>saw", "lfo>pitch"), amount=5)
    assert {"stackable-cable"} == codes(modmatrix=cables("lfo>saw", "env>saw", "lfo>pitch"), amount=5, env_amt_2=0) - {
        "unused-output"
    }
    assert {"unused-output"} == codes(modmatrix=cables("lfo>saw"))
    assert {"live-normal"} == codes(modmatrix=cables("lfo>saw"), amount=5)


@given(st.lists(SENT.map(read_body), min_size=1, max_size=12), SENT.map(read_body))
def test_the_matrix_measures_as_the_formula_does(bodies, asked) -> None:  # type: ignore[no-untyped-def]
    """Also after some were moved and removed."""
    places = Places()
    nearest = Nearest(places)
    for number, body in enumerate(bodies, 1):
        nearest.put(places.take(number), row(body))
    # Kept from now on, and to be measured anew after each change.
    nearest.distances(row(asked))
    nearest.put(places.take(1), row(asked))
    if len(bodies) > 1:
        places.give_up(len(bodies))
        nearest.forget_distances()
    kept = {1: row(asked), **{number: row(body) for number, body in enumerate(bodies[:-1], 1) if number > 1}}
    expected = sorted((distance(row(asked), each), number) for number, each in kept.items())
    assert [(number, far) for far, number in expected] == sorted(
        nearest.closest(row(asked), 100), key=lambda pair: (pair[1], pair[0])
    )
    assert sorted(number for far, number in expected if far == 0) == nearest.same(row(asked))


def test_the_matrix_grows() -> None:
    """Beyond what it was made for."""
    places = Places()
    nearest = Nearest(places)
    for number in range(1, 3000):
        nearest.put(places.take(number), row(read_body({"title": "x", "cutoff": number % 101})))
    assert 2999 == len(nearest)
    assert np.uint16 == nearest.distances(row(read_body({"title": "x"}))).dtype
    assert [] == Nearest(Places()).closest(row(read_body({"title": "x"})), 5)
