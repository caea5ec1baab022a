"""What a create and an update cost beside one bare aioboto3 transaction of the same items.

Run by `make bench-write`. The three take turns, so that whatever slows the machine slows them alike;
the figures are medians of the rounds, in milliseconds of time and of this process's CPU.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.audit import daily
from brutal_patches.cli.engine import start_dynamodb_local
from brutal_patches.clock import SystemClock
from brutal_patches.patches import store
from brutal_patches.patches.model import Patch, PatchRecord, body_of
from brutal_patches.patches.service import Patches
from brutal_patches.patches.submission import read_body
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage import requests
from brutal_patches.storage.connection import open_client
from brutal_patches.storage.creation import create_tables
from brutal_patches.storage.keys import TableName
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.schema import physical_name
from brutal_patches.storage.table import Client, Table

ROUNDS = 300
WARM_UP = 50
ADA = Actor(user_id="ada", username="ada", roles=frozenset({"user"}))
PATIENCE = Patience(connect=5, read=10, total=20)

type Work = Callable[[int], Awaitable[None]]


class Figures(msgspec.Struct):
    """Seconds of time and of CPU, one of each a round."""

    time: list[float] = []
    cpu: list[float] = []


def record(number: int, version: int = 1) -> PatchRecord:
    body = read_body({"title": f"Patch {number}", "description": "A bass under water. " * 5, "tags": ["bass", "deep"]})
    moment = "2026-01-01T00:00:00.000000Z"
    patch = Patch(
        **msgspec.structs.asdict(body), id=number, username="ada", created_at=moment, updated_at=moment, version=version
    )
    return PatchRecord(patch=patch, owner_id="ada")


async def measure(work: Work, number: int, figures: Figures) -> None:
    started, cpu = time.perf_counter(), time.process_time()
    await work(number)
    figures.time.append(time.perf_counter() - started)
    figures.cpu.append(time.process_time() - cpu)


def bare(client: Client, settings: Settings) -> tuple[Work, Work]:
    """The same items as a create and an update, by the client alone."""

    def naming(table: TableName) -> str:
        return physical_name(settings.dynamodb.table_prefix, table)

    async def create(number: int) -> None:
        counted = daily.happened(SystemClock(), "patches")
        _, request = requests.write([*store.add(record(1_000_000 + number)), counted], naming, f"{number:024x}")
        await client.transact_write_items(**request)

    async def update(number: int) -> None:
        edited = record(1_000_000 + number, version=2)
        operations = [store.replace(edited), store.keep_version(edited, "")]
        _, request = requests.write(operations, naming, f"u{number:023x}")
        await client.transact_write_items(**request)

    return create, update


def ours(patches: Patches) -> tuple[Work, Work]:
    """The use cases."""

    async def create(number: int) -> None:
        await patches.create(ADA, body_of(record(number).patch))

    async def update(number: int) -> None:
        changed = read_body({"title": f"Changed {number}", "description": "A bass under water. " * 5})
        await patches.replace(ADA, number + 1, changed)

    return create, update


async def main(settings: Settings) -> None:
    await create_tables(settings.dynamodb)
    clock = SystemClock()
    async with open_client(settings.dynamodb, PATIENCE) as client:
        table = Table(client, settings.dynamodb.table_prefix, clock, PATIENCE)
        works = dict(
            zip(
                ("bare create", "bare update", "our create", "our update"),
                (*bare(client, settings), *ours(Patches(table, clock))),
                strict=True,
            )
        )
        figures = {name: Figures() for name in works}
        for number in range(WARM_UP + ROUNDS):
            for name in ("bare create", "our create", "bare update", "our update"):
                await measure(works[name], number, figures[name])
    print(f"{'':14}{'time ms':>10}{'CPU ms':>10}   ratio of time, of CPU")
    for name, found in figures.items():
        beside = figures[name.replace("our", "bare")]
        figures_of = [[statistics.median(row[WARM_UP:]) for row in (each.time, each.cpu)] for each in (found, beside)]
        ratios = [mine / other for mine, other in zip(*figures_of, strict=True)]
        told = "" if name.startswith("bare") else f"   {ratios[0]:.2f} x    {ratios[1]:.2f} x"
        print(f"{name:14}{figures_of[0][0] * 1000:10.2f}{figures_of[0][1] * 1000:10.2f}{told}")


if __name__ == "__main__":
    engine = start_dynamodb_local()
    try:
        asyncio.run(main(read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": "bench"})))
    finally:
        engine.stop()
