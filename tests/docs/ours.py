"""Our own commands, routes, make targets and stacks, against what there is."""

import contextlib
import re
import shlex
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import click
from click.testing import CliRunner

from brutal_patches.app import Service
from brutal_patches.cli.main import cli
from brutal_patches.settings import read_settings
from cdk.app import build
from cdk.config import STAGES

ROOT = Path(__file__).parents[2]
VERBS = {"bootstrap", "deploy", "destroy", "diff", "drift", "list", "rollback", "synth"}
_TAKES_VALUE = {"-X", "--request", "-H", "--header", "-d", "--data", "-w", "--write-out", "-o", "--output", "--resolve",
                "-m", "--max-time", "--retry", "--connect-to", "-u", "--data-binary"}  # fmt: skip
_HOSTS = re.compile(r"(api\.brutalpatches\.com|127\.0\.0\.1:\d+)")


class Wrong(AssertionError):
    """What would fail if it were typed."""


def check_command(words: Sequence[str], *, whole: bool = True) -> None:
    """`brutal-patches …`: every argument is read as the command reads it, and --help answers."""
    command, path, rest = _resolved(words[1:])
    if 0 != CliRunner().invoke(cli, [*path, "--help"]).exit_code:
        raise Wrong(f"{' '.join(path)} --help fails")
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    if unknown := {word.partition("=")[0] for word in rest if word.startswith("--")} - known:
        raise Wrong(f"{' '.join(path)} has no {sorted(unknown)}")
    if not whole or isinstance(command, click.Group) or "--help" in rest:
        return
    confirmed = [*rest, *(["--yes"] if "--yes" in known and "--yes" not in rest else [])]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            command.make_context(path[-1], confirmed).close()
        except click.ClickException as fault:
            raise Wrong(f"{shlex.join(words)}: {fault.format_message()}") from fault
        except click.exceptions.Exit as fault:
            raise Wrong(f"{shlex.join(words)} ends with {fault.exit_code}") from fault


def _resolved(words: Sequence[str]) -> tuple[click.Command, list[str], list[str]]:
    command: click.Command = cli
    path: list[str] = []
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.commands.get(rest[0])
        if found is None:
            raise Wrong(f"there is no {' '.join([*path, rest[0]])}")
        command, path, rest = found, [*path, rest[0]], rest[1:]
    return command, path, rest


@cache
def _routes() -> list[tuple[re.Pattern[str], frozenset[str]]]:
    service = Service(read_settings({"APP_ENV": "test"}))
    found = []
    for route in service.litestar.routes:
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", route.path.rstrip("/") or "/")
        found.append((re.compile(pattern), frozenset(getattr(route, "methods", ()))))
    return found


def check_curl(words: Sequence[str]) -> None:
    """`curl`: a route of ours with a method that it has."""
    method, urls, skip, has_body = "", [], False, False
    for position, word in enumerate(words[1:], 1):
        if skip:
            skip = False
            continue
        if word in {"-X", "--request"}:
            method = words[position + 1]
        has_body = has_body or word in {"-d", "--data", "--data-binary"}
        skip = word in _TAKES_VALUE
        if not word.startswith("-") and not skip:
            urls.append(word)
        elif re.fullmatch(r"-[a-zA-Z]*X", word):
            method = words[position + 1]
            skip = True
    if not urls:
        raise Wrong("curl without an address")
    for url in urls:
        _check_route(url, method or ("POST" if has_body else "GET"))


def _check_route(url: str, method: str) -> None:
    parts = urlsplit(url)
    if not _HOSTS.fullmatch(parts.netloc):
        raise Wrong(f"{parts.netloc or url} is not where the service is")
    path = parts.path.rstrip("/") or "/"
    methods = [methods for pattern, methods in _routes() if pattern.fullmatch(path)]
    if not methods:
        raise Wrong(f"there is no route {path}")
    if not any(method in each for each in methods):
        raise Wrong(f"{path} has no {method}")


def check_make(words: Sequence[str]) -> None:
    """`make`: a target that the Makefile has."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = [word for word in words[1:] if "=" not in word and not word.startswith("-")]
    if unknown := set(named) - targets:
        raise Wrong(f"there is no target {sorted(unknown)}")


@cache
def _stacks(stage: str) -> dict[str, frozenset[str]]:
    """The stacks of a stage, and the parameters that each takes."""
    assembly = build(STAGES[stage], checked=False).synth()
    return {stack.id: frozenset(stack.template.get("Parameters", {})) for stack in assembly.stacks_recursively}


def check_cdk(words: Sequence[str], *, whole: bool = True) -> None:
    """`npx cdk`: stacks of the stage that is named, and their parameters."""
    verb, rest = words[2], list(words[3:])
    if verb not in VERBS:
        raise Wrong(f"cdk has no {verb}")
    stage = "prod"
    stacks: list[str] = []
    parameters: list[str] = []
    while rest:
        word = rest.pop(0)
        if word in {"-c", "--context"}:
            name, _, value = rest.pop(0).partition("=")
            if name == "stage" and value not in STAGES:
                raise Wrong(f"there is no stage {value}")
            stage = value if name == "stage" else stage
        elif word == "--parameters":
            parameters.append(rest.pop(0))
        elif not word.startswith("-"):
            stacks.append(word)
    if whole and verb != "bootstrap" and not any(word.startswith("stage=") for word in words):
        raise Wrong("cdk without -c stage=…")
    known = _stacks(stage) if stacks or parameters else {}
    if unknown := [stack for stack in stacks if stack not in known and not stack.startswith("aws://")]:
        raise Wrong(f"{stage} has no stack {unknown}: it has {sorted(known)}")
    for parameter in parameters:
        stack, _, name = parameter.partition("=")[0].partition(":")
        if name not in known.get(stack, ()):
            raise Wrong(f"the stack {stack} takes no parameter {name}")
