"""What admins turn while the service runs."""

from brutal_patches.app import Service
from brutal_patches.settings import Settings
from tests.client import PASSWORD, Client, running

SETTINGS = "/api/admin/settings"


async def test_maintenance_stops_changes_and_nothing_else(boss: Client, ada: Client, client: Client) -> None:
    """Reads go on, people come and go, admins can end it."""
    patch = await ada.create("One")
    path = f"/api/patches/{patch['id']}"
    turned = await boss.put(SETTINGS, {"maintenance": True, "message": "Back at noon."})
    assert (200, True) == (turned.status_code, turned.json()["maintenance"])
    for refused in (
        await ada.post("/api/patches", {"title": "Two"}),
        await ada.put(path, {"title": "Two"}),
        await ada.delete(path),
        await ada.put("/api/auth/email", {"email": "x@example.com", "password": PASSWORD}),
        await client.post("/api/users/create", {"username": "eve", "email": "e@example.com", "password": PASSWORD}),
    ):
        assert (503, "Back at noon.") == (refused.status_code, refused.json()["detail"])
        assert 0 < int(refused.headers["retry-after"])
    assert 200 == (await client.get(path)).status_code
    assert 200 == (await client.post("/api/patches/search/by-panel", {"cutoff": 3})).status_code
    again = await ada.log_in("ada")
    assert 204 == (await again.post("/api/auth/logout")).status_code
    await boss.put(SETTINGS, {"maintenance": False})
    assert 200 == (await ada.put(path, {"title": "Two"})).status_code


async def test_every_task_obeys(settings: Settings, boss: Client) -> None:
    """One that was told nothing reads it for itself."""
    async with running(settings) as other:
        ada = await Client(other).register("ada")
        await boss.put(SETTINGS, {"maintenance": True, "rateLimit": 7})
        await other.parts.switches.refresh()
        assert 503 == (await ada.post("/api/patches", {"title": "One"})).status_code
        assert "7" == (await ada.get("/api/patches/total")).headers["x-ratelimit-limit"]


async def test_registration_can_be_closed(boss: Client, client: Client) -> None:
    """And opened again."""
    sent = {"username": "eve", "email": "eve@example.com", "password": PASSWORD}
    await boss.put(SETTINGS, {"registration": False})
    assert 403 == (await client.post("/api/users/create", sent)).status_code
    await boss.put(SETTINGS, {"registration": True})
    assert 201 == (await client.post("/api/users/create", sent)).status_code


async def test_settings_stay_where_they_are_not_named(boss: Client, service: Service) -> None:
    """What is null is as the environment says; a change that changes nothing is none."""
    assert {
        "maintenance": False,
        "message": "",
        "registration": True,
        "rateLimit": None,
        "logLevel": None,
        "version": 0,
        "updatedAt": "",
    } == (await boss.get(SETTINGS)).json()
    first = (await boss.put(SETTINGS, {"rateLimit": 50_000})).json()
    assert first == (await boss.put(SETTINGS, {"rateLimit": 50_000})).json()
    second = (await boss.put(SETTINGS, {"message": "Soon."})).json()
    assert (50_000, 2) == (second["rateLimit"], second["version"])
    assert (await boss.put(SETTINGS, {"rateLimit": None})).json()["rateLimit"] is None
    for wrong in ({"rateLimit": 0}, {"logLevel": "loud"}, {"maintenance": "yes"}, {"message": "x" * 501}):
        assert 400 == (await boss.put(SETTINGS, wrong)).status_code


async def test_settings_are_audited_with_what_was_before(boss: Client, ada: Client) -> None:
    """And are for admins only."""
    assert 403 == (await ada.get(SETTINGS)).status_code
    assert 403 == (await ada.put(SETTINGS, {"maintenance": True})).status_code
    await boss.put(SETTINGS, {"registration": False})
    (line,) = (await boss.get("/api/admin/logs?type=settings")).json()["logs"]
    assert (True, False) == (line["before"]["registration"], line["after"]["registration"])
