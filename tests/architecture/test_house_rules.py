"""Rules of the house that no linter knows."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "brutal_patches"
TESTS = SOURCE.parents[1] / "tests"
FILES = sorted(SOURCE.rglob("*.py"))
VERBS = {"get", "post", "put", "patch", "delete"}
OWNERS = {
    "aioboto3": ("storage/", "operations/cloud.py"),
    "botocore": ("storage/", "operations/cloud.py"),
    "aiobotocore": ("storage/", "operations/cloud.py"),
    "litestar": ("http/", "routes.py", "app.py"),
    "jose": "accounts/tokens.py",
    "passlib": "accounts/passwords.py",
    "zxcvbn": "accounts/submission.py",
    "email_validator": "accounts/submission.py",
    "tantivy": "catalogue/index.py",
    "Stemmer": "catalogue/analysis.py",
    "segno": "sheets/qr.py",
    "uharfbuzz": "sheets/faces.py",
    "pydyf": "sheets/paper.py",
    "pypdfium2": "sheets/rendering.py",
    "jinja2": "pages/templates.py",
    "numpy": "catalogue/",
    "opentelemetry": "telemetry",
    "prometheus_client": "telemetry",
    "localstack_client": "storage/connection.py",
    "uvicorn": "cli/",
    "click": "cli/",
    "rich": "cli/",
}


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def handlers() -> list[tuple[str, ast.AsyncFunctionDef]]:
    """Every route handler."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef) and any(
                isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id in VERBS
                for decorator in node.decorator_list
            ):
                found.append((name(path), node))
    return found


def test_there_are_handlers() -> None:
    """So that the checks below check something."""
    assert len(handlers()) > 30


@pytest.mark.parametrize(("path", "handler"), handlers(), ids=lambda value: getattr(value, "name", ""))
def test_a_handler_is_short(path: str, handler: ast.AsyncFunctionDef) -> None:
    """At most five lines, and typed."""
    assert len(handler.body) <= 5, f"{path}: {handler.name}"
    assert handler.returns is not None
    assert all(argument.annotation for argument in [*handler.args.args, *handler.args.kwonlyargs])


def test_aws_errors_are_known_in_one_place() -> None:
    """`ClientError` of DynamoDB is translated once; mail, secrets and the control plane have their own."""
    knowing = [name(path) for path in FILES if "ClientError" in path.read_text()]
    assert ["operations/cloud.py", "storage/failures.py", "storage/mail.py", "storage/sources.py"] == knowing


@pytest.mark.parametrize("path", FILES, ids=name)
def test_libraries_have_owners(path: Path) -> None:
    """Nobody else imports them."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    for library in imported & set(OWNERS):
        owners = OWNERS[library]
        places = (owners,) if isinstance(owners, str) else owners
        assert any(name(path).startswith(place) or name(path).endswith(place) for place in places), library


@pytest.mark.parametrize("path", [*FILES, *sorted(TESTS.rglob("*.py"))], ids=lambda path: path.name)
def test_files_are_short(path: Path) -> None:
    """Four hundred lines at most."""
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=name)
def test_functions_are_short(path: Path) -> None:
    """Forty lines, without their docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert length <= 40, node.name


@pytest.mark.parametrize("path", FILES, ids=name)
def test_modules_say_what_they_hold(path: Path) -> None:
    """And none is named after nothing."""
    assert ast.get_docstring(ast.parse(path.read_text()))
    assert path.stem not in {"utils", "helpers", "common", "base", "manager", "misc"}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_types_are_ordinary_imports(path: Path) -> None:
    """No annotations as text, no imports for type checkers alone: the framework reads them."""
    text = path.read_text()
    assert "from __future__ import annotations" not in text
    assert "TYPE_CHECKING" not in text


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "settings.py"], ids=name)
def test_the_environment_is_read_in_one_place(path: Path) -> None:
    """`settings.py` parses what the command line hands it; engines pass theirs on."""
    if not name(path).startswith("cli/"):
        assert "os.environ" not in path.read_text()
        assert "getenv" not in path.read_text()
