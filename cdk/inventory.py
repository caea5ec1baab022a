"""What each stage is made of, told from its templates: `make inventory` writes docs/inventory.md.

A test holds the page to the templates, so that whoever reviews a change sees what it makes of the account.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cdk.app import OUTPUT, build
from cdk.config import STAGES

PAGE = Path(__file__).parents[1] / "docs" / "inventory.md"
_IMPORTED = re.compile(r'"Fn::ImportValue": "brutal-patches-[a-z]+-([a-z]+):')

type Templates = Mapping[str, Mapping[str, Any]]
"""The templates of a stage by stack."""


def templates(folder: Path) -> Templates:
    return {path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")}


def page(folder: Path) -> str:
    """The page, from the folder with every stage's templates."""
    stages = {name: templates(folder / name) for name in STAGES}
    parts = [
        "# Inventory",
        "`make inventory` writes this page from the templates of every stage.",
        "## Which stack builds on which\n\nIn production: an arrow leads from a stack to whose outputs it reads.",
        _picture(stages["prod"]),
        "## Resources",
        _resources(stages),
        "## Wildcards\n\nEvery permission of a role whose resource has a `*`. No action of any role has one.",
        _wildcards(stages),
        "## Rules of cdk-nag that are waived\n\nEach where it applies, for this reason.",
        _waived(folder),
    ]
    return "\n\n".join(parts) + "\n"


def _picture(stacks: Templates) -> str:
    lines = [f"  {name}" for name in sorted(stacks)]
    for name in sorted(stacks):
        uses = sorted(set(_IMPORTED.findall(json.dumps(stacks[name]))))
        lines += [f"  {name} --> {used}" for used in uses]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])


def _resources(stages: Mapping[str, Templates]) -> str:
    counts: Counter[tuple[str, str, str]] = Counter()
    for stage, stacks in stages.items():
        for stack, template in stacks.items():
            for found in template.get("Resources", {}).values():
                counts[stack, found["Type"].removeprefix("AWS::"), stage] += 1
    rows = []
    for stack in sorted({stack for stack, _, _ in counts}):
        kinds = sorted({kind for other, kind, _ in counts if other == stack})
        rows += [[stack, f"`{kind}`", *(str(counts[stack, kind, stage] or "") for stage in stages)] for kind in kinds]
    total = [str(sum(count for (_, _, other), count in counts.items() if other == stage)) for stage in stages]
    return _table(["stack", "kind", *stages], [*rows, ["**all**", "", *total]])


def _wildcards(stages: Mapping[str, Templates]) -> str:
    found: dict[tuple[str, str, str], set[str]] = {}
    for stage, stacks in stages.items():
        for stack, role, action, resource in _permissions(stacks):
            if "*" in resource.removesuffix(":*"):
                found.setdefault((f"{stack}: {role}", action, resource.replace(f"-{stage}-", "-STAGE-")), set()).add(
                    stage
                )
    rows = [
        [role, f"`{action}`", f"`{resource}`", ", ".join(stage for stage in stages if stage in where)]
        for (role, action, resource), where in sorted(found.items())
    ]
    return _table(["role", "action", "resource", "stages"], rows)


def _permissions(stacks: Templates) -> Iterator[tuple[str, str, str, str]]:
    """Each action on each resource that the policies of roles name."""
    for stack, template in sorted(stacks.items()):
        for found in template.get("Resources", {}).values():
            if found["Type"] != "AWS::IAM::Policy":
                continue
            role = re.sub(r"[0-9A-F]{8}$", "", found["Properties"]["Roles"][0]["Ref"])
            for statement in found["Properties"]["PolicyDocument"]["Statement"]:
                for action in _listed(statement["Action"]):
                    for resource in _listed(statement["Resource"]):
                        yield stack, role, action, _text(resource)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(resource: Any) -> str:
    """An ARN with what only CloudFormation knows as its name in braces."""
    match resource:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_text(part) for part in parts)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{{{re.sub(r'[0-9A-F]{8}$', '', name)}.{attribute}}}"
        case {"Ref": str(name)}:
            return f"{{{name.removeprefix('AWS::')}}}"
        case {"Fn::ImportValue": str(name)}:
            return f"{{{name.partition(':')[2]}}}"
        case _:
            return str(resource)


def _waived(folder: Path) -> str:
    found: dict[tuple[str, str, str], set[str]] = {}
    for stage in STAGES:
        for path in sorted((folder / stage).glob("*.metadata.json")):
            for where, rule, reason in _acknowledged(json.loads(path.read_text())):
                named = rule.replace(f"-{stage}-", "-STAGE-")
                found.setdefault((where, named, reason), set()).add(stage)
    rows = [
        [f"`{where}`", f"`{rule}`", reason, ", ".join(stage for stage in STAGES if stage in stages)]
        for (where, rule, reason), stages in sorted(found.items())
    ]
    return _table(["where", "rule", "reason", "stages"], rows)


def _acknowledged(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for where, entries in metadata.items():
        for entry in entries:
            if entry["type"] == "aws:cdk:acknowledged-rules":
                for rule, reason in entry["data"].items():
                    if "AwsSolutions-" in rule:
                        yield where.removeprefix("/"), rule.partition("AwsSolutions-")[2], reason


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    for name, stage in STAGES.items():
        build(stage, OUTPUT / name).synth()
    PAGE.write_text(page(OUTPUT))
