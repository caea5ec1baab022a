"""Generated patches put into the tables, as if players had written them."""

from datetime import UTC, datetime, timedelta

import msgspec

from bench.generator import patches
from brutal_patches.clock import SystemClock, rfc3339
from brutal_patches.patches import store
from brutal_patches.patches.model import Patch, PatchRecord
from brutal_patches.patches.submission import read_body
from brutal_patches.settings import Settings
from brutal_patches.storage import keys
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.creation import create_tables
from brutal_patches.storage.operations import Put
from brutal_patches.storage.retrying import Patience

AUTHORS = 200
PATIENCE = Patience(tries=8, connect=5, read=30, total=60)
_START = datetime(2016, 1, 1, tzinfo=UTC)
_PART = 1000


def records(count: int) -> list[PatchRecord]:
    """Patches of many authors, one every twenty minutes."""
    made = []
    for number, sent in enumerate(patches(count), 1):
        moment = rfc3339(_START + timedelta(minutes=20 * number))
        author = f"author{number % AUTHORS}"
        patch = Patch(
            **msgspec.structs.asdict(read_body(sent)),
            id=number,
            username=author,
            created_at=moment,
            updated_at=moment,
        )
        made.append(PatchRecord(patch=patch, owner_id=author))
    return made


async def load(settings: Settings, count: int) -> None:
    """Make the tables and fill them."""
    await create_tables(settings.dynamodb)
    async with open_table(settings.dynamodb, SystemClock(), PATIENCE) as table:
        found = records(count)
        for start in range(0, count, _PART):
            part = found[start : start + _PART]
            await table.write_many([Put(keys.patch(each.patch.id), store.to_item(each)) for each in part])
            await table.write_many([store.list_under_owner(each) for each in part])
        await table.change(store.jump_ahead(count))
