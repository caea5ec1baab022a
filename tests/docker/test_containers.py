"""What the image and docker-compose.yml promise, read from the files themselves."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from brutal_patches.cli.dynamodb_local import VERSION as DYNAMODB_LOCAL
from brutal_patches.settings import read_settings, variables
from brutal_patches.storage.sources import PARAMETER, SECRET
from cdk.config import COLLECTOR_TAG, STOP_SECONDS
from docker.prune import AWS_SERVICES

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service.get("image") == "brutal-patches:local"]
NAMES = {variable.name for variable in variables()}


def steps(instruction: str) -> list[str]:
    """The arguments of every such instruction, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{instruction}\s+(.*)$", joined, re.MULTILINE)


def test_the_image_runs_as_nobody_in_particular() -> None:
    """By number, so that a platform can see that it is not root."""
    assert ["10001:10001"] == steps("USER")
    assert ["/build", "/tmp"] == steps("WORKDIR")  # noqa: S108
    assert ["SIGTERM"] == steps("STOPSIGNAL")


def test_nothing_goes_through_a_shell() -> None:
    """Signals reach the service itself, and there is nothing to inject into."""
    (health,) = steps("HEALTHCHECK")
    for step in (*steps("RUN"), *steps("ENTRYPOINT"), *steps("CMD"), health.partition("CMD ")[2]):
        assert isinstance(json.loads(step), list), step
    assert "curl" not in DOCKERFILE
    assert ["brutal-patches"] == json.loads(steps("ENTRYPOINT")[0])


def test_only_what_is_locked_goes_in() -> None:
    """No groups for development, from the lock file."""
    syncs = [json.loads(step) for step in steps("RUN") if "sync" in step]
    assert 2 == len(syncs)
    for sync in syncs:
        assert {"--locked", "--no-dev"} <= set(sync)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert "*" in ignored
    let_in = {"!pyproject.toml", "!uv.lock", "!README.md", "!src", "!docker/prune.py"}
    assert let_in == {line for line in ignored if line.startswith("!")}


def test_the_image_keeps_the_models_of_what_it_calls() -> None:
    """Every AWS service that a client is made for anywhere."""
    called = set()
    for file in (ROOT / "src").rglob("*.py"):
        called |= set(re.findall(r"client\(\s*\"([a-z0-9-]+)\"", file.read_text()))
    assert {"dynamodb", "sesv2", "secretsmanager", "ssm"} <= called
    assert called <= AWS_SERVICES


def test_the_base_is_pinned_by_digest() -> None:
    """Wherever compose builds, and one base for both stages."""
    assert ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"] == steps("FROM")
    bases = {service["build"]["args"]["PYTHON_IMAGE"] for service in SERVICES.values() if "build" in service}
    (base,) = bases
    assert re.fullmatch(r"docker\.io/library/python:3\.13-slim-bookworm@sha256:[0-9a-f]{64}", base)


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(name: str) -> None:
    """No capabilities, nothing writable but /tmp, no new privileges."""
    service = SERVICES[name]
    assert service["read_only"]
    assert ["ALL"] == service["cap_drop"]
    assert all(place.startswith("/tmp:") for place in service["tmpfs"])  # noqa: S108
    assert service["image"] == "brutal-patches:local"


@pytest.mark.parametrize("name", [name for name in OURS if "environment" in SERVICES[name]])
def test_what_compose_sets_is_a_setting(name: str) -> None:
    """Under its right name, with a value that the service takes."""
    environment: dict[str, str] = SERVICES[name]["environment"]
    plain = {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for key, value in environment.items()}
    foreign = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"}
    for key in set(plain) - foreign:
        assert key.removesuffix(SECRET).removesuffix(PARAMETER) in NAMES, key
    assert "development" == read_settings({key: plain[key] for key in NAMES & set(plain)}).environment


def test_a_stop_has_the_time_that_it_needs() -> None:
    """As in production."""
    for name in ("api", "api-on-dynamodb-local"):
        assert f"{STOP_SECONDS}s" == SERVICES[name]["stop_grace_period"]


def test_the_same_versions_everywhere() -> None:
    """Of the collector as in production, of DynamoDB Local as in the tests."""
    for name in ("collector", "collector-for-viewer"):
        assert SERVICES[name]["image"].endswith(f":{COLLECTOR_TAG}")
    assert f"amazon/dynamodb-local:{DYNAMODB_LOCAL}" == SERVICES["dynamodb-local"]["image"]
    assert "localstack/localstack:4.14.0" == SERVICES["localstack"]["image"]


def test_only_this_machine_reaches_the_ports() -> None:
    """Nothing here is meant for a network."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_is_mounted_is_there() -> None:
    """And the collector's files are."""
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists(), volume
        for word in service.get("command") or []:
            if str(word).startswith("/etc/collector/"):
                assert (ROOT / "docker" / "collector" / Path(word).name).exists(), word


def test_everything_compiled_is_there_for_both_architectures() -> None:
    """What has wheels for one machine only would be built by a compiler that the image does not have."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    checked = 0
    for package in needed(packages):
        files = [wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", [])]
        if files and not any(file.endswith("none-any.whl") for file in files):
            checked += 1
            for machine in ("x86_64", "aarch64"):
                fitting = rf"-(cp313-cp313|cp3\d+-abi3|py3-none)-[\w.]*manylinux[\w.]*_{machine}\.whl$"
                assert any(re.search(fitting, file) for file in files), (package["name"], machine)
    assert checked > 10


def needed(packages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the service depends on, however far away; groups for development are not among it."""
    named = {package["name"]: package for package in packages}
    waiting, seen = ["brutal-patches"], {"brutal-patches"}
    while waiting:
        package = named[waiting.pop()]
        if package["name"] != "brutal-patches":
            yield package
        extras = [each for group in package.get("optional-dependencies", {}).values() for each in group]
        for dependency in [*package.get("dependencies", []), *extras]:
            marker = dependency.get("marker", "")
            elsewhere = any(word in marker for word in ("win32", "Windows", "darwin", "emscripten", "PyPy", "pypy"))
            if dependency["name"] not in seen and not elsewhere:
                seen.add(dependency["name"])
                waiting.append(dependency["name"])
