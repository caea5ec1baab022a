"""The service as a process that is killed, stopped and left alone by what it stands on."""

import asyncio
import random
import resource
import signal
import subprocess
from collections import Counter
from pathlib import Path

import httpx
import pytest

from brutal_patches.cli.engine import Engine, start_dynamodb_local
from brutal_patches.clock import monotonic
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage.creation import create_tables
from brutal_patches.storage.table import Table
from tests.cli.test_serving import free_port, process
from tests.cli.test_serving import of as environment_of
from tests.faults.integrity import faults_of, holdings, records
from tests.faults.load import Writers, read_on
from tests.faults.record import Record

pytestmark = pytest.mark.timeout(1800)
SETTLED = 2


def of(settings: Settings, **more: str) -> dict[str, str]:
    """The environment; nobody reads what is printed here, so little may be."""
    return environment_of(settings, LOG_LEVEL="error", **more)


async def test_killed_in_the_middle_of_writes(settings: Settings, table: Table, record: Record) -> None:
    """Nothing acknowledged is lost or half there, and the next start's catalogue agrees with the table."""
    port, chance = free_port(), random.Random(9)
    writers = Writers(f"http://127.0.0.1:{port}")
    authors: list[dict[str, str]] = []
    kills = record.size(full=20, seed=1)
    for number in range(kills):
        with process(["serve"], of(settings), port) as running:
            authors = authors or await writers.authors(4)
            work = [
                asyncio.create_task(writers.write(author, f"{number}-{each}")) for each, author in enumerate(authors)
            ]
            await asyncio.sleep(0.4 + chance.random())
            running.kill()
            await asyncio.gather(*work)
    held = await holdings(table)
    known = records(held)
    with process(["serve"], of(settings), port):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            total = (await client.get("/api/patches/total")).json()

    assert writers.statuses[201] >= kills
    assert set(writers.statuses) <= {200, 201}
    assert [] == writers.missing(known)
    assert [] == faults_of(held)
    assert total == sum(record.patch.is_public and not record.deleted_at for record in known.values())
    record.count("kill -9", "kills", kills)
    record.count("kill -9", "acknowledged writes", writers.statuses.total())
    record.count("kill -9", "requests without an answer", len(writers.lost))


async def stop_under_load(settings: Settings, port: int, found: Counter[str]) -> tuple[int, float]:
    """The exit code, and seconds to the end, of a stop while readers and writers go on behind a balancer."""
    url = f"http://127.0.0.1:{port}"
    with process(["serve"], of(settings, DRAIN_SECONDS="3"), port) as running:
        writers = Writers(url)
        authors = await writers.authors(2)
        work = [asyncio.create_task(read_on(url, writers.stop, found)) for _ in range(6)]
        work += [asyncio.create_task(writers.write(author, f"{each}")) for each, author in enumerate(authors)]
        await asyncio.sleep(0.3)
        stopped = monotonic()
        running.send_signal(signal.SIGTERM)
        # A balancer asks a few times before it turns away; requests go on meanwhile.
        async with httpx.AsyncClient(base_url=url, timeout=20) as balancer:
            while (await balancer.get("/health/ready")).status_code != 503:  # noqa: ASYNC110 Another process tells.
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        writers.stop.set()
        await asyncio.gather(*work)
        code = await asyncio.to_thread(running.wait, 30)
        found.update(writers.lost)
        found.update({str(status): times for status, times in writers.statuses.items()})
    return code, monotonic() - stopped


async def test_stopped_under_load(settings: Settings, record: Record) -> None:
    """No request that was accepted fails, and each stop ends with 0."""
    found: Counter[str] = Counter()
    stops = record.size(full=50, seed=1)
    for _ in range(stops):
        code, seconds = await stop_under_load(settings, free_port(), found)
        assert 0 == code
        record.most("seconds to stop, 3 of them draining", seconds)

    assert {"200", "201"} == set(found)
    record.count("SIGTERM", "stops", stops)
    record.count("SIGTERM", "requests, all answered", found.total())


async def test_an_engine_that_is_gone_for_a_minute(tmp_path: Path, record: Record) -> None:
    """Reads go on, writes are refused for now, and both work again within seconds of its return."""
    engine = start_dynamodb_local(tmp_path)
    settings = read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": "minute"})
    await create_tables(settings.dynamodb)
    port = free_port()
    url, found, stop = f"http://127.0.0.1:{port}", Counter[str](), asyncio.Event()
    try:
        with process(["serve"], of(settings), port):
            author = (await Writers(url).authors(1))[0]
            async with httpx.AsyncClient(base_url=url, headers=author, timeout=20) as client:
                reading = asyncio.create_task(read_on(url, stop, found))
                engine.stop()
                until = monotonic() + record.size(full=65, seed=2)
                while monotonic() < until:
                    refused = await client.post("/api/patches", json={"title": "Later"})
                    assert (503, True) == (refused.status_code, bool(refused.headers.get("retry-after")))
                    record.count("engine gone", "writes refused with 503")
                    await asyncio.sleep(1)
                engine = start_dynamodb_local(tmp_path, engine.port)
                back = monotonic()
                while (await client.post("/api/patches", json={"title": "Now"})).status_code != 201:
                    assert monotonic() - back < 30
                    await asyncio.sleep(0.1)
                record.most("seconds until writes go through again", monotonic() - back)
                stop.set()
                await reading
        assert {"200"} == set(found)
        record.count("engine gone", "reads answered with 200", found.total())
    finally:
        engine.stop()


async def test_a_collector_that_is_gone(settings: Settings, record: Record) -> None:
    """Telemetry is lost, requests are not, and the stop is not held up."""
    port, gone = free_port(), free_port()
    found, stop = Counter[str](), asyncio.Event()
    telemetry = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{gone}", "TRACE_RATIO": "1"}
    with process(["serve"], of(settings, **telemetry), port) as running:
        reading = [asyncio.create_task(read_on(f"http://127.0.0.1:{port}", stop, found)) for _ in range(4)]
        await asyncio.sleep(record.size(full=30, seed=1))
        stop.set()
        await asyncio.gather(*reading)
        stopped = monotonic()
        running.send_signal(signal.SIGTERM)
        assert 0 == await asyncio.to_thread(running.wait, 30)
        record.most("seconds to stop without a collector", monotonic() - stopped)
    assert {"200"} == set(found)
    record.count("collector gone", "requests, all answered", found.total())


def disk(engine: Engine, limit: int) -> None:
    """No file of the engine's may grow beyond `limit`, as on a disk that is full."""
    command = ["prlimit", f"--pid={engine.process.pid}", f"--fsize={limit if limit >= 0 else 'unlimited'}:unlimited"]
    subprocess.run(command, check=True)


async def test_a_full_disk_of_the_development_engine(tmp_path: Path, record: Record) -> None:
    """Writes are refused for now and reads go on; when there is room again, all that was acknowledged is there."""
    engine = start_dynamodb_local(tmp_path)
    settings = read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": "full"})
    await create_tables(settings.dynamodb)
    port = free_port()
    try:
        with process(["serve"], of(settings), port):
            author = (await Writers(f"http://127.0.0.1:{port}").authors(1))[0]
            async with (
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=author, timeout=20) as client,
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as anybody,
            ):
                kept = [(await client.post("/api/patches", json={"title": "Kept"})).json()["id"] for _ in range(3)]
                # This engine acknowledges a moment before it has written; DynamoDB does not.
                await asyncio.sleep(SETTLED)
                disk(engine, 1)
                for _ in range(record.size(full=20, seed=2)):
                    refused = await client.post("/api/patches", json={"title": "No room"})
                    assert (503, True) == (refused.status_code, bool(refused.headers.get("retry-after")))
                    # As anybody sees it: its author's own view is the table's, which may be away.
                    assert 200 == (await anybody.get(f"/api/patches/{kept[0]}")).status_code
                    record.count("disk full", "writes refused with 503, reads answered")
                disk(engine, resource.RLIM_INFINITY)
                back = monotonic()
                while (answer := await client.post("/api/patches", json={"title": "Room"})).status_code != 201:
                    assert monotonic() - back < 30
                    await asyncio.sleep(0.1)
                mine = (await client.get("/api/patches/my?limit=100")).json()["patches"]
        assert {*kept, answer.json()["id"]} <= {patch["id"] for patch in mine}
    finally:
        engine.stop()
