"""What the items of the core table are traces of: the things they belong to, and what happened when they were made."""

from brutal_patches.audit import daily
from brutal_patches.storage.operations import Item


def target_of(item: Item) -> str:
    """The partition of the thing without which this item means nothing; empty where it stands for itself."""
    pk, sk = str(item["pk"]), str(item["sk"])
    kind, _, subject = sk.partition("#")
    if pk.startswith("PATCH#") and kind in {"VERSION", "RATING", "KEPT", "COMMENT"}:
        return pk
    if pk.startswith("USER#") and kind == "COMMENT":
        return f"PATCH#{item['patch_id']!s}"
    if pk.startswith("USER#") and kind in {"PATCH", "RATED", "FAVOURITE"}:
        return f"PATCH#{int(subject)}"
    if pk.startswith("USER#") and kind == "COLLECTION":
        return f"COLLECTION#{subject}"
    if pk == "COLLECTIONS":
        return f"COLLECTION#{sk.rpartition('#')[2]}"
    return {"USERS": f"USER#{sk}", "ALLCOLLECTIONS": f"COLLECTION#{sk}"}.get(pk, "")


def traces_of(item: Item) -> list[tuple[daily.What, str]]:
    """What an item is a trace of, and when that was."""
    kind, sk = str(item["pk"]).partition("#")[0], str(item["sk"])
    if kind == "PATCH" and sk == "LATEST":
        forked: list[tuple[daily.What, str]] = [("forks", str(item["created_at"]))] if item.get("parent") else []
        return [("patches", str(item["created_at"])), *forked]
    if kind == "PATCH" and sk.startswith("RATING#"):
        return [("ratings", str(item["at"]))]
    if kind == "PATCH" and sk.startswith("KEPT#"):
        return [("favourites", str(item["at"]))]
    if kind == "PATCH" and sk.startswith("COMMENT#"):
        return [("comments", str(item["created_at"]))]
    named: dict[str, daily.What] = {"PROFILE": "users", "COLLECTION": "collections"}
    return [(named[sk], str(item["created_at"]))] if sk in named and "created_at" in item else []
