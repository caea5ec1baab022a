"""What every test can ask for: an engine, tables of its own on it, and the service on those tables."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from secrets import token_hex
from typing import Any

import hypothesis
import pytest

from brutal_patches.app import Service
from brutal_patches.cli.engine import Engine, start_dynamodb_local, start_ministack
from brutal_patches.clock import SystemClock
from brutal_patches.settings import Settings, read_settings
from brutal_patches.storage.connection import open_table
from brutal_patches.storage.creation import create_tables
from brutal_patches.storage.retrying import Patience
from brutal_patches.storage.table import Table
from tests.client import Client, running

STARTERS: dict[str, Callable[[], Engine]] = {"dynamodb-local": start_dynamodb_local, "ministack": start_ministack}
UNHURRIED = Patience(connect=5, read=10, total=20)

_prefixes = (f"test-{token_hex(3)}-{number}" for number in count())


class Elsewhere:
    """An engine that somebody else has started and will stop, such as LocalStack: `pytest --endpoint URL`."""

    def __init__(self, endpoint: str) -> None:
        self.name = f"whatever listens at {endpoint}"
        self.endpoint = endpoint
        self.port = int(endpoint.rpartition(":")[2])

    def stop(self) -> None:
        """Leave it running."""


type AnyEngine = Engine | Elsewhere

_used = pytest.StashKey[dict[str, AnyEngine]]()
_elsewhere = pytest.StashKey[set[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--endpoint", help="run on the engine that listens here, instead of starting any")
    parser.addoption(
        "--full",
        type=float,
        nargs="?",
        const=1.0,
        default=0.0,
        help="fault tests and histories at this part of their full size",
    )


# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_engines: runs on DynamoDB Local and on ministack")
    config.stash[_used] = {}
    config.stash[_elsewhere] = set()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_engines")
        own = list(STARTERS) if both else ["dynamodb-local"]
        elsewhere = metafunc.config.getoption("--endpoint")
        metafunc.parametrize("engine", [elsewhere] if elsewhere else own, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engines(pytestconfig: pytest.Config) -> Iterator[dict[str, AnyEngine]]:
    """The engines that are running; each is started when a test first asks for it."""
    running = pytestconfig.stash[_used]
    yield running
    for engine in running.values():
        engine.stop()


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, engines: dict[str, AnyEngine]) -> AnyEngine:
    """A DynamoDB engine; tests marked `both_engines` run once on each."""
    name = str(request.param)
    if name not in engines:
        engines[name] = STARTERS[name]() if name in STARTERS else Elsewhere(name)
    return engines[name]


@pytest.fixture
async def settings(engine: AnyEngine) -> Settings:
    """Settings for tables that no other test uses."""
    found = read_settings(
        {
            "APP_ENV": "test",
            "DYNAMODB_ENDPOINT_URL": engine.endpoint,
            "DYNAMODB_TABLE_PREFIX": next(_prefixes),
            "RATE_LIMIT_MAX": "1000000",
        }
    )
    await create_tables(found.dynamodb)
    return found


@pytest.fixture
async def table(settings: Settings) -> AsyncIterator[Table]:
    """Storage on empty tables."""
    async with open_table(settings.dynamodb, SystemClock(), UNHURRIED) as opened:
        yield opened


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    """The whole service, running on empty tables."""
    async with running(settings) as started:
        yield started


@pytest.fixture
def client(service: Service) -> Client:
    """Someone who talks to the service and is not logged in."""
    return Client(service)


@pytest.fixture
async def ada(client: Client) -> Client:
    """A user."""
    return await client.register("ada")


@pytest.fixture
async def robin(client: Client) -> Client:
    """Another user."""
    return await client.register("robin")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that runs a part of the tests tells the one that started it which engines it used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["engines"] = sorted(_names(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_elsewhere].update(getattr(node, "workeroutput", {}).get("engines", ()))


def _names(config: pytest.Config) -> set[str]:
    return {engine.name for engine in config.stash[_used].values()} | config.stash[_elsewhere]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line(f"DynamoDB engines used: {', '.join(sorted(_names(config))) or 'none'}")
