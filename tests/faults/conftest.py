"""What fault tests share."""

from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from brutal_patches.app import Service
from brutal_patches.settings import Settings
from brutal_patches.storage.retrying import Patience
from tests.faults.proxy import FaultProxy, fault_proxy
from tests.faults.record import Record


@pytest.fixture
async def proxy(settings: Settings) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the engine."""
    async with fault_proxy(settings.dynamodb.endpoint_url) as running:
        yield running


@pytest.fixture
def patience() -> Patience:
    """How long the service's storage tries."""
    return Patience(connect=1, read=1, total=1)


@pytest.fixture
async def service(settings: Settings, proxy: FaultProxy, patience: Patience) -> AsyncIterator[Service]:
    """The service that reaches its engine through the proxy."""
    through = msgspec.structs.replace(settings.dynamodb, endpoint_url=proxy.url)
    made = Service(msgspec.structs.replace(settings, dynamodb=through), None, patience)
    async with made.live():
        yield made


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """How large this run is, and where its figures go."""
    kept = Record(request.node.name, request.config.getoption("--full"))
    yield kept
    kept.keep()
