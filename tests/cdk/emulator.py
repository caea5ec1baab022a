"""Creating templates on an emulator of CloudFormation, without what it does not know."""

import copy
import json
import re
import time
from typing import Any

from tests.cdk.templates import Template

UNKNOWN = re.compile(r"Unrecognized resource types: \[([^\]]+)\]")


class NotCreated(Exception):
    """A stack that the emulator took and could not make."""


def create(client: Any, name: str, template: Template, parameters: dict[str, str]) -> dict[str, str]:
    """Create the stack; what had to be left out, each logical id with its type or the reason."""
    body, left_out = copy.deepcopy(template.body), {}
    while True:
        try:
            client.create_stack(
                StackName=name,
                TemplateBody=json.dumps(body, separators=(",", ":")),
                Capabilities=["CAPABILITY_NAMED_IAM"],
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            )
            break
        except client.exceptions.ClientError as fault:
            unknown = UNKNOWN.search(str(fault))
            if unknown is None:
                raise
            _without(body, {kind.strip() for kind in unknown[1].split(",")}, left_out)
    _finish(client, name)
    return left_out


def _without(body: dict[str, Any], kinds: set[str], left_out: dict[str, str]) -> None:
    """Take resources of these kinds out, then whatever refers to what was taken out."""
    gone = {name: found["Type"] for name, found in body["Resources"].items() if found["Type"] in kinds}
    while gone:
        for name, why in gone.items():
            left_out[name] = why
            del body["Resources"][name]
        gone = {
            name: f"{found['Type']}, for it refers to one of them"
            for name, found in body["Resources"].items()
            if _refers(found.get("Properties"), left_out)
        }
    body["Outputs"] = {name: one for name, one in body.get("Outputs", {}).items() if not _refers(one, left_out)}
    for found in body["Resources"].values():
        if "DependsOn" in found:
            wanted = [found["DependsOn"]] if isinstance(found["DependsOn"], str) else found["DependsOn"]
            found["DependsOn"] = [one for one in wanted if one not in left_out]


def _refers(value: object, names: dict[str, str]) -> bool:
    match value:
        case {"Ref": str(name)}:
            return name in names
        case {"Fn::GetAtt": [name, _]}:
            return name in names
        case dict():
            return any(_refers(part, names) for part in value.values())
        case list():
            return any(_refers(part, names) for part in value)
        case _:
            return False


def _finish(client: Any, name: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return
        if "PROGRESS" not in stack["StackStatus"]:
            events = client.describe_stack_events(StackName=name)["StackEvents"]
            faults = [
                f"{one['ResourceType']}: {one.get('ResourceStatusReason', '')}"
                for one in events
                if one["ResourceStatus"].endswith("FAILED")
            ]
            raise NotCreated("; ".join(faults) or stack["StackStatus"])
        time.sleep(0.1)
    raise NotCreated(f"{name} took more than a minute.")
