"""How often anyone may try: failed logins, registrations and resets, counted in the table by all tasks."""

import hashlib
from typing import Any, cast

import msgspec

from brutal_patches.actor import Actor
from brutal_patches.audit.events import announce
from brutal_patches.clock import Clock, epoch
from brutal_patches.errors import Conflict, TooManyRequests
from brutal_patches.http.addresses import neighbourhood
from brutal_patches.storage import keys
from brutal_patches.storage.codec import from_item, to_item
from brutal_patches.storage.operations import Delete, Put, Update
from brutal_patches.storage.table import Table

FREE_TRIES = 5
TRY_WINDOW = 60
FIRST_WAIT = 30
LONGEST_WAIT = 15 * 60
FORGOTTEN_AFTER = 3600
ACCOUNT_FAILURES = 50
ACCOUNT_WINDOW = 3600
_RACES = 8


class Tries(msgspec.Struct, frozen=True):
    """Logins tried for one account from one address. Times are epoch seconds.

    `stamp` counts the changes, so that of racing ones each sees the one before it.
    """

    count: int = 0
    since: int = 0
    waits: int = 0
    until: int = 0
    stamp: int = 0


def next_try(tries: Tries, now: int) -> Tries:
    """What one more try makes of `tries`; its `until` is in the future where the try must wait.

    Five tries a minute are free; the sixth waits, and each one after a wait doubles it.
    """
    if now < tries.until:
        return tries
    if now - max(tries.until, tries.since) > FORGOTTEN_AFTER or (not tries.waits and now - tries.since > TRY_WINDOW):
        tries = Tries(since=now, stamp=tries.stamp)
    if tries.count < FREE_TRIES:
        return Tries(tries.count + 1, tries.since, tries.waits, 0, tries.stamp + 1)
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2**tries.waits)
    return Tries(FREE_TRIES - 1, tries.since, tries.waits + 1, now + wait, tries.stamp + 1)


class Attempts:
    """Refuses with TooManyRequests who tries too often. Names are counted whether or not they exist."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def begin(self, actor: Actor, name: str, user_id: str | None) -> None:
        """Count a login for `name` before its password is looked at, so that racing guesses count too."""
        await self._check_account(actor, name, user_id)
        for _ in range(_RACES):
            try:
                await self._count(actor, name)
            except Conflict:
                continue
            return
        raise self._wait(actor, 1)

    async def succeeded(self, actor: Actor, name: str) -> None:
        """Forget the tries of who has now logged in."""
        await self._table.write(Delete(self._pair(actor, name)))

    async def failed(self, actor: Actor, name: str) -> None:
        """Count a failure against the account, from wherever it came."""
        hour = epoch(self._clock) // ACCOUNT_WINDOW
        await self._table.change(
            Update(
                _account(name, hour),
                "SET expires = :expires ADD failures :one",
                {":one": 1, ":expires": (hour + 2) * ACCOUNT_WINDOW},
            )
        )

    async def limit(self, rule: str, subject: str, most: int, seconds: int) -> None:
        """At most `most` of what `rule` names, for `subject`, in `seconds`."""
        now = epoch(self._clock)
        window = now // seconds
        ends = (window + 1) * seconds
        counted = await self._table.change(
            Update(
                keys.rate_window(rule, _hash(subject), window),
                "SET expires = :expires ADD tries :one",
                {":one": 1, ":expires": ends + 60},
            )
        )
        if cast("int", counted["tries"]) > most:
            raise TooManyRequests("Too many tries from here. Please wait before you try again.", retry_after=ends - now)

    async def _check_account(self, actor: Actor, name: str, user_id: str | None) -> None:
        """An account under attack asks new addresses to wait; those its owner has used go on."""
        now = epoch(self._clock)
        item = await self._table.get(_account(name, now // ACCOUNT_WINDOW))
        if item is None or cast("int", item["failures"]) < ACCOUNT_FAILURES:
            return
        known = await self._table.get(keys.known_address(user_id, actor.address)) if user_id else None
        if known is None or cast("int", known["expires"]) < now:
            raise self._wait(actor, ACCOUNT_WINDOW - now % ACCOUNT_WINDOW)

    async def _count(self, actor: Actor, name: str) -> None:
        key = self._pair(actor, name)
        now = epoch(self._clock)
        item = await self._table.get(key)
        seen = from_item(Tries, item) if item else Tries()
        following = next_try(seen, now)
        if following != seen:
            expires: Any = max(now, following.until) + 2 * FORGOTTEN_AFTER
            await self._table.write(
                Put(
                    key,
                    {**to_item(following), "expires": expires},
                    "attribute_not_exists(pk) OR stamp = :seen",
                    {":seen": seen.stamp},
                    otherwise=Conflict("Another try was counted meanwhile."),
                )
            )
        if now < following.until:
            raise self._wait(actor, following.until - now)

    def _wait(self, actor: Actor, seconds: int) -> TooManyRequests:
        announce("authn_login_lock", actor)
        return TooManyRequests("Too many failed logins. Please wait before you try again.", retry_after=seconds)

    def _pair(self, actor: Actor, name: str) -> keys.Key:
        return keys.login_failures("pair", _hash(f"{name}|{neighbourhood(actor.address)}"))


def _account(name: str, hour: int) -> keys.Key:
    return keys.login_failures("account", f"{_hash(name)}#{hour}")


def _hash(text: str) -> str:
    """Names as sent are of any length and content; keys are not."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
