"""The checks themselves: cdk-nag, cfn-lint, and that making templates needs nothing and nobody."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import cdk.stack
from cdk import inventory
from cdk.app import build
from cdk.config import STAGES
from tests.cdk.conftest import NAMES
from tests.cdk.templates import Stacks

ROOT = Path(__file__).parents[2]


def violations(folder: Path) -> set[str]:
    report = json.loads((folder / "validation-report.json").read_text())
    return {found["ruleName"] for plugin in report["pluginReports"] for found in plugin["violations"]}


@pytest.mark.parametrize("name", NAMES)
def test_nag_finds_nothing(output: Path, name: str) -> None:
    """Synthesis would have failed; the report says so too."""
    assert set() == violations(output / name)


def test_nag_would_find_something(tmp_path: Path) -> None:
    """A bucket that anybody may read over plain HTTP stops the synthesis."""
    app = App(outdir=str(tmp_path))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    s3.Bucket(cdk.stack.StageStack(app, STAGES["dev"], "bad", "a bucket"), "Open")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    assert {"AwsSolutions-S1", "AwsSolutions-S10"} <= violations(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_each_acknowledgement_is_needed_and_reasoned(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them nag finds exactly what they waive: none is stale, none hides more than it names."""
    waived: dict[str, str] = {}

    class Recorder:
        @staticmethod
        def of(_construct: object) -> Any:
            return Recorder

        @staticmethod
        def acknowledge(rule: Any) -> None:
            waived[rule.id] = rule.reason

    monkeypatch.setattr(cdk.stack, "Validations", Recorder)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        build(STAGES[name], tmp_path).synth()
    assert set(waived) == violations(tmp_path)
    assert all(len(reason) > 30 for reason in waived.values())


@pytest.mark.timeout(300)
def test_cfn_lint_finds_nothing(output: Path) -> None:
    """On every template of every stage."""
    templates = sorted(str(path) for path in output.rglob("*.template.json"))
    command = [f"{sys.prefix}/bin/cfn-lint", "--config-file", str(ROOT / "cdk" / ".cfnlintrc.yaml"), *templates]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert len(templates) == 28
    assert (0, "") == (found.returncode, found.stdout), found.stderr


def test_nothing_is_built_or_uploaded(output: Path) -> None:
    """The only asset of a stack is its template: no bundling, no container engine, no network."""
    for path in output.rglob("*.assets.json"):
        assets = json.loads(path.read_text())
        assert {} == assets["dockerImages"]
        assert all(asset["source"]["path"].endswith(".template.json") for asset in assets["files"].values())


def test_templates_fit(output: Path) -> None:
    """CloudFormation takes a megabyte and 500 resources."""
    for path in output.rglob("*.template.json"):
        assert path.stat().st_size < 1_000_000
        assert len(json.loads(path.read_text()).get("Resources", {})) <= 500


def test_templates_are_the_same_each_time(output: Path, tmp_path: Path) -> None:
    """So that a difference is a change somebody made."""
    build(STAGES["dev"], tmp_path).synth()
    for path in tmp_path.glob("*.template.json"):
        assert (output / "dev" / path.name).read_text() == path.read_text()


def test_no_account_or_secret_is_written_down(stacks: Stacks) -> None:
    """Templates are public knowledge: besides AWS's own log delivery, no account's number is in them."""
    elb_in_us_east_1 = "127311923021"
    for template in stacks.values():
        numbers = set(re.findall(r"(?<![\d.])\d{12}(?!\d)", template.path.read_text()))
        assert numbers <= {elb_in_us_east_1}


def test_the_page_tells_what_there_is(stages: dict[str, Stacks]) -> None:
    """The inventory of `docs/infrastructure.md`, and its picture has every stack."""
    text = (ROOT / "docs" / "infrastructure.md").read_text()
    rows = {
        concern: [int(cell) if cell.strip() else 0 for cell in cells.split("|")]
        for concern, cells in re.findall(r"^\| (\w+) \|((?: *\d* *\|){2} *\d* *)\|$", text, re.MULTILINE)
    }
    for concern in stages["prod"]:
        counts = [len(stages[name][concern].resources) if concern in stages[name] else 0 for name in NAMES]
        assert counts == rows[concern], concern
        assert re.search(rf"\b{concern}\b", text.partition("```mermaid")[2].partition("```")[0])


def test_the_page_tells_how_much_is_checked(stages: dict[str, Stacks]) -> None:
    """Its totals are those of the templates, and of the rules that the inventory says are waived."""
    text = (ROOT / "docs" / "infrastructure.md").read_text()
    templates = [template for stacks in stages.values() for template in stacks.values()]
    resources = sum(len(template.resources) for template in templates)
    assert f"three stages, {len(templates)} templates, {resources} resources" in text
    waivers = inventory.PAGE.read_text().partition("## Rules of cdk-nag")[2].count("\n| `")
    assert f"no violation; {waivers} waivers" in text


def test_the_inventory_is_up_to_date(output: Path) -> None:
    """`make inventory` writes it."""
    assert inventory.page(output) == inventory.PAGE.read_text()


def test_production_cannot_be_deleted_by_a_slip(output: Path) -> None:
    """Stacks are protected, and what holds data outlives them."""
    manifest = json.loads((output / "prod" / "manifest.json").read_text())
    stacks = [one for one in manifest["artifacts"].values() if one["type"] == "aws:cloudformation:stack"]
    assert 10 == len(stacks)
    assert all(one["properties"]["terminationProtection"] for one in stacks)
    kinds = {"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::KMS::Key"}
    for path in (output / "prod").glob("*.template.json"):
        for found in json.loads(path.read_text()).get("Resources", {}).values():
            if found["Type"] in kinds and "ephemeral" not in json.dumps(found.get("Properties", {})):
                assert "Retain" == found["DeletionPolicy"]


@pytest.mark.parametrize("path", sorted((ROOT / "cdk").rglob("*.py")), ids=lambda path: path.name)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
