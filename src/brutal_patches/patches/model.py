"""What a patch is: what an author sends is the base of what is stored, and of what is returned."""

from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from brutal_patches.actor import Actor
from brutal_patches.patches.categories import CategoryId
from brutal_patches.patches.panel import CONTROLS, Control, Jack

UNRATED = ""


def _explain(control: Control) -> str:
    named = " · ".join(f"{control.low + step} {label}" for step, label in enumerate(control.labels))
    return f"{control.meaning.capitalize()}{f': {named}' if named else ''}{', 50 = centre' if control.bipolar else ''}"


def _position(control: Control) -> Any:
    return Annotated[int, Meta(ge=control.low, le=control.high, title=control.name, description=_explain(control))]


class Panel(msgspec.Struct, kw_only=True):
    """The positions of all controls, each an integer, at first where the panel's table says."""

    # The fields are those of the table, so that there is one list of them; `setting` reads one by name.
    __annotations__ = {control.field: _position(control) for control in CONTROLS}
    locals().update({control.field: control.initial for control in CONTROLS})


class Cable(msgspec.Struct, frozen=True):
    """A cable between two jacks, in the direction in which it was drawn."""

    source: Jack
    target: Jack


type Tag = Annotated[str, Meta(min_length=1, max_length=40)]


class WiredPanel(Panel, kw_only=True):
    """A panel with its cables: all that makes the sound."""

    modmatrix: Annotated[tuple[Cable, ...], Meta(max_length=16)] = ()


class PatchBody(WiredPanel, kw_only=True):
    """What an author sends: the panel, and what there is to say about it."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    description: Annotated[str, Meta(max_length=5000)] = ""
    tags: Annotated[tuple[Tag, ...], Meta(max_length=20)] = ()
    category: CategoryId | UnsetType = UNSET
    is_public: bool = msgspec.field(default=True, name="isPublic")


class Origin(msgspec.Struct, frozen=True):
    """The patch that a fork was made from, as it was called then."""

    id: int
    title: str
    username: str


class Patch(PatchBody, kw_only=True):
    """A patch on the wire. Times are RFC 3339 in UTC; `average_rating` is text, empty while unrated."""

    id: int
    username: str
    average_rating: str = UNRATED
    rating_count: int = msgspec.field(default=0, name="ratingCount")
    favourite_count: int = msgspec.field(default=0, name="favouriteCount")
    created_at: str
    updated_at: str
    version: int = 1
    is_latest: bool = msgspec.field(default=True, name="isLatest")
    parent_id: int | UnsetType = msgspec.field(default=UNSET, name="parentId")
    forked_from: Origin | UnsetType = msgspec.field(default=UNSET, name="forkedFrom")
    hidden_reason: str | UnsetType = msgspec.field(default=UNSET, name="hiddenReason")


class PatchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A patch with what only the service knows of it.

    A deleted patch has `deleted_at`, and stays as a tombstone until its item expires; one that moderators
    have hidden says why. `warm` is what votes and favourites add to its warmth (see `warmth.py`). `revision`
    counts every change of the item, ratings and forks included; of two copies the higher is the later.
    """

    patch: Patch
    owner_id: str
    rating_sum: int = 0
    forks: int = 0
    warm: int = 0
    revision: int = 1
    deleted_at: str = ""

    @property
    def is_public(self) -> bool:
        """Whether anybody may know of it."""
        return bool(self.patch.is_public) and not self.deleted_at and not self.is_hidden

    @property
    def is_hidden(self) -> bool:
        """Whether moderators have taken it from sight."""
        return self.patch.hidden_reason is not UNSET

    def visible_to(self, actor: Actor) -> bool:
        """Whether `actor` may know of it: everybody, its owner, or staff where it was hidden."""
        if self.deleted_at:
            return False
        return self.is_public or actor.owns(self.owner_id) or (actor.is_staff and self.is_hidden)


class PatchVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One kept version: the body as it was, who changed it, when, and what they said of it."""

    patch_id: int = msgspec.field(name="patchId")
    version: int
    body: PatchBody = msgspec.field(name="patch")
    changes: str = ""
    username: str
    created_at: str
    is_latest: bool = msgspec.field(default=False, name="isLatest")


def setting(patch: Panel, field: str) -> int:
    """The position of the control that is stored in `field`."""
    return int(getattr(patch, field))


_ALL_SETTINGS = attrgetter(*(control.field for control in CONTROLS))


def settings(patch: Panel) -> tuple[int, ...]:
    """The positions of all controls, in the order of the panel."""
    found: tuple[int, ...] = _ALL_SETTINGS(patch)
    return found


def wired(patch: WiredPanel) -> WiredPanel:
    """Only the panel of `patch`."""
    return WiredPanel(**{name: getattr(patch, name) for name in WiredPanel.__struct_fields__})


def body_of(patch: PatchBody) -> PatchBody:
    """Only what the author sent of `patch`."""
    return PatchBody(**{name: getattr(patch, name) for name in PatchBody.__struct_fields__})
