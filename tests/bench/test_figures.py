"""What several benchmarks find is kept side by side."""

import json
from pathlib import Path

import pytest

from bench.figures import Figure, keep


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a page on benchmarks that has no table yet."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "benchmarks.md").write_text("# Benchmarks\n\nWhat the columns mean.\n")
    return tmp_path


def stored(root: Path) -> list[dict[str, object]]:
    return list(json.loads((root / "build" / "benchmarks.json").read_bytes()))


def page(root: Path) -> str:
    return (root / "docs" / "benchmarks.md").read_text()


def test_every_column_is_there(root: Path) -> None:
    """Also where there is nothing to say."""
    keep([Figure("by id", "requests/s", 9000.0)], root)
    names = ["name", "unit", "ours", "limit", "peer", "ratio_to_limit", "ratio_to_peer"]
    assert [names] == [list(row) for row in stored(root)]


def test_a_run_replaces_what_it_measured_and_leaves_the_rest(root: Path) -> None:
    """In the file and on the page, each row in its place."""
    keep([Figure("by id", "requests/s", 9000.0, 10000.0, 300.0, 0.9, 30.0), Figure("ready", "s", 3.0)], root)
    shown = keep([Figure("by id", "requests/s", 8000.0), Figure("telemetry on", "ms", 2.0)], root)
    assert [("by id", 8000.0), ("ready", 3.0), ("telemetry on", 2.0)] == [
        (row["name"], row["ours"]) for row in stored(root)
    ]
    assert ["by id", "ready", "telemetry on"] == [line.split("|")[1].strip() for line in page(root).splitlines()[6:]]
    assert "| by id | requests/s | 8,000 |" in shown
    assert "ready" not in shown


def test_the_page_keeps_rows_that_were_measured_elsewhere(root: Path) -> None:
    """A fresh clone has the page, and no file."""
    keep([Figure("ready", "s", 3.0)], root)
    (root / "build" / "benchmarks.json").unlink()
    keep([Figure("memory", "MB", 300.0)], root)
    assert page(root).startswith("# Benchmarks\n\nWhat the columns mean.\n\n| | unit | ours |")
    assert page(root).endswith("| ready | s | 3.00 |  |  |  |  |\n| memory | MB | 300.00 |  |  |  |  |\n")
