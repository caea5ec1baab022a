"""What can be done with a patch, and what storage holds after it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from brutal_patches.actor import ANONYMOUS, Actor
from brutal_patches.clock import SystemClock
from brutal_patches.errors import Forbidden, NotFound, PreconditionFailed, Unprocessable
from brutal_patches.patches import service
from brutal_patches.patches.model import PatchBody
from brutal_patches.patches.service import Patches
from brutal_patches.patches.submission import read_body
from brutal_patches.storage import keys
from brutal_patches.storage.once import once
from brutal_patches.storage.operations import Query
from brutal_patches.storage.table import Table

ANN = Actor(user_id="u-ann", username="ann", roles=frozenset({"user"}))
BOB = Actor(user_id="u-bob", username="bob", roles=frozenset({"user"}))
# Far ahead: what ends in the past is soon taken away by the engine, whichever time the test takes it to be.
NOON = datetime(2096, 1, 1, 12, tzinfo=UTC)


class SetClock(SystemClock):
    """A clock that can be put forward."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def clock() -> SetClock:
    """The clock of the service under test."""
    return SetClock()


@pytest.fixture
def patches(table: Table, clock: SetClock) -> Patches:
    """The use cases on empty tables."""
    return Patches(table, clock)


def body(title: str = "Sub", **fields: object) -> PatchBody:
    return read_body({"title": title, **fields})


async def test_a_private_patch_is_its_owners_alone(patches: Patches) -> None:
    """To anyone else there is no such patch, whatever they try."""
    patch = await patches.create(ANN, body(isPublic=False))

    assert patch == (await patches.read(ANN, patch.id)).patch
    for actor in (BOB, ANONYMOUS):
        with pytest.raises(NotFound):
            await patches.read(actor, patch.id)
    with pytest.raises(NotFound):
        await patches.replace(BOB, patch.id, body("Mine"))
    with pytest.raises(NotFound):
        await patches.fork(BOB, patch.id)


async def test_a_strangers_public_patch_cannot_be_changed(patches: Patches) -> None:
    """It is there, and it is not theirs."""
    patch = await patches.create(ANN, body())

    with pytest.raises(Forbidden):
        await patches.replace(BOB, patch.id, body("Mine"))
    with pytest.raises(Forbidden):
        await patches.delete(BOB, patch.id)
    with pytest.raises(Forbidden):
        await patches.restore_version(BOB, patch.id, 1)
    assert "Sub" == (await patches.read(BOB, patch.id)).patch.title


async def test_every_change_keeps_a_version(patches: Patches) -> None:
    """Any of them can be read and brought back, as a new one."""
    patch = await patches.create(ANN, body("One"))
    await patches.replace(ANN, patch.id, body("Two", cutoff=5), changes="Opened it")
    await patches.replace(ANN, patch.id, body("Two", cutoff=5))

    back = await patches.restore_version(ANN, patch.id, 1)

    history = await patches.history(ANONYMOUS, patch.id)
    assert [(3, "One", True), (2, "Two", False), (1, "One", False)] == [
        (kept.version, kept.body.title, kept.is_latest) for kept in history
    ]
    assert ["Restored version 1", "Opened it", ""] == [kept.changes for kept in history]
    assert (3, "One") == (back.version, back.title)
    with pytest.raises(NotFound, match="no version 9"):
        await patches.version(ANN, patch.id, 9)


async def test_what_was_private_stays_private_in_the_history(patches: Patches) -> None:
    """Publishing a patch does not publish what it was before."""
    patch = await patches.create(ANN, body("Secret", isPublic=False))
    await patches.replace(ANN, patch.id, body("Open"))

    assert [2] == [kept.version for kept in await patches.history(BOB, patch.id)]
    assert [2, 1] == [kept.version for kept in await patches.history(ANN, patch.id)]
    with pytest.raises(NotFound):
        await patches.version(BOB, patch.id, 1)


@pytest.mark.both_engines
async def test_of_racing_edits_of_one_version_one_wins(patches: Patches) -> None:
    """With If-Match, the others are told; no edit is lost or doubled."""
    patch = await patches.create(ANN, body())

    async def edit(number: int) -> bool:
        try:
            await patches.replace(ANN, patch.id, body(f"Edit {number}"), frozenset({1}))
        except PreconditionFailed:
            return False
        return True

    assert 1 == sum(await asyncio.gather(*(edit(number) for number in range(8))))
    assert 2 == (await patches.read(ANN, patch.id)).patch.version


@pytest.mark.both_engines
async def test_racing_edits_without_if_match_all_count(patches: Patches) -> None:
    """The last writer wins, and each edit is a version of the history."""
    patch = await patches.create(ANN, body())

    await asyncio.gather(*(patches.replace(ANN, patch.id, body(f"Edit {number}")) for number in range(4)))

    history = await patches.history(ANN, patch.id)
    assert [5, 4, 3, 2, 1] == [kept.version for kept in history]
    assert history[0].body.title == (await patches.read(ANN, patch.id)).patch.title


async def test_a_patch_that_never_rests_ends_as_changed_meanwhile(
    patches: Patches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service gives up when its tries are spent rather than going on for ever."""
    monkeypatch.setattr(service, "EDIT_TRIES", 0)
    patch = await patches.create(ANN, body())

    with pytest.raises(PreconditionFailed):
        await patches.replace(ANN, patch.id, body("New"))


@pytest.mark.both_engines
async def test_a_deleted_patch_can_be_brought_back_for_thirty_days(patches: Patches, clock: SetClock) -> None:
    """By its owner, with its history; after that it is gone."""
    patch = await patches.create(ANN, body())
    await patches.delete(ANN, patch.id)
    with pytest.raises(NotFound):
        await patches.read(ANN, patch.id)
    with pytest.raises(NotFound):
        await patches.restore(BOB, patch.id)

    restored = await patches.restore(ANN, patch.id)

    assert restored == (await patches.read(BOB, patch.id)).patch == await patches.restore(ANN, patch.id)
    assert 1 == len(await patches.history(ANN, patch.id))
    await patches.delete(ANN, patch.id)
    clock.ahead = timedelta(days=31)
    with pytest.raises(NotFound):
        await patches.restore(ANN, patch.id)


async def test_deletion_and_restoring_are_audited(patches: Patches, table: Table) -> None:
    """Who did what to which patch is in the same transaction."""
    patch = await patches.create(ANN, body())
    await patches.delete(ANN, patch.id)
    await patches.restore(ANN, patch.id)

    today = datetime.now(UTC).date().isoformat()
    entries = (await table.query(Query(keys.audit_day(today)))).items
    assert [("patch.deleted", "u-ann"), ("patch.restored", "u-ann")] == [
        (item["action"], item["actor"]) for item in entries
    ]


async def test_a_fork_names_its_origin_even_when_that_is_gone(patches: Patches, table: Table) -> None:
    """The origin counts its forks and stays as a tombstone."""
    parent = await patches.create(ANN, body("Parent", cutoff=42))

    fork = await patches.fork(BOB, parent.id, "Child")
    await patches.delete(ANN, parent.id)

    assert (parent.id, "Parent", "ann") == (
        fork.parent_id,
        *((fork.forked_from.title, fork.forked_from.username) if fork.forked_from else ()),
    )
    assert ("Child", 42, "bob") == (fork.title, fork.cutoff, fork.username)  # type: ignore[attr-defined]
    tombstone = await table.get(keys.patch(parent.id)) or {}
    assert 1 == tombstone["forks"]
    assert "expires" not in tombstone
    with pytest.raises(NotFound):
        await patches.fork(BOB, parent.id)


@pytest.mark.both_engines
async def test_the_same_request_under_the_same_key_creates_once(patches: Patches, table: Table) -> None:
    """At the same time or later, all get the same answer; another request under the key is refused."""
    mark = once("u-ann", "key-1", "POST /api/patches", b"{}", NOON)

    answers = await asyncio.gather(*(patches.create(ANN, body(), mark) for _ in range(5)))
    later = await patches.create(ANN, body(), mark)

    assert 1 == len({patch.id for patch in [*answers, later]})
    assert 1 == await table.count(Query(keys.owned_patches("u-ann")))
    with pytest.raises(Unprocessable):
        await patches.create(ANN, body("Other"), once("u-ann", "key-1", "POST /api/patches", b"{1}", NOON))
