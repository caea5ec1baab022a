"""What the workflows promise beyond what their linters look for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "workflows").glob("*.yml")}
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def jobs(workflow: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from workflow["jobs"].items()


def steps() -> Iterator[dict[str, Any]]:
    for workflow in WORKFLOWS.values():
        for _, job in jobs(workflow):
            yield from job.get("steps", [])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_do_nothing_by_itself(name: str) -> None:
    """Each job says what it may, and none may write to the repository."""
    assert {} == WORKFLOWS[name]["permissions"]
    for job_name, job in jobs(WORKFLOWS[name]):
        assert "read" == job["permissions"]["contents"], job_name
        assert set(job["permissions"]) <= {"contents", "id-token"}, job_name
        assert "timeout-minutes" in job or "uses" in job, job_name


def test_actions_are_pinned_by_what_they_contain() -> None:
    """A tag can be moved, a commit cannot."""
    actions = [step["uses"] for step in steps() if "uses" in step]
    assert actions
    for action in actions:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action


def test_whoever_gets_a_role_has_an_environment() -> None:
    """Roles and their approvals belong to stages; what comes from outside gets none."""
    for name, workflow in WORKFLOWS.items():
        for job_name, job in jobs(workflow):
            if "id-token" in job["permissions"] and "uses" not in job:
                assert "environment" in job, (name, job_name)
    assert "head.repo.full_name == github.repository" in WORKFLOWS["check.yml"]["jobs"]["difference"]["if"]


def test_commands_are_there() -> None:
    """Every make target and every script that a workflow calls."""
    run = "\n".join(step["run"] for step in steps() if "run" in step)
    called = set(re.findall(r"\bmake ([a-z-]+)", run))
    assert {"test", "synth", "cdk"} <= called
    assert called <= TARGETS
    for script in re.findall(r"python3 (\S+\.py)", run):
        assert (ROOT / script).exists(), script


def test_both_architectures_are_built_and_released_as_one() -> None:
    """ARM64 is what production runs, AMD64 what most developers have."""
    built = {
        entry["architecture"] for entry in WORKFLOWS["check.yml"]["jobs"]["image"]["strategy"]["matrix"]["include"]
    }
    released = set(WORKFLOWS["deploy.yml"]["jobs"]["image"]["strategy"]["matrix"]["architecture"])
    assert {"amd64", "arm64"} == built == released
    joined = "\n".join(step.get("run", "") for step in WORKFLOWS["release.yml"]["jobs"]["deploy"]["steps"])
    assert all(f"$image-{architecture}" in joined for architecture in built)
    assert "production" in WORKFLOWS["deploy.yml"]["jobs"]
    assert "staging" == WORKFLOWS["deploy.yml"]["jobs"]["production"]["needs"]
