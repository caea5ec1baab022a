"""What searches find and count by arrays is what a plain reading of every patch finds and counts."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
import pytest

from brutal_patches.catalogue import finding
from brutal_patches.catalogue.analysis import Analyser, fold, words
from brutal_patches.catalogue.columns import Bucket
from brutal_patches.catalogue.memory import Memory
from brutal_patches.catalogue.places import FIRST_CAPACITY
from brutal_patches.catalogue.postings import MAX_ROWS, Postings, spread
from brutal_patches.catalogue.question import Question, Range
from brutal_patches.patches.model import Cable, PatchRecord
from brutal_patches.patches.modulation import directed
from brutal_patches.patches.submission import read_body
from tests.catalogue.test_memory import record

WORDS = ("deep", "bass", "Flûte", "flutes", "siren", "sirens", "warm", "szűrő", "pad", "7")
TAGS = ("deep", "Deep", "warm", "wärm", "dub", "acid", "soft", "wet", *(f"t{number}" for number in range(30)))
CABLES = (("mod-lfo", "mod-filter"), ("mod-env", "mod-pitch"), ("mod-filter", "mod-lfo"), ("mod-lfo", "mod-env"))


def made(chance: random.Random, patch_id: int, revision: int) -> PatchRecord:
    """Some patch, mostly a public one."""
    found = record(
        {
            "id": patch_id,
            "title": " ".join(chance.choices(WORDS, k=2)),
            "description": " ".join(chance.choices(WORDS, k=chance.randrange(4))),
            "tags": chance.sample(TAGS, chance.choice((0, 1, 2, 3, 7, 12))),
            "category": chance.choice(("bass", "lead", "pad")),
            "cutoff": chance.randrange(101),
            "mode": chance.randrange(3),
            "modmatrix": [{"source": a, "target": b} for a, b in chance.sample(CABLES, chance.randrange(3))],
            "isPublic": chance.random() < 0.9,
            "parent": 0,
            "votes": chance.randrange(3),
            "hidden": False,
            "deleted": chance.random() < 0.1,
        },
        revision,
    )
    moment = f"2026-02-{1 + chance.randrange(28):02}T00:00:00.000000Z"
    author = chance.choice(("ada", "Ada", "bob", "eve"))
    patch = msgspec.structs.replace(found.patch, username=author, created_at=moment, updated_at=moment)
    return msgspec.structs.replace(found, patch=patch, rating_sum=chance.randrange(5) * patch.rating_count)


@pytest.fixture(scope="module")
def filled() -> tuple[Memory, list[PatchRecord]]:
    """A memory that has grown, in which patches have been changed and have gone; and what should be in it."""
    chance, memory, kept = random.Random(7), Memory(), dict[int, PatchRecord]()
    for revision in range(1, 2 * FIRST_CAPACITY):
        patch_id = chance.randrange(1, FIRST_CAPACITY + 400)
        kept[patch_id] = made(chance, patch_id, revision)
        memory.take_record(kept[patch_id])
        if revision % 500 == 0:
            # Words that have been asked for are kept true from then on.
            finding.search(memory, Question(text=chance.choice(WORDS)))
    return memory, [each for each in kept.values() if each.is_public]


def question(chance: random.Random) -> Question:
    """Some of everything that can be asked for."""
    low = chance.choice((None, 0, 150, 300))
    text = " ".join(chance.choices(WORDS, k=chance.choice((0, 0, 1, 1, 2))))
    cables = Cable("mod-lfo", "mod-filter"), Cable("mod-env", "mod-saw")
    return Question(
        text=text,
        category=chance.choice(("", "", "bass")),
        tags=tuple(chance.sample(("DEEP", "dub", "t3", "unheard"), chance.choice((0, 0, 0, 1, 2)))),
        author=chance.choice(("", "", "", "ADA", "nobody")),
        rating=(low, chance.choice((None, 400))),
        created=(chance.choice((None, 1_770_500_000_000_000)), None),
        ranges=tuple(
            chance.sample((Range("cutoff", 20, 90), Range("mode", 1, 1), Range("cutoff", 60, 50)), chance.randrange(2))
        ),
        cables=tuple(chance.sample(cables, chance.choice((0, 0, 1)))),
        order=chance.choice(("created_at", "rating", "title", "popularity", *(["relevance"] if text else []))),
        ascending=chance.random() < 0.5,
        limit=chance.choice((1, 10, 1000)),
        offset=chance.choice((0, 3)),
    )


def is_meant(found: PatchRecord, asked: Question) -> bool:
    """Whether a patch is what is asked for, read from the patch itself."""
    patch, forms = found.patch, Analyser().forms
    said = f"{patch.title} {' '.join(patch.tags)} {patch.description} {patch.username} {patch.category}"
    indexed = {form for word in words(said) for form in forms(word)}
    rating = round(100 * found.rating_sum / patch.rating_count) if patch.rating_count else 0
    created = int(np.datetime64(patch.created_at.removesuffix("Z"), "us").astype(int))
    return (
        all(indexed.intersection(forms(word)) for word in words(asked.text))
        and asked.category in {"", patch.category}
        and {fold(tag) for tag in asked.tags} <= {fold(tag) for tag in patch.tags}
        and fold(asked.author) in {"", fold(patch.username)}
        and is_within(rating, *asked.rating)
        and is_within(created, *asked.created)
        and all(each.low <= getattr(patch, each.field) <= each.high for each in asked.ranges)
        and set(asked.cables) <= {directed(cable) for cable in patch.modmatrix}
    )


def is_within(value: int, low: int | None, high: int | None) -> bool:
    """Both ends inclusive, None is no end."""
    return (low is None or value >= low) and (high is None or value <= high)


def counted(values: Iterable[str], size: int) -> list[Bucket]:
    """The commonest, by the alphabet where they are equally so."""
    ordered = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return [Bucket(value, count) for value, count in ordered[:size]]


KEYS: dict[str, Callable[[PatchRecord], Any]] = {
    "created_at": lambda each: (each.patch.created_at, each.patch.id),
    "rating": lambda each: (each.rating_sum / (each.patch.rating_count or 1), each.patch.id),
    "title": lambda each: (fold(each.patch.title), each.patch.id),
    "popularity": lambda each: each.patch.id,
}


def test_a_search_finds_and_counts_what_reading_every_patch_does(filled: tuple[Memory, list[PatchRecord]]) -> None:
    """Hits, order, totals and facets; of patches that came in any order, were changed, and went."""
    memory, kept = filled
    chance, totals = random.Random(11), list[int]()
    for _ in range(300):
        asked = question(chance)
        expected = [each for each in kept if is_meant(each, asked)]
        ids, found = finding.search(memory, asked)
        if found.forgiven:
            assert not expected
            continue
        totals.append(found.total)
        assert len(expected) == found.total, asked
        assert {
            "categories": counted((str(each.patch.category) for each in expected), 8),
            "tags": counted((tag for each in expected for tag in each.patch.tags), 20),
            "authors": counted((each.patch.username for each in expected), 10),
        } == found.facets, asked
        end = asked.offset + asked.limit
        if asked.order == "relevance":
            assert set(ids) <= {each.patch.id for each in expected}
            assert len(set(ids)) == len(expected[asked.offset : end])
        else:
            expected.sort(key=KEYS[asked.order], reverse=not asked.ascending)
            assert [each.patch.id for each in expected[asked.offset : end]] == ids, asked
    assert max(totals) > len(kept) / 2, "most of all patches is counted by what is left out"
    assert 0 in totals


def test_words_that_are_asked_for_least_give_way() -> None:
    """So rows of bits are bounded; a word that comes again is looked for again."""
    postings, fetched = Postings(), list[str]()

    def ask(word: str) -> list[int]:
        def fetch() -> Any:
            fetched.append(word)
            return np.array([3, 9])

        return [int(place) for place in np.flatnonzero(np.unpackbits(postings.of(word, fetch)))]

    for number in range(MAX_ROWS + 1):
        assert [3, 9] == ask(f"word{number}")
    assert len(postings) == MAX_ROWS
    postings.put(1500, ["word1", "word0", "unheard", "word1"])
    postings.remove(9)
    fetched.clear()
    assert [3, 1500] == ask("word1")
    assert [] == fetched
    assert [3, 9] == ask("word0")
    assert ["word0"] == fetched
    assert spread(np.array([1]), 2).tolist() == [False, True]


def test_panels_of_the_fixture_are_read_as_players_send_them() -> None:
    """So that cables that join two outputs are among them, which nothing finds."""
    sent = {"title": "x", "modmatrix": [{"source": "mod-lfo", "target": "mod-env"}]}
    assert directed(read_body(sent).modmatrix[0]) is None
