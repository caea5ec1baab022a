"""docs/security.md names the test of every promise, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
_NAME = re.compile(r"`([\w/]+\.py)::(\w+)`")
_RISKS = {f"API{number}" for number in range(1, 11)}


@cache
def functions(file: str) -> frozenset[str]:
    """The tests of a file."""
    path = TESTS / file
    if not path.is_file():
        return frozenset()
    found = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return frozenset(node.name for node in found if node.name.startswith("test_"))


def promises(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each row of the tables whose second column is `proof`, with the tests that it names."""
    found, proving = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            proving = False
        elif cells[-1] == "proof":
            proving = True
        elif proving and not set(line) <= set("|-: "):
            found.append((cells[0], _NAME.findall(cells[-1])))
    return found


def faults(text: str) -> list[str]:
    """Promises without a test, and tests that do not exist."""
    unproved = [promise for promise, named in promises(text) if not named]
    named = [pair for _, pairs in promises(text) for pair in pairs]
    return unproved + [f"{file}::{test}" for file, test in named if test not in functions(file)]


def test_every_promise_names_tests_that_exist() -> None:
    """And there are promises."""
    text = PAGE.read_text()
    assert len(promises(text)) > 70
    assert [] == faults(text)


def test_every_risk_of_owasp_has_its_row() -> None:
    """All ten."""
    named = {promise.partition(" ")[0] for promise, _ in promises(PAGE.read_text())}
    assert named >= _RISKS


def test_every_file_of_this_room_proves_something() -> None:
    """What is tested here is promised there."""
    named = {file for _, pairs in promises(PAGE.read_text()) for file, _ in pairs}
    here = {f"security/{file.name}" for file in Path(__file__).parent.glob("test_*.py")} - {"security/test_page.py"}
    assert here <= named


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| A promise | |", "A promise"),
        (
            "| A promise | `security/test_page.py::test_that_is_not_there` |",
            "security/test_page.py::test_that_is_not_there",
        ),
        ("| A promise | `security/test_gone.py::test_x` |", "security/test_gone.py::test_x"),
        ("| A promise | `security/test_page.py::faults` |", "security/test_page.py::faults"),
    ],
)
def test_a_promise_without_proof_is_found(row: str, fault: str) -> None:
    """The control."""
    assert [fault] == faults(f"| promise | proof |\n|---|---|\n{row}\n")
