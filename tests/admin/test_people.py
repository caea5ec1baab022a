"""Users: found, looked at, and decided upon."""

from brutal_patches.app import Service
from tests.admin.conftest import id_of, promoted
from tests.client import PASSWORD, Client

USERS = "/api/admin/users"


async def test_users_are_found_sorted_and_paged(boss: Client, ada: Client, robin: Client) -> None:
    """With what admins want to know of them."""
    await ada.create("One")
    await ada.create("Two", isPublic=False)
    everyone = (await boss.get(f"{USERS}?sortBy=username&sortOrder=asc")).json()
    assert (3, ["ada", "boss", "robin"]) == (everyone["total"], [user["username"] for user in everyone["users"]])
    found = everyone["users"][0]
    assert (2, True, "ada@example.com", ["user"]) == (
        found["patchCount"],
        found["isActive"],
        found["email"],
        found["roles"],
    )
    assert found["lastLogin"] > found["created_at"]
    part = (await boss.get(f"{USERS}?sortBy=patchCount&sortOrder=desc&limit=1&offset=0")).json()
    assert (3, ["ada"]) == (part["total"], [user["username"] for user in part["users"]])
    assert ["robin"] == [user["username"] for user in (await boss.get(f"{USERS}?search=ROBIN@")).json()["users"]]
    assert 0 == (await boss.get(f"{USERS}?search=nobody")).json()["total"]
    assert 400 == (await boss.get(f"{USERS}?sortBy=password")).status_code


async def test_one_user_in_detail(boss: Client, ada: Client, service: Service) -> None:
    """And nobody that is not there."""
    found = (await boss.get(f"{USERS}/{await id_of(service, 'ada')}")).json()
    assert ("ada", 1, "") == (found["username"], found["sessions"], found["statusReason"])
    assert 404 == (await boss.get(f"{USERS}/nobody")).status_code


async def test_only_admins_look_after_users(ada: Client, client: Client, service: Service) -> None:
    """Not even moderators."""
    moderator = await promoted(service, ada, "ada", "moderator")
    for caller, status in ((client, 401), (moderator, 403)):
        assert status == (await caller.get(USERS)).status_code
        assert status == (await caller.put(f"{USERS}/x/moderate", {"action": "ban"})).status_code
        assert status == (await caller.post(f"{USERS}/bulk", {"userIds": ["x"], "action": "ban"})).status_code


async def test_a_suspended_user_is_out_at_once(boss: Client, ada: Client, client: Client, service: Service) -> None:
    """Knows why, and is back when activated."""
    user_id = await id_of(service, "ada")
    done = await boss.put(f"{USERS}/{user_id}/moderate", {"action": "suspend", "reason": "Advertising."})
    assert (200, True) == (done.status_code, done.json()["success"])
    assert 401 == (await ada.get("/api/users/profile")).status_code
    refused = await client.post("/api/auth/login", {"username": "ada", "password": PASSWORD})
    assert (403, True) == (refused.status_code, "Advertising." in refused.json()["detail"])
    assert not (await boss.get(f"{USERS}?search=ada")).json()["users"][0]["isActive"]
    await boss.put(f"{USERS}/{user_id}/moderate", {"action": "activate", "reason": ""})
    await client.log_in("ada")
    lines = (await boss.get("/api/admin/logs?type=user&user=boss")).json()["logs"]
    told = [(line["action"], line["before"], line["after"], line["reason"]) for line in lines]
    assert [("user.activate", "suspended", "active", ""), ("user.suspend", "active", "suspended", "Advertising.")] == [
        line for line in told if line[0] in {"user.suspend", "user.activate"}
    ]


async def test_nobody_decides_about_themselves(boss: Client, service: Service) -> None:
    """Nor takes the admin role from themselves, nor deletes themselves."""
    own = await id_of(service, "boss")
    for action in ("suspend", "ban", "delete"):
        assert 409 == (await boss.put(f"{USERS}/{own}/moderate", {"action": action})).status_code
    done = (await boss.post(f"{USERS}/bulk-roles", {"userIds": [own], "roles": ["user"]})).json()
    assert (False, 1) == (done["success"], done["results"]["failed"])


async def test_many_at_once(boss: Client, ada: Client, robin: Client, service: Service) -> None:
    """One that is refused does not keep the others."""
    ids = [await id_of(service, name) for name in ("ada", "robin")]
    done = (await boss.post(f"{USERS}/bulk", {"userIds": [*ids, "nobody"], "action": "ban", "reason": "x"})).json()
    assert (False, 2, 1) == (done["success"], done["results"]["done"], done["results"]["failed"])
    assert "nobody" == done["results"]["failures"][0]["id"]
    assert [401, 401] == [(await each.get("/api/users/profile")).status_code for each in (ada, robin)]


async def test_roles_of_many(boss: Client, ada: Client, robin: Client, service: Service) -> None:
    """They count at once, and are audited."""
    ids = [await id_of(service, name) for name in ("ada", "robin")]
    done = (await boss.post(f"{USERS}/bulk-roles", {"userIds": ids, "roles": ["moderator"]})).json()
    assert (True, 2) == (done["success"], done["results"]["done"])
    ada = await ada.log_in("ada")
    assert 200 == (await ada.get("/api/admin/moderation/queue")).status_code
    assert 400 == (await boss.post(f"{USERS}/bulk-roles", {"userIds": ids, "roles": ["king"]})).status_code
    lines = (await boss.get("/api/admin/logs?type=user.roles_changed&user=boss")).json()
    assert 2 == lines["total"]


async def test_a_user_is_logged_out_everywhere(boss: Client, ada: Client, service: Service) -> None:
    """And can log in again."""
    assert 200 == (await boss.post(f"{USERS}/{await id_of(service, 'ada')}/revoke")).status_code
    assert 401 == (await ada.get("/api/users/profile")).status_code
    await ada.log_in("ada")


async def test_a_user_is_deleted(boss: Client, ada: Client, robin: Client, service: Service) -> None:
    """With their patches; another may have the name."""
    patch = await ada.create("Gone")
    user_id = await id_of(service, "ada")
    done = await boss.put(f"{USERS}/{user_id}/moderate", {"action": "delete", "reason": "Asked for."})
    assert 200 == done.status_code
    assert 404 == (await robin.get(f"/api/patches/{patch['id']}")).status_code
    assert 404 == (await boss.get(f"{USERS}/{user_id}")).status_code
    assert 2 == (await boss.get(USERS)).json()["total"]
    await robin.register("ada")
