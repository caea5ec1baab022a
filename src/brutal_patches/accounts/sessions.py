"""Sessions: opened by a login, refreshed by tokens that change each time, ended for good."""

import msgspec

from brutal_patches.accounts import store
from brutal_patches.accounts.authentication import is_live
from brutal_patches.accounts.model import Session, SessionLine, Tokens, User
from brutal_patches.accounts.refreshing import Generation, RefreshTokens
from brutal_patches.accounts.revocations import Revocations
from brutal_patches.accounts.tokens import AccessTokens, refused
from brutal_patches.actor import Actor
from brutal_patches.audit.entries import entry
from brutal_patches.audit.events import announce
from brutal_patches.audit.refusals import Refusals
from brutal_patches.clock import Clock, epoch, new_id, rfc3339, timestamp
from brutal_patches.errors import Conflict, NotFound, Unauthorized, Unavailable
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.operations import Operation, Query
from brutal_patches.storage.table import Table
from brutal_patches.watching import Watch

MAX_SESSIONS = 20
GRACE_SECONDS = 10
_UNKNOWN = "There is no such session."


class _NotPresent(Conflict):
    """The generation that was to be followed is not the present one."""


class Sessions:
    """The use cases of sessions. `life` is how long one lasts in seconds, however often it is refreshed."""

    def __init__(
        self,
        table: Table,
        clock: Clock,
        access: AccessTokens,
        refreshing: RefreshTokens,
        revocations: Revocations,
        life: int,
        refusals: Refusals,
        watch: Watch,
    ) -> None:
        self._watch = watch
        self._refusals = refusals
        self._table = table
        self._clock = clock
        self._access = access
        self._refreshing = refreshing
        self._revocations = revocations
        self._life = life

    async def open(self, actor: Actor, user: User, *more: Operation) -> Tokens:
        """A new session for a user who has proved who they are; the oldest beyond twenty ends."""
        now = epoch(self._clock)
        moment = timestamp(self._clock)
        session = Session(
            id=new_id(self._clock),
            user_id=user.id,
            rotated_at=now,
            token_version=user.token_version,
            created_at=moment,
            last_used=moment,
            address=actor.address,
            agent=actor.agent,
            ends=now + self._life,
        )
        ended = await self._surplus(user)
        await self._write(
            *store.add_session(session, self._clock), *store.note_login(user, self._clock), *more, *ended[:40]
        )
        announce("authn_token_created", actor, user_id=user.id)
        return self._tokens(user, session)

    async def _surplus(self, user: User) -> list[Operation]:
        live = await self._live(user)
        surplus = sorted(live, key=lambda session: session.created_at)[: max(0, len(live) - MAX_SESSIONS + 1)]
        return [
            operation
            for session in surplus
            for operation in store.end_session(session, "too many sessions", self._clock, self._access.seconds)
        ]

    async def refresh(self, actor: Actor, token: str) -> Tokens:
        """New tokens for a refresh token, which is thereby used up.

        The token before the present one, within ten seconds, gets what it got before: an answer was
        lost. Any other token that was used already is taken for stolen, and the session ends.
        """
        place = self._refreshing.read(token)
        if place is None:
            self._refusals.token(actor, "invalid")
            raise refused()
        rotation = store.rotate(place.session_id, place.number, self._clock, _NotPresent("not present"))
        try:
            session = from_item(Session, await self._table.change(rotation))
        except _NotPresent:
            session = await self._forgive(actor, place)
        user = await store.find(self._table, session.user_id)
        if user is None or user.status != "active" or not is_live(session, user, self._clock):
            raise self._over(actor)
        if self._revocations.predates(session):
            raise self._over(actor)
        return msgspec.structs.replace(self._tokens(user, session), refreshed=True)

    async def _forgive(self, actor: Actor, place: Generation) -> Session:
        session = await store.find_session(self._table, place.session_id)
        if session is None or session.revoked_at or session.ends <= epoch(self._clock):
            raise self._over(actor)
        late = epoch(self._clock) - session.rotated_at > GRACE_SECONDS
        if session.generation == place.number + 1 and not late:
            return session
        # The end of the session must be on record before anybody learns of it.
        await self._write(*store.end_session(session, "token used twice", self._clock, self._access.seconds))
        self._watch.rejected("reused")
        announce("authn_token_reuse", actor, user_id=session.user_id)
        raise refused()

    def _over(self, actor: Actor) -> Unauthorized:
        """The refusal of a refresh token that was ours, of a session that is over."""
        self._refusals.token(actor, "revoked")
        return refused()

    async def refresh_by_bearer(self, actor: Actor) -> Tokens:
        """New tokens for a login that still holds: what the web client asks for."""
        if actor.unchecked:
            # A refusal would be believed, and the login thrown away.
            raise Unavailable
        if actor.is_anonymous:
            raise Unauthorized("Please send a refresh token, or a bearer token that is still valid.")
        user = await store.find(self._table, actor.user_id)
        session = await store.find_session(self._table, actor.session_id)
        if user is None or session is None or user.status != "active" or not is_live(session, user, self._clock):
            raise refused()
        return msgspec.structs.replace(self._tokens(user, session), refreshed=True)

    async def listing(self, actor: Actor) -> list[SessionLine]:
        """The actor's sessions that count, the latest used first."""
        user = await self._user(actor)
        live = sorted(await self._live(user), key=lambda session: session.last_used, reverse=True)
        return [self._line(session, actor) for session in live]

    async def end(self, actor: Actor, session_id: str, why: str = "logged out") -> None:
        """End one of the actor's own sessions, now and everywhere."""
        session = await store.find_session(self._table, session_id)
        if session is None or not actor.owns(session.user_id) or session.revoked_at:
            raise NotFound(_UNKNOWN)
        audited = entry(actor, "session.ended", f"user/{actor.user_id}", self._clock, reason=why)
        await self._write(*store.end_session(session, why, self._clock, self._access.seconds), audited)
        announce("authn_token_revoked", actor)

    async def end_all(self, actor: Actor) -> None:
        """End all of the actor's sessions, the present one included."""
        user = await self._user(actor)
        changed = store.raised(user, sessions=True, moment=timestamp(self._clock))
        audited = entry(actor, "session.all_ended", f"user/{user.id}", self._clock)
        await self.change_user(user, changed, audited)
        announce("authn_token_revoked", actor, reason="everywhere")

    async def change_user(self, seen: User, changed: User, *more: Operation) -> None:
        """Store `changed`, whose token version is higher, and tell every task so."""
        news = store.tell_version(changed, self._clock, self._access.seconds)
        await self._write(store.change_user(seen, changed), news, *more)

    async def _user(self, actor: Actor) -> User:
        user = await store.find(self._table, actor.user_id)
        if user is None:
            raise refused()
        return user

    async def _live(self, user: User) -> list[Session]:
        query = Query(keys.user_sessions(user.id), consistent=True)
        listed = [str(item["id"]) async for page in self._table.pages(query) for item in page]
        found = await self._table.get_many([keys.session(session_id) for session_id in listed])
        sessions = [from_item(Session, item) for item in found if item]
        return [session for session in sessions if is_live(session, user, self._clock)]

    async def _write(self, *operations: Operation) -> None:
        await self._table.write(*operations)
        self._revocations.note(list(operations))

    def _tokens(self, user: User, session: Session) -> Tokens:
        token, seconds = self._access.issue(user, session.id, session.ends)
        self._watch.issued("access")
        self._watch.issued("refresh")
        return Tokens(
            username=user.username,
            email=user.email,
            roles=user.roles,
            access_token=token,
            expires_in=seconds,
            token_type="Bearer",  # noqa: S106 - the type's name.
            refresh_token=self._refreshing.make(Generation(session.id, session.generation)),
        )

    def _line(self, session: Session, actor: Actor) -> SessionLine:
        from_epoch = self._clock.now().fromtimestamp(session.ends, tz=self._clock.now().tzinfo)
        return SessionLine(
            id=session.id,
            created_at=session.created_at,
            last_used=session.last_used,
            ends_at=rfc3339(from_epoch),
            address=session.address,
            agent=session.agent,
            current=session.id == actor.session_id,
        )
