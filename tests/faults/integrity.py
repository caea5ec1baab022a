"""What must hold of everything that storage holds, whatever happened to the service that wrote it."""

from collections import Counter, defaultdict

import msgspec

from brutal_patches.accounts.model import Session, User
from brutal_patches.accounts.submission import fold
from brutal_patches.audit.daily import EVERYTHING
from brutal_patches.catalogue.feeding import Drift, Feeder
from brutal_patches.clock import SystemClock
from brutal_patches.collections.store import collection_of
from brutal_patches.feedback.model import Comment
from brutal_patches.patches import store
from brutal_patches.patches.model import PatchRecord
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.operations import Item
from brutal_patches.storage.table import Table


class Holdings(msgspec.Struct, frozen=True):
    """Both tables, item by item, under `(pk, sk)`."""

    core: dict[tuple[str, str], Item]
    ephemeral: dict[tuple[str, str], Item]

    def under(self, prefix: str, sort: str) -> dict[str, Item]:
        """Items whose keys begin like this, by what follows the partition's prefix."""
        return {
            pk.removeprefix(prefix): item
            for (pk, sk), item in self.core.items()
            if pk.startswith(prefix) and sk.startswith(sort)
        }


async def holdings(table: Table) -> Holdings:
    """Everything there is."""
    found: dict[str, dict[tuple[str, str], Item]] = {"core": {}, "ephemeral": {}}
    for name in ("core", "ephemeral"):
        async for page in table.scan(name):  # type: ignore[arg-type]
            found[name] |= {(str(item["pk"]), str(item["sk"])): item for item in page}
    return Holdings(**found)


def faults_of(held: Holdings) -> list[str]:
    """A sentence for everything that is half there, counted wrongly or owned twice; empty where all is well."""
    return [*_accounts(held), *_patches(held), *_feedback(held), *_collections(held), *_days(held)]


async def catalogue_drift(table: Table, feeder: Feeder | None = None) -> Drift:
    """How far a catalogue is from the table; a new one is loaded where none is given."""
    if feeder is None:
        feeder = Feeder(table, SystemClock())
        await feeder.load()
    return await feeder.reconcile()


def users(held: Holdings) -> dict[str, User]:
    """Every account, by id."""
    return {user_id: from_item(User, item) for user_id, item in held.under("USER#", "PROFILE").items()}


def records(held: Holdings) -> dict[int, PatchRecord]:
    """Every patch, deleted ones too, by id."""
    found = [store.from_item(item) for (pk, sk), item in held.core.items() if (pk[:6], sk) == ("PATCH#", "LATEST")]
    return {record.patch.id: record for record in found}


def _accounts(held: Holdings) -> list[str]:
    faults = []
    known = users(held)
    names = {name: str(item["user_id"]) for name, item in held.under("USERNAME#", "UNIQUE").items()}
    emails = {email: str(item["user_id"]) for email, item in held.under("EMAIL#", "UNIQUE").items()}
    wanted_names = {fold(user.username): user.id for user in known.values()}
    wanted_emails = {fold(user.email): user.id for user in known.values() if user.email}
    if len(wanted_names) != len(known):
        faults.append("two accounts have one name")
    if len(wanted_emails) != sum(bool(user.email) for user in known.values()):
        faults.append("two accounts have one address")
    faults += [f"the name {key} is claimed wrongly" for key, _ in names.items() ^ wanted_names.items()]
    faults += [f"the address {key} is claimed wrongly" for key, _ in emails.items() ^ wanted_emails.items()]
    for user in known.values():
        parts = [("USERS", user.id), (f"USER#{user.id}", "CREDENTIALS")]
        faults += [f"{user.username} has no {part}" for part in parts if part not in held.core and user.email]
    for (pk, _), item in held.ephemeral.items():
        if pk.startswith("SESSION#"):
            session = from_item(Session, item)
            listed = (f"USER#{session.user_id}", f"SESSION#{session.id}") in held.ephemeral
            if listed == bool(session.revoked_at):
                faults.append(f"session {session.id} is half ended")
    return faults


def _patches(held: Holdings) -> list[str]:
    faults = []
    known = records(held)
    versions = defaultdict(set)
    forks: Counter[int] = Counter()
    for pk, sk in held.core:
        if pk.startswith("PATCH#") and sk.startswith("VERSION#"):
            versions[int(pk[6:])].add(int(sk[8:]))
    for record in known.values():
        patch = record.patch
        if isinstance(patch.parent_id, int):
            forks[patch.parent_id] += 1
        kind = "DELETED" if record.deleted_at else "PATCH"
        other = "PATCH" if record.deleted_at else "DELETED"
        line = held.core.get((f"USER#{record.owner_id}", f"{kind}#{patch.id:012d}"))
        if line is None or line.get("public", patch.is_public) != patch.is_public:
            faults.append(f"patch {patch.id} is not listed rightly under its owner")
        if (f"USER#{record.owner_id}", f"{other}#{patch.id:012d}") in held.core:
            faults.append(f"patch {patch.id} is listed as {other}")
        if versions[patch.id] != set(range(1, patch.version + 1)):
            faults.append(f"patch {patch.id} has versions {sorted(versions[patch.id])}, not 1 to {patch.version}")
    faults += [f"patch {each} has versions only" for each in versions.keys() - known.keys()]
    faults += [f"patch {each} counts forks wrongly" for each, record in known.items() if record.forks != forks[each]]
    return faults


def _feedback(held: Holdings) -> list[str]:
    faults = []
    stars: defaultdict[int, list[int]] = defaultdict(list)
    kept: Counter[int] = Counter()
    for (pk, sk), item in held.core.items():
        if not pk.startswith("PATCH#"):
            continue
        patch_id, (kind, _, who) = int(pk[6:]), sk.partition("#")
        line = {"RATING": "RATED", "KEPT": "FAVOURITE"}.get(kind)
        if line and (f"USER#{who}", f"{line}#{patch_id:012d}") not in held.core:
            faults.append(f"{kind} of {patch_id} by {who} is not listed under its user")
        if kind == "RATING":
            stars[patch_id].append(int(str(item["stars"])))
        kept[patch_id] += kind == "KEPT"
        if kind == "COMMENT" and (f"USER#{from_item(Comment, item).user_id}", sk) not in held.core:
            faults.append(f"comment {who} is not listed under its author")
    for patch_id, record in records(held).items():
        counted = (record.rating_sum, record.patch.rating_count, record.patch.favourite_count)
        true = (sum(stars[patch_id]), len(stars[patch_id]), kept[patch_id])
        if counted != true:
            faults.append(f"patch {patch_id} has {counted} where a recount has {true}")
    return faults


def _collections(held: Holdings) -> list[str]:
    faults = []
    for collection_id, item in held.under("COLLECTION#", "COLLECTION").items():
        collection = collection_of(item)
        lines = [(f"USER#{collection.user_id}", f"COLLECTION#{collection_id}"), ("ALLCOLLECTIONS", collection_id)]
        faults += [f"collection {collection_id} has no {line}" for line in lines if line not in held.core]
        public = ("COLLECTIONS", f"{collection.created_at}#{collection_id}") in held.core
        if public != collection.is_public:
            faults.append(f"collection {collection_id} is not listed as it is")
    return faults


def _days(held: Holdings) -> list[str]:
    """What was counted day by day agrees with what is there, where nothing was taken away again."""
    counted: Counter[str] = Counter()
    for (pk, _), item in held.core.items():
        if pk.startswith("DAILY#"):
            counted.update({name: int(str(item[name])) for name in EVERYTHING if name in item})
    known = records(held)
    sorts = Counter(sk.partition("#")[0] for pk, sk in held.core if pk.startswith("PATCH#"))
    true = {
        "users": sum(bool(user.email) for user in users(held).values()),
        "patches": len(known),
        "forks": sum(isinstance(record.patch.parent_id, int) for record in known.values()),
        "logins": sum(pk.startswith("SESSION#") for pk, _ in held.ephemeral),
        "comments": sorts["COMMENT"],
        "collections": len(held.under("COLLECTION#", "COLLECTION")),
    }
    return [f"{name}: {counted[name]} counted, {count} there" for name, count in true.items() if counted[name] != count]
