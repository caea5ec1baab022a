"""An engine that answers late or not at all: who waits for it, for how long, and what they are told."""

import asyncio

import msgspec
import pytest

from brutal_patches.clock import SystemClock
from brutal_patches.errors import Unavailable
from brutal_patches.settings import Settings
from brutal_patches.storage import keys
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.retrying import QUICK_SECONDS, Lost, Patience, together
from tests.client import Client
from tests.faults.proxy import OPERATIONS, FaultProxy

MANY = 100


async def test_public_reads_do_not_wait_for_an_engine_that_hangs(
    ada: Client, robin: Client, proxy: FaultProxy, patience: Patience
) -> None:
    """Whoever asks is answered while a write still waits for it; owners alone read theirs from the table."""
    patch = await ada.create("Kept")
    proxy.hold = 2 * patience.total
    for operation in OPERATIONS:
        proxy.plan(operation, *["delay"] * MANY)
    writing = asyncio.create_task(ada.post("/api/patches", {"title": "Later"}))
    await asyncio.sleep(0)
    for reader in (robin, Client(ada.service)):
        for path in (
            f"/api/patches/{patch['id']}",
            "/api/patches/latest",
            "/api/patches/search?q=kept",
            "/health/ready",
        ):
            assert 200 == (await reader.get(path)).status_code
    assert not writing.done()
    answer = await writing
    assert (503, True) == (answer.status_code, "retry-after" in answer.headers)


async def test_a_request_of_many_calls_waits_no_longer_than_one_of_few(
    settings: Settings, proxy: FaultProxy, patience: Patience
) -> None:
    """What its calls lose to a slow engine adds up, and the one that is too many is not made."""
    proxy.hold = QUICK_SECONDS + patience.total / 4
    proxy.plan("GetItem", *["delay"] * MANY)
    through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
    async with open_table(through, SystemClock(), patience) as slow:
        with together(Lost()):
            with pytest.raises(Unavailable):
                for _ in range(MANY):
                    await slow.get(keys.username("ada"))
            made = len(proxy.calls)
            with together(None):
                await slow.get(keys.username("ada"))
    assert 1 < made <= 5
    assert made + 1 == len(proxy.calls)


async def test_a_login_that_cannot_be_checked_is_not_refused(ada: Client, proxy: FaultProxy) -> None:
    """The web client would believe a 401, and throw away a login that is good."""
    proxy.plan("GetItem", *["reset_before"] * MANY)
    answer = await ada.post("/api/auth/refresh", {})
    assert (503, True) == (answer.status_code, "retry-after" in answer.headers)
    proxy.forget()
    assert 200 == (await ada.post("/api/auth/refresh", {})).status_code
