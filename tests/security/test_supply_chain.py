"""What the service is made of: known, licensed so that we may pass it on, and asked about."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import pytest

from tests.security.audit import judge, requirements

ROOT = Path(__file__).parents[2]
ALLOWED = re.compile(
    r"MIT|MIT License|MIT-0|MIT-CMU|"
    r"Apache[- ]2\.0|Apache License.*|Apache Software License|BSD.*|[23]-Clause BSD.*|ISC.*|"
    r"MPL[- ]2\.0|Mozilla Public License 2\.0.*|PSF-2\.0|Python Software Foundation License|0BSD|Zlib|CC0-1\.0|"
    r"Unlicense.*|Public Domain|The Unlicense.*"
)


def licences(name: str) -> list[str]:
    """What a package says it is licensed under: the expression, else classifiers, else the line of old."""
    told = metadata(name)
    if expression := told.get("License-Expression"):
        return [part for part in re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", expression) if part]
    classified = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License ::")
    ]
    named = [line for line in classified if line != "OSI Approved"]
    return named or [str(told.get("License", "")).partition("\n")[0].strip()]


def test_every_package_is_licensed_so_that_we_may_use_it() -> None:
    """Of everything that is locked for the service."""
    names = [line.partition("==")[0] for line in requirements().splitlines()]
    assert len(names) > 40
    found = {}
    for name in names:
        try:
            found[name] = licences(name)
        except PackageNotFoundError:
            # Locked for another platform than this one.
            continue
    assert len(found) > 40
    assert {} == {name: told for name, told in found.items() if not all(ALLOWED.fullmatch(each) for each in told)}


def test_the_list_of_what_it_is_made_of_is_complete() -> None:
    """`make sbom`: CycloneDX, every locked package of the service by version."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    command = [uv, "export", "--locked", "--no-dev", "--format", "cyclonedx1.5", "--quiet"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert ("CycloneDX", "1.5") == (listed["bomFormat"], listed["specVersion"])
    purls = {each["purl"] for each in listed["components"] if "purl" in each}
    for line in requirements().splitlines():
        name, _, version = line.partition("==")
        assert any(purl.startswith(f"pkg:pypi/{name}@{version}") for purl in purls), line


def test_every_package_is_locked_by_its_hash() -> None:
    """Nobody can put another one in its place."""
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        if "editable" not in package["source"]:
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            assert files, package["name"]
            assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


def test_the_security_rules_of_ruff_are_on() -> None:
    """And where one is off, it says why beside it."""
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in ruff["select"]
    assert not [rule for rule in ruff["ignore"] if rule.startswith("S") and not rule.startswith("SIM")]


_BAD = {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "X-1"}]}
_FINE = {"name": "click", "version": "8", "vulns": []}


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (None, 3),
        ({"dependencies": []}, 3),
        # Nothing is known even of what is known to be bad: there was no data.
        ({"dependencies": [_FINE, _BAD | {"vulns": []}]}, 3),
        ({"dependencies": [{"name": "click", "skip_reason": "not found"}, _BAD]}, 3),
        ({"dependencies": [_FINE | {"vulns": [{"id": "X-2"}]}, _BAD]}, 1),
        ({"dependencies": [_FINE, _BAD]}, 0),
    ],
)
def test_no_data_is_not_taken_for_no_vulnerability(report: dict[str, Any] | None, code: int) -> None:
    """The control of `make audit`."""
    assert code == judge(report, ["click"]).exit_code
