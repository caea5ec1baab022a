"""Every patch in memory. A change is taken in by its revision, so the same news may come often and in any order."""

from collections import Counter
from collections.abc import Iterator

from brutal_patches.catalogue.columns import Columns
from brutal_patches.catalogue.entries import Entry, Place, entry_of
from brutal_patches.catalogue.highlights import Markers
from brutal_patches.catalogue.index import TextIndex
from brutal_patches.catalogue.nearest import Nearest
from brutal_patches.catalogue.orderings import Orderings
from brutal_patches.catalogue.places import Places
from brutal_patches.clock import parse_rfc3339
from brutal_patches.patches import store
from brutal_patches.patches.model import PatchRecord
from brutal_patches.patches.similarity import row
from brutal_patches.patches.warmth import warmth
from brutal_patches.storage.operations import Item


class Memory:
    """Patches by id, private ones too, and the public ones in order, by their words and by their panels.

    `changes` counts what has been taken in; `digest` names the whole public content, the same on every task.
    """

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._gone: dict[int, int] = {}
        self._forked: dict[int, dict[int, str]] = {}
        self.orderings = Orderings()
        self.index = TextIndex()
        self.markers = Markers(self.index.forms)
        self.places = Places()
        self.nearest = Nearest(self.places)
        self.columns = Columns(self.places)
        self.tags: Counter[str] = Counter()
        self.authors: Counter[str] = Counter()
        self.owners: Counter[str] = Counter()
        self.categories: Counter[str] = Counter()
        self.changes = 0
        self.digest = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, patch_id: int) -> Entry | None:
        """The patch with this id, private or not."""
        return self._entries.get(patch_id)

    def public(self, patch_id: int) -> Entry | None:
        """The patch with this id, if anybody may know of it."""
        entry = self._entries.get(patch_id)
        return entry if entry is not None and entry.is_public else None

    def tagged(self, patch_id: int) -> tuple[str, ...]:
        """The tags of a patch."""
        entry = self._entries.get(patch_id)
        return entry.tags if entry else ()

    def bodies(self, places: list[Place]) -> list[bytes]:
        """The patches at these places, encoded."""
        entries = self._entries
        return [entries[patch_id].body for _, patch_id in places]

    def take(self, item: Item) -> bool:
        """Take in a patch's item, unless a later one is known; True where something changed."""
        # What is known already is passed over unread: the feed brings everything several times.
        return self._is_news(int(str(item["id"])), int(str(item["revision"]))) and self.take_record(
            store.from_item(item)
        )

    def _is_news(self, patch_id: int, revision: int) -> bool:
        known = self._entries.get(patch_id)
        return revision > (known.revision if known else self._gone.get(patch_id, 0))

    def take_record(self, record: PatchRecord) -> bool:
        """Take in a patch as it is now."""
        patch_id = record.patch.id
        if not self._is_news(patch_id, record.revision):
            return False
        if known := self._entries.get(patch_id):
            self._drop(known)
        if record.deleted_at:
            self._gone[patch_id] = record.revision
        else:
            self._gone.pop(patch_id, None)
            self._keep(record)
        self.changes += 1
        return True

    def forget(self, patch_id: int) -> None:
        """Drop a patch that the table no longer has."""
        if known := self._entries.get(patch_id):
            self._drop(known)
            self.changes += 1

    def settling(self) -> Iterator[None]:
        """Make, step by step, what the first who asks would wait for."""
        self.orderings.titles.settle()
        yield from self.index.settling()

    def everything(self) -> list[Entry]:
        """Every patch, private ones too, by id: for those who look after them."""
        return [self._entries[patch_id] for patch_id in sorted(self._entries)]

    def revisions(self) -> dict[int, int]:
        """What is known, by id: for comparing with the table."""
        return {entry.id: entry.revision for entry in self._entries.values()}

    def _keep(self, record: PatchRecord) -> None:
        entry = entry_of(record)
        self._entries[entry.id] = entry
        self.owners[entry.owner_id] += 1
        if not entry.is_public:
            return
        self.orderings.add(entry)
        self.digest ^= entry.digest
        place = self.places.take(entry.id)
        self.nearest.put(place, row(record.patch))
        self._count(entry, 1)
        self.columns.put(record, place, self._warmth(entry))
        self.index.put(record, place)
        if entry.parent_id:
            self._forked.setdefault(entry.parent_id, {})[entry.id] = entry.created_at
            self._warm(entry.parent_id)

    def _drop(self, entry: Entry) -> None:
        del self._entries[entry.id]
        self.owners[entry.owner_id] -= 1
        if not entry.is_public:
            return
        self.orderings.remove(entry)
        self.digest ^= entry.digest
        self.index.remove(self.places[entry.id])
        self.places.give_up(entry.id)
        self.nearest.forget_distances()
        self.columns.forget_counts()
        self._count(entry, -1)
        if entry.parent_id:
            self._forked[entry.parent_id].pop(entry.id, None)
            self._warm(entry.parent_id)

    def _count(self, entry: Entry, by: int) -> None:
        for counter, values in ((self.tags, entry.tags), (self.authors, [entry.username])):
            for value in values:
                counter[value] += by
                if not counter[value]:
                    del counter[value]
        if entry.category:
            self.categories[entry.category] += by

    def _warm(self, patch_id: int) -> None:
        """A fork has come or gone."""
        entry = self.public(patch_id)
        if entry is not None:
            self.columns.warm(patch_id, self._warmth(entry))

    def _warmth(self, entry: Entry) -> int:
        forked = [parse_rfc3339(moment) for moment in self._forked.get(entry.id, {}).values()]
        return warmth(parse_rfc3339(entry.created_at), forked, entry.warm)
