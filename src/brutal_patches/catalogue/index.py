"""The full-text index of public patches: tantivy, in memory. It knows their words; the rest is in `columns.py`.

Texts are analysed before they come here (`analysis.py`), so the index only splits at spaces, and no query
language is parsed: queries are built from values, which no user's input can break.
"""

import gc
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache, reduce
from typing import Any, Literal

import msgspec
import numpy as np
from tantivy import Index, Occur, Query, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from brutal_patches.catalogue.analysis import MAX_WORDS, Analyser, fold, slack, words
from brutal_patches.catalogue.columns import Mask, Rows
from brutal_patches.catalogue.postings import MAX_ROWS, Bits, Postings, spread
from brutal_patches.catalogue.question import Question
from brutal_patches.patches.model import Cable, PatchRecord
from brutal_patches.patches.modulation import directed

type Leniency = Literal["exact", "near", "some"]
"""All words as they are written; all of them nearly so or begun; any of them, nearly so."""

_HEAP_BYTES = 15_000_000
_WORDS_TITLE, _WORDS_TAGS, _WORDS_ALL = "in_title", "in_tags", "in_all"
_BOOSTS = {_WORDS_TITLE: 4.0, _WORDS_TAGS: 2.5, _WORDS_ALL: 1.0}
_FREQUENT = 1000
"""A word that so many patches have takes some milliseconds to look for; all others less than one."""
_MAX_LENIENT = 64
_FEWEST_RANKED = 256
_MAX_RANKED_BYTES = 4_000_000
"""Of places by relevance: those of a thousand searches for words as they are written, or of five for nearly all."""


class _Ranked(msgspec.Struct, frozen=True):
    """The first `asked` places that words find, or fewer where these are all."""

    asked: int
    places: Rows


class TextIndex:
    """Patches by their words and properties. Changes count from the next search on."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._index = Index(self._schema)
        self._index.register_tokenizer("spaces", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        self._writer = self._index.writer(_HEAP_BYTES, 1)
        self._analyser = Analyser()
        self._changed = False
        self._postings = Postings()
        self._ranked: OrderedDict[object, _Ranked] = OrderedDict()
        self._ranked_bytes = 0
        self._lenient: OrderedDict[object, Bits] = OrderedDict()

    def put(self, record: PatchRecord, place: int) -> None:
        """Add a patch that is not in the index, and whose place this is."""
        # As JSON, which tantivy reads by itself; a Document made here would cost four times as much.
        fields = self._fields(record, place)
        self._writer.add_json(msgspec.json.encode(fields).decode())
        self._postings.put(place, fields[_WORDS_ALL].split(" "))
        self._changed = True

    def remove(self, place: int) -> None:
        """Take a patch out."""
        self._writer.delete_documents_by_term("place", place)
        self._postings.remove(place)
        self._changed = True

    def having(self, question: Question, leniency: Leniency, used: int) -> Mask:
        """Which of the `used` first places have the words of `question`; its bounds are not looked at."""
        typed = words(question.text)[:MAX_WORDS]
        if not typed:
            # Signs alone are looked for in vain, rather than finding everything.
            return np.zeros(used, np.bool)
        if leniency != "exact":
            return np.unpackbits(self._forgiven(question, leniency, used), count=used).view(np.bool)
        searcher = self._searcher()
        each = [reduce(np.bitwise_or, [self._bits_of(searcher, form) for form in self.forms(word)]) for word in typed]
        return np.unpackbits(reduce(np.bitwise_and, each), count=used).view(np.bool)

    def _bits_of(self, searcher: Any, form: str) -> Bits:
        return self._postings.of(form, lambda: _all(searcher, _term(self._schema, _WORDS_ALL, form)))

    def _forgiven(self, question: Question, leniency: Leniency, used: int) -> Bits:
        """The words as the index is lenient about them, which nothing else knows; kept until something changes."""
        name, searcher = (question.text, leniency), self._searcher()
        known = self._lenient.get(name)
        if known is None:
            if len(self._lenient) >= _MAX_LENIENT:
                self._lenient.popitem(last=False)
            query = Query.boolean_query([(Occur.Must, each) for each in self._text_query(question.text, leniency)])
            known = self._lenient[name] = np.packbits(spread(_all(searcher, query), used))
        return known

    def best(self, question: Question, leniency: Leniency, mask: Mask, count: int) -> Rows:
        """The `count` most relevant places of those in `mask`, which all have the words and are no fewer than that."""
        if not count:
            return np.zeros(0, np.intp)
        wanted, most = _FEWEST_RANKED, self._searcher().num_docs
        while True:
            # Bounds leave some of what the words find: how many must be ranked for a page, only trying tells.
            ranked = self._first(question, leniency, min(wanted, most))
            found = ranked[mask[ranked]]
            if len(found) >= count or wanted >= most:
                return found[:count]
            wanted *= 8

    def _first(self, question: Question, leniency: Leniency, count: int) -> Rows:
        """The `count` first places by relevance, or more, or all. The question's tags and cables weigh too.

        The same words are looked for with ever other bounds, so what they found is kept until something changes.
        """
        name = (question.text, question.tags, question.cables, leniency)
        searcher = self._searcher()
        known = self._ranked.get(name)
        if known is None or (known.asked < count and len(known.places) == known.asked):
            known = self._keep(name, _Ranked(count, _search(searcher, self._query(question, leniency), count)))
        self._ranked.move_to_end(name)
        return known.places

    def _keep(self, name: object, found: _Ranked) -> _Ranked:
        if before := self._ranked.pop(name, None):
            self._ranked_bytes -= before.places.nbytes
        self._ranked[name] = found
        self._ranked_bytes += found.places.nbytes
        while self._ranked_bytes > _MAX_RANKED_BYTES and len(self._ranked) > 1:
            _, oldest = self._ranked.popitem(last=False)
            self._ranked_bytes -= oldest.places.nbytes
        return found

    def _query(self, question: Question, leniency: Leniency) -> Query:
        must = self._text_query(question.text, leniency)
        must += [_term(self._schema, "tag_key", fold(tag)) for tag in question.tags]
        must += [_term(self._schema, "cable", cable_key(cable)) for cable in question.cables]
        return Query.boolean_query([(Occur.Must, each) for each in must])

    def settling(self) -> Iterator[None]:
        """Make what has changed count now, and look for the frequent words, before somebody waits for that."""
        known: list[tuple[str, int]] = self._searcher().terms_with_prefix(_WORDS_ALL, "")
        frequent = sorted((-count, word) for word, count in known if count >= _FREQUENT)
        for _, word in frequent[:MAX_ROWS]:
            self._bits_of(self._searcher(), word)
            yield

    def forms(self, word: str) -> tuple[str, ...]:
        """What is looked for in place of `word`."""
        return self._analyser.forms(word)

    def titles_with(self, text: str, limit: int, *, nearly: bool = False) -> list[int]:
        """Places of patches whose title has the words of `text`, of which the last may be begun only."""
        typed = [fold(word) for word in words(text)][:MAX_WORDS]
        if not typed:
            return []
        whole = [_term(self._schema, _WORDS_TITLE, word) for word in typed[:-1]]
        off = slack(typed[-1]) if nearly else 0
        begun = Query.fuzzy_term_query(self._schema, _WORDS_TITLE, typed[-1], distance=off, prefix=True)
        query = Query.boolean_query([(Occur.Must, each) for each in (*whole, begun)])
        found: list[int] = _search(self._searcher(), query, limit, "forks").tolist()
        return found

    def _searcher(self) -> Any:
        if self._changed:
            self._writer.commit()
            self._index.reload()
            self._changed = False
            self._ranked.clear()
            self._ranked_bytes = 0
            self._lenient.clear()
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

    def _fields(self, record: PatchRecord, place: int) -> dict[str, Any]:
        patch = record.patch
        analysed = self._analyser.text
        title, tags = analysed(patch.title), analysed(" ".join(patch.tags))
        about = analysed(f"{patch.description} {patch.username} {patch.category or ''}")
        return {
            "place": place,
            _WORDS_TITLE: title,
            _WORDS_TAGS: tags,
            _WORDS_ALL: f"{title} {tags} {about}",
            "tag_key": [fold(tag) for tag in patch.tags],
            "cable": _cable_keys(patch.modmatrix),
            "forks": record.forks,
        }


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
    builder.add_integer_field("place", indexed=True, fast=True)
    for name in _BOOSTS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
    for name in ("tag_key", "cable"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("forks", fast=True)
    return builder.build()


def _all(searcher: Any, query: Query) -> Rows:
    """The places of all that `query` finds."""
    # In the order of a field, the value that it is sorted by comes with each, so nothing else has to be read.
    found = searcher.search(query, max(1, searcher.num_docs), count=False, order_by_field="place")
    collects = gc.isenabled()
    # So many new objects at once would make the collector look through all there are, again and again.
    gc.disable()
    try:
        return np.fromiter((place for place, _ in found.hits), np.intp)
    finally:
        if collects:
            gc.enable()


def _search(searcher: Any, query: Query, limit: int, order_by_field: str | None = None) -> Rows:
    """The places of the first `limit` that `query` finds."""
    if not limit:
        return np.zeros(0, np.intp)
    found = searcher.search(query, limit, count=False, order_by_field=order_by_field)
    places = searcher.fast_field_values("place", [address for _, address in found.hits])
    return np.array(places, np.intp)


def _term(schema: Schema, field: str, value: str) -> Query:
    return Query.term_query(schema, field, value)
