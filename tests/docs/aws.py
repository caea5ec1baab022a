"""`aws …` against the models of botocore: services, operations, parameters, their values, and what is required."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from tests.docs.shell import UNKNOWN

GLOBAL = {"region", "profile", "output", "endpoint-url", "query", "cli-input-json", "no-cli-pager", "no-paginate"}
OF_THE_CLI = {("logs", "tail"): {"follow", "since", "format", "filter-pattern"}}
"""Commands that the command line has besides the operations, and their options."""
_PAGING = {"max-items", "page-size", "starting-token"}
_FLAGS = {"no-cli-pager", "no-paginate", "follow"}


class Wrong(AssertionError):
    """What AWS's command line would refuse."""


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def _service(name: str) -> Any:
    name = {"s3": "the high-level s3", "s3api": "s3"}.get(name, name)
    if name not in _session().get_available_services():
        raise Wrong(f"there is no service {name}")
    return _session().get_service_model(name)


def check(words: Sequence[str], *, whole: bool = True) -> None:
    """Raises Wrong for what the models do not know."""
    if len(words) < 3:
        raise Wrong("a service and an operation are needed")
    service, operation, rest = words[1], words[2], list(words[3:])
    if (service, operation) in OF_THE_CLI:
        _check_names(rest, OF_THE_CLI[service, operation] | GLOBAL)
        return
    if operation == "wait":
        waiters = _session().get_waiter_model(service)
        found = {xform_name(name, "-"): name for name in waiters.waiter_names}
        if rest[0] not in found:
            raise Wrong(f"there is nothing called {rest[0]} to wait for")
        model = _service(service).operation_model(waiters.get_waiter(found[rest[0]]).operation)
        rest = rest[1:]
    else:
        model = _operation(service, operation)
    _check_parameters(model, _options(rest), whole=whole)


def _operation(service: str, operation: str) -> OperationModel:
    model = _service(service)
    found = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in found:
        raise Wrong(f"{service} has no operation {operation}")
    operation_model: OperationModel = model.operation_model(found[operation])
    return operation_model


def _options(rest: list[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    name = ""
    for word in rest:
        if word.startswith("--"):
            name, _, value = word.removeprefix("--").partition("=")
            options[name] = [value] if value else []
        elif not name:
            raise Wrong(f"{word} is no option")
        else:
            options[name].append(word)
    return options


def _check_names(rest: list[str], known: set[str]) -> None:
    given = {word.removeprefix("--").partition("=")[0] for word in rest if word.startswith("--")}
    if unknown := given - known:
        raise Wrong(f"there are no options {sorted(unknown)}")


def _check_parameters(model: OperationModel, options: dict[str, list[str]], *, whole: bool) -> None:
    shape = model.input_shape
    members = {xform_name(name, "-"): (name, member) for name, member in (shape.members if shape else {}).items()}
    for option, values in options.items():
        if option in GLOBAL | _PAGING:
            if option == "query":
                _compile(values[0])
            if not values and option not in _FLAGS:
                raise Wrong(f"--{option} wants a value")
            continue
        positive = option.removeprefix("no-")
        if option not in members and not (positive in members and members[positive][1].type_name == "boolean"):
            raise Wrong(f"{model.name} has no parameter --{option}")
        _, member = members.get(option) or members[positive]
        if values and values[0].startswith(("file://", "fileb://")):
            continue
        if values:
            _check_value(f"--{option}", _read(member, values), member)
        elif member.type_name != "boolean":
            raise Wrong(f"--{option} wants a value")
    wanted = [xform_name(name, "-") for name in (shape.required_members if shape else [])]
    missing = [f"--{name}" for name in wanted if name not in options and f"no-{name}" not in options]
    if whole and "cli-input-json" not in options and missing:
        raise Wrong(f"{model.name} wants {', '.join(missing)}")


def _compile(query: str) -> None:
    try:
        jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as fault:
        raise Wrong(f"--query {query}: {fault}") from fault


def _read(shape: Shape, values: list[str]) -> Any:
    """The words of an option as the value that they mean: JSON, or the short form."""
    if shape.type_name in {"structure", "map", "list"} and values[0].lstrip().startswith(("{", "[")):
        return json.loads(values[0])
    match shape.type_name:
        case "list":
            return [_read(shape.member, [word]) for value in values for word in _parts(shape.member, value)]
        case "structure" | "map":
            pairs = dict(_pair(part) for part in values[0].split(","))
            if shape.type_name == "map":
                return {name: _read(shape.value, [value]) for name, value in pairs.items()}
            known: dict[str, Shape] = shape.members
            if unknown := set(pairs) - set(known):
                raise Wrong(f"{shape.name} has no {sorted(unknown)}")
            return {name: _read(known[name], [value]) for name, value in pairs.items()}
        case "integer" | "long":
            return int(values[0])
        case "float" | "double":
            return float(values[0])
        case "boolean":
            return {"true": True, "false": False}[values[0].lower()]
        case "timestamp":
            return 0
        case _:
            return values[0]


def _parts(member: Shape, value: str) -> list[str]:
    return [value] if member.type_name in {"structure", "map"} else value.split(",")


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise Wrong(f"{text} is no name=value")
    return name, value


def _check_value(where: str, value: Any, shape: Shape) -> None:
    if shape.type_name not in {"string", "timestamp", "blob"}:
        report = ParamValidator().validate({"value": value}, _wrapped(shape))
        if report.has_errors():
            raise Wrong(f"{where}: {report.generate_report()}")
    _check_enums(where, value, shape)


class _Wrapped:
    """A structure whose only member is the shape, as the validator begins with one."""

    type_name = "structure"
    name = "option"
    required_members: tuple[str, ...] = ()
    metadata: dict[str, Any] = {}  # noqa: RUF012 - what a shape has.
    is_tagged_union = False
    is_document_type = False

    def __init__(self, shape: Shape) -> None:
        self.members = {"value": shape}


def _wrapped(shape: Shape) -> Any:
    return _Wrapped(shape)


def _check_enums(where: str, value: Any, shape: Shape) -> None:
    """Names of members, and values of enumerations, at any depth."""
    if shape.type_name == "structure":
        if unknown := set(value) - set(shape.members):
            raise Wrong(f"{where} has no {sorted(unknown)}")
        for name, inner in value.items():
            _check_enums(f"{where}.{name}", inner, shape.members[name])
    elif shape.type_name == "list":
        for inner in value:
            _check_enums(where, inner, shape.member)
    elif shape.type_name == "map":
        for inner in value.values():
            _check_enums(where, inner, shape.value)
    elif getattr(shape, "enum", None) and value not in {*shape.enum, UNKNOWN}:
        raise Wrong(f"{where} is {value}, and can be {', '.join(shape.enum[:12])}")
