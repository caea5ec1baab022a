"""Templates as tests ask about them."""

import json
from pathlib import Path
from typing import Any


class Template:
    """One stack's template."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.body: dict[str, Any] = json.loads(path.read_text())
        self.resources: dict[str, Any] = self.body.get("Resources", {})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The properties of all resources of `AWS::kind`."""
        return [found.get("Properties", {}) for found in self.resources.values() if found["Type"] == f"AWS::{kind}"]

    def only(self, kind: str) -> dict[str, Any]:
        """The properties of the one resource of this kind."""
        (found,) = self.of(kind)
        return found

    def named(self, kind: str, **wanted: object) -> dict[str, Any]:
        """The properties of the one resource of this kind that has these values."""
        (found,) = [one for one in self.of(kind) if all(one.get(name) == value for name, value in wanted.items())]
        return found


type Stacks = dict[str, Template]


def read(folder: Path) -> Stacks:
    """Every stack of a stage by its concern."""
    return {path.name.partition(".")[0]: Template(path) for path in sorted(folder.glob("*.template.json"))}


def flat(value: object) -> str:
    """A value as text, what only CloudFormation knows being replaced by `?`."""
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(flat(part) for part in parts)
        case str():
            return value
        case _:
            return "?"
