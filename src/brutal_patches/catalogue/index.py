"""The full-text index of public patches: tantivy, in memory.

Texts are analysed before they come here (`analysis.py`), so the index only splits at spaces, and no query
language is parsed: queries are built from values, which no user's input can break.
"""

from functools import lru_cache
from typing import Any, Literal

import msgspec
from tantivy import FieldType, Index, Occur, Query, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer
from tantivy import Order as Direction

from brutal_patches.catalogue.analysis import MAX_WORDS, Analyser, fold, slack, words
from brutal_patches.catalogue.question import Order, Question, microseconds
from brutal_patches.clock import parse_rfc3339
from brutal_patches.patches.model import Cable, PatchRecord, settings
from brutal_patches.patches.modulation import directed
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.patches.warmth import standing

type Rank = Order | Literal["trending", "featured"]
type Leniency = Literal["exact", "near", "some"]
"""All words as they are written; all of them nearly so or begun; any of them, nearly so."""

_HEAP_BYTES = 15_000_000
_WORDS_TITLE, _WORDS_TAGS, _WORDS_ALL = "in_title", "in_tags", "in_all"
_BOOSTS = {_WORDS_TITLE: 4.0, _WORDS_TAGS: 2.5, _WORDS_ALL: 1.0}
_ORDER_FIELDS: dict[Rank, str] = {
    "created_at": "created",
    "updated_at": "updated",
    "rating": "rating",
    "popularity": "forks",
    "trending": "warmth",
    "featured": "standing",
}
_FACET_SIZES = {"categories": ("category", 8), "tags": ("tag", 20), "authors": ("author", 10)}
_FIELDS = tuple(control.field for control in CONTROLS)
_MAX_COUNTED = 500


class Bucket(msgspec.Struct, frozen=True):
    """One value of a facet, and how many patches have it."""

    value: str
    count: int


class Hits(msgspec.Struct):
    """The ids on this page in order, and how many there are in all."""

    ids: list[int]
    total: int


class TextIndex:
    """Patches by their words and properties. Changes count from the next search on."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._index = Index(self._schema)
        self._index.register_tokenizer("spaces", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        self._writer = self._index.writer(_HEAP_BYTES, 1)
        self._analyser = Analyser()
        self._changed = False
        self._counted: dict[object, dict[str, list[Bucket]]] = {}

    def put(self, record: PatchRecord, warmth: int) -> None:
        """Add a patch that is not in the index."""
        # As JSON, which tantivy reads by itself; a Document made here would cost four times as much.
        self._writer.add_json(msgspec.json.encode(self._fields(record, warmth)).decode())
        self._changed = True

    def remove(self, patch_id: int) -> None:
        """Take a patch out."""
        self._writer.delete_documents_by_term("id", patch_id)
        self._changed = True

    def query(self, question: Question, leniency: Leniency = "exact") -> Query:
        """What `question` asks for."""
        must = self._text_query(question.text, leniency)
        must += [_term(self._schema, "category", question.category)] if question.category else []
        must += [_term(self._schema, "tag_key", fold(tag)) for tag in question.tags]
        must += [_term(self._schema, "author_key", fold(question.author))] if question.author else []
        must += [_between(self._schema, bounds.field, bounds.low, bounds.high) for bounds in question.ranges]
        must += [_term(self._schema, "cable", cable_key(cable)) for cable in question.cables]
        for field, (low, high) in {"rating": question.rating, "created": question.created}.items():
            if low is not None or high is not None:
                must.append(_between(self._schema, field, low, high))
        return Query.boolean_query([(Occur.Must, each) for each in must]) if must else Query.all_query()

    def search(self, query: Query, order: Rank, ascending: bool = False, limit: int = 20, offset: int = 0) -> Hits:
        """One page of what `query` finds."""
        searcher = self._searcher()
        field = _ORDER_FIELDS.get(order)
        direction = Direction.Asc if ascending else Direction.Desc
        found = (
            searcher.search(query, limit, offset=offset, order_by_field=field, order=direction)
            if field
            else searcher.search(query, limit, offset=offset)
        )
        ids = searcher.fast_field_values("id", [address for _, address in found.hits])
        return Hits([int(each) for each in ids if each is not None], int(found.count or 0))

    def every(self, query: Query, total: int) -> list[int]:
        """The ids of all that `query` finds, of which there are `total`, in no order."""
        return self.search(query, "created_at", limit=total).ids if total else []

    def others(self, query: Query, total: int) -> list[int]:
        """The ids of all that `query` does not find, of which there are `total`."""
        return self.every(Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)]), total)

    def settle(self) -> None:
        """Make what has changed count now, and not with the next search."""
        self._searcher()

    def facets(self, query: Query, name: object) -> dict[str, list[Bucket]]:
        """How the findings spread over categories, tags and authors, the commonest first.

        They are the same on every page and in every order, so they are kept under the query's `name` until
        something changes.
        """
        searcher = self._searcher()
        known = self._counted.get(name)
        if known is None:
            if len(self._counted) >= _MAX_COUNTED:
                self._counted.clear()
            known = self._counted[name] = self._count(searcher, query)
        return known

    def _count(self, searcher: Any, query: Query) -> dict[str, list[Bucket]]:
        asked = {name: {"terms": {"field": field, "size": size}} for name, (field, size) in _FACET_SIZES.items()}
        found: dict[str, Any] = searcher.aggregate(query, asked)
        return {
            name: [Bucket(str(bucket["key"]), int(bucket["doc_count"])) for bucket in found[name]["buckets"]]
            for name in _FACET_SIZES
        }

    def forms(self, word: str) -> tuple[str, ...]:
        """What is looked for in place of `word`."""
        return self._analyser.forms(word)

    def titles_with(self, text: str, limit: int, *, nearly: bool = False) -> list[int]:
        """Ids of patches whose title has the words of `text`, of which the last may be begun only."""
        typed = [fold(word) for word in words(text)][:MAX_WORDS]
        if not typed:
            return []
        whole = [_term(self._schema, _WORDS_TITLE, word) for word in typed[:-1]]
        off = slack(typed[-1]) if nearly else 0
        begun = Query.fuzzy_term_query(self._schema, _WORDS_TITLE, typed[-1], distance=off, prefix=True)
        query = Query.boolean_query([(Occur.Must, each) for each in (*whole, begun)])
        return self.search(query, "popularity", False, limit, 0).ids

    def _searcher(self) -> Any:
        if self._changed:
            self._writer.commit()
            self._index.reload()
            self._changed = False
            self._counted.clear()
        return self._index.searcher()

    def _text_query(self, text: str, leniency: Leniency) -> list[Query]:
        typed = words(text)[:MAX_WORDS]
        if text.strip() and not typed:
            # Signs alone are looked for in vain, rather than finding everything.
            return [Query.empty_query()]
        found = [self._word_query(word, leniency != "exact", last=word is typed[-1]) for word in typed]
        if leniency == "some" and found:
            return [Query.boolean_query([(Occur.Should, each) for each in found])]
        return found

    def _word_query(self, word: str, forgiving: bool, *, last: bool) -> Query:
        """Anywhere in the patch; the title and the tags count for more."""
        places = [
            Query.boost_query(
                Query.boolean_query([(Occur.Should, _term(self._schema, field, form)) for form in self.forms(word)]),
                boost,
            )
            for field, boost in _BOOSTS.items()
        ]
        if forgiving:
            plain = fold(word)
            places.append(Query.fuzzy_term_query(self._schema, _WORDS_ALL, plain, distance=slack(plain), prefix=last))
        return Query.disjunction_max_query(places, 0.1)

    def _fields(self, record: PatchRecord, warmth: int) -> dict[str, Any]:
        patch = record.patch
        analysed = self._analyser.text
        title, tags = analysed(patch.title), analysed(" ".join(patch.tags))
        about = analysed(f"{patch.description} {patch.username} {patch.category or ''}")
        created = microseconds(parse_rfc3339(patch.created_at))
        fields: dict[str, Any] = {
            "id": patch.id,
            _WORDS_TITLE: title,
            _WORDS_TAGS: tags,
            _WORDS_ALL: f"{title} {tags} {about}",
            "tag": list(patch.tags),
            "tag_key": [fold(tag) for tag in patch.tags],
            "author": patch.username,
            "author_key": fold(patch.username),
            "cable": _cable_keys(patch.modmatrix),
            "created": created,
            "updated": created
            if patch.updated_at == patch.created_at
            else microseconds(parse_rfc3339(patch.updated_at)),
            "rating": round(100 * record.rating_sum / patch.rating_count) if patch.rating_count else 0,
            "forks": record.forks,
            "warmth": warmth,
            "standing": standing(record.rating_sum, patch.rating_count, record.forks),
        }
        if patch.category:
            fields["category"] = patch.category
        fields |= zip(_FIELDS, settings(patch), strict=True)
        return fields


@lru_cache(4096)
def _cable_keys(cables: tuple[Cable, ...]) -> tuple[str, ...]:
    """Most patches share their wiring with others."""
    return tuple(cable_key(cable) for each in cables if (cable := directed(each)))


def cable_key(cable: Cable) -> str:
    """A cable from output to input as it is indexed: `lfo-filter`."""
    return f"{cable.source.removeprefix('mod-')}-{cable.target.removeprefix('mod-')}"


def _schema() -> Schema:
    builder = SchemaBuilder()
    # Deleting by a term finds signed integers only.
    builder.add_integer_field("id", indexed=True, fast=True)
    for name in _BOOSTS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
    for name in ("tag", "author", "category"):
        builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    for name in ("tag_key", "author_key", "cable"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("created", "updated", "rating", "forks", "warmth", "standing"):
        builder.add_integer_field(name, fast=True)
    for control in CONTROLS:
        builder.add_integer_field(control.field, fast=True)
    return builder.build()


def _term(schema: Schema, field: str, value: str) -> Query:
    return Query.term_query(schema, field, value)


def _between(schema: Schema, field: str, low: int | None, high: int | None) -> Query:
    return Query.range_query(schema, field, FieldType.Integer, low, high)
