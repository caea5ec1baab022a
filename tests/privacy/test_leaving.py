"""Leaving: what becomes of an account and of all that belongs to it."""

from brutal_patches.app import Service
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Query
from tests.admin.conftest import id_of, promoted
from tests.client import PASSWORD, Client


async def evening(ada: Client, robin: Client) -> tuple[int, int, int]:
    """A public patch of Ada's, a private one, and one of Robin's that Ada has judged."""
    public = (await ada.create("Public"))["id"]
    private = (await ada.create("Private", isPublic=False))["id"]
    other = (await robin.create("Other"))["id"]
    await ada.put(f"/api/patches/{other}/rating", {"rating": 5})
    await ada.put(f"/api/patches/{other}/favourite")
    await ada.post(f"/api/patches/{other}/comments", {"text": "Lovely."})
    await ada.post(f"/api/patches/{other}/report", {"reason": "wrong", "details": "Not a bass."})
    await ada.post("/api/patches/collections", {"name": "Set", "patchIds": [public, other]})
    await ada.put(f"/api/patches/{public}", {"title": "Public, edited"})
    return public, private, other


async def left(service: Service, user_id: str) -> list[str]:
    """The keys of everything in the core table that still names the user, but for the audit."""
    items = [item async for page in service.parts.table.scan("core") for item in page]
    return [f"{item['pk']} {item['sk']}" for item in items if user_id in repr(item) and "AUDIT" not in str(item["pk"])]


async def test_leaving_takes_everything_along(ada: Client, robin: Client, client: Client, service: Service) -> None:
    """Nothing names the user any more, but the tombstone of each patch; aggregates follow."""
    public, private, other = await evening(ada, robin)
    user_id = await id_of(service, "ada")
    assert (
        204 == (await ada.request("DELETE", "/api/users/me", {"password": PASSWORD, "patches": "delete"})).status_code
    )
    assert [404, 404] == [(await robin.get(f"/api/patches/{each}")).status_code for each in (public, private)]
    assert 401 == (await ada.get("/api/users/profile")).status_code
    assert 401 == (await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD})).status_code
    assert 404 == (await client.get("/api/users/getUserByUsername/ada")).status_code
    found = (await robin.get(f"/api/patches/{other}")).json()
    assert ("", 0, 0) == (found["average_rating"], found["ratingCount"], found["favouriteCount"])
    assert [] == (await robin.get(f"/api/patches/{other}/comments")).json()["comments"]
    assert [] == (await client.get("/api/patches/collections/public")).json()
    assert 0 == (await service.parts.reports.queue(10, 0)).total
    tombstones = {f"PATCH#{each} LATEST" for each in (public, private)}
    assert tombstones == set(await left(service, user_id))
    versions = await service.parts.table.count(Query(keys.patch_versions(public)))
    assert 0 == versions
    await client.register("ada")


async def test_patches_can_stay_without_their_author(ada: Client, robin: Client, service: Service) -> None:
    """The public ones; the private ones, which nobody else could see, go."""
    public, private, _ = await evening(ada, robin)
    user_id = await id_of(service, "ada")
    await ada.request("DELETE", "/api/users/me", {"password": PASSWORD, "patches": "keep"})
    found = (await robin.get(f"/api/patches/{public}")).json()
    assert ("legacy-user", "Public, edited") == (found["username"], found["title"])
    history = (await robin.get(f"/api/patches/{public}/history")).json()["versions"]
    assert ["legacy-user"] * 2 == [version["username"] for version in history]
    assert [public] == [each["id"] for each in (await robin.get("/api/patches/users/legacy-user?offset=0")).json()]
    assert 404 == (await robin.get(f"/api/patches/{private}")).status_code
    assert {f"PATCH#{private} LATEST"} == set(await left(service, user_id))


async def test_forks_keep_the_tombstone(ada: Client, robin: Client, service: Service) -> None:
    """What others forked says where it came from."""
    patch_id = (await ada.create("Root"))["id"]
    fork = (await robin.post(f"/api/patches/{patch_id}/fork", {})).json()
    await ada.request("DELETE", "/api/users/me", {"password": PASSWORD, "patches": "delete"})
    found = (await robin.get(f"/api/patches/{fork['id']}")).json()
    assert {"id": patch_id, "title": "Root", "username": "ada"} == found["forkedFrom"]
    tombstone = await service.parts.table.get(keys.patch(patch_id))
    assert tombstone
    assert "expires" not in tombstone


async def test_leaving_needs_the_password(ada: Client) -> None:
    """And a choice."""
    wrong = await ada.request("DELETE", "/api/users/me", {"password": "nonsense", "patches": "delete"})
    assert 403 == wrong.status_code
    for sent in ({"password": PASSWORD}, {"password": PASSWORD, "patches": "sell"}):
        assert 400 == (await ada.request("DELETE", "/api/users/me", sent)).status_code
    assert 200 == (await ada.get("/api/users/profile")).status_code


async def test_an_admin_cannot_leave(ada: Client, service: Service) -> None:
    """Someone must stay who can let others in."""
    boss = await promoted(service, ada, "ada")
    answer = await boss.request("DELETE", "/api/users/me", {"password": PASSWORD, "patches": "delete"})
    assert 409 == answer.status_code


async def test_everything_of_oneself(ada: Client, robin: Client, client: Client) -> None:
    """In one document, with every version and what is private, and nothing secret."""
    public, private, other = await evening(ada, robin)
    deleted = (await ada.create("Deleted"))["id"]
    await ada.delete(f"/api/patches/{deleted}")
    answer = await ada.get("/api/users/export")
    assert "attachment" in answer.headers["content-disposition"]
    found = answer.json()
    assert ("ada", "ada@example.com", "active") == tuple(
        found["account"][name] for name in ("username", "email", "status")
    )
    assert {public: 2, private: 1} == {patch["id"]: len(patch["versions"]) for patch in found["patches"]}
    assert [deleted] == [patch["id"] for patch in found["deletedPatches"]]
    assert [("Set", [public, other])] == [(each["name"], each["patchIds"]) for each in found["collections"]]
    assert [(other, 5)] == [(each["patchId"], each["rating"]) for each in found["ratings"]]
    assert [other] == [each["patchId"] for each in found["favourites"]]
    assert [(other, "Lovely.")] == [(each["patchId"], each["text"]) for each in found["comments"]]
    assert [(f"patch/{other}", "Not a bass.")] == [(each["subject"], each["details"]) for each in found["reports"]]
    assert 1 == len(found["sessions"])
    assert "argon2" not in answer.text
    assert 401 == (await client.get("/api/users/export")).status_code
