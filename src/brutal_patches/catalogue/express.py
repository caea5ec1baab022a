"""Ready answers of the catalogue for the express lane."""

from collections.abc import Callable

from brutal_patches.catalogue.reading import Reading
from brutal_patches.http.caching import PUBLIC_REVALIDATED
from brutal_patches.http.express import Prepared

_PREFIX = "/api/patches/"
_TEMPLATE = "/api/patches/{patch_id}"
_LONGEST_ID = 9
_TYPE = (b"content-type", b"application/json")
_CACHE = (b"cache-control", PUBLIC_REVALIDATED.encode())


class CatalogueExpress:
    """A patch by its id, and whether the catalogue has changed; `reading` is there once the service has started."""

    def __init__(self, reading: Callable[[], Reading]) -> None:
        self._reading = reading

    def state(self) -> object:
        """None while the catalogue is stale: answers then say how old they are."""
        reading = self._reading()
        return None if reading.age is not None else (reading.memory, reading.memory.changes)

    def prepared(self, path: str) -> Prepared | None:
        """`/api/patches/7`, if anybody may see it."""
        number = path[len(_PREFIX) :]
        if not path.startswith(_PREFIX) or not number.isdecimal() or len(number) > _LONGEST_ID or not number.isascii():
            return None
        entry = self._reading().memory.public(int(number))
        if entry is None:
            return None
        head = [_TYPE, (b"content-length", b"%d" % len(entry.body)), (b"etag", entry.etag.encode()), _CACHE]
        return Prepared(head, entry.body, entry.etag, _TEMPLATE)
