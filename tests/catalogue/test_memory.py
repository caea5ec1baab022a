"""What is in memory depends on how the patches are now, and not on how they came to be so."""

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from brutal_patches.catalogue import finding
from brutal_patches.catalogue.memory import Memory
from brutal_patches.catalogue.orderings import newest
from brutal_patches.catalogue.question import read_question
from brutal_patches.patches import store
from brutal_patches.patches.model import Patch, PatchRecord
from brutal_patches.patches.submission import read_body

CHANGES = st.fixed_dictionaries(
    {
        "id": st.integers(1, 6),
        "title": st.sampled_from(["Deep Bass", "Flûte", "Siren"]),
        "tags": st.lists(st.sampled_from(["deep", "warm", "Dub"]), max_size=2, unique=True),
        "category": st.sampled_from(["bass", "lead"]),
        "cutoff": st.sampled_from([0, 50, 100]),
        "isPublic": st.booleans(),
        "parent": st.integers(0, 6),
        "votes": st.integers(0, 3),
        "deleted": st.booleans(),
        "hidden": st.booleans(),
    }
)


def record(sent: dict[str, Any], revision: int) -> PatchRecord:
    """A patch as it was after its change number `revision`."""
    number, votes = sent["id"], sent["votes"]
    moment = f"2026-01-{number:02}T00:00:00.000000Z"
    patch = Patch(
        **msgspec.structs.asdict(read_body(sent)),
        id=number,
        username=f"Author{number % 2}",
        created_at=moment,
        updated_at=moment,
        version=revision,
        rating_count=votes,
        parent_id=sent["parent"] or msgspec.UNSET,
        hidden_reason="spam" if sent["hidden"] else msgspec.UNSET,
    )
    deleted = moment if sent["deleted"] else ""
    return PatchRecord(
        patch=patch, owner_id=patch.username, rating_sum=4 * votes, revision=revision, deleted_at=deleted
    )


def told(memory: Memory) -> dict[str, object]:
    """Everything that can be asked of a memory."""
    questions = ("", "q=bass", "q=flutes", "category=lead", "tags=dub", "cutoff.max=50", "minRating=1", "q=sirn")
    answers = [finding.search(memory, read_question([tuple(each.split("="))] if each else [])) for each in questions]
    places = memory.orderings.all
    return {
        "searches": [(sorted(ids), found.total, found.facets) for ids, found in answers],
        "latest": memory.bodies(newest(places, 0, 100)),
        "authors": {name: memory.orderings.by_author(name) for name in ("author0", "author1")},
        "counts": [Counter(each) for each in (memory.tags, memory.authors, +memory.categories, +memory.owners)],
        "trending": finding.leading(memory, "trending", 10),
        "featured": sorted(finding.leading(memory, "featured", 10)),
        "related": {patch_id: finding.related(memory, patch_id, 10) for _, patch_id in places},
        "digest": memory.digest,
        "size": len(memory),
        "revisions": memory.revisions(),
    }


def test_a_patch_that_says_it_is_its_own_parent_is_found_once() -> None:
    sent = {"id": 1, "parent": 1, "votes": 0, "hidden": False, "deleted": False, "title": "Loop"}
    memory = Memory()
    for revision in (1, 2):
        memory.take_record(record(sent, revision))
        assert [1] == finding.leading(memory, "featured", 10)


@given(st.lists(CHANGES, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_any_order_of_news_leads_to_the_same(changes: list[dict[str, Any]], chance: Any) -> None:
    """Late, early, twice: at the end it is as if the patches had been read from the table just now."""
    records = [record(sent, revision) for revision, sent in enumerate(changes, 1)]
    news = records + chance.sample(records, len(records) // 2)
    chance.shuffle(news)
    fed, loaded = Memory(), Memory()
    for each in news:
        fed.take(store.to_item(each))
        if not chance.randrange(4):
            # Searching in between makes the index take in what it has so far.
            finding.search(fed, read_question([]))
    for each in {each.patch.id: each for each in records}.values():
        loaded.take(store.to_item(each))
    assert told(loaded) == told(fed)
