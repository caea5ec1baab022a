"""What people do with their accounts: register, log in, look at them, change and recover them."""

import asyncio
import base64
from collections.abc import Coroutine
from typing import Any

import msgspec
from loguru import logger

from brutal_patches.accounts import mail, store, submission
from brutal_patches.accounts.attempts import Attempts
from brutal_patches.accounts.mail import Mailer
from brutal_patches.accounts.model import Account, PublicAccount, Standing, Tokens, User, permissions
from brutal_patches.accounts.passwords import Passwords
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.accounts.submission import Login, Registration, composed, fold
from brutal_patches.actor import Actor, Role
from brutal_patches.audit import daily
from brutal_patches.audit.entries import entry
from brutal_patches.audit.events import announce
from brutal_patches.clock import Clock, new_id, timestamp
from brutal_patches.errors import Conflict, FieldError, Forbidden, Invalid, TooManyRequests, Unauthorized, Unavailable
from brutal_patches.http.switches import Switches
from brutal_patches.storage import keys
from brutal_patches.storage.operations import Query
from brutal_patches.storage.retrying import together
from brutal_patches.storage.table import Table

_WRONG = "Username or password is wrong."
_TRIES = 3
_HOUR = 3600


class Limits(msgspec.Struct, frozen=True):
    """How often one address may register, log in or ask for a reset, per hour; and one account for a reset."""

    registrations: int = 30
    logins: int = 600
    resets: int = 20
    resets_per_account: int = 5

    @classmethod
    def scaled(cls, general: int) -> "Limits":
        """Limits in proportion to the general one, whose default is 600 a minute."""
        share = general / 600
        return cls(*(max(1, round(most * share)) for most in msgspec.structs.astuple(cls())))


class Accounts:
    """The use cases of accounts."""

    def __init__(
        self,
        table: Table,
        clock: Clock,
        passwords: Passwords,
        sessions: Sessions,
        attempts: Attempts,
        mailer: Mailer,
        public_url: str,
        limits: Limits,
        switches: Switches,
    ) -> None:
        self._table = table
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions
        self._attempts = attempts
        self._mailer = mailer
        self._public_url = public_url
        self._limits = limits
        self._switches = switches
        self._under_way: set[asyncio.Task[None]] = set()

    async def register(self, actor: Actor, sent: Registration, roles: tuple[Role, ...] = ("user",)) -> Account:
        """A new account; refused with all faults at once, or where name or address is taken."""
        if not (self._switches.positions.registration or actor.is_admin):
            raise Forbidden("New accounts are not taken at the moment. Please try again later.")
        await self._attempts.limit("register", actor.address, self._limits.registrations, _HOUR)
        faults = [submission.username_fault(sent.username), submission.email_fault(sent.email)]
        faults.append(await self._password_fault(sent.password, sent.username, sent.email))
        if found := [fault for fault in faults if fault]:
            raise Invalid("This account cannot be made like that.", errors=found)
        moment = timestamp(self._clock)
        email = submission.normal_email(sent.email) or sent.email
        user = User(
            id=new_id(self._clock),
            username=sent.username,
            email=email,
            roles=roles,
            created_at=moment,
            updated_at=moment,
        )
        hashed = await self._passwords.hash(composed(sent.password))
        audited = entry(actor, "user.created", f"user/{user.id}", self._clock, after={"roles": list(roles)})
        made = store.add_user(user, hashed, fold(user.username), fold(email))
        await self._table.write(*made, audited, daily.happened(self._clock, "users"))
        announce("user_created", actor, user_id=user.id)
        return _account(user, ())

    async def login(self, actor: Actor, sent: Login) -> Tokens:
        """A session for the right password. Unknown, wrong, suspended and locked look alike from outside."""
        await self._attempts.limit("login", actor.address, self._limits.logins, _HOUR)
        name = fold(sent.username)
        user_id = await store.find_id(self._table, name) if submission.looks_like_a_name(sent.username) else None
        await self._attempts.begin(actor, name, user_id)
        user = await self._prove(user_id, sent.password)
        if user is None:
            await self._attempts.failed(actor, name)
            announce("authn_login_fail", actor, user_id=user_id or "")
            raise Unauthorized(_WRONG)
        if user.status != "active":
            raise Forbidden(f"This account is {user.status}. {user.status_reason}".rstrip())
        tokens = await self._open(actor, user)
        await self._attempts.succeeded(actor, name)
        announce("authn_login_success", actor, user_id=user.id)
        return tokens

    async def _prove(self, user_id: str | None, password: str) -> User | None:
        """The user whose password this is; a hash of an old kind is replaced on the way."""
        stored = await store.read_hash(self._table, user_id) if user_id else None
        too_long = len(password) > 8 * submission.MAX_PASSWORD
        verdict = await self._passwords.verify("" if too_long else composed(password), None if too_long else stored)
        if not verdict.is_right or user_id is None or stored is None:
            return None
        if verdict.upgrade:
            await self._upgrade(user_id, stored, verdict.upgrade)
        return await store.find(self._table, user_id)

    async def _upgrade(self, user_id: str, old: str, new: str) -> None:
        try:
            await self._table.write(store.upgrade_hash(user_id, old, new, timestamp(self._clock)))
        except Conflict:
            logger.debug("the password was changed while its hash was replaced")

    async def _open(self, actor: Actor, user: User) -> Tokens:
        """Open a session; where the account was changed meanwhile, look at it again."""
        for _ in range(_TRIES):
            try:
                return await self._sessions.open(actor, user)
            except Conflict:
                found = await store.find(self._table, user.id)
                if found is None or found.status != "active":
                    raise Unauthorized(_WRONG) from None
                user = found
        raise Unavailable

    async def profile(self, actor: Actor) -> Account:
        """The actor's own account with the ids of all their patches."""
        user = await self._own(actor)
        return _account(user, await self._patches(user.id, private=True))

    async def public_profile(self, username: str) -> PublicAccount:
        """What anybody may know of a user."""
        user_id = await store.find_id(self._table, fold(username)) if submission.looks_like_a_name(username) else None
        user = await store.find(self._table, user_id) if user_id else None
        if user is None or user.status == "banned":
            raise store.no_such_user()
        patches = await self._patches(user.id, private=False)
        return PublicAccount(username=user.username, patches=patches, created_at=user.created_at)

    def standing(self, actor: Actor) -> Standing:
        """What the actor may do."""
        roles = tuple(sorted(actor.roles))
        return Standing(roles=roles, is_admin=actor.is_admin, permissions=permissions(actor.roles))

    async def change_password(self, actor: Actor, current: str, new: str) -> None:
        """Set a new password; every other session ends."""
        user = await self._proved(actor, current, "currentPassword")
        if fault := await self._password_fault(new, user.username, user.email, field="newPassword"):
            raise Invalid(f"This password {fault.message}.", errors=[fault])
        moment = timestamp(self._clock)
        hashed = await self._passwords.hash(composed(new))
        changed = store.raised(user, sessions=True, moment=moment)
        await self._sessions.change_user(
            user,
            changed,
            store.set_hash(user.id, hashed, moment),
            store.keep_session(actor.session_id, changed.token_version),
            entry(actor, "user.password_changed", f"user/{user.id}", self._clock),
        )
        announce("authn_password_change", actor)
        self._tell(user, mail.PASSWORD_CHANGED_SUBJECT, "password")

    async def change_email(self, actor: Actor, email: str, password: str) -> Account:
        """Set a new e-mail address; every other session ends, and the old address is told."""
        user = await self._proved(actor, password, "password")
        if fault := submission.email_fault(email):
            raise Invalid(f"The e-mail address {fault.message}.", errors=[fault])
        normal = submission.normal_email(email) or email
        changed = store.raised(user, sessions=True, moment=timestamp(self._clock), email=normal)
        old, new = fold(user.email), fold(normal)
        await self._sessions.change_user(
            user,
            changed,
            *(store.move_email(user, old, new) if old != new else []),
            store.keep_session(actor.session_id, changed.token_version),
            entry(actor, "user.email_changed", f"user/{user.id}", self._clock),
        )
        announce("user_updated", actor, reason="email")
        self._tell(user, mail.EMAIL_CHANGED_SUBJECT, "e-mail address")
        return _account(changed, await self._patches(user.id, private=True))

    async def ask_for_reset(self, actor: Actor, email: str) -> None:
        """Mail a link to set a new password, if there is such an account; the answer never says so."""
        await self._attempts.limit("reset", actor.address, self._limits.resets, _HOUR)
        self._later(self._mail_reset(actor, fold(submission.normal_email(email) or "")))

    async def _mail_reset(self, actor: Actor, email_key: str) -> None:
        claimed = await self._table.get(keys.email(email_key)) if email_key else None
        user = await store.find(self._table, str(claimed["user_id"])) if claimed else None
        if user is None or user.status != "active":
            return
        try:
            await self._attempts.limit("reset-account", user.id, self._limits.resets_per_account, _HOUR)
        except TooManyRequests:
            return
        token = base64.urlsafe_b64encode(self._clock.random(32)).rstrip(b"=").decode()
        audited = entry(actor, "user.reset_asked", f"user/{user.id}", self._clock)
        await self._table.write(store.add_reset(user, token, self._clock), audited)
        await self._mailer.send(user.email, mail.RESET_SUBJECT, mail.reset_text(user.username, token, self._public_url))

    async def reset(self, actor: Actor, token: str, password: str) -> None:
        """Set a new password by the token of a mail; every session ends."""
        asked = await self._table.get(keys.reset_token(store.hash_of(token)))
        user = await store.find(self._table, str(asked["user_id"])) if asked else None
        if user is None or user.status != "active":
            raise store.bad_reset()
        if fault := await self._password_fault(password, user.username, user.email):
            raise Invalid(f"This password {fault.message}.", errors=[fault])
        moment = timestamp(self._clock)
        hashed = await self._passwords.hash(composed(password))
        await self._sessions.change_user(
            user,
            store.raised(user, sessions=True, moment=moment),
            store.use_reset(token, self._clock),
            store.set_hash(user.id, hashed, moment),
            entry(actor, "user.password_reset", f"user/{user.id}", self._clock),
        )
        announce("authn_password_reset", actor, user_id=user.id)

    async def close(self) -> None:
        """Wait for the mails that are on their way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _own(self, actor: Actor) -> User:
        user = await store.find(self._table, actor.user_id)
        if user is None:
            raise Unauthorized("This account is gone.")
        return user

    async def prove(self, actor: Actor, password: str) -> User:
        """The actor's account, once they have shown its password again; Forbidden where it is wrong."""
        return await self._proved(actor, password, "password")

    async def _proved(self, actor: Actor, password: str, field: str) -> User:
        user = await self._own(actor)
        name = fold(user.username)
        await self._attempts.begin(actor, name, user.id)
        if await self._prove(user.id, password) is None:
            await self._attempts.failed(actor, name)
            raise Forbidden("The present password is wrong.", errors=[FieldError(field, "is wrong")])
        await self._attempts.succeeded(actor, name)
        return user

    async def _password_fault(self, password: str, *known: str, field: str = "password") -> FieldError | None:
        return await self._passwords.run(lambda: submission.password_fault(password, *known, field=field))

    async def _patches(self, user_id: str, *, private: bool) -> tuple[int, ...]:
        """The ids of a user's patches; the table's own page of keys says what lies there."""
        query = Query(keys.owned_patches(user_id), consistent=True)
        items = await self._table.all(query)
        return tuple(int(str(item["id"])) for item in items if private or item["public"])

    def _tell(self, user: User, subject: str, what: str) -> None:
        self._later(self._mailer.send(user.email, subject, mail.changed_text(user.username, what)))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what the answer must not wait for; its failure is logged."""
        with together(None):
            task = asyncio.create_task(_logged(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Unavailable as fault:
        logger.error("a mail could not be sent: {}", fault.message)


def _account(user: User, patches: tuple[int, ...]) -> Account:
    return Account(
        id=user.id,
        username=user.username,
        email=user.email,
        roles=user.roles,
        patches=patches,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )
