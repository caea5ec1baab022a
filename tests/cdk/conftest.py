"""The templates of every stage, made once, with no credentials."""

import fcntl
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cdk.templates import Stacks, read

# The CDK is a group of its own: `make tests` installs it, a bare `pytest` may not have it.
collect_ignore_glob = [] if find_spec("aws_cdk") else ["test_*.py"]

NAMES = ("dev", "staging", "prod")


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with `STAGE/CONCERN.template.json`, made once however many processes share the tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "cdk.out"
    with (shared / "cdk.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _synthesise(folder)
            (folder / "complete").touch()
    yield folder


def _synthesise(folder: Path) -> None:
    from cdk.app import build  # noqa: PLC0415 - Only where the group is installed.
    from cdk.config import STAGES  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
            patch.delenv(name, raising=False)
        for name in NAMES:
            build(STAGES[name], folder / name).synth()


@pytest.fixture(scope="session")
def stages(output: Path) -> dict[str, Stacks]:
    return {name: read(output / name) for name in NAMES}


@pytest.fixture
def dev(stages: dict[str, Stacks]) -> Stacks:
    return stages["dev"]


@pytest.fixture
def staging(stages: dict[str, Stacks]) -> Stacks:
    return stages["staging"]


@pytest.fixture
def prod(stages: dict[str, Stacks]) -> Stacks:
    return stages["prod"]


@pytest.fixture(params=NAMES)
def stacks(request: pytest.FixtureRequest, stages: dict[str, Stacks]) -> Stacks:
    """Each stage in turn."""
    return stages[request.param]
