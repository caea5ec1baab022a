"""Evenings of players over HTTP while storage fails in every way, and what storage holds afterwards."""

import asyncio

import pytest

from brutal_patches.app import Service
from brutal_patches.clock import monotonic
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Put
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table
from tests.client import Client
from tests.faults.evening import Ledger, Player
from tests.faults.histories import in_parts
from tests.faults.integrity import catalogue_drift, faults_of, holdings
from tests.faults.proxy import Fault, FaultProxy
from tests.faults.record import Record

ALL: tuple[Fault, ...] = ()
TOGETHER: list[tuple[Fault, ...]] = [ALL, ("throttle", "conflict"), ("reset_after", "late"), ("truncate", "corrupt")]


@pytest.fixture
def patience() -> Patience:
    """Short, as what is held back is to be longer than callers wait."""
    return Patience(base=0.005, cap=0.05, connect=1, read=0.5, total=1.5)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("falling", TOGETHER, ids=lambda kinds: "-".join(kinds) or "all")
async def test_what_players_were_told_is_so(
    client: Client, service: Service, proxy: FaultProxy, table: Table, record: Record, falling: tuple[Fault, ...]
) -> None:
    """Nothing acknowledged is lost, nothing is half there, and every count equals a recount."""
    proxy.falling, proxy.rain, proxy.hold = falling, 0.25, 0.8
    ledger, public = Ledger(), list[int]()
    players = [
        Player(client, number, ledger, public) for number in range(record.size(full=40, seed=3 if falling else 5))
    ]
    await in_parts(player.arrive() for player in players)
    await in_parts(player.play(record.size(full=60, seed=10)) for player in players)
    proxy.forget()

    healed = monotonic()
    await service.parts.table.write(Put(keys.setting("probe"), {}))
    await service.parts.feeder.catch_up()
    recovery = monotonic() - healed
    await asyncio.sleep(2 * proxy.hold)

    held = await holdings(table)
    assert [] == ledger.faults
    assert [] == ledger.broken(held)
    assert [] == faults_of(held)
    assert 0 == (await catalogue_drift(table, service.parts.feeder)).total
    assert recovery < 5
    record.most("seconds until a write and the feed go through", recovery)
    for status, times in ledger.statuses.items():
        record.count("answers", str(status), times)
    record.count("answers", "401: slower than the grace", ledger.too_slow)
    for fault, times in proxy.met.items():
        record.count("faults", fault, times)
