"""Histories of races under faults, judged from storage; and each judge shown to notice when a protection is gone."""

import asyncio
from typing import Any

import msgspec
import pytest
from passlib.context import CryptContext

from brutal_patches.accounts import sessions
from brutal_patches.accounts import store as account_store
from brutal_patches.actor import Actor
from brutal_patches.app import Service
from brutal_patches.errors import Unavailable
from brutal_patches.patches import store as patch_store
from brutal_patches.settings import Settings
from brutal_patches.storage import keys
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.operations import Put, Update
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table
from tests.client import Client
from tests.faults.histories import Claims, Families, Registers, Votes, in_parts
from tests.faults.integrity import faults_of, holdings
from tests.faults.proxy import FaultProxy
from tests.faults.record import Record

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def patience() -> Patience:
    """Enough for what falls here to be overcome."""
    return Patience(base=0.005, cap=0.1, connect=2, read=2, total=5)


@pytest.fixture
def proxy(proxy: FaultProxy) -> FaultProxy:
    """A call in twenty fails under it."""
    proxy.falling = ("throttle", "error", "conflict", "reset_before", "reset_after", "truncate", "corrupt")
    return proxy


@pytest.fixture
def service(service: Service) -> Service:
    """Thousands of passwords are hashed cheaply: hashing is not what races."""
    service.parts.passwords._context = CryptContext(
        ["argon2"], argon2__memory_cost=64, argon2__time_cost=1, argon2__parallelism=1
    )
    return service


async def test_histories_of_claims(client: Client, table: Table, proxy: FaultProxy, record: Record) -> None:
    """Of all who race for a name or an address, one gets it."""
    claims = Claims(client)
    movers = await claims.movers(4)
    proxy.rain = 0.05
    for number in range(record.size(full=2000, seed=8)):
        await claims.group(number, movers[number % 2 * 2 :][:2])
    proxy.forget()

    held = await holdings(table)
    assert [] == claims.faults(held)
    assert [] == faults_of(held)
    record.count("claims", "raced", claims.done)
    record.count("claims", "won", len(claims.history))


async def test_histories_of_votes(
    ada: Client, service: Service, table: Table, proxy: FaultProxy, record: Record
) -> None:
    """However storage failed, the aggregate is the sum of the votes."""
    patches = [(await ada.create(f"Patch {number}"))["id"] for number in range(record.size(full=50, seed=4))]
    times = record.size(full=10_000, seed=80)
    votes = Votes(service.parts.votes.rate, patches)
    proxy.rain = 0.1
    await votes.race(times, record.size(full=100, seed=8))
    proxy.forget()

    held = await holdings(table)
    assert [] == votes.faults(held)
    assert [] == faults_of(held)
    record.count("votes", "cast", times)


async def test_histories_of_families(service: Service, table: Table, proxy: FaultProxy, record: Record) -> None:
    """No session forks, every theft ends one, and nobody honest is logged out."""
    families = Families(service.parts.sessions, table)
    proxy.rain = 0.02
    many = record.size(full=1000, seed=6)
    await in_parts((families.family(number) for number in range(many)), 3)
    proxy.forget()

    assert [] == families.faults(await holdings(table))
    # On a machine so slow that most take longer than the grace, nothing would be shown.
    assert families.too_slow <= many // 2
    record.count("families", "lived", many)
    record.count("families", "not judged: slower than the grace", families.too_slow)
    record.count("families", "refreshes", families.refreshes)


async def test_histories_of_registers(ada: Client, table: Table, proxy: FaultProxy, record: Record) -> None:
    """No update is lost, and everybody reads what they wrote."""
    patches = [(await ada.create(f"Patch {number}"))["id"] for number in range(record.size(full=25, seed=2))]
    registers = Registers(ada)
    proxy.rain = 0.05
    times = record.size(full=100, seed=5)
    await in_parts((registers.edit(each, device, times) for each in patches for device in range(4)), 8)
    proxy.forget()

    held = await holdings(table)
    assert [] == registers.faults(held)
    assert [] == faults_of(held)
    record.count("registers", "edits", registers.edits)
    record.count("registers", "acknowledged", len(registers.acknowledged))


def unconditional(*given: Any) -> Put:
    """A creation that looks whether nothing is there and then puts: what two can do at once."""
    return Put(given[0], given[1])


async def test_histories_of_claims_notice_check_then_put(
    client: Client, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the conditions, names and addresses get two owners, and the judge says so."""
    monkeypatch.setattr(account_store, "create", unconditional)
    claims = Claims(client)

    async def check_then_put(name: str, email: str) -> None:
        if await table.get(keys.username(name.lower())) is None and await table.get(keys.email(email.lower())) is None:
            await claims.register(name, email)

    for number in range(5):
        await asyncio.gather(
            check_then_put(f"name{number}", f"a{number}@example.com"),
            check_then_put(f"NAME{number}", f"b{number}@example.com"),
        )

    held = await holdings(table)
    assert any("was promised to 2" in fault for fault in claims.faults(held))
    assert any("two accounts have one name" in fault for fault in faults_of(held))


async def test_histories_of_votes_notice_a_plain_add(
    settings: Settings, ada: Client, service: Service, table: Table, proxy: FaultProxy, patience: Patience
) -> None:
    """A count outside the vote's transaction, sent again when no answer came, drifts; and the judge says so."""
    patches = [(await ada.create("Patch"))["id"]]
    through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
    async with open_table(through, service.parts.votes._clock, patience) as naive:

        async def rate(actor: Actor, patch_id: int, stars: int | None) -> None:
            item = {"stars": stars or 1, "at": "", "user_id": actor.user_id}
            if await table.get(keys.rating(patch_id, actor.user_id)) is None:
                await table.write(Put(keys.rating(patch_id, actor.user_id), item))
                added = {":stars": stars or 1, ":one": 1}
                await naive.write(Update(keys.patch(patch_id), "ADD rating_sum :stars, rating_count :one", added))

        votes = Votes(rate, patches)
        proxy.plan("UpdateItem", "reset_after", "reset_after")
        await votes.race(20, 10)

    assert any("and votes" in fault for fault in votes.faults(await holdings(table)))


async def test_histories_of_families_notice_a_missing_grace(
    service: Service, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the token before the present one gets no second answer, honest clients are logged out."""
    monkeypatch.setattr(sessions, "GRACE_SECONDS", -1)
    families = Families(service.parts.sessions, table)
    await families.family(1)

    found = families.faults(await holdings(table))
    assert any("an honest client was logged out" in fault for fault in found)


async def test_histories_of_families_notice_a_fork(
    service: Service, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a rotation does not look which generation is the present one, a session forks."""
    rotate = account_store.rotate

    def blind(*given: Any) -> Update:
        made = rotate(*given)
        return Update(made.key, "SET rotated_at = :now ADD generation :one", {":now": made.values[":now"], ":one": 1})

    monkeypatch.setattr(account_store, "rotate", blind)
    families = Families(service.parts.sessions, table)
    await families.family(1)

    assert any("forked into" in fault for fault in families.faults(await holdings(table)))


async def test_histories_of_registers_notice_a_lost_update(
    ada: Client, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an edit does not look at the version it started from, updates are lost."""
    replace = patch_store.replace

    def blind(*given: Any) -> Update:
        made = replace(*given)
        return msgspec.structs.replace(made, condition="", values={
            name: value for name, value in made.values.items() if name in made.change.replace(",", " ").split()
        })  # fmt: skip

    monkeypatch.setattr(patch_store, "replace", blind)
    patch_id = (await ada.create("Patch"))["id"]
    registers = Registers(ada)
    await asyncio.gather(*(registers.edit(patch_id, device, 5) for device in range(6)))

    assert any("was promised twice" in fault for fault in registers.faults(await holdings(table)))


async def test_histories_need_a_write_id(ada: Client, table: Table, proxy: FaultProxy, monkeypatch: Any) -> None:
    """Without recognising one's own write, a lost acknowledgement turns a change into a refusal of itself."""
    key = keys.username("ann")
    monkeypatch.setattr("brutal_patches.storage.table._judge", lambda operations, *_: _refuse(operations[0]))
    proxy.plan("PutItem", "reset_after")
    with pytest.raises(RuntimeError, match="taken"):
        await ada.service.parts.table.write(account_store.create(key, {}, RuntimeError("taken")))  # type: ignore[arg-type]
    assert await table.get(key)


def _refuse(operation: Any) -> None:
    raise operation.otherwise or Unavailable
