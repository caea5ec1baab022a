"""Users, credentials and sessions as items, and every write of them with the error that it means."""

import hashlib
from datetime import timedelta

import msgspec

from brutal_patches.accounts.model import Session, User
from brutal_patches.audit import daily
from brutal_patches.clock import Clock, epoch, new_id, timestamp
from brutal_patches.errors import Conflict, Invalid, NotFound
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.operations import Delete, Item, Operation, Put, Update, create
from brutal_patches.storage.table import Table

KNOWN_ADDRESS_DAYS = 30
RESET_LIFE = timedelta(minutes=30)
_KEPT_AFTER_END = timedelta(days=1)
_CHANGED = "The account was changed meanwhile; please try again."


async def find(table: Table, user_id: str) -> User | None:
    """The user with this id, as of now."""
    item = await table.get(keys.user(user_id))
    return from_item(User, item) if item else None


async def find_id(table: Table, folded: str) -> str | None:
    """Whose folded name this is."""
    item = await table.get(keys.username(folded))
    return str(item["user_id"]) if item else None


async def find_session(table: Table, session_id: str) -> Session | None:
    """The session with this id, as of now."""
    item = await table.get(keys.session(session_id))
    return from_item(Session, item) if item else None


async def read_hash(table: Table, user_id: str) -> str | None:
    """The stored hash of a user's password."""
    item = await table.get(keys.credentials(user_id))
    return str(item["hash"]) if item else None


def no_such_user() -> NotFound:
    """The error for a user that is not there."""
    return NotFound("There is no such user.")


def add_user(user: User, password_hash: str, folded: str, email_key: str) -> list[Operation]:
    """A user with their name and address; refused where either is taken."""
    return [
        create(keys.username(folded), {"user_id": user.id}, Conflict("This username is taken.")),
        create(keys.email(email_key), {"user_id": user.id}, Conflict("This e-mail address is registered already.")),
        create(keys.user(user.id), to_item(user), Conflict(_CHANGED)),
        list_user(user),
        Put(keys.credentials(user.id), {"hash": password_hash, "updated_at": user.created_at}),
    ]


def add_keeper(user: User, folded: str) -> list[Operation]:
    """A user without address or password."""
    taken = Conflict("This username is taken.")
    return [
        create(keys.username(folded), {"user_id": user.id}, taken),
        create(keys.user(user.id), to_item(user), taken),
        list_user(user),
    ]


def list_user(user: User) -> Put:
    """The line by which a user is found among all."""
    return Put(keys.listed_user(user.id), {"id": user.id})


def remove(user: User, folded: str, email_key: str) -> list[Operation]:
    """A user with all claims gone; refused unless they are leaving."""
    mine = {":me": user.id}
    gone = Conflict(_CHANGED)
    claims = [keys.username(folded), *([keys.email(email_key)] if email_key else [])]
    return [
        Delete(keys.user(user.id), "status = :leaving", {":leaving": "leaving"}, otherwise=gone),
        Delete(keys.credentials(user.id)),
        Delete(keys.listed_user(user.id)),
        *(Delete(claim, "user_id = :me OR attribute_not_exists(pk)", mine, otherwise=gone) for claim in claims),
    ]


def set_hash(user_id: str, password_hash: str, moment: str) -> Put:
    """A hash in place of the one there was."""
    return Put(keys.credentials(user_id), {"hash": password_hash, "updated_at": moment})


def upgrade_hash(user_id: str, old: str, new: str, moment: str) -> Update:
    """A better hash of the same password; passed over if the password was changed meanwhile."""
    return Update(
        keys.credentials(user_id),
        "SET hash = :new, updated_at = :now",
        {":new": new, ":old": old, ":now": moment},
        condition="hash = :old",
        otherwise=Conflict(_CHANGED),
    )


def change_user(seen: User, changed: User) -> Update:
    """`changed` in place of `seen`; refused unless the stored user is still at `seen`'s token version."""
    fields = {name: value for name, value in to_item(changed).items() if name not in {"id", "created_at", "last_login"}}
    return Update(
        keys.user(seen.id),
        "SET " + ", ".join(f"{name} = :{name}" for name in fields),
        {f":{name}": value for name, value in fields.items()} | {":seen": seen.token_version},
        condition="token_version = :seen",
        otherwise=Conflict(_CHANGED),
    )


def move_email(user: User, old_key: str, new_key: str) -> list[Operation]:
    """The claim on an address given up for the claim on another; either may be of none."""
    taken = Conflict("This e-mail address is registered already.")
    claim = create(keys.email(new_key), {"user_id": user.id}, taken)
    release = Delete(keys.email(old_key), "user_id = :me", {":me": user.id}, otherwise=Conflict(_CHANGED))
    return [*([claim] if new_key else []), *([release] if old_key else [])]


def note_login(user: User, clock: Clock) -> list[Operation]:
    """When a user last logged in, counted; refused if the account has lost its standing meanwhile.

    The first login of a day counts an active user too, so of two at once one is refused.
    """
    moment = timestamp(clock)
    first = user.last_login[:10] != moment[:10]
    values: Item = {":now": moment, ":active": "active", ":seen": user.token_version}
    condition = "status = :active AND token_version = :seen"
    if first:
        values[":last"], condition = user.last_login, f"{condition} AND last_login = :last"
    noted = Update(keys.user(user.id), "SET last_login = :now", values, condition, otherwise=Conflict(_CHANGED))
    return [noted, daily.happened(clock, "logins", *(("active",) if first else ()))]


def add_session(session: Session, clock: Clock) -> list[Operation]:
    """A session, its line in the user's list, and the address as one that the user is known to use."""
    ends = session.ends + int(_KEPT_AFTER_END.total_seconds())
    known = epoch(clock) + KNOWN_ADDRESS_DAYS * 86400
    return [
        Put(keys.session(session.id), {**to_item(session), "expires": ends}),
        Put(keys.user_session(session.user_id, session.id), {"id": session.id, "expires": session.ends}),
        Put(keys.known_address(session.user_id, session.address), {"expires": known}),
    ]


def rotate(session_id: str, generation: int, clock: Clock, otherwise: Conflict) -> Update:
    """The next generation; refused unless this one is the present one of a session that goes on."""
    return Update(
        keys.session(session_id),
        "SET generation = :next, rotated_at = :now, last_used = :moment",
        {":next": generation + 1, ":seen": generation, ":now": epoch(clock), ":moment": timestamp(clock), ":none": ""},
        condition="generation = :seen AND revoked_at = :none AND ends > :now",
        otherwise=otherwise,
    )


def end_session(session: Session, why: str, clock: Clock, life: int) -> list[Operation]:
    """A session that no longer counts, taken from the list, and the news of it for every task.

    `life` is that of access tokens in seconds: how long the news is news.
    """
    return [
        Update(
            keys.session(session.id),
            "SET revoked_at = :now, revoked_why = :why",
            {":now": timestamp(clock), ":why": why},
            condition="attribute_exists(pk)",
            otherwise=NotFound("There is no such session."),
        ),
        Delete(keys.user_session(session.user_id, session.id)),
        tell_revoked(clock, epoch(clock) + life, {"kind": "session", "subject": session.id}),
    ]


def keep_session(session_id: str, token_version: int) -> Update:
    """The session from which the change was made goes on under the new token version."""
    return Update(
        keys.session(session_id),
        "SET token_version = :version",
        {":version": token_version},
        condition="attribute_exists(pk)",
        otherwise=Conflict(_CHANGED),
    )


def tell_version(user: User, clock: Clock, life: int) -> Put:
    """The news that tokens of `user` before its token version no longer count."""
    return tell_revoked(clock, epoch(clock) + life, {"kind": "user", "subject": user.id, "version": user.token_version})


def tell_revoked(clock: Clock, until: int, news: Item) -> Put:
    """A line of the revocation feed, kept until `until` (epoch seconds), when no token can need it."""
    return Put(keys.revocation(timestamp(clock), new_id(clock)), {**news, "until": until, "expires": until + 3600})


def add_reset(user: User, token: str, clock: Clock) -> Put:
    """A token with which a password can be set once; only its hash is stored."""
    ends = epoch(clock) + int(RESET_LIFE.total_seconds())
    return Put(keys.reset_token(hash_of(token)), {"user_id": user.id, "ends": ends, "expires": ends + 3600})


def use_reset(token: str, clock: Clock) -> Delete:
    """The token used up; refused when it was used already, or has expired."""
    return Delete(keys.reset_token(hash_of(token)), "ends > :now", {":now": epoch(clock)}, otherwise=bad_reset())


def bad_reset() -> Invalid:
    """The error for a reset token that does not hold, whatever is wrong with it."""
    return Invalid("This link has been used already or has expired. Please ask for a new one.")


def hash_of(token: str) -> str:
    """What is stored of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()


def raised(user: User, *, sessions: bool, moment: str, **changes: object) -> User:
    """`user` with `changes`, at the next token version; `sessions` ends the sessions before it too."""
    version = user.token_version + 1
    floor = version if sessions else user.session_floor
    return msgspec.structs.replace(user, token_version=version, session_floor=floor, updated_at=moment, **changes)
