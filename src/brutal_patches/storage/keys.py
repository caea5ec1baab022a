"""Every key of every item, on one page. `core` is what must never be lost; `ephemeral` ends by itself.

Each function is named after what lies under the key. Partitions (the functions that end in
`_of`, or are plural) are what a query walks through.
"""

from typing import Literal, NamedTuple

import msgspec

TableName = Literal["core", "ephemeral"]
MAX_PK_BYTES = 2048
MAX_SK_BYTES = 1024


class Key(NamedTuple):
    """The address of one item."""

    table: TableName
    pk: str
    sk: str

    @property
    def is_possible(self) -> bool:
        """Whether DynamoDB could hold an item here: what a client sends may be empty, or of any length."""
        return 0 < len(self.pk.encode()) <= MAX_PK_BYTES and 0 < len(self.sk.encode()) <= MAX_SK_BYTES


class Partition(msgspec.Struct, frozen=True):
    """A row of items under one partition key: of the table itself, or of one of its indexes."""

    table: TableName
    pk: str
    prefix: str = ""
    index: str = ""


FEED_SHARDS = 4


def patch(patch_id: int) -> Key:
    return Key("core", f"PATCH#{patch_id}", "LATEST")


def patch_version(patch_id: int, version: int) -> Key:
    return Key("core", f"PATCH#{patch_id}", f"VERSION#{version:08d}")


def patch_versions(patch_id: int) -> Partition:
    return Partition("core", f"PATCH#{patch_id}", "VERSION#")


def owned_patch(user_id: str, patch_id: int) -> Key:
    """Says that a user has this patch; written with the patch, so a list of one's own is never stale."""
    return Key("core", f"USER#{user_id}", f"PATCH#{patch_id:012d}")


def owned_patches(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "PATCH#")


def deleted_patch(user_id: str, patch_id: int) -> Key:
    """Takes the place of `owned_patch` for the 30 days in which a deletion can be undone."""
    return Key("core", f"USER#{user_id}", f"DELETED#{patch_id:012d}")


def deleted_patches(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "DELETED#")


def patch_feed(shard: int) -> Partition:
    """Patches by the time of their last change."""
    return Partition("core", f"FEED#{shard}", index="feed")


def collection(collection_id: str) -> Key:
    return Key("core", f"COLLECTION#{collection_id}", "COLLECTION")


def owned_collection(user_id: str, collection_id: str) -> Key:
    """Lists a collection under its owner; ids sort by time."""
    return Key("core", f"USER#{user_id}", f"COLLECTION#{collection_id}")


def owned_collections(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "COLLECTION#")


def public_collection(created_at: str, collection_id: str) -> Key:
    """Lists a public collection by its time."""
    return Key("core", "COLLECTIONS", f"{created_at}#{collection_id}")


def public_collections() -> Partition:
    return Partition("core", "COLLECTIONS")


def rating(patch_id: int, user_id: str) -> Key:
    return Key("core", f"PATCH#{patch_id}", f"RATING#{user_id}")


def ratings(patch_id: int) -> Partition:
    return Partition("core", f"PATCH#{patch_id}", "RATING#")


def given_ratings(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "RATED#")


def given_rating(user_id: str, patch_id: int) -> Key:
    """Says that a user has rated this patch."""
    return Key("core", f"USER#{user_id}", f"RATED#{patch_id:012d}")


def favourite(user_id: str, patch_id: int) -> Key:
    return Key("core", f"USER#{user_id}", f"FAVOURITE#{patch_id:012d}")


def favourites(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "FAVOURITE#")


def kept_by(patch_id: int, user_id: str) -> Key:
    """Says who keeps a patch, to count them anew."""
    return Key("core", f"PATCH#{patch_id}", f"KEPT#{user_id}")


def keepers(patch_id: int) -> Partition:
    return Partition("core", f"PATCH#{patch_id}", "KEPT#")


def comment(patch_id: int, comment_id: str) -> Key:
    """Ids sort by time."""
    return Key("core", f"PATCH#{patch_id}", f"COMMENT#{comment_id}")


def comments(patch_id: int) -> Partition:
    return Partition("core", f"PATCH#{patch_id}", "COMMENT#")


def written_comment(user_id: str, comment_id: str) -> Key:
    """Says that a user wrote this comment."""
    return Key("core", f"USER#{user_id}", f"COMMENT#{comment_id}")


def written_comments(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "COMMENT#")


def report(subject: str, user_id: str) -> Key:
    """One user's report of `patch/12`, `comment/12/…` or `user/…`."""
    return Key("core", f"REPORTS#{subject}", f"REPORT#{user_id}")


def reports(subject: str) -> Partition:
    return Partition("core", f"REPORTS#{subject}", "REPORT#")


def filed_report(user_id: str, subject: str) -> Key:
    """Says that a user has reported this subject, for as long as it waits."""
    return Key("core", f"USER#{user_id}", f"REPORTED#{subject}")


def filed_reports(user_id: str) -> Partition:
    return Partition("core", f"USER#{user_id}", "REPORTED#")


def queued(subject: str) -> Key:
    """What waits for a moderator, once for each subject."""
    return Key("core", "MODERATION", subject)


def moderation_queue() -> Partition:
    return Partition("core", "MODERATION")


def counter(name: str) -> Key:
    return Key("core", f"COUNTER#{name}", "COUNTER")


def user(user_id: str) -> Key:
    return Key("core", f"USER#{user_id}", "PROFILE")


def credentials(user_id: str) -> Key:
    """The password hash, apart from the profile so that nothing that is read for display holds it."""
    return Key("core", f"USER#{user_id}", "CREDENTIALS")


def username(folded: str) -> Key:
    """Says whose name this is; `folded` is the name in lower case."""
    return Key("core", f"USERNAME#{folded}", "UNIQUE")


def listed_user(user_id: str) -> Key:
    """One line for each user, so that they can be listed without a scan; ids sort by time."""
    return Key("core", "USERS", user_id)


def listed_users() -> Partition:
    return Partition("core", "USERS")


def listed_collection(collection_id: str) -> Key:
    """One line for each collection, private ones too."""
    return Key("core", "ALLCOLLECTIONS", collection_id)


def listed_collections() -> Partition:
    return Partition("core", "ALLCOLLECTIONS")


def daily(day: str, shard: int) -> Key:
    """What happened on one UTC day, `2026-11-24`, in one of several counters that share the load."""
    return Key("core", f"DAILY#{day[:7]}", f"{day}#{shard}")


def daily_month(month: str) -> Partition:
    """The daily counters of one month, `2026-11`."""
    return Partition("core", f"DAILY#{month}")


def email(normalised: str) -> Key:
    """Says whose e-mail address this is."""
    return Key("core", f"EMAIL#{normalised}", "UNIQUE")


def audit_day(day: str) -> Partition:
    """Audit entries of one UTC day, `2026-11-24`."""
    return Partition("core", f"AUDIT#{day}")


def audit_entry(day: str, moment: str, entry_id: str) -> Key:
    return Key("core", f"AUDIT#{day}", f"{moment}#{entry_id}")


def setting(name: str) -> Key:
    return Key("core", "SETTINGS", name)


def session(session_id: str) -> Key:
    return Key("ephemeral", f"SESSION#{session_id}", "SESSION")


def user_session(user_id: str, session_id: str) -> Key:
    """Lists a session under its user."""
    return Key("ephemeral", f"USER#{user_id}", f"SESSION#{session_id}")


def user_sessions(user_id: str) -> Partition:
    return Partition("ephemeral", f"USER#{user_id}", "SESSION#")


def revocation(moment: str, entry_id: str) -> Key:
    """One line of the feed that tells every task which sessions and users no longer count."""
    return Key("ephemeral", "REVOCATIONS", f"{moment}#{entry_id}")


def revocations() -> Partition:
    return Partition("ephemeral", "REVOCATIONS")


def reset_token(token_hash: str) -> Key:
    return Key("ephemeral", f"RESET#{token_hash}", "RESET")


def login_failures(scope: str, name: str) -> Key:
    """Failures counted per `pair` (account and address) or per `account`."""
    return Key("ephemeral", f"FAILURES#{scope}#{name}", "FAILURES")


def known_address(user_id: str, address: str) -> Key:
    """An address from which this user has logged in lately."""
    return Key("ephemeral", f"USER#{user_id}", f"ADDRESS#{address}")


def rate_window(rule: str, subject: str, window: int) -> Key:
    return Key("ephemeral", f"RATE#{rule}#{subject}", f"{window:012d}")


def idempotency(user_id: str, key_hash: str) -> Key:
    return Key("ephemeral", f"IDEMPOTENCY#{user_id}#{key_hash}", "RECORD")


def imported(kind: Literal["patches", "users"], source: str) -> Key:
    """What was carried over from a row of the predecessor's; `source` is the row's key there."""
    return Key("core", f"IMPORTED#{kind}", source)


def everything_imported(kind: Literal["patches", "users"]) -> Partition:
    return Partition("core", f"IMPORTED#{kind}")
