"""The documents say what is so."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from brutal_patches.cli.main import cli
from brutal_patches.cli.settings_page import page

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_settings_page_is_up_to_date() -> None:
    """`make settings-page` writes it."""
    assert page() == (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Those to files of ours."""
    for link in re.findall(r"\]\(([^)#]+)", path.read_text()):
        if not link.startswith("http"):
            assert (path.parent / link).exists(), link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_make_targets_exist(path: Path) -> None:
    """Every `make something` that a page names."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z][a-z-]+)`", path.read_text())) <= targets


def test_the_commands_of_the_page_are_those_there_are() -> None:
    """Each answers --help."""
    named = re.findall(r"^\| `([a-z -]+)(?: [A-Z]+)?` \|", (ROOT / "docs" / "cli.md").read_text(), re.MULTILINE)
    assert len(named) >= 9
    for command in named:
        assert 0 == CliRunner().invoke(cli, [*command.split(), "--help"]).exit_code, command


def test_the_tree_of_the_architecture_page_is_the_tree() -> None:
    """Every room is named."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    for path in (ROOT / "src" / "brutal_patches").iterdir():
        if path.name[0] not in "_." and (path.is_dir() or path.suffix == ".py"):
            assert f"  {path.name}{'/' if path.is_dir() else ''}" in text, path.name


def test_every_decision_names_its_check() -> None:
    """And has a number of its own."""
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert len(decisions) == len({path.name[:4] for path in decisions}) >= 6
    assert all("**Kept by:**" in path.read_text() for path in decisions)
