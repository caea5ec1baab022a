"""The catalogue is what the table is, on every task, whatever happens in between."""

import asyncio
import random
from datetime import timedelta

import pytest

from brutal_patches.app import Service
from brutal_patches.catalogue import feeding
from brutal_patches.catalogue.memory import Memory
from brutal_patches.errors import Unavailable
from brutal_patches.patches import store
from brutal_patches.settings import Settings
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Delete, Update
from tests.client import Client, running


async def ids(service: Service) -> list[int]:
    return [patch["id"] for patch in (await Client(service).get("/api/patches")).json()]


@pytest.mark.both_engines
async def test_a_write_on_one_task_is_read_on_the_other(settings: Settings, ada: Client, service: Service) -> None:
    """Within two seconds: created, edited, hidden, deleted, restored."""
    async with running(settings) as other:
        patch = await ada.create("One")
        path = f"/api/patches/{patch['id']}"
        assert [patch["id"]] == await ids(service)
        await _soon(lambda: ids(other), [patch["id"]])
        await ada.put(path, {"title": "Two"})
        await _soon(lambda: _title(other, path), "Two")
        await ada.put(path, {"title": "Two", "isPublic": False})
        await _soon(lambda: ids(other), [])
        await ada.put(path, {"title": "Three"})
        await _soon(lambda: _title(other, path), "Three")
        await ada.delete(path)
        await _soon(lambda: ids(other), [])
        await ada.post(f"{path}/restore")
        await _soon(lambda: ids(other), [patch["id"]])


async def _title(service: Service, path: str) -> str:
    return str((await Client(service).get(path)).json().get("title"))


async def _soon(read, expected) -> None:  # type: ignore[no-untyped-def]
    for _ in range(40):
        if await read() == expected:
            return
        await asyncio.sleep(0.05)
    assert expected == await read()


async def test_random_work_leaves_catalogue_and_table_equal(settings: Settings, ada: Client, robin: Client) -> None:
    """Two tasks, two authors; at the end both catalogues, a fresh one and the table say the same."""
    chance = random.Random(7)
    async with running(settings) as other:
        there = Client(other, tokens=robin.tokens)
        made: list[tuple[Client, int]] = []
        for _ in range(60):
            author = chance.choice([ada, there])
            mine = [patch_id for owner, patch_id in made if owner is author]
            path = f"/api/patches/{chance.choice(mine)}" if mine else ""
            match chance.randrange(6 if mine else 1):
                case 0 | 1:
                    made.append((author, (await author.create(f"P{chance.random()}"))["id"]))
                case 2:
                    await author.put(path, {"title": "Edited", "isPublic": chance.random() < 0.7})
                case 3:
                    await author.delete(path)
                case 4:
                    await author.post(f"{path}/restore")
                case 5:
                    await author.post(f"/api/patches/{chance.choice(made)[1]}/fork")
        for task in (ada.service, other):
            await task.parts.feeder.catch_up()
        drift = [await task.parts.feeder.reconcile() for task in (ada.service, other)]
        assert [0, 0] == [found.total for found in drift]
        totals = [(await Client(task).get("/api/patches/search")).json()["total"] for task in (ada.service, other)]
        assert [len(await ids(other))] * 2 == totals
        lists = [await ids(task) for task in (ada.service, other)]
        async with running(settings) as fresh:
            assert [await ids(fresh)] * 2 == lists
            tags = {task.parts.reading.content_tag() for task in (ada.service, other, fresh)}
            assert 1 == len(tags)


async def test_news_may_come_often_and_in_any_order(ada: Client) -> None:
    """The latest revision stays."""
    patch = await ada.create("One")
    table = ada.service.parts.table
    old = await table.get(keys.patch(patch["id"]))
    await ada.put(f"/api/patches/{patch['id']}", {"title": "Two"})
    new = await table.get(keys.patch(patch["id"]))
    await ada.delete(f"/api/patches/{patch['id']}")
    gone = await table.get(keys.patch(patch["id"]))
    assert old
    assert new
    assert gone
    for order in ([old, new], [new, old, new], [new, new, old]):
        memory = Memory()
        for item in order:
            memory.take(item)
        found = memory.public(patch["id"])
        assert found is not None
        assert b'"Two"' in found.body
    memory = Memory()
    assert [True, False, False] == [memory.take(item) for item in (gone, new, old)]
    assert 0 == len(memory)


async def test_a_difference_is_found_told_and_put_right(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patches that are missing here, older here, and here only."""
    feeder = ada.service.parts.feeder
    table = ada.service.parts.table
    patches = [await ada.create(f"P{number}") for number in range(3)]
    long_ago = "2020-01-01T00:00:00.000000Z"
    for patch in patches:
        feed = store.feed_keys(patch["id"], long_ago)
        values = {":fs": feed["fs"], ":one": 1}
        await table.write(Update(keys.patch(patch["id"]), "SET fs = :fs, revision = revision + :one", values))
    feeder.memory.forget(patches[0]["id"])
    await table.write(Delete(keys.patch(patches[2]["id"])))
    monkeypatch.setattr(feeding, "OVERLAP", timedelta(0), raising=False)

    drift = await feeder.reconcile()

    assert (1, 1, 1) == (drift.missing, drift.outdated, drift.surplus)
    assert 0 == (await feeder.reconcile()).total
    assert [patches[1]["id"], patches[0]["id"]] == await ids(ada.service)


async def test_a_rebuild_loses_nothing_that_is_written_meanwhile(ada: Client) -> None:
    """The old one serves until the new one is whole."""
    before = ada.service.parts.feeder.memory
    ids_made: list[int] = []

    async def write() -> None:
        for number in range(10):
            ids_made.append((await ada.create(f"P{number}"))["id"])

    await asyncio.gather(write(), ada.service.parts.feeder.load(), ada.service.parts.feeder.load())
    assert before is not ada.service.parts.feeder.memory
    assert ids_made[::-1] == await ids(ada.service)


async def test_without_the_database_public_reads_go_on(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """They say how old they may be, and the details of health say so too; writes are refused for now."""
    patch = await ada.create()
    service = ada.service

    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(service.parts.table, "_call", away)
    service.parts.feeder._fed_at -= 30
    client = Client(service)
    for path in (f"/api/patches/{patch['id']}", "/api/patches/latest", "/api/patches/total", "/api/patches"):
        answer = await client.get(path)
        assert 200 == answer.status_code
        assert int(answer.headers["x-catalogue-age"]) >= 30
    health = (await client.get("/health/detailed")).json()
    assert ("degraded", "failing", "failing") == (
        health["status"],
        health["checks"]["database"]["status"],
        health["checks"]["catalogue"]["status"],
    )
    assert 200 == (await client.get("/health/ready")).status_code
    refused = await ada.post("/api/patches", {"title": "Later"})
    assert 503 == refused.status_code
    assert "retry-after" in refused.headers


async def test_following_survives_what_goes_wrong(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away is waited for."""
    feeder = service.parts.feeder
    monkeypatch.setattr(feeding, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(feeding, "RECONCILE_SECONDS", 0.0)
    calls = 0

    async def reconcile() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Unavailable

    monkeypatch.setattr(feeder, "reconcile", reconcile)
    task = asyncio.create_task(feeder.follow())
    for _ in range(100):
        await asyncio.sleep(0.02)
        if calls >= 2:
            break
    task.cancel()
    assert calls >= 2
