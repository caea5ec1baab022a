"""The catalogue read anew, by admins only."""

from brutal_patches.app import Service
from tests.admin.conftest import promoted
from tests.client import Client


async def test_a_rebuild_is_done_and_audited(service: Service, client: Client, ada: Client) -> None:
    """The old one is replaced by one that says the same."""
    await ada.create("One")
    assert 401 == (await client.post("/api/admin/cache/clear")).status_code
    assert 403 == (await ada.post("/api/admin/cache/clear")).status_code
    before, tag = service.parts.feeder.memory, service.parts.reading.content_tag()
    boss = await promoted(service, client, "ada")

    answer = await boss.post("/api/admin/cache/clear")

    assert (200, True) == (answer.status_code, answer.json()["success"])
    assert 1 == answer.json()["results"]["patchesAfter"]
    assert before is not service.parts.feeder.memory
    assert tag == service.parts.reading.content_tag()
    items = [item async for page in service.parts.table.scan("core") for item in page]
    entry = next(item for item in items if item.get("action") == "catalogue.rebuilt")
    assert ("ada", "192.0.2.1") == (entry["actor_name"], entry["address"])
