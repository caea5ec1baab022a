"""Players who do what players do while storage fails, and remember what they were told."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from brutal_patches.clock import monotonic
from tests.client import PASSWORD, Client
from tests.faults.histories import PROMISED_GRACE
from tests.faults.integrity import Holdings, records

type Step = Callable[[], Awaitable[None]]
_UNDECIDED = 503
_PAUSE = 0.02
_ON_ITS_WAY = 5


class Ledger:
    """What clients know of each thing: the values that it may have, one once a change was acknowledged."""

    def __init__(self) -> None:
        self.possible: defaultdict[tuple[Any, ...], set[object]] = defaultdict(set)
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []
        self.too_slow = 0
        self._doubtful: defaultdict[tuple[Any, ...], dict[object, float]] = defaultdict(dict)

    def told(self, answer: httpx.Response, *allowed: int) -> int:
        """Note an answer: one of those allowed, or a 503 that says when to come back."""
        status = answer.status_code
        self.statuses[status] += 1
        if status == _UNDECIDED:
            if not answer.headers.get("retry-after"):
                self.faults.append("a 503 without Retry-After")
        elif status not in allowed:
            self.faults.append(f"{answer.request.method} {answer.request.url.path}: {status} {answer.text[:200]}")
        return status

    def changed(self, thing: tuple[Any, ...], value: object, status: int, *acknowledged: int) -> None:
        """A change of `thing` to `value` got this status.

        What was undecided may still be on its way when the next is acknowledged: an abandoned write that arrives late
        is refused where a version guards the thing, and votes and favourites have none.
        """
        doubtful = self._doubtful[thing] if thing[0] in {"stars", "kept"} else {}
        if status in acknowledged:
            late = {each for each, when in doubtful.items() if monotonic() - when < _ON_ITS_WAY}
            self.possible[thing] = {value, *late}
        elif status == _UNDECIDED:
            self.possible[thing].add(value)
            doubtful[value] = monotonic()

    def broken(self, held: Holdings) -> list[str]:
        """What was acknowledged and is not so in storage."""
        found = []
        known = records(held)
        for thing, values in self.possible.items():
            match thing:
                case ("title", patch_id):
                    value: object = known[patch_id].patch.title if patch_id in known else None
                case ("deleted", patch_id):
                    value = bool(known[patch_id].deleted_at) if patch_id in known else None
                case ("stars", patch_id, user_id):
                    value = held.core.get((f"PATCH#{patch_id}", f"RATING#{user_id}"), {}).get("stars")
                case ("kept", patch_id, user_id):
                    value = (f"PATCH#{patch_id}", f"KEPT#{user_id}") in held.core
                case _:
                    value = (thing[1], thing[2]) in held.core
            if value not in values:
                found.append(f"{thing} is {value!r}, but clients were told {values}")
        return found


class Player:
    """One client at an address of its own."""

    def __init__(self, client: Client, number: int, ledger: Ledger, public: list[int]) -> None:
        self.name = f"player{number}"
        self._client = Client(client.service, f"198.51.{number // 250}.{number % 250 + 1}")
        self._ledger = ledger
        self._public = public
        self._chance = random.Random(number)
        self._own: list[int] = []
        self._id = ""
        self._count = 0

    async def arrive(self) -> None:
        """Register and log in, asking again as often as it takes; a name that was undecided may be taken by now."""
        sent = {"username": self.name, "email": f"{self.name}@example.com", "password": PASSWORD}
        await self._insist(lambda: self._client.post("/api/users/create", sent), 201, 409)
        await self._log_in()
        answer = await self._insist(lambda: self._client.get("/api/users/profile"), 200)
        self._id = answer.json()["user"]["id"]

    async def _log_in(self) -> None:
        sent = {"username": self.name, "password": PASSWORD}
        # Logins that storage fails are counted as tries, so somebody may be asked to wait.
        while (answer := await self._client.post("/api/auth/login", sent)).status_code != 200:
            self._ledger.told(answer, 429)
            await asyncio.sleep(_PAUSE)
            if answer.status_code == 429:
                self._client = self._client.at(f"203.0.113.{self._chance.randrange(1, 250)}")
        self._client = Client(self._client.service, self._client.address, answer.json())

    async def _insist(self, ask: Callable[[], Awaitable[httpx.Response]], *allowed: int) -> httpx.Response:
        """Ask again until it is decided, with a pause: who refuses at once must not be kept from work."""
        while True:
            answer = await ask()
            if self._ledger.told(answer, *allowed) != _UNDECIDED:
                return answer
            await asyncio.sleep(_PAUSE)

    async def play(self, steps: int) -> None:
        """Do this many things by chance."""
        often = [self._create, self._edit, self._rate]
        seldom = [self._keep, self._delete, self._comment, self._collect, self._look, self._refresh, self._fork]
        for _ in range(steps):
            step = self._chance.choice([*often, *often, *seldom])
            self._count += 1
            await step()

    async def _create(self) -> None:
        """Under an Idempotency-Key, so that asking again until it is done makes one patch."""
        title, key = f"{self.name} {self._count}", {"idempotency-key": f"{self.name}-{self._count}"}
        answer = await self._insist(lambda: self._client.post("/api/patches", {"title": title}, headers=key), 201)
        if answer.status_code == 201:
            patch_id = answer.json()["id"]
            self._own.append(patch_id)
            self._public.append(patch_id)
            self._ledger.possible["title", patch_id] = {title}
            self._ledger.possible["deleted", patch_id] = {False}

    async def _fork(self) -> None:
        if self._public:
            patch_id = self._chance.choice(self._public)
            answer = await self._client.post(f"/api/patches/{patch_id}/fork", {"title": f"{self.name} fork"})
            if self._ledger.told(answer, 201, 404) == 201:
                self._ledger.possible["title", answer.json()["id"]] = {f"{self.name} fork"}

    async def _edit(self) -> None:
        if self._own:
            patch_id, title = self._chance.choice(self._own), f"{self.name} {self._count}"
            answer = await self._client.put(f"/api/patches/{patch_id}", {"title": title})
            status = self._ledger.told(answer, 200, 404)
            self._ledger.changed(("title", patch_id), title, status, 200)

    async def _delete(self) -> None:
        if self._own:
            patch_id = self._chance.choice(self._own)
            wanted = self._chance.random() < 0.3
            path = f"/api/patches/{patch_id}"
            answer = await (self._client.delete(path) if wanted else self._client.post(f"{path}/restore"))
            status = self._ledger.told(answer, 200, 204, 404)
            self._ledger.changed(("deleted", patch_id), wanted, status, 200, 204)

    async def _rate(self) -> None:
        if others := [each for each in self._public if each not in self._own]:
            patch_id, stars = self._chance.choice(others), self._chance.choice([None, 1, 2, 3, 4, 5])
            path = f"/api/patches/{patch_id}/rating"
            answer = await (self._client.put(path, {"rating": stars}) if stars else self._client.delete(path))
            status = self._ledger.told(answer, 200, 404)
            thing = ("stars", patch_id, self._id)
            self._ledger.possible.setdefault(thing, {None})
            self._ledger.changed(thing, stars, status, 200)

    async def _keep(self) -> None:
        if self._public:
            patch_id, wanted = self._chance.choice(self._public), self._chance.random() < 0.7
            path = f"/api/patches/{patch_id}/favourite"
            answer = await (self._client.put(path) if wanted else self._client.delete(path))
            status = self._ledger.told(answer, 200, 404)
            thing = ("kept", patch_id, self._id)
            self._ledger.possible.setdefault(thing, {False})
            self._ledger.changed(thing, wanted, status, 200)

    async def _comment(self) -> None:
        if self._public:
            patch_id = self._chance.choice(self._public)
            answer = await self._client.post(f"/api/patches/{patch_id}/comments", {"text": "Fat."})
            if self._ledger.told(answer, 201, 404) == 201:
                self._ledger.possible["there", f"PATCH#{patch_id}", f"COMMENT#{answer.json()['id']}"] = {True}

    async def _collect(self) -> None:
        sent = {"name": f"{self.name} {self._count}", "patchIds": [], "isPublic": self._chance.random() < 0.5}
        answer = await self._client.post("/api/patches/collections", sent)
        if self._ledger.told(answer, 201) == 201:
            made = answer.json()["id"]
            self._ledger.possible["there", f"COLLECTION#{made}", "COLLECTION"] = {True}

    async def _look(self) -> None:
        """One's own patches as of now: what was acknowledged is in it."""
        answer = await self._client.get("/api/patches/my?limit=100")
        if self._ledger.told(answer, 200) == 200:
            shown = {patch["id"]: patch["title"] for patch in answer.json()["patches"]}
            for patch_id in self._own:
                titles = self._ledger.possible["title", patch_id]
                if self._ledger.possible["deleted", patch_id] == {False} and shown.get(patch_id) not in titles:
                    self._ledger.faults.append(f"{self.name} does not see patch {patch_id} as {titles}")

    async def _refresh(self) -> None:
        """With the refresh token; a lost answer is asked for again at once."""
        sent, began = {"refresh_token": self._client.tokens["refresh_token"]}, monotonic()
        while (answer := await self._client.post("/api/auth/refresh", sent)).status_code == _UNDECIDED:
            self._ledger.told(answer)
            await asyncio.sleep(_PAUSE)
        if answer.status_code == 401 and monotonic() - began > PROMISED_GRACE:
            # A lost answer is good for so long; whoever is slower logs in again.
            self._ledger.too_slow += 1
            await self._log_in()
        elif self._ledger.told(answer, 200) == 200:
            self._client = Client(self._client.service, self._client.address, answer.json())
