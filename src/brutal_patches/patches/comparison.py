"""Two patches side by side: what differs, and how alike they are."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET

from brutal_patches.patches.model import Patch, PatchBody, PatchVersion, setting
from brutal_patches.patches.panel import CONTROLS
from brutal_patches.patches.similarity import similarity

type Change = Literal["changed", "added", "removed"]
_DECIMALS = 4


class Difference(msgspec.Struct, frozen=True):
    """One field in which two patches differ; the values are as on the wire."""

    field: str
    value1: Any
    value2: Any
    type: Change


class Comparison(msgspec.Struct, frozen=True):
    """Two patches and their differences, those of the panel first and in its order."""

    patch1: Patch
    patch2: Patch
    differences: tuple[Difference, ...]
    similarity: float


class VersionComparison(msgspec.Struct, frozen=True):
    """Two versions of one patch and their differences."""

    patch1: PatchVersion
    patch2: PatchVersion
    differences: tuple[Difference, ...]
    similarity: float


def compare(one: Patch, other: Patch) -> Comparison:
    """Two patches side by side."""
    return Comparison(one, other, differences(one, other), likeness(one, other))


def compare_versions(one: PatchVersion, other: PatchVersion) -> VersionComparison:
    """Two versions of a patch side by side."""
    return VersionComparison(one, other, differences(one.body, other.body), likeness(one.body, other.body))


def likeness(one: PatchBody, other: PatchBody) -> float:
    """The similarity as it is told, with four decimals; 1 is kept for panels that are the same."""
    exact = similarity(one, other)
    return exact if exact == 1 else min(round(exact, _DECIMALS), 1 - 10**-_DECIMALS)


def differences(one: PatchBody, other: PatchBody) -> tuple[Difference, ...]:
    """Every field in which two patches differ."""
    pairs = [(control.field, setting(one, control.field), setting(other, control.field)) for control in CONTROLS]
    pairs += [(name, getattr(one, name), getattr(other, name)) for name in ("title", "description", "category")]
    found = [_difference(name, left, right) for name, left, right in pairs if left != right]
    for name in ("modmatrix", "tags"):
        left, right = getattr(one, name), getattr(other, name)
        if set(left) != set(right):
            found.append(_difference(name, left, right))
    return tuple(found)


def _difference(field: str, left: Any, right: Any) -> Difference:
    shown = [None if value is UNSET else msgspec.to_builtins(value) for value in (left, right)]
    empty = [value in (None, "", ()) or value is UNSET for value in (left, right)]
    kind: Change = "changed"
    if empty == [True, False]:
        kind = "added"
    elif empty == [False, True]:
        kind = "removed"
    return Difference(field, shown[0], shown[1], kind)
