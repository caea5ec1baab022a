"""What a collection is."""

from typing import Annotated

import msgspec
from msgspec import Meta

from brutal_patches.patches.model import Patch, Tag

MAX_PATCHES = 500


class CollectionBody(msgspec.Struct, kw_only=True, frozen=True):
    """What a player sends: its name and what there is to say; `patchIds` in the order of the set."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    description: Annotated[str, Meta(max_length=5000)] = ""
    patch_ids: Annotated[tuple[int, ...], Meta(max_length=MAX_PATCHES)] = msgspec.field(default=(), name="patchIds")
    is_public: bool = msgspec.field(default=True, name="isPublic")
    tags: Annotated[tuple[Tag, ...], Meta(max_length=20)] = ()


class Collection(CollectionBody, kw_only=True, frozen=True):
    """A collection on the wire, with those of its patches that the reader may see."""

    id: str
    user_id: str = msgspec.field(name="userId")
    username: str
    created_at: str
    updated_at: str
    version: int = 1


class CollectionPage(Collection, kw_only=True, frozen=True):
    """A collection with its patches, in its order."""

    patches: tuple[Patch, ...]
