"""Settings that the environment only points to: secrets in Secrets Manager, parameters in Parameter Store.

`NAME_ARN` names a secret, `NAME#key` in it where it is a JSON object; `NAME_PARAMETER` names a parameter. They are
fetched once, when the service starts. A variable that is set itself wins.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import aioboto3
import msgspec
from aiobotocore.config import AioConfig
from botocore.exceptions import BotoCoreError, ClientError

from brutal_patches.settings import SettingsInvalid

SECRET, PARAMETER = "_ARN", "_PARAMETER"
_CONFIG = AioConfig(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})


class _Missing(Exception):
    """Why a value could not be had, as the end of a sentence."""


def pointers(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The variables among `names` that are not set, and whose pointer is: by the pointer's name."""
    found = {}
    for name in names:
        for pointer in (name + SECRET, name + PARAMETER):
            if environment.get(pointer, "").strip() and not environment.get(name, "").strip():
                found[pointer] = name
    return found


async def fetched(environment: Mapping[str, str], names: Iterable[str], region: str) -> dict[str, str]:
    """`environment` with what its pointers lead to. Raises SettingsInvalid, which names every pointer that failed."""
    wanted = pointers(environment, names)
    values: dict[str, str] = {}
    faults: list[str] = []
    session = aioboto3.Session(region_name=region)
    async with AsyncExitStack() as stack:
        try:
            secrets = await stack.enter_async_context(session.client("secretsmanager", config=_CONFIG))
            parameters = await stack.enter_async_context(session.client("ssm", config=_CONFIG))
        except BotoCoreError as fault:
            raise SettingsInvalid([f"Secrets and parameters cannot be read: {fault}."]) from fault
        for pointer, found in zip(
            wanted,
            await asyncio.gather(
                *(_read(secrets, parameters, pointer, environment[pointer].strip()) for pointer in wanted),
                return_exceptions=True,
            ),
            strict=True,
        ):
            if isinstance(found, str):
                values[wanted[pointer]] = found
            elif isinstance(found, _Missing):
                faults.append(f"{pointer} {found}.")
            else:
                raise found
    if faults:
        raise SettingsInvalid(faults)
    return {**environment, **values}


async def _read(secrets: Any, parameters: Any, pointer: str, place: str) -> str:
    try:
        if pointer.endswith(PARAMETER):
            answer = await parameters.get_parameter(Name=place, WithDecryption=True)
            return str(answer["Parameter"]["Value"])
        name, _, key = place.partition("#")
        answer = await secrets.get_secret_value(SecretId=name)
        return _member(str(answer["SecretString"]), key) if key else str(answer["SecretString"])
    except ClientError as fault:
        raise _Missing(_told(fault.response["Error"]["Code"])) from fault
    except BotoCoreError as fault:
        raise _Missing(f"cannot be read: {fault}") from fault


def _member(text: str, key: str) -> str:
    try:
        value = msgspec.json.decode(text, type=dict[str, Any]).get(key)
    except msgspec.DecodeError:
        raise _Missing(f"asks for {key} of a secret that is no JSON object") from None
    if not isinstance(value, str):
        raise _Missing(f"asks for {key}, which the secret does not have")
    return value


def _told(code: str) -> str:
    reasons = {
        "ResourceNotFoundException": "names a secret that is not there",
        "ParameterNotFound": "names a parameter that is not there",
        "AccessDeniedException": "names what this task may not read",
    }
    return reasons.get(code, f"cannot be read: {code}")
