"""Ratings and favourites: the aggregate is always what a recount says."""

import asyncio
import random

import pytest

from brutal_patches.actor import Actor
from brutal_patches.app import Service
from brutal_patches.errors import Unavailable
from brutal_patches.feedback.votes import Votes
from tests.client import Client


@pytest.mark.both_engines
async def test_a_vote_is_given_changed_and_withdrawn(ada: Client, robin: Client, client: Client) -> None:
    """The patch shows the mean with at most two decimals, on every list."""
    eve = await client.register("eve")
    path = f"/api/patches/{(await ada.create())['id']}"
    assert {"patchId": 1, "rating": 5, "average_rating": "5", "ratingCount": 1} == (
        await robin.put(f"{path}/rating", {"rating": 5})
    ).json()
    assert "4.5" == (await eve.put(f"{path}/rating", {"rating": 4})).json()["average_rating"]
    assert (
        ("4.5", 2)
        == _shown((await client.get(path)).json())
        == _shown((await client.get("/api/patches/latest")).json()["patches"][0])
    )
    assert 1 == (await client.get("/api/patches/search?minRating=4.5")).json()["total"]
    assert 0 == (await client.get("/api/patches/search?minRating=4.6")).json()["total"]
    assert "3" == (await eve.put(f"{path}/rating", {"rating": 1})).json()["average_rating"]
    assert "3" == (await eve.put(f"{path}/rating", {"rating": 1})).json()["average_rating"]
    assert (None, "5") == _own((await eve.delete(f"{path}/rating")).json())
    assert (None, "5") == _own((await eve.delete(f"{path}/rating")).json())
    assert (5, "5") == _own((await robin.get(f"{path}/rating")).json())
    assert (None, "5") == _own((await client.get(f"{path}/rating")).json())
    assert (None, "") == _own((await robin.delete(f"{path}/rating")).json())
    assert ("", 0) == _shown((await client.get(path)).json())


def _shown(patch: dict) -> tuple[str, int]:  # type: ignore[type-arg]
    return patch["average_rating"], patch["ratingCount"]


def _own(rating: dict) -> tuple[int | None, str]:  # type: ignore[type-arg]
    return rating["rating"], rating["average_rating"]


async def test_who_may_vote(ada: Client, robin: Client, client: Client) -> None:
    """Not the author, not a guest, not on what one cannot see, not six stars."""
    path = f"/api/patches/{(await ada.create())['id']}"
    hidden = f"/api/patches/{(await ada.create(isPublic=False))['id']}"
    assert 403 == (await ada.put(f"{path}/rating", {"rating": 5})).status_code
    assert 401 == (await client.put(f"{path}/rating", {"rating": 5})).status_code
    for bad in (0, 6, 4.5, "5", None):
        assert 400 == (await robin.put(f"{path}/rating", {"rating": bad})).status_code
    for answer in (
        await robin.put(f"{hidden}/rating", {"rating": 5}),
        await robin.get(f"{hidden}/rating"),
        await robin.put(f"{hidden}/favourite"),
        await robin.put("/api/patches/99/favourite"),
    ):
        assert 404 == answer.status_code


async def test_votes_survive_an_edit(ada: Client, robin: Client) -> None:
    """And are no version of the patch."""
    path = f"/api/patches/{(await ada.create())['id']}"
    await robin.put(f"{path}/rating", {"rating": 4})
    await robin.put(f"{path}/favourite")
    edited = (await ada.put(path, {"title": "Edited"})).json()
    assert (2, "4", 1) == (edited["version"], edited["average_rating"], edited["favouriteCount"])


@pytest.mark.both_engines
async def test_sixty_four_raters_at_once(ada: Client, service: Service) -> None:
    """The aggregate equals the recount."""
    patch_id = (await ada.create())["id"]
    votes = service.parts.votes
    raters = [Actor(user_id=f"u{number}", username=f"u{number}", roles=frozenset({"user"})) for number in range(64)]
    await asyncio.gather(*(votes.rate(rater, patch_id, 1 + number % 5) for number, rater in enumerate(raters)))
    await asyncio.gather(*(votes.rate(raters[0], patch_id, stars) for stars in (1, 2, 3, 4)))
    await asyncio.gather(*(votes.favour(rater, patch_id, True) for rater in raters[:9] * 2))
    counted = await service.parts.recounting.recount(patch_id)
    assert counted.is_right
    assert (64, 9) == (counted.true.rating_count, counted.true.favourites)


async def test_no_count_is_wrong_after_failures(ada: Client, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand operations, of which a tenth fail before or after they reached the engine."""
    chance = random.Random(4)
    table = service.parts.table
    call = table._call

    async def shaky(method, name, request):  # type: ignore[no-untyped-def]
        fate = chance.random()
        if method.startswith(("transact", "put", "update")) and fate < 0.05:
            raise Unavailable
        answer = await call(method, name, request)
        if method.startswith(("transact", "put", "update")) and fate < 0.1:
            raise Unavailable
        return answer

    ids = [(await ada.create(f"P{number}"))["id"] for number in range(3)]
    raters = [Actor(user_id=f"u{number}", username=f"u{number}", roles=frozenset({"user"})) for number in range(10)]
    votes: Votes = service.parts.votes
    monkeypatch.setattr(table, "_call", shaky)
    failed = 0
    for _ in range(1000):
        rater, patch_id = chance.choice(raters), chance.choice(ids)
        try:
            if chance.random() < 0.6:
                await votes.rate(rater, patch_id, chance.choice([None, 1, 2, 3, 4, 5]))
            else:
                await votes.favour(rater, patch_id, chance.random() < 0.5)
        except Unavailable:
            failed += 1
    monkeypatch.undo()
    assert failed > 20
    for patch_id in ids:
        assert (await service.parts.recounting.recount(patch_id)).is_right


async def test_favourites_are_kept_counted_and_listed(ada: Client, robin: Client) -> None:
    """Doing it twice is doing it once; what is gone or private is not shown."""
    one, two, gone = [(await ada.create(title))["id"] for title in ("One", "Two", "Gone")]
    for patch_id in (one, two, two, gone):
        kept = (await robin.put(f"/api/patches/{patch_id}/favourite")).json()
        assert (True, 1) == (kept["favourite"], kept["favouriteCount"])
    await ada.delete(f"/api/patches/{gone}")
    listed = (await robin.get("/api/patches/favourites")).json()
    assert (["Two", "One"], 2) == ([patch["title"] for patch in listed["patches"]], listed["total"])
    assert ["One"] == [
        patch["title"] for patch in (await robin.get("/api/patches/favourites?offset=1&limit=1")).json()["patches"]
    ]
    for _ in range(2):
        dropped = (await robin.delete(f"/api/patches/{two}/favourite")).json()
        assert (False, 0) == (dropped["favourite"], dropped["favouriteCount"])
    assert 1 == (await robin.get("/api/patches/favourites")).json()["total"]


async def test_votes_make_a_patch_warm_and_featured(ada: Client, robin: Client, client: Client) -> None:
    """More than being new does."""
    old = (await ada.create("Old"))["id"]
    await ada.create("New")
    await robin.put(f"/api/patches/{old}/favourite")
    assert old == (await client.get("/api/patches/trending?limit=1")).json()[0]["id"]
    await robin.put(f"/api/patches/{old}/rating", {"rating": 5})
    assert old == (await client.get("/api/patches/featured?limit=1")).json()[0]["id"]
