"""The service on a clock that can be put forward, and the mails that it sends."""

from collections.abc import AsyncIterator

import pytest

from brutal_patches.actor import SYSTEM
from brutal_patches.app import Service
from brutal_patches.settings import Settings
from tests.client import Client, running
from tests.clocks import AheadClock


class Letterbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []

    async def send(self, to: str, subject: str, text: str) -> None:
        self.letters.append((to, subject, text))


@pytest.fixture
def clock() -> AheadClock:
    """The service's clock."""
    return AheadClock()


@pytest.fixture
async def service(settings: Settings, clock: AheadClock) -> AsyncIterator[Service]:
    """The service on that clock."""
    async with running(settings, clock) as started:
        yield started


@pytest.fixture
def letterbox(service: Service) -> Letterbox:
    """Where the service's mails go."""
    box = Letterbox()
    service.parts.accounts._mailer = box
    return box


@pytest.fixture
async def admin(client: Client, service: Service) -> Client:
    """A user with the admin role."""
    boss = await client.register("boss")
    profile = (await boss.get("/api/users/profile")).json()["user"]
    await service.parts.standings.set_roles(SYSTEM, profile["id"], ("user", "admin"))
    return await client.log_in("boss")
