"""What a collection is."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from brutal_patches.patches.model import Patch, Tag

MAX_PATCHES = 500


type Name = Annotated[str, Meta(min_length=1, max_length=120)]
type Description = Annotated[str, Meta(max_length=5000)]
type PatchIds = Annotated[tuple[int, ...], Meta(max_length=MAX_PATCHES)]
type Tags = Annotated[tuple[Tag, ...], Meta(max_length=20)]


class CollectionBody(msgspec.Struct, kw_only=True, frozen=True):
    """What a player sends: its name and what there is to say; `patchIds` in the order of the set."""

    name: Name
    description: Description = ""
    patch_ids: PatchIds = msgspec.field(default=(), name="patchIds")
    is_public: bool = msgspec.field(default=True, name="isPublic")
    tags: Tags = ()


class CollectionChange(msgspec.Struct, kw_only=True, frozen=True):
    """What its owner changes; what is not named stays, so that renaming a set does not empty it."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    patch_ids: PatchIds | UnsetType = msgspec.field(default=UNSET, name="patchIds")
    is_public: bool | UnsetType = msgspec.field(default=UNSET, name="isPublic")
    tags: Tags | UnsetType = UNSET


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
