"""No count is wrong after a thousand operations of every kind with failures at the storage client."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from brutal_patches.actor import Actor
from brutal_patches.app import Service
from brutal_patches.audit import daily
from brutal_patches.collections.model import CollectionBody
from brutal_patches.errors import DomainError, Unavailable
from brutal_patches.patches.model import PatchBody
from brutal_patches.storage.operations import Operation
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table

OPERATIONS = 1000
AUTHOR = Actor(user_id="author", username="author", roles=frozenset({"user"}))


class Shaky:
    """The storage client, which fails one call in ten: before it reached the engine, or after."""

    def __init__(self, client: Any, chance: random.Random) -> None:
        self._client = client
        self._chance = chance
        self.failed = 0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self._client, name)

        async def shaken(**request: Any) -> Any:
            fate = self._chance.random()
            if fate < 0.05:
                self._fail()
            answer = await call(**request)
            if fate < 0.1:
                self._fail()
            return answer

        return shaken

    def _fail(self) -> None:
        self.failed += 1
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


def drawn(service: Service, chance: random.Random, people: list[Actor], ids: list[int]) -> Callable[[], Awaitable[Any]]:
    """One operation by chance."""
    parts, who, patch_id = service.parts, chance.choice(people), chance.choice(ids)
    stars, wanted = chance.choice([None, 1, 2, 3, 4, 5]), chance.random() < 0.5
    return chance.choice(
        [
            lambda: parts.votes.rate(who, patch_id, stars),
            lambda: parts.votes.favour(who, patch_id, wanted),
            lambda: parts.comments.write(who, patch_id, "Deep."),
            lambda: parts.collections.create(who, CollectionBody(name="Set", patch_ids=(patch_id,))),
            lambda: parts.patches.create(who, PatchBody(title="New")),
            lambda: parts.patches.fork(who, patch_id),
        ]
    )


async def made_today(service: Service) -> Counter[str]:
    """What lies in the table, counted item by item."""
    found: Counter[str] = Counter()
    async for page in service.parts.table.scan("core"):
        for item in page:
            kind, sk = str(item["pk"]).partition("#")[0], str(item["sk"])
            found["comments"] += kind == "PATCH" and sk.startswith("COMMENT#")
            found["collections"] += sk == "COLLECTION"
            found["patches"] += kind == "PATCH" and sk == "LATEST"
            found["forks"] += kind == "PATCH" and sk == "LATEST" and "parent" in item
            found["counted forks"] += int(str(item.get("forks", 0))) if sk == "LATEST" else 0
    return found


async def shaken(service: Service, monkeypatch: pytest.MonkeyPatch, operations: int) -> list[int]:
    """The patches that got votes and favourites among so many operations."""
    chance = random.Random(7)
    people = [Actor(user_id=f"u{n}", username=f"u{n}", roles=frozenset({"user"})) for n in range(10)]
    ids = [(await service.parts.patches.create(AUTHOR, PatchBody(title=f"P{n}"))).id for n in range(3)]
    shaky = Shaky(service.parts.table._client, chance)
    with monkeypatch.context() as patching:
        patching.setattr(service.parts.table, "_client", shaky)
        for _ in range(operations):
            try:
                await drawn(service, chance, people, ids)()
            except Unavailable:
                continue
            except DomainError as fault:
                raise AssertionError("only being away is a reason to fail here") from fault
    assert shaky.failed > operations / 10
    return ids


async def judge(service: Service, ids: list[int]) -> None:
    """Aggregates of patches, and the day's counters, are what the table's items add up to."""
    wrong = [patch_id for patch_id in ids if not (await service.parts.recounting.recount(patch_id)).is_right]
    assert not wrong, "an aggregate has drifted"
    found = await made_today(service)
    today = service.parts.clock.now().date()
    counted = (await daily.counts(service.parts.table, today, today))[today.isoformat()]
    names = ("patches", "forks", "comments", "collections")
    assert {name: found[name] for name in names} == {name: counted[name] for name in names}
    assert found["forks"] == found["counted forks"]


async def test_every_count_is_what_a_recount_says(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was refused, acknowledged, or left in doubt."""
    await judge(service, await shaken(service, monkeypatch, OPERATIONS))
    assert (await made_today(service))["forks"] > 50


async def test_without_transactions_the_judge_objects(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same operations, their parts written one after another: a failure between two leaves a count wrong."""
    whole = Table.write

    async def in_parts(self: Table, *operations: Operation) -> None:
        for operation in operations:
            await whole(self, operation)

    with monkeypatch.context() as patching:
        patching.setattr(Table, "write", in_parts)
        patching.setattr(service.parts.table, "_patience", Patience(tries=1))
        ids = await shaken(service, patching, OPERATIONS // 4)
    with pytest.raises(AssertionError, match=r"drifted|=="):
        await judge(service, ids)
