"""What the catalogue keeps of a patch."""

import hashlib
from sys import intern

import msgspec
from msgspec import UNSET

from brutal_patches.catalogue.analysis import folded
from brutal_patches.http.caching import version_tag
from brutal_patches.patches.model import Patch, PatchRecord

type Place = tuple[str, int]
"""Where a patch stands among others by time: `created_at`, then its id."""

_DECODER = msgspec.json.Decoder(Patch)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One patch, ready to be sent.

    `folded_name` is its author's name in the form that names compare in, `folded_title` its title likewise.
    """

    id: int
    revision: int
    version: int
    owner_id: str
    username: str
    folded_name: str
    folded_title: str
    is_public: bool
    created_at: str
    category: str
    tags: tuple[str, ...]
    parent_id: int
    rating_sum: int
    votes: int
    favourites: int
    is_hidden: bool
    warm: int
    body: bytes
    etag: str

    @property
    def place(self) -> Place:
        return self.created_at, self.id

    @property
    def digest(self) -> int:
        """128 bits of what is sent; combined, they name the content of many."""
        return int.from_bytes(hashlib.blake2b(self.body, digest_size=16).digest())

    def patch(self) -> Patch:
        """The patch itself, read from what is sent."""
        return _DECODER.decode(self.body)


def entry_of(record: PatchRecord) -> Entry:
    """What is kept of `record`; what many patches have in common is kept once."""
    patch = record.patch
    body = msgspec.json.encode(patch)
    return Entry(
        patch.id,
        record.revision,
        patch.version,
        intern(record.owner_id),
        intern(patch.username),
        intern(patch.username.casefold()),
        folded(patch.title),
        record.is_public,
        patch.created_at,
        "" if patch.category is UNSET else intern(patch.category),
        tuple(map(intern, patch.tags)),
        0 if patch.parent_id is UNSET else patch.parent_id,
        record.rating_sum,
        patch.rating_count,
        patch.favourite_count,
        record.is_hidden,
        record.warm,
        body,
        version_tag(patch.version, body),
    )
