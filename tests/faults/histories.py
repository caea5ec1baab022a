"""Races whose history is written down, and checkers that judge it afterwards from what storage holds."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from brutal_patches.accounts import store
from brutal_patches.accounts.model import Session, Tokens, User
from brutal_patches.accounts.sessions import Sessions
from brutal_patches.accounts.submission import fold
from brutal_patches.actor import Actor
from brutal_patches.clock import SystemClock, monotonic, new_id, timestamp
from brutal_patches.errors import Conflict, Unauthorized, Unavailable
from brutal_patches.storage.codec import from_item
from brutal_patches.storage.table import Table
from tests.client import PASSWORD, Client
from tests.faults.integrity import Holdings, records, users

AT_ONCE = 8
RACERS = 12
# What is promised, not what the service has: the judge must notice when the two differ.
PROMISED_GRACE = 10

type Rate = Callable[[Actor, int, int | None], Awaitable[object]]


async def in_parts[T](work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """Carry out all of `work`, a few at once."""
    places = asyncio.Semaphore(at_once)

    async def one(each: Awaitable[T]) -> T:
        async with places:
            return await each

    return list(await asyncio.gather(*(one(each) for each in work)))


class Claimed(msgspec.Struct):
    """Somebody was told (201, 200) that a name or an address is theirs."""

    user_id: str
    name: str = ""
    email: str = ""


class Claims:
    """Registrations that race for names and addresses, and users who race for a new address."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.history: list[Claimed] = []
        self.undecided: set[str] = set()
        self.done = 0

    async def movers(self, many: int) -> list[Client]:
        """Users who will change their addresses."""
        return [await self._client.register(f"mover{number}") for number in range(many)]

    async def group(self, number: int, movers: list[Client]) -> None:
        """Three who race for a name and an address, and two who race for another address."""
        wanted = [
            (f"name{number}", f"mail{number}a@example.com"),
            (f"NAME{number}", f"mail{number}b@example.com"),
            (f"other{number}", f"MAIL{number}a@example.com"),
        ]
        await asyncio.gather(
            *(self.register(*each) for each in wanted),
            *(self._move(mover, f"moved{number}@example.com") for mover in movers),
        )

    async def register(self, name: str, email: str) -> None:
        """One registration."""
        sent = {"username": name, "email": email, "password": PASSWORD}
        answer = await self._client.post("/api/users/create", sent)
        assert answer.status_code in {201, 409, 503}, answer.text
        self.done += 1
        if answer.status_code == 201:
            data = answer.json()["data"]
            self.history.append(Claimed(data["id"], data["username"], data["email"]))

    async def _move(self, mover: Client, email: str) -> None:
        answer = await mover.put("/api/auth/email", {"email": email, "password": PASSWORD})
        assert answer.status_code in {200, 409, 503, 429}, answer.text
        self.done += 1
        user = mover.tokens["username"]
        if answer.status_code == 200:
            self.undecided.discard(user)
            self.history.append(Claimed(answer.json()["id"], user, email))
        if answer.status_code == 503:
            self.undecided.add(user)
        await self._renew(mover)

    async def _renew(self, mover: Client) -> None:
        """Tokens from before a change of address no longer count."""
        while (answer := await mover.post("/api/auth/refresh", mover.tokens)).status_code == 503:
            pass
        mover.tokens = answer.json()

    def faults(self, held: Holdings) -> list[str]:
        """Names and addresses with two owners, and claims that were promised and are not held."""
        known, found = users(held), []
        owners: defaultdict[str, set[str]] = defaultdict(set)
        latest = {claim.user_id: claim for claim in self.history}
        for claim in self.history:
            owners[f"name {fold(claim.name)}"].add(claim.user_id)
            if claim is latest[claim.user_id]:
                owners[f"address {fold(claim.email)}"].add(claim.user_id)
        found += [f"{thing} was promised to {len(who)}" for thing, who in owners.items() if len(who) > 1]
        for claim in latest.values():
            user = known.get(claim.user_id)
            held_name = held.core.get((f"USERNAME#{fold(claim.name)}", "UNIQUE"), {}).get("user_id")
            if user is None or held_name != user.id:
                found.append(f"{claim.name} was promised and is not held")
            elif fold(user.email) != fold(claim.email) and claim.name not in self.undecided:
                found.append(f"{claim.email} was promised to {claim.name}, who has {user.email}")
        return found


class Votes:
    """Ratings by many of many patches."""

    def __init__(self, rate: Rate, patches: list[int], seed: int = 5) -> None:
        self._rate = rate
        self._patches = patches
        self._chance = random.Random(seed)
        self._possible: defaultdict[tuple[int, str], set[int | None]] = defaultdict(lambda: {None})

    async def race(self, times: int, voters: int) -> None:
        """`times` votes, each voter one after the other, the voters side by side."""
        await in_parts((self._one(f"voter{number}", times // voters) for number in range(voters)), 12)

    async def _one(self, voter: str, times: int) -> None:
        for _ in range(times):
            patch_id, stars = self._chance.choice(self._patches), self._chance.choice([None, 1, 2, 3, 4, 5])
            try:
                await self._rate(Actor(user_id=voter, username=voter), patch_id, stars)
                self._possible[patch_id, voter] = {stars}
            except Unavailable:
                self._possible[patch_id, voter].add(stars)

    def faults(self, held: Holdings) -> list[str]:
        """Aggregates that are not their votes' sum, and acknowledged votes that are not there."""
        found = []
        stars: defaultdict[int, list[int]] = defaultdict(list)
        for (pk, sk), item in held.core.items():
            if sk.startswith("RATING#"):
                stars[int(pk[6:])].append(int(str(item["stars"])))
        for patch_id, record in records(held).items():
            counted = (record.rating_sum, record.patch.rating_count)
            if counted != (sum(stars[patch_id]), len(stars[patch_id])):
                found.append(f"patch {patch_id} has {counted}, and votes {stars[patch_id]}")
        for (patch_id, voter), values in self._possible.items():
            vote = held.core.get((f"PATCH#{patch_id}", f"RATING#{voter}"), {}).get("stars")
            if vote not in values:
                found.append(f"{voter} was told {values} of patch {patch_id}, which has {vote}")
        return found


class Families:
    """Sessions whose tokens twelve clients use at once; half of them are stolen later."""

    def __init__(self, sessions: Sessions, table: Table) -> None:
        self._sessions = sessions
        self._table = table
        self._clock = SystemClock()
        self.found: list[str] = []
        self.refreshes = 0
        self.too_slow = 0
        self._stolen: set[str] = set()
        self._honest: set[str] = set()

    async def family(self, number: int) -> None:
        """One session from its login on."""
        moment = timestamp(self._clock)
        name = f"family{number}"
        user = User(
            id=new_id(self._clock), username=name, email=f"{name}@example.com", created_at=moment, updated_at=moment
        )
        actor = Actor(user_id=user.id, username=name, address="192.0.2.1")
        await self._table.write(*store.add_user(user, "", name, user.email))
        first = (await self._log_in(actor)).refresh_token
        session_id = first.partition(".")[0]
        last = await self._race(actor, name, first)
        for _ in range(2):
            last = await self._race(actor, name, last, racers=2) if last else last
        if last and number % 2:
            self._honest.add(session_id)
        elif last:
            self._stolen.add(session_id)
            await self._theft(actor, name, first, last)

    async def _log_in(self, actor: Actor) -> Tokens:
        """Reads the user each time, as a login does: one that got no answer may have been counted already."""
        while True:
            try:
                user = await store.find(self._table, actor.user_id)
                assert user is not None
                return await self._sessions.open(actor, user)
            except (Conflict, Unavailable):
                continue

    async def _race(self, actor: Actor, name: str, token: str, racers: int = RACERS) -> str:
        """All use the same token; the one that follows it, the same for all, or none where nobody goes on.

        A client that asked again until the grace was over is refused rightly, however honest it is.
        """
        began = monotonic()
        answers = await asyncio.gather(*(self._refresh(actor, token) for _ in range(racers)))
        following = {answer for answer in answers if answer}
        if None in answers and monotonic() - began > PROMISED_GRACE:
            self.too_slow += 1
            return ""
        if None in answers:
            self.found.append(f"{name}: an honest client was logged out")
        if len(following) > 1:
            self.found.append(f"{name}: the session forked into {len(following)}")
        return next(iter(following), "")

    async def _theft(self, actor: Actor, name: str, old: str, present: str) -> None:
        """A thief with an old token among honest clients: nobody goes on after it."""
        thief, *_ = await asyncio.gather(
            self._refresh(actor, old), *(self._refresh(actor, present) for _ in range(RACERS - 1))
        )
        if thief is not None:
            self.found.append(f"{name}: a thief got a token")
        if await self._refresh(actor, present) is not None:
            self.found.append(f"{name}: the session goes on after a theft")

    async def _refresh(self, actor: Actor, token: str) -> str | None:
        """The token that follows, or None where the session is over; asked for again while that is undecided."""
        while True:
            self.refreshes += 1
            try:
                return (await self._sessions.refresh(actor, token)).refresh_token
            except Unauthorized:
                return None
            except Unavailable:
                continue

    def faults(self, held: Holdings) -> list[str]:
        """What clients saw, and sessions that are not as they must be in storage."""
        found = list(self.found)
        for session_id in self._honest | self._stolen:
            session = from_item(Session, held.ephemeral[f"SESSION#{session_id}", "SESSION"])
            if bool(session.revoked_at) != (session_id in self._stolen):
                found.append(f"session {session_id} is revoked: {session.revoked_why or 'no'}")
            if session_id in self._honest and session.generation != 3:
                found.append(f"session {session_id} was refreshed {session.generation} times, not 3")
        return found


class Registers:
    """Devices that edit the same patches under If-Match, and read back what they wrote."""

    def __init__(self, author: Client) -> None:
        self._devices = author
        self._anybody = Client(author.service, "192.0.2.77")
        self.acknowledged: list[tuple[int, int, str]] = []
        self.found: list[str] = []
        self.edits = 0

    async def edit(self, patch_id: int, device: int, times: int) -> None:
        """Read, edit what was read, and read again; another device may have been faster."""
        path = f"/api/patches/{patch_id}"
        for number in range(times):
            seen = await self._devices.get(path)
            if seen.status_code != 200:
                continue
            title = f"{device}-{number}"
            answer = await self._devices.put(path, {"title": title}, headers={"if-match": seen.headers["etag"]})
            self.edits += 1
            assert answer.status_code in {200, 412, 503}, answer.text
            if answer.status_code == 200:
                version = answer.json()["version"]
                self.acknowledged.append((patch_id, version, title))
                await self._read_back(path, version)

    async def _read_back(self, path: str, written: int) -> None:
        for reader in (self._devices, self._anybody):
            answer = await reader.get(path)
            if answer.status_code == 200 and answer.json()["version"] < written:
                self.found.append(f"{path} was read at {answer.json()['version']} after {written} was written")

    def faults(self, held: Holdings) -> list[str]:
        """Lost updates: a version that two were promised, or that is not what was promised; and stale reads."""
        found = list(self.found)
        promised: dict[tuple[int, int], str] = {}
        for patch_id, version, title in self.acknowledged:
            if (patch_id, version) in promised:
                found.append(f"version {version} of patch {patch_id} was promised twice")
            promised[patch_id, version] = title
            kept = held.core.get((f"PATCH#{patch_id}", f"VERSION#{version:08d}"), {})
            if kept.get("title") != title:
                found.append(f"version {version} of patch {patch_id} is {kept.get('title')}, not {title}")
        for patch_id, record in records(held).items():
            edits = {version for known, version, _ in self.acknowledged if known == patch_id}
            if edits and max(edits) > record.patch.version:
                found.append(f"patch {patch_id} is at {record.patch.version}, and {max(edits)} was promised")
        return found
