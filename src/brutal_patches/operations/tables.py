"""The tables that serve, as AWS describes them."""

from typing import Any

from brutal_patches.errors import NotFound, Unavailable
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import SLOTS, TABLE_PREFIX, Names


async def live_prefix(cloud: Cloud, names: Names) -> str:
    """Begins the names of the tables that serve."""
    try:
        answer = await cloud.ask("ssm", "get_parameter", Name=names.parameter(TABLE_PREFIX))
    except NotFound:
        return names.table_prefix
    return str(answer["Parameter"]["Value"])


async def switch(cloud: Cloud, names: Names, prefix: str) -> None:
    """Let tasks that start from now on use other tables."""
    await cloud.change(
        "ssm", "put_parameter", Name=names.parameter(TABLE_PREFIX), Value=prefix, Type="String", Overwrite=True
    )


async def described(cloud: Cloud, table: str) -> dict[str, Any] | None:
    """DynamoDB's description of a table; None where there is none."""
    try:
        answer = await cloud.ask("dynamodb", "describe_table", TableName=table)
    except NotFound:
        return None
    found: dict[str, Any] = answer["Table"]
    return found


async def core(cloud: Cloud, names: Names, prefix: str) -> dict[str, Any]:
    """The description of the table with everything that must not be lost."""
    name = names.tables(prefix)["core"]
    found = await described(cloud, name)
    if found is None:
        raise Unavailable(f"There is no table {name} in {cloud.region}. Are these the credentials of its account?")
    return found


async def free_slot(cloud: Cloud, names: Names) -> str:
    """The first place for a restore in which nothing is."""
    for slot in SLOTS:
        if await described(cloud, names.tables(names.slot(slot))["core"]) is None:
            return slot
    taken = " and ".join(names.tables(names.slot(slot))["core"] for slot in SLOTS)
    raise Unavailable(f"Both places for a restore are taken: {taken}. Delete the one that does not serve.")
