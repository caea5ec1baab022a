"""What is answered from memory: ready bytes with their tags, made once for each state of the catalogue."""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Literal

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.catalogue import finding
from brutal_patches.catalogue.entries import Place
from brutal_patches.catalogue.feeding import Feeder
from brutal_patches.catalogue.memory import Memory
from brutal_patches.catalogue.orderings import newest, newest_before
from brutal_patches.catalogue.question import Question
from brutal_patches.clock import Clock, monotonic
from brutal_patches.errors import FieldError, Invalid, NotFound
from brutal_patches.http.caching import strong_tag, version_tag
from brutal_patches.http.cursors import Cursors
from brutal_patches.patches import store
from brutal_patches.patches.categories import CATEGORIES, Category
from brutal_patches.patches.comparison import compare
from brutal_patches.patches.lint import lint
from brutal_patches.patches.model import Patch, WiredPanel
from brutal_patches.patches.service import Patches
from brutal_patches.watching import Watch

MAX_READY = 2000
MAX_READY_BYTES = 8_000_000
"""Of ready answers. The express lane keeps those that everybody gets, so this is for who sends credentials, and a page
of a search is 25 kB: by number alone these would be a tenth of what a task has."""
_PART = 500
_DECODER = msgspec.json.Decoder(Patch)


class Ready(msgspec.Struct, frozen=True):
    """An answer that only needs to be sent. `own`: it is for its owner alone."""

    body: bytes
    etag: str
    own: bool = False


class CountedCategory(Category, frozen=True):
    """A category and how many public patches it has."""

    count: int


class CountedTag(msgspec.Struct, frozen=True):
    """A tag and how many public patches have it."""

    tag: str
    count: int


class Reading:
    """The reads of the catalogue. The same question between two changes gets the same bytes."""

    def __init__(
        self, feeder: Feeder, patches: Patches, cursors: Cursors, clock: Clock, watch: Watch | None = None
    ) -> None:
        self._watch = watch or Watch()
        self._feeder = feeder
        self._patches = patches
        self._cursors = cursors
        self._clock = clock
        self._ready: dict[object, Ready] = {}
        self._ready_bytes = 0
        self._of: tuple[Memory, int] = (feeder.memory, -1)

    @property
    def memory(self) -> Memory:
        return self._feeder.memory

    @property
    def age(self) -> float | None:
        """Seconds since the catalogue was true, where that is so long that readers should know; else None."""
        return self._feeder.age if self._feeder.is_stale else None

    async def patch(self, actor: Actor, patch_id: int) -> Ready:
        """A patch: from memory for everybody, from the table for its owner and for who may just have made it."""
        entry = self.memory.find(patch_id)
        if actor.user_id and (entry is None or not entry.is_public or entry.owner_id == actor.user_id):
            patch = (await self._patches.read(actor, patch_id)).patch
            body = msgspec.json.encode(patch)
            return Ready(body, version_tag(patch.version, body), own=True)
        if entry is None or not entry.is_public:
            raise store.no_such_patch(patch_id)
        return Ready(entry.body, entry.etag)

    async def find(self, actor: Actor, patch_id: int) -> Patch:
        """The same as a value, for what is worked out from patches."""
        return _DECODER.decode((await self.patch(actor, patch_id)).body)

    async def comparison(self, actor: Actor, patch_id: int, other_id: int) -> Ready:
        """Two patches side by side."""
        one, other = await self.patch(actor, patch_id), await self.patch(actor, other_id)
        body = msgspec.json.encode(compare(_DECODER.decode(one.body), _DECODER.decode(other.body)))
        return Ready(body, strong_tag(body), own=one.own or other.own)

    async def hints(self, actor: Actor, patch_id: int) -> Ready:
        """What to know of a patch before turning the knobs."""
        patch = await self.patch(actor, patch_id)
        body = msgspec.json.encode(lint(_DECODER.decode(patch.body)))
        return Ready(body, strong_tag(body), own=patch.own)

    def search(self, question: Question) -> Ready:
        """What a search finds, with how many there are in all and how they spread."""
        return self._once(question, lambda: self._searched(question))

    def _searched(self, question: Question) -> bytes:
        began = monotonic()
        ids, found = finding.search(self.memory, question)
        self._watch.worked("catalogue search", began, hits=found.total, forgiven=found.forgiven)
        return self._found(ids, found)

    def nearest(self, body: WiredPanel, limit: int) -> Ready:
        """The patches whose panels are most like `body`'s."""
        ids, alike = finding.nearest(self.memory, body, limit)
        found = self._found(ids, finding.Found(len(self.memory.nearest), {}, similarities=alike))
        return Ready(found, strong_tag(found))

    async def related(self, actor: Actor, patch_id: int, limit: int) -> Ready:
        """The patches most like this one."""
        if self.memory.public(patch_id) is not None:
            return self._once(
                f"related|{patch_id}|{limit}", lambda: self._listed(finding.related(self.memory, patch_id, limit))
            )
        body = self._listed(finding.nearest(self.memory, await self.find(actor, patch_id), limit)[0])
        return Ready(body, strong_tag(body), own=True)

    def twins(self, body: WiredPanel) -> list[int]:
        """The public patches that sound exactly like `body`."""
        return finding.twins(self.memory, body)

    async def duplicates(self, actor: Actor, patch_id: int) -> Ready:
        """The other public patches that sound exactly like this one."""
        patch = await self.patch(actor, patch_id)
        twins = self.twins(_DECODER.decode(patch.body))
        body = self._listed([other for other in twins if other != patch_id])
        return Ready(body, strong_tag(body), own=patch.own)

    def leading(self, order: Literal["trending", "featured"], limit: int) -> Ready:
        """The patches that lead by warmth or by standing."""
        return self._once(f"{order}|{limit}", lambda: self._listed(finding.leading(self.memory, order, limit)))

    def categories(self) -> Ready:
        """Every category and how many public patches it has."""
        return self._once("categories", lambda: msgspec.json.encode(self._categories()))

    def tags(self, limit: int) -> Ready:
        """The commonest tags and how many public patches have them."""
        return self._once(f"tags|{limit}", lambda: msgspec.json.encode(self._tags(limit)))

    def suggest(self, text: str) -> Ready:
        """What somebody who is typing may mean."""
        return self._once(f"suggest|{text}", lambda: msgspec.json.encode(finding.suggest(self.memory, text)))

    def random(self) -> Ready:
        """Some public patch."""
        places = self.memory.orderings.all
        if not places:
            raise NotFound("There are no patches yet.")
        return self._ready_patch(places[int.from_bytes(self._clock.random(8)) % len(places)][1])

    def total(self) -> Ready:
        """How many public patches there are."""
        return self._once("total", lambda: b"%d" % len(self.memory.orderings.all))

    def total_of(self, username: str) -> Ready:
        """How many public patches an author has."""
        name = username.casefold()
        return self._once(f"total|{name}", lambda: b"%d" % len(self.memory.orderings.by_author(name)))

    def latest_page(self, limit: int, cursor: str | None) -> Ready:
        """A page of the newest public patches, with the cursor of the next."""
        return self._page("latest", self.memory.orderings.all, limit, cursor)

    def latest_part(self, offset: int, limit: int) -> Ready:
        """The newest public patches after the first `offset`, as an array."""
        places = self.memory.orderings.all
        return self._once(f"latest|{offset}|{limit}", lambda: self._array(newest(places, offset, limit)))

    def author_page(self, username: str, limit: int, cursor: str | None) -> Ready:
        """A page of an author's public patches."""
        name = username.casefold()
        return self._page(f"author|{name}", self.memory.orderings.by_author(name), limit, cursor)

    def author_part(self, username: str, offset: int, limit: int) -> Ready:
        """Some of an author's public patches, as an array."""
        name = username.casefold()
        places = self.memory.orderings.by_author(name)
        return self._once(f"author|{name}|{offset}|{limit}", lambda: self._array(newest(places, offset, limit)))

    def content_tag(self) -> str:
        """The tag of the whole list, the same on every task that has the same content."""
        return f'"all-{hashlib.blake2b(self.memory.digest.to_bytes(16), digest_size=12).hexdigest()}"'

    async def everything(self) -> AsyncIterator[bytes]:
        """All public patches as one JSON array, newest first, in parts of bounded size."""
        memory, places = self.memory, self.memory.orderings.all[::-1]
        separator = b"["
        for start in range(0, len(places), _PART):
            known = [entry for _, patch_id in places[start : start + _PART] if (entry := memory.public(patch_id))]
            if known:
                yield separator + b",".join(entry.body for entry in known)
                separator = b","
        yield b"[]" if separator == b"[" else b"]"

    def _ready_patch(self, patch_id: int) -> Ready:
        entry = self.memory.public(patch_id)
        if entry is None:
            raise store.no_such_patch(patch_id)
        return Ready(entry.body, entry.etag)

    def _categories(self) -> list[CountedCategory]:
        counts = self.memory.categories
        return [CountedCategory(**msgspec.structs.asdict(each), count=counts[each.id]) for each in CATEGORIES]

    def _tags(self, limit: int) -> list[CountedTag]:
        ordered = sorted(self.memory.tags.items(), key=lambda pair: (-pair[1], pair[0]))
        return [CountedTag(tag, count) for tag, count in ordered[:limit]]

    def _found(self, ids: list[int], found: finding.Found) -> bytes:
        """The patches' own bytes, put before what else there is to say."""
        return b'{"patches":' + self._listed(ids) + b"," + msgspec.json.encode(found)[1:]

    def _listed(self, ids: list[int]) -> bytes:
        known = [entry.body for patch_id in ids if (entry := self.memory.public(patch_id))]
        return b"[" + b",".join(known) + b"]"

    def _page(self, context: str, places: list[Place], limit: int, cursor: str | None) -> Ready:
        if cursor is None:
            return self._once(f"{context}|page|{limit}", lambda: self._page_bytes(context, places, limit, None))
        created_at, patch_id = self._opened(cursor, context)
        body = self._page_bytes(context, places, limit, (created_at, patch_id))
        return Ready(body, strong_tag(body))

    def _page_bytes(self, context: str, places: list[Place], limit: int, before: Place | None) -> bytes:
        found = newest_before(places, before, limit)
        page = b'{"patches":' + self._array(found)
        if found and found[-1] != places[0]:
            cursor = self._cursors.seal([found[-1][0], found[-1][1]], context)
            return page + b',"hasMore":true,"nextCursor":"' + cursor.encode() + b'"}'
        return page + b',"hasMore":false}'

    def _opened(self, cursor: str, context: str) -> Place:
        match self._cursors.open(cursor, context):
            case [str() as created_at, int() as patch_id]:
                return created_at, patch_id
        raise Invalid("The cursor cannot be used.", errors=[FieldError("cursor", "is not a cursor of this list")])

    def _array(self, places: list[Place]) -> bytes:
        return b"[" + b",".join(self.memory.bodies(places)) + b"]"

    def _once(self, question: object, answer: Callable[[], bytes]) -> Ready:
        """The ready answer to `question` in the present state of the catalogue."""
        state = (self.memory, self.memory.changes)
        if state != self._of or len(self._ready) >= MAX_READY or self._ready_bytes > MAX_READY_BYTES:
            self._ready, self._ready_bytes, self._of = {}, 0, state
        known = self._ready.get(question)
        asked = "miss" if known is None else "hit"
        self._watch.cached("catalogue", "stale" if self._feeder.is_stale else asked)
        if known is None:
            body = answer()
            known = self._ready[question] = Ready(body, strong_tag(body))
            self._ready_bytes += len(body)
        return known
