"""Secrets and parameters, fetched from where the environment points."""

from collections.abc import Iterator

import boto3
import pytest

from brutal_patches.cli.engine import Engine, start_ministack
from brutal_patches.settings import SettingsInvalid
from brutal_patches.storage.sources import fetched, pointers

NAMES = ("JWT_SECRET", "JWT_PREVIOUS_SECRET", "OPS_TOKEN", "LOG_LEVEL")


@pytest.fixture(scope="module")
def cloud() -> Iterator[Engine]:
    """Secrets Manager and Parameter Store with something in them."""
    engine = start_ministack(services="secretsmanager,ssm")
    place = {"endpoint_url": engine.endpoint, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    secrets, parameters = boto3.client("secretsmanager", **place, **keys), boto3.client("ssm", **place, **keys)
    secrets.create_secret(Name="app/jwt", SecretString='{"current": "c0", "previous": "p0", "count": 3}')
    secrets.create_secret(Name="app/ops", SecretString="token")
    parameters.put_parameter(Name="/app/log-level", Type="String", Value="debug")
    yield engine
    engine.stop()


@pytest.fixture
def pointed(cloud: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK looks there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


async def test_pointers_are_followed(pointed: None) -> None:
    """To a whole secret, to a member of one, to a parameter."""
    found = await fetched(
        {
            "JWT_SECRET_ARN": "app/jwt#current",
            "JWT_PREVIOUS_SECRET_ARN": "app/jwt#previous",
            "OPS_TOKEN_ARN": "app/ops",
            "LOG_LEVEL_PARAMETER": "/app/log-level",
        },
        NAMES,
        "us-east-1",
    )
    assert ("c0", "p0", "token", "debug") == tuple(found[name] for name in NAMES)


async def test_every_pointer_that_fails_is_named(pointed: None) -> None:
    """At once, and without the secret in it."""
    with pytest.raises(SettingsInvalid) as refused:
        await fetched(
            {
                "JWT_SECRET_ARN": "app/none",
                "JWT_PREVIOUS_SECRET_ARN": "app/jwt#next",
                "OPS_TOKEN_ARN": "app/ops#member",
                "LOG_LEVEL_PARAMETER": "/app/none",
            },
            NAMES,
            "us-east-1",
        )
    assert [
        "JWT_SECRET_ARN names a secret that is not there.",
        "JWT_PREVIOUS_SECRET_ARN asks for next, which the secret does not have.",
        "OPS_TOKEN_ARN asks for member of a secret that is no JSON object.",
        "LOG_LEVEL_PARAMETER names a parameter that is not there.",
    ] == refused.value.faults


async def test_nobody_there_is_a_sentence(pointed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not a stack trace."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(SettingsInvalid) as refused:
        await fetched({"JWT_SECRET_ARN": "app/jwt"}, NAMES, "us-east-1")
    assert refused.value.faults[0].startswith("JWT_SECRET_ARN cannot be read: Could not connect")


def test_what_is_set_wins() -> None:
    """And what is empty is not set."""
    environment = {"JWT_SECRET": "own", "JWT_SECRET_ARN": "app/jwt", "OPS_TOKEN_ARN": " ", "LOG_LEVEL": ""}
    assert {} == pointers(environment, NAMES)
    assert {"OPS_TOKEN_ARN": "OPS_TOKEN"} == pointers({"OPS_TOKEN_ARN": "app/ops", "OPS_TOKEN": " "}, NAMES)
