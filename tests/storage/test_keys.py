"""Keys are all different, and partitions hold the keys that they are named after."""

import inspect
from typing import Any

from brutal_patches.storage import keys
from brutal_patches.storage.keys import Key, Partition

ARGUMENTS: dict[str, Any] = {"patch_id": 7, "version": 3, "shard": 1, "window": 5}


def made() -> dict[str, Key | Partition]:
    """What each function of the page makes of sample arguments."""
    found = {}
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        if function.__module__ == keys.__name__:
            parameters = inspect.signature(function).parameters
            found[name] = function(**{each: ARGUMENTS.get(each, f"{each}-1") for each in parameters})
    return found


def test_no_two_things_have_the_same_key() -> None:
    """An item can only be what it was written as."""
    single = [key for key in made().values() if isinstance(key, Key)]

    assert len(single) == len(set(single))


def test_partitions_hold_what_they_are_named_after() -> None:
    """A query of the partition meets the item."""
    every = made()
    pairs = [
        ("patch_versions", "patch_version"),
        ("owned_patches", "owned_patch"),
        ("deleted_patches", "deleted_patch"),
        ("user_sessions", "user_session"),
        ("revocations", "revocation"),
    ]
    for plural, single in pairs:
        partition, key = every[plural], every[single]
        assert isinstance(partition, Partition)
        assert isinstance(key, Key)
        assert (partition.table, partition.pk) == (key.table, key.pk)
        assert key.sk.startswith(partition.prefix)


def test_numbers_sort_as_numbers() -> None:
    """Versions and ids are padded, so the tenth comes after the ninth."""
    assert keys.patch_version(1, 9).sk < keys.patch_version(1, 10).sk
    assert keys.owned_patch("u", 999).sk < keys.owned_patch("u", 1000).sk
