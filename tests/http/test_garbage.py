"""A request leaves nothing behind for the garbage collector, whose rounds stop the loop."""

import gc
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from brutal_patches.accounts.passwords import WAITING_AT_MOST
from brutal_patches.app import Service
from tests.client import PASSWORD, Client

type Asks = Callable[[], Awaitable[httpx.Response]]
# The client of these tests leaves rings of its own, and the SDK leaves three small things of each transaction.
OTHERS = {"builtins", "httpx", "asyncio", "jmespath"}


@contextmanager
def swept() -> Iterator[list[object]]:
    """Within it nothing is collected; afterwards the list has what only a round of the collector could free."""
    found: list[object] = []
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        found += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def ours(found: list[object]) -> Counter[str]:
    """What is ours, by its type; a frame is somebody's whom a traceback has kept."""
    types = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in found)
    kept = {"builtins.frame", "builtins.traceback"}
    return Counter({name: n for name, n in types.items() if name in kept or name.split(".")[0] not in OTHERS})


async def left_by(ask: Asks, status: int) -> Counter[str]:
    """What the third of three requests leaves: the first ones make what is made once."""
    await ask()
    await ask()
    with swept() as found:
        assert status == (await ask()).status_code
    return ours(found)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/health", None, 200),
        ("GET", "/api/patches/latest", None, 200),
        ("GET", "/api/patches/search?q=bass", None, 200),
        ("GET", "/api/patches/987654", None, 404),
        ("GET", "/nowhere", None, 404),
        ("GET", "/api/patches/my", None, 401),
        ("POST", "/api/auth/login", {"username": "nobody", "password": "wrong-password-1"}, 401),
        ("POST", "/api/auth/login", {"username": 7}, 400),
    ],
)
async def test_a_strangers_request_leaves_no_ring(
    client: Client, method: str, path: str, body: object, status: int
) -> None:
    """Answers and refusals, with and without storage."""
    assert {} == await left_by(lambda: client.request(method, path, body), status)


async def test_a_players_request_leaves_no_ring(ada: Client) -> None:
    """Writes and what is read from the tables."""
    assert {} == await left_by(lambda: ada.post("/api/patches", {"title": "Bass"}), 201)
    assert {} == await left_by(lambda: ada.get("/api/patches/my"), 200)


async def test_a_refusal_at_the_edge_leaves_no_ring(client: Client, service: Service) -> None:
    """A login for which there is no place."""
    person = {"username": "nobody", "password": PASSWORD}
    with ExitStack() as taken:
        for _ in range(WAITING_AT_MOST + service.parts.passwords._threads):
            taken.enter_context(service.parts.passwords.place())
        assert {} == await left_by(lambda: client.post("/api/auth/login", person), 503)


async def test_an_old_catalogue_leaves_no_ring(service: Service, ada: Client) -> None:
    """What a rebuild replaces goes at once, though the collector no longer looks at what was there at the start."""
    await ada.create("Bass")
    await service.parts.feeder.load()
    old = weakref.ref(service.parts.feeder.memory)
    with swept() as found:
        await service.parts.feeder.load()
        assert old() is None
    assert {} == ours(found)


def test_a_ring_is_seen() -> None:
    """The check can fail: an error that is kept where its own frames can be reached."""

    def fail() -> None:
        kept: list[Exception] = []
        try:
            raise ValueError
        except ValueError as fault:
            kept.append(fault)

    with swept() as found:
        fail()
    assert 1 <= ours(found)["builtins.traceback"]
