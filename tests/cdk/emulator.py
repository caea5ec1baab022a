"""Creating templates on an emulator of CloudFormation, without what it does not know."""

import copy
import json
import re
import time
from typing import Any, Protocol

from brutal_patches.cli.engine import Engine
from tests.cdk.templates import Template

UNKNOWN = re.compile(r"Unrecognized resource types: \[([^\]]+)\]")


_ATTEMPTS = 80


class NotCreated(Exception):
    """A stack that the emulator took and could not make."""


class Region(Protocol):
    """Where clients come from, and the engine behind them."""

    engine: Engine

    def client(self, service: str) -> Any: ...


def create(region: Region, name: str, template: Template, parameters: dict[str, str]) -> dict[str, str]:
    """Create the stack; what had to be left out, each logical id with its type and the reason."""
    client = region.client("cloudformation")
    body: dict[str, Any] = copy.deepcopy(template.body)
    left_out: dict[str, str] = {}
    for attempt in range(_ATTEMPTS):
        try:
            _ask(region, f"{name}-{attempt}", body, parameters)
        except client.exceptions.ClientError as fault:
            unknown = UNKNOWN.search(str(fault))
            if unknown is None:
                raise NotCreated(str(fault)[-300:]) from fault
            kinds = {kind.strip() for kind in unknown[1].split(",")}
            refused = {one: found["Type"] for one, found in body["Resources"].items() if found["Type"] in kinds}
        else:
            refused = _refused(client, f"{name}-{attempt}")
            if not refused:
                return left_out
            client.delete_stack(StackName=f"{name}-{attempt}")
        _without(body, refused, left_out)
        if not body["Resources"]:
            break
    raise NotCreated(f"Nothing remains of {name}: {left_out}")


def _ask(region: Region, name: str, body: dict[str, Any], parameters: dict[str, str]) -> None:
    """By way of a bucket, because large templates cannot be sent along."""
    region.client("s3").put_object(Bucket="templates", Key=name, Body=json.dumps(body, separators=(",", ":")))
    region.client("cloudformation").create_stack(
        StackName=name,
        TemplateURL=f"{region.engine.endpoint}/templates/{name}",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )


def _refused(client: Any, name: str) -> dict[str, str]:
    """Resources that the emulator knows and could not make; none where the stack is complete."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {}
        if "PROGRESS" not in stack["StackStatus"]:
            return {
                one["LogicalResourceId"]: f"{one['ResourceType']}: {one.get('ResourceStatusReason', '')[:120]}"
                for one in client.describe_stack_events(StackName=name)["StackEvents"]
                if one["ResourceStatus"] == "CREATE_FAILED" and one["ResourceType"] != "AWS::CloudFormation::Stack"
            } or _unexplained(stack)
        time.sleep(0.1)
    raise NotCreated(f"{name} took more than a minute.")


def _unexplained(stack: dict[str, Any]) -> dict[str, str]:
    raise NotCreated(f"{stack['StackStatus']}: {stack.get('StackStatusReason', '')}")


def _without(body: dict[str, Any], refused: dict[str, str], left_out: dict[str, str]) -> None:
    """Take these resources out, then whatever refers to what was taken out."""
    gone = dict(refused)
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
