"""Questions to the logs, and what is told when AWS cannot be asked."""

import json
import re

import pytest
from aiobotocore.session import get_session
from botocore.exceptions import ClientError, NoCredentialsError

from brutal_patches.errors import Conflict, DomainError, Forbidden, NotFound, Unavailable
from brutal_patches.operations.cloud import explained
from brutal_patches.operations.insights import catalogue
from tests.operations.conftest import Run, run_in, told
from tests.operations.stage import NAMES, Stage

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_every_query_says_what_it_tells() -> None:
    found = catalogue()
    assert len(found) >= 15
    for one in found.values():
        assert one.meaning.endswith((".", "…", "7")), one.name
        assert one.logs in {"api", "firewall", "rotation"}
        assert re.search(r"^(fields|filter|stats)", one.text)
        assert all(f"--with {blank}=" in one.meaning for blank in one.blanks)


def test_the_logs_answer(run: Run, stage: Stage) -> None:
    """A query goes to the stage's log, and its rows come back."""
    listed = json.loads(run_in({}, "logs", "list", "--json").stdout)
    assert set(catalogue()) == {one["name"] for one in listed}
    shown = run("logs", "query", "address", "--with", "address=192.0.2.7", "--dry-run")
    assert "# to /brutal-patches/dev/api" in shown.stdout
    assert 'client_address = "192.0.2.7"' in shown.stdout
    logs, group = stage.client("logs"), NAMES.log_group("api")
    logs.create_log_stream(logGroupName=group, logStreamName="api")
    import time  # noqa: PLC0415

    event = {"timestamp": int(time.time() * 1000) - 2000, "message": '{"level":"ERROR","message":"broken"}'}
    logs.put_log_events(logGroupName=group, logStreamName="api", logEvents=[event])
    rows = told(run("logs", "query", "errors", "--json"))
    assert isinstance(rows, list)


@pytest.mark.parametrize(
    "arguments",
    [
        ["address"],
        ["address", "--with", "address"],
        ["address", "--with", 'address=" or 1'],
        ["errors", "--with", "x=1"],
        ["nothing"],
        ["errors", "--since", "soon"],
        ["errors", "--since", "0h"],
    ],
)
def test_a_query_that_cannot_be_asked_is_refused(arguments: list[str], run: Run) -> None:
    assert 2 == run("logs", "query", *arguments).exit_code


def test_a_stage_is_always_named() -> None:
    """There is no default that an operator could hit by accident."""
    refused = run_in({"STAGE": None}, "status")
    assert (2, True) == (refused.exit_code, "--stage" in refused.stderr)
    assert 2 == run_in({"STAGE": None}, "status", "--stage", "production").exit_code


def test_missing_credentials_are_one_sentence(stage: Stage) -> None:
    """With exit code 3, and what to do."""
    nobody = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_EC2_METADATA_DISABLED": "true"}
    nowhere = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    for command in (["deployments"], ["blocked"], ["backup", "list"], ["revoke", "all", "--yes"]):
        refused = run_in({**stage.environment, **nobody, **nowhere}, *command)
        assert 3 == refused.exit_code, refused.output
        assert "no AWS credentials" in refused.stderr
        assert "Traceback" not in refused.output


def test_a_stage_that_is_not_there_is_away(run: Run) -> None:
    for command in (["status"], ["deployments"], ["blocked"], ["backup", "list"]):
        away = run(*command, "--stage", "prod")
        assert 3 == away.exit_code, away.output
        assert "brutal-patches-prod" in away.stderr or "BrutalPatches-prod" in away.stderr


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredToken", Unavailable),
        ("AccessDeniedException", Forbidden),
        ("ResourceNotFoundException", NotFound),
        ("ThrottlingException", Unavailable),
        ("ValidationException", Conflict),
    ],
)
def test_refusals_are_told_apart(code: str, kind: type[DomainError]) -> None:
    fault = ClientError({"Error": {"Code": code, "Message": "so"}}, "DoIt")
    assert kind is type(explained(fault, "us-east-1"))
    assert isinstance(explained(NoCredentialsError(), "us-east-1"), Unavailable)


async def test_every_call_exists() -> None:
    """Each operation that the source names is one of its service's, in botocore's model."""
    from pathlib import Path  # noqa: PLC0415

    from botocore import xform_name  # noqa: PLC0415

    source = Path(__file__).parents[2] / "src" / "brutal_patches" / "operations"
    text = "".join(path.read_text() for path in source.glob("*.py"))
    calls = re.findall(r'cloud\.(?:ask|change|pages)\(\s*"([a-z0-9-]+)",\s*"([a-z_]+)"', text)
    assert len(calls) > 30
    session = get_session()
    for service, operation in calls:
        model = await session.get_service_model(service)
        assert operation in {xform_name(name) for name in model.operation_names}, (service, operation)
