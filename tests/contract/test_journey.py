"""What a player does in an evening, over HTTP, on both engines."""

import pytest

from tests.client import PASSWORD, Client

pytestmark = pytest.mark.both_engines


async def test_a_player_keeps_changes_and_shares_a_patch(client: Client) -> None:
    """Register, log in, create, edit, version, compare, fork, delete, restore."""
    sent = {"username": "Ada", "email": "ada@example.com", "password": PASSWORD}
    registered = (await client.post("/api/users/create", sent)).json()
    assert (True, "Ada", ["user"], []) == (
        registered["ok"],
        registered["data"]["username"],
        registered["data"]["roles"],
        registered["data"]["patches"],
    )
    ada = await client.log_in("ada")
    assert "Bearer" == ada.tokens["token_type"]

    # As the present client posts: a whole patch with server-given fields of its own.
    sent = {
        "id": 0,
        "title": "Sub",
        "created_at": "",
        "average_rating": "",
        "octave": 0,
        "cutoff": 30,
        "tags": ["bass"],
    }
    created = await ada.post("/api/patches", sent)
    patch = created.json()
    assert (201, 3, "", "Ada", 1, True) == (
        created.status_code,
        patch["octave"],
        patch["average_rating"],
        patch["username"],
        patch["version"],
        patch["isLatest"],
    )
    path = f"/api/patches/{patch['id']}"
    assert path == created.headers["location"]

    edited = (await ada.put(path, sent | {"cutoff": 60})).json()
    assert (2, 60) == (edited["version"], edited["cutoff"])
    noted = (await ada.put(f"{path}/version", {"patch": sent | {"cutoff": 70}, "changes": "Brighter"})).json()
    assert (3, 70) == (noted["version"], noted["patch"]["cutoff"])

    history = (await client.get(f"{path}/history")).json()
    assert (patch["id"], 3, "Brighter") == (
        history["patchId"],
        history["totalVersions"],
        history["versions"][0]["changes"],
    )
    compared = (await client.get(f"{path}/versions/1/compare/3")).json()
    assert [{"field": "cutoff", "value1": 30, "value2": 70, "type": "changed"}] == compared["differences"]
    assert 30 == (await client.get(f"{path}/version/1")).json()["patch"]["cutoff"]

    robin = await client.register("robin")
    fork = (await robin.post(f"{path}/fork", {"title": "Sub, darker"})).json()
    assert (patch["id"], "Ada", "robin") == (fork["parentId"], fork["forkedFrom"]["username"], fork["username"])
    between = (await client.get(f"{path}/compare/{fork['id']}")).json()
    assert (1, ["title"]) == (between["similarity"], [each["field"] for each in between["differences"]])

    assert 204 == (await ada.delete(path)).status_code
    assert 404 == (await client.get(path)).status_code
    assert [patch["id"]] == [each["id"] for each in (await ada.get("/api/patches/my/deleted")).json()]
    assert 200 == (await ada.post(f"{path}/restore")).status_code
    assert 70 == (await client.get(path)).json()["cutoff"]
    back = (await ada.post(f"{path}/version/1/restore")).json()
    assert (4, 30) == (back["version"], back["patch"]["cutoff"])


async def test_lists_have_what_was_just_written(client: Client) -> None:
    """A writer sees the write in every list at once; private patches are in none but the owner's."""
    ada = await client.register("ada")
    ids = [(await ada.create(f"Patch {number}"))["id"] for number in range(5)]
    hidden = (await ada.create("Secret", isPublic=False))["id"]

    assert 5 == (await client.get("/api/patches/total")).json()
    assert 5 == (await client.get("/api/patches/users/ADA/total")).json()
    assert 6 == (await ada.get("/api/patches/my/total")).json()
    assert ids[::-1] == [patch["id"] for patch in (await client.get("/api/patches")).json()]
    assert ids[::-1][1:3] == [each["id"] for each in (await client.get("/api/patches/latest?offset=1&limit=2")).json()]
    assert ids[::-1][1:3] == [
        each["id"] for each in (await client.get("/api/patches/users/ada?offset=1&limit=2")).json()
    ]
    assert [hidden, ids[4]] == [each["id"] for each in (await ada.get("/api/patches/user/patches?limit=2")).json()]
    assert ids == (await client.get("/api/users/getUserByUsername/Ada")).json()["user"]["patches"]
    assert [*ids, hidden] == (await ada.get("/api/users/profile")).json()["user"]["patches"]
    assert 404 == (await client.get(f"/api/patches/{hidden}")).status_code
    assert 200 == (await ada.get(f"/api/patches/{hidden}")).status_code


@pytest.mark.parametrize("path", ["/api/patches/latest", "/api/patches/users/ada", "/api/patches/my"])
async def test_pages_go_on_where_they_ended(client: Client, path: str) -> None:
    """A patch that is added between two pages neither repeats nor hides one."""
    ada = await client.register("ada")
    ids = [(await ada.create(f"Patch {number}"))["id"] for number in range(5)]

    first = (await ada.get(f"{path}?limit=2")).json()
    await ada.create("In between")
    second = (await ada.get(path, params={"limit": 2, "cursor": first["nextCursor"]})).json()
    last = (await ada.get(path, params={"limit": 2, "cursor": second["nextCursor"]})).json()

    seen = [patch["id"] for page in (first, second, last) for patch in page["patches"]]
    assert ids[::-1] == seen
    assert (True, True, False) == (first["hasMore"], second["hasMore"], last["hasMore"])
    assert "nextCursor" not in last
