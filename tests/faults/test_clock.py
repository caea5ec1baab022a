"""A clock that jumps, forward and back."""

from collections.abc import AsyncIterator

import pytest

from brutal_patches.app import Service
from brutal_patches.settings import Settings
from tests.client import Client, running
from tests.clocks import AheadClock


@pytest.fixture
def clock() -> AheadClock:
    """The service's clock."""
    return AheadClock()


@pytest.fixture
async def service(settings: Settings, clock: AheadClock) -> AsyncIterator[Service]:
    """The service on that clock."""
    async with running(settings, clock) as started:
        yield started


@pytest.mark.parametrize("hours", [2, -2])
async def test_a_clock_that_jumps_and_comes_back(
    ada: Client, settings: Settings, service: Service, clock: AheadClock, hours: int
) -> None:
    """Sessions go on, what is written is seen everywhere, and nothing answers with an error of ours."""
    async with running(settings) as steady:
        written = [(await ada.create("Before"))["id"]]
        for jump in (hours, -hours):
            clock.forward(hours=jump)
            answer = await ada.post("/api/auth/refresh", {"refresh_token": ada.tokens["refresh_token"]})
            assert 200 == answer.status_code, answer.text
            ada = Client(service, ada.address, answer.json())
            made = await ada.create(f"After {jump}")
            edited = await ada.put(f"/api/patches/{written[0]}", {"title": f"Edited {jump}"})
            assert 200 == edited.status_code, edited.text
            written.append(made["id"])
            await service.parts.feeder.catch_up()

        for each in (service, steady):
            await each.parts.feeder.reconcile()
            assert [True] * 3 == [each.parts.feeder.memory.public(patch_id) is not None for patch_id in written]
            assert 0 == (await each.parts.feeder.reconcile()).total
