"""The two physical tables as data; table creation, the CDK app and the tests all read this page."""

import msgspec

from brutal_patches.storage.keys import TableName

EXPIRES = "expires"


class Index(msgspec.Struct, frozen=True):
    """A global secondary index with all attributes; only items that have both keys are in it."""

    name: str
    partition: str
    sort: str


class TableSchema(msgspec.Struct, frozen=True):
    """One table: `pk` and `sk`, both text, its indexes, and the attribute that ends an item's life.

    `precious` tables get point-in-time recovery, deletion protection and backups.
    """

    name: TableName
    indexes: tuple[Index, ...]
    ttl: str
    precious: bool


TABLES: tuple[TableSchema, ...] = (
    TableSchema("core", (Index("feed", "fk", "fs"),), EXPIRES, precious=True),
    TableSchema("ephemeral", (), EXPIRES, precious=False),
)


def physical_name(prefix: str, table: TableName) -> str:
    """The name that the table has in AWS."""
    return f"{prefix}-{table}"


def index_keys(name: str) -> tuple[str, str]:
    """Partition and sort attribute of an index; of the table itself where `name` is empty."""
    if not name:
        return "pk", "sk"
    return next((index.partition, index.sort) for schema in TABLES for index in schema.indexes if index.name == name)
