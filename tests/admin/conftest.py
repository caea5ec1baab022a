"""Staff."""

from typing import cast

import pytest

from brutal_patches.accounts import store
from brutal_patches.actor import SYSTEM, Role
from brutal_patches.app import Service
from tests.client import Client


async def id_of(service: Service, name: str) -> str:
    """The id of the user with this name."""
    return str(await store.find_id(service.parts.table, name))


async def promoted(service: Service, client: Client, name: str, role: str = "admin") -> Client:
    """The user of this name with a role."""
    await service.parts.standings.set_roles(SYSTEM, await id_of(service, name), (cast("Role", role),))
    return await client.log_in(name)


@pytest.fixture
async def boss(service: Service, client: Client) -> Client:
    """An admin."""
    return await promoted(service, await client.register("boss"), "boss")
