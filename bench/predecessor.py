"""The predecessor's tables with generated rows, as dirty as its real ones; the same seed gives the same rows.

Keys and indexes are those of its own resource files: patches by a number `id`, users by `username`.
"""

import asyncio
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import bcrypt

from bench.generator import patches
from brutal_patches.clock import SystemClock
from brutal_patches.settings import DynamoSettings
from brutal_patches.storage.connection import open_client
from brutal_patches.storage.foreign import Row, open_foreign
from brutal_patches.storage.retrying import Patience

_PATIENCE = Patience(connect=5, read=30, total=60)
_START = datetime(2015, 10, 9, 19, 33, 57, 401758)
_AT_ONCE = 32
_INDEXES = {
    "id": {
        "UserIndex": ("username", "created_at"),
        "CategoryIndex": ("category", "created_at"),
        "RatingIndex": ("average_rating", "created_at"),
        "CreatedAtIndex": ("created_at",),
    },
    "username": {"EmailIndex": ("email",)},
}


def patches_table(stage: str) -> str:
    """The name that the table of patches has."""
    return f"PatchesTable-{stage}"


def users_table(stage: str) -> str:
    """The name that the table of users has."""
    return f"UsersTableV2-{stage}"


def password_of(number: int) -> str:
    """The password of a generated user; some are longer than the 72 bytes that bcrypt looks at."""
    return f"ein alter Schlüssel {number} " + "x" * (80 if number % 50 == 0 else 0)


def user_rows(count: int, rounds: int = 4) -> Iterator[Row]:
    """Users; every tenth comes twice but for case, some with the same address, a few with odd names or fields."""
    for number in range(count):
        twin = number % 10 == 9
        name = f"Player{number - 1}" if twin else f"player{number}"
        if number % 97 == 5:
            name = f"dj. ünï {number} & co"
        prefix = b"2a" if number % 3 else b"2b"
        hashed = bcrypt.hashpw(password_of(number).encode()[:72], bcrypt.gensalt(rounds, prefix)).decode()
        row: Row = {
            "username": name,
            "email": f"player{number - 1}@example.com" if twin else f"Player{number}@Example.com",
            "password": hashed,
            "roles": ["admin"] if number == 0 else ["user"],
            "patches": [],
            "createdAt": (_START + timedelta(hours=number)).isoformat(timespec="milliseconds") + "Z",
            "updatedAt": (_START + timedelta(hours=number)).isoformat(timespec="milliseconds") + "Z",
        }
        if number % 60 == 7:
            row["email"] = "not an address"
        if number % 60 == 8:
            row["password"] = "changeme"  # noqa: S105 - a row that never was hashed.
        yield row


def patch_rows(count: int, authors: list[str]) -> Iterator[Row]:
    """Patches: the old ones as one import left them, the newer ones as clients and the API wrote them."""
    chance = random.Random(1129)
    for number, sent in enumerate(patches(count), 1):
        row: Row = {**sent, "octave": 3}
        moment = _START + timedelta(milliseconds=number)
        if number <= count * 0.6:
            # An import: no author, category or tags, and times without a zone.
            for absent in ("category", "tags"):
                del row[absent]
            stamp = moment.isoformat(sep=" ")
            row |= {"id": number, "created_at": stamp, "updated_at": stamp, "average_rating": "0", "octave": 0}
            row |= {"username": "legacy-user", "category": "imported"} if number % 2 else {}
            row["title"] = f"{row['title']}\u00a0" if number % 9 == 0 else row["title"]
        else:
            stamp = (moment + timedelta(days=number % 3000)).isoformat(timespec="milliseconds") + "Z"
            row |= {
                "id": number if number <= count * 0.8 else 1_700_000_000 + number * 7,
                "username": chance.choice(authors),
                "created_at": stamp,
                "updated_at": stamp,
                "average_rating": chance.choice(["0", "0", "4.5"]),
                "isPublic": number % 20 != 0,
            }
        if number % 11 == 0:
            row |= {"volume": 0.8, "cutoff": 130, "colour": "red"}
        if number % 13 == 0 and row["modmatrix"]:
            row["modmatrix"] = [*row["modmatrix"], row["modmatrix"][0], {"source": "mod-env", "target": "nowhere"}]
        yield row


async def build(settings: DynamoSettings, stage: str, patch_count: int, user_count: int, rounds: int = 4) -> list[Row]:
    """Make both tables of a stage and fill them; the users' rows are given back."""
    async with open_client(settings, _PATIENCE) as client:
        for name, key, kind in ((patches_table(stage), "id", "N"), (users_table(stage), "username", "S")):
            await client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **_shape(key, kind))
            await client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    people = list(user_rows(user_count, rounds))
    for number, person in enumerate(people):
        # Lists of patches, as the older clients kept them: of ids whose rows name nobody.
        person["patches"] = [2 * number + 2, 2 * number + 4] if 2 * number + 4 <= patch_count * 0.6 else []
    await put(settings, users_table(stage), people)
    await put(settings, patches_table(stage), patch_rows(patch_count, [str(person["username"]) for person in people]))
    return people


async def put(settings: DynamoSettings, name: str, rows: Iterable[Row]) -> None:
    """Store rows in one of the tables, in place of those with the same key."""
    async with open_foreign(settings, SystemClock(), name) as (table,):
        part: list[Row] = []
        for row in rows:
            part.append(row)
            if len(part) == _AT_ONCE:
                await asyncio.gather(*map(table.put, part))
                part.clear()
        await asyncio.gather(*map(table.put, part))


def _shape(key: str, kind: str) -> dict[str, Any]:
    indexes = _INDEXES[key]
    texts = {attribute for keys in indexes.values() for attribute in keys} - {key}
    return {
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": kind},
            *({"AttributeName": attribute, "AttributeType": "S"} for attribute in sorted(texts)),
        ],
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _key_schema(keys), "Projection": {"ProjectionType": "ALL"}}
            for index, keys in indexes.items()
        ],
    }


def _key_schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
