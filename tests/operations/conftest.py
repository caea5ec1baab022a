"""A stage on ministack, and the command line as an operator types it there."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from aiobotocore.stub import AioStubber
from click.testing import CliRunner, Result

from brutal_patches.cli.engine import start_ministack
from brutal_patches.cli.main import cli
from brutal_patches.operations.cloud import Cloud
from tests.operations.stage import SERVICES, Stage

type Run = Callable[..., Result]
type Stub = Callable[..., AioStubber]


def run_in(environment: dict[str, str | None], *arguments: str, stdin: str = "") -> Result:
    return CliRunner(env=environment).invoke(cli, ["ops", *arguments], input=stdin)


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    engine = start_ministack(services=SERVICES)
    made = Stage(engine).make()
    tables = {**made.environment, "DYNAMODB_TABLE_PREFIX": "BrutalPatches-dev", "LOG_LEVEL": "error"}
    for command in (["db", "create"], ["seed"]):
        done = CliRunner(env=tables).invoke(cli, command)
        assert 0 == done.exit_code, done.output
    yield made
    engine.stop()


@pytest.fixture
def run(stage: Stage) -> Run:
    """`brutal-patches ops …`, agreeing to every question."""
    return lambda *arguments, stdin="y\n": run_in(stage.environment, *arguments, stdin=stdin)


def told(result: Result) -> Any:
    """What was printed for programs."""
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


@pytest.fixture
async def cloud(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    """Calls that nobody answers unless a stub does; what was told is kept in `cloud.lines`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "stubbed")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    lines: list[str] = []
    async with Cloud("us-east-1", lines.append) as opened:
        opened.lines = lines  # type: ignore[attr-defined]
        yield opened


async def stubbed(cloud: Cloud, service: str) -> AioStubber:
    """Answers of one service, held to botocore's model of it."""
    stub = AioStubber(await cloud.client(service))
    stub.activate()
    return stub
