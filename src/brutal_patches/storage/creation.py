"""Making the tables from the schema, idempotently, on any engine, and saying what state they are in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from brutal_patches.errors import Unavailable
from brutal_patches.settings import DynamoSettings
from brutal_patches.storage.connection import endpoint, open_client
from brutal_patches.storage.failures import translate
from brutal_patches.storage.keys import TableName
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.schema import TABLES, TableSchema, physical_name
from brutal_patches.storage.table import Client

_UNHURRIED = Patience(connect=5, read=30, total=60)


async def create_tables(settings: DynamoSettings) -> dict[str, bool]:
    """Make what is missing and wait until it can be used: for each physical name, whether it is new."""
    made: dict[str, bool] = {}
    async with _reached(settings) as client:
        for schema in TABLES:
            name = physical_name(settings.table_prefix, schema.name)
            made[name] = await _create(client, schema, name)
    return made


async def table_states(settings: DynamoSettings) -> dict[TableName, str]:
    """DynamoDB's state of each table, such as `ACTIVE`, or `MISSING`."""
    async with _reached(settings) as client:
        return {
            schema.name: await _state(client, physical_name(settings.table_prefix, schema.name)) for schema in TABLES
        }


async def delete_tables(settings: DynamoSettings) -> None:
    """Remove the tables and all that is in them."""
    async with _reached(settings) as client:
        for schema in TABLES:
            await client.delete_table(TableName=physical_name(settings.table_prefix, schema.name))


async def clock_skew(settings: DynamoSettings) -> float | None:
    """Seconds by which this machine's clock is ahead of DynamoDB's, as far as its `Date` header tells."""
    async with _reached(settings) as client:
        answer = await client.list_tables(Limit=1)
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return (datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds() if told else None


@asynccontextmanager
async def _reached(settings: DynamoSettings) -> AsyncIterator[Client]:
    """A client; Unavailable where DynamoDB does not answer or refuses."""
    place = endpoint(settings) or f"AWS {settings.region}"
    try:
        async with open_client(settings, _UNHURRIED) as client:
            yield client
    except Exception as fault:
        known = translate(fault)
        raise Unavailable(f"DynamoDB at {place} cannot be used: {known}") from fault


async def _state(client: Client, name: str) -> str:
    try:
        answer = await client.describe_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:
        return "MISSING"
    return str(answer["Table"]["TableStatus"])


async def _create(client: Client, schema: TableSchema, name: str) -> bool:
    try:
        await client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **_shape(schema))
    except client.exceptions.ResourceInUseException:
        return False
    await client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    await client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": schema.ttl}
    )
    return True


def _shape(schema: TableSchema) -> dict[str, Any]:
    pairs = [("pk", "sk"), *((index.partition, index.sort) for index in schema.indexes)]
    shape: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for pair in pairs for name in pair],
        "KeySchema": _key_schema("pk", "sk"),
    }
    if schema.indexes:
        shape["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _key_schema(index.partition, index.sort),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in schema.indexes
        ]
    return shape


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
