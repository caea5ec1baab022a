"""Opening and closing the connection to DynamoDB."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioboto3
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from localstack_client.config import get_service_endpoint

from brutal_patches.clock import Clock
from brutal_patches.settings import DynamoSettings
from brutal_patches.storage.failures import verify_checksum
from brutal_patches.storage.parsing import PassingFactory
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Client, Table
from brutal_patches.watching import Watch

_POOL = 100


def endpoint(settings: DynamoSettings) -> str | None:
    """Where DynamoDB is: as set, or where localstack-client finds LocalStack, or AWS's own (None)."""
    if settings.endpoint_url:
        return settings.endpoint_url
    return str(get_service_endpoint("dynamodb")) if settings.use_localstack else None


@asynccontextmanager
async def open_client(settings: DynamoSettings, patience: Patience) -> AsyncIterator[Client]:
    """A DynamoDB client without retries of its own that checks each answer's checksum.

    An engine other than AWS's own gets stand-in credentials, as it wants some and checks none.
    """
    url = endpoint(settings)
    stand_in = "local" if url else None
    config = AioConfig(
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        max_pool_connections=_POOL,
        parameter_validation=False,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    core = get_session()
    core.register_component("response_parser_factory", PassingFactory())
    session = aioboto3.Session(stand_in, stand_in, region_name=settings.region, botocore_session=core)
    async with session.client("dynamodb", endpoint_url=url, config=config) as client:
        client.meta.events.register("before-parse.dynamodb", verify_checksum)
        yield client


@asynccontextmanager
async def open_table(
    settings: DynamoSettings, clock: Clock, patience: Patience | None = None, watch: Watch | None = None
) -> AsyncIterator[Table]:
    """The tables that `settings` names, for as long as the context lasts."""
    patience = patience or Patience()
    async with open_client(settings, patience) as client:
        yield Table(client, settings.table_prefix, clock, patience, watch)
