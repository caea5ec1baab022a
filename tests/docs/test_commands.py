"""Every command that the documents give an operator is one that there is."""

from pathlib import Path

import pytest

from tests.docs import aws, ours
from tests.docs.shell import Command, commands

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("runbook.md", "migration.md", "infrastructure.md", "api.md")
TOOLS = frozenset(
    (
        "cat",
        "cd",
        "crane",
        "curl",
        "date",
        "dig",
        "echo",
        "export",
        "git",
        "grep",
        "head",
        "python3",
        "sed",
        "sleep",
        "sort",
        "tail",
        "tr",
    )
)
"""Commands of the shell and of others; anything else is a misspelling."""


def check(command: Command) -> None:
    """Raises an AssertionError that says what is wrong."""
    words = [word for word in command.words if word]
    match words[0]:
        case "brutal-patches":
            ours.check_command(words, whole=command.whole)
        case "aws":
            aws.check(words, whole=command.whole)
        case "curl":
            ours.check_curl(words)
        case "make":
            ours.check_make(words)
        case "npx" if words[1:2] == ["cdk"]:
            ours.check_cdk(words, whole=command.whole)
        case tool if tool in TOOLS:
            pass
        case tool:
            raise AssertionError(f"{tool} is a command that nobody knows")


CASES = [(page, command) for page in PAGES for command in commands(DOCS / page)]


@pytest.mark.parametrize(
    ("page", "command"), CASES, ids=[f"{page}:{each.line}:{each.text[:40]}" for page, each in CASES]
)
def test_a_command_is_one_that_there_is(page: str, command: Command) -> None:
    """Its names, options, values, routes, targets and stacks."""
    try:
        check(command)
    except AssertionError as fault:
        pytest.fail(f"docs/{page}, line {command.line}: {fault}\n  {command.text}")


def test_there_are_commands() -> None:
    """So that the check above checks something, of each kind."""
    for page, least in (("runbook.md", 80), ("migration.md", 15), ("api.md", 25)):
        assert least <= sum(where == page for where, _ in CASES), page
    for tool in ("brutal-patches", "aws", "curl", "make", "npx"):
        assert any(command.words[0] == tool for _, command in CASES), tool


@pytest.mark.parametrize(
    "line",
    [
        "aws dynamodb describe-tabel --table-name x",
        "aws dynamodbb describe-table --table-name x",
        "aws dynamodb describe-table --tablename x",
        "aws dynamodb describe-table",
        "aws dynamodb create-table --table-name x --billing-mode PAY",
        'aws dynamodb put-item --table-name x --item \'{"pk": {"X": "1"}}\'',
        "aws ecs wait services-steady --cluster x --services y",
        "aws cloudwatch describe-alarms --state-value ALARMED",
        "aws cloudwatch describe-alarms --query 'MetricAlarms[?'",
        "aws logs tail /x --folow",
        "brutal-patches adminn users",
        "brutal-patches admin user",
        "brutal-patches admin users --order name",
        "brutal-patches admin users --limit many",
        "brutal-patches admin suspend",
        "curl -s https://api.brutalpatches.com/helth",
        "curl -s -X PATCH https://api.brutalpatches.com/api/patches/1",
        "curl -s https://api.brutalpatches.org/health",
        "make synthesise",
        "npx cdk deploy servce -c stage=prod",
        "npx cdk deploy service -c stage=production",
        "npx cdk deploy service -c stage=prod --parameters service:Tag=1",
        "npx cdk deploy service",
        "npx cdk depoly service -c stage=prod",
        "awss ecs list-tasks",
        "echo $NOBODY",
        "for x in; do (",
    ],
)
def test_a_misspelling_is_refused(line: str, tmp_path: Path) -> None:
    """The negative control of the check."""
    page = tmp_path / "page.md"
    page.write_text(f"```sh\n{line}\n```\n")
    with pytest.raises(AssertionError):
        for command in commands(page):
            check(command)
