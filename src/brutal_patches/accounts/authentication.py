"""From a bearer token to the actor it stands for."""

import hashlib

import msgspec

from brutal_patches.accounts import store
from brutal_patches.accounts.model import Session, User
from brutal_patches.accounts.revocations import Revocations
from brutal_patches.accounts.tokens import AccessTokens, Claims, is_expiry, refused, roles_of
from brutal_patches.actor import Actor
from brutal_patches.audit.refusals import Refusals
from brutal_patches.clock import Clock, epoch
from brutal_patches.errors import Unauthorized, Unavailable
from brutal_patches.storage.table import Table
from brutal_patches.watching import Watch

REMEMBERED = 10_000
REMEMBERED_SECONDS = 60


class Verified(msgspec.Struct, frozen=True):
    """A token whose signature has been checked, until when that is remembered, and its actor."""

    claims: Claims
    actor: Actor
    until: int


class Authentication:
    """Verifies tokens, remembering by their hash for a minute those that held.

    Expiry and revocation are looked at each time. A `thorough` answer asks the tables too.
    """

    def __init__(
        self,
        table: Table,
        tokens: AccessTokens,
        revocations: Revocations,
        clock: Clock,
        refusals: Refusals,
        watch: Watch,
    ) -> None:
        self._watch = watch
        self._refusals = refusals
        self._table = table
        self._tokens = tokens
        self._revocations = revocations
        self._clock = clock
        self._verified: dict[bytes, Verified] = {}

    async def __call__(self, token: str, caller: Actor, *, thorough: bool, needed: bool) -> Actor:
        """The actor, or Unauthorized. Raises Unavailable where a thorough answer cannot be had.

        A token that was ours once and that nobody needs is counted and not announced: web clients send theirs along
        until they are told that it has ended.
        """
        try:
            verified = self._verify(token)
        except Unauthorized as fault:
            expired = is_expiry(fault)
            self._refusals.token(caller, "expired" if expired else "invalid", quietly=expired and not needed)
            raise
        try:
            actor = await self._hold(verified, thorough)
        except Unauthorized:
            self._refusals.token(caller, "revoked", quietly=not needed)
            raise
        return Actor(
            actor.user_id,
            actor.username,
            actor.roles,
            actor.session_id,
            caller.address,
            caller.agent,
            caller.request_id,
        )

    async def _hold(self, verified: Verified, thorough: bool) -> Actor:
        """The actor of a token that is ours, if its session goes on."""
        if self._revocations.refuses(verified.claims):
            raise refused()
        return await self._look_up(verified.claims) if thorough else verified.actor

    def _verify(self, token: str) -> Verified:
        digest = hashlib.sha256(token.encode()).digest()
        now = epoch(self._clock)
        known = self._verified.get(digest)
        if known is not None and now < known.until:
            self._watch.cached("token", "hit")
            return known
        self._watch.cached("token", "miss" if known is None else "stale")
        claims = self._tokens.read(token)
        actor = Actor(claims.sub, claims.username, roles_of(claims), claims.sid)
        if len(self._verified) >= REMEMBERED:
            del self._verified[next(iter(self._verified))]
        verified = Verified(claims, actor, min(claims.exp, now + REMEMBERED_SECONDS))
        self._verified[digest] = verified
        return verified

    async def _look_up(self, claims: Claims) -> Actor:
        if self._revocations.is_stale:
            raise Unavailable("Logins cannot be checked right now. Please try again shortly.")
        user = await store.find(self._table, claims.sub)
        session = await store.find_session(self._table, claims.sid)
        if user is None or user.status != "active" or claims.version < user.token_version:
            raise refused()
        if session is None or not is_live(session, user, self._clock):
            raise refused()
        return Actor(user.id, user.username, frozenset(user.roles), session.id)


def is_live(session: Session, user: User, clock: Clock) -> bool:
    """Whether a session still counts."""
    goes_on = not session.revoked_at and session.ends > epoch(clock)
    return goes_on and session.user_id == user.id and session.token_version >= user.session_floor
