"""New keys and tokens, in time or in a hurry."""

import secrets
from typing import Literal

import msgspec

from brutal_patches.errors import Conflict
from brutal_patches.operations.cloud import Answer, Cloud
from brutal_patches.operations.names import Names
from brutal_patches.operations.waiting import Pace, until

type Secret = Literal["jwt", "ops-token"]


async def rotate(cloud: Cloud, names: Names, pace: Pace) -> None:
    """Half a step of the signing keys' rotation, as the schedule does it: no token is refused by it."""
    secret = names.secret("jwt")
    before = await cloud.ask("secretsmanager", "describe_secret", SecretId=secret)
    if not before.get("RotationEnabled"):
        raise Conflict(f"{secret} has no rotation. Deploy the stage's secrets stack first.")
    answer = await cloud.change("secretsmanager", "rotate_secret", SecretId=secret, RotateImmediately=True)
    if cloud.dry_run:
        return
    wanted = answer["VersionId"]

    async def look() -> tuple[bool, str, None]:
        now = await cloud.ask("secretsmanager", "describe_secret", SecretId=secret)
        done = "AWSCURRENT" in now.get("VersionIdsToStages", {}).get(wanted, [])
        return done, "the new version is current" if done else "the rotation is under way", None

    await until(look, pace, cloud.tell, f"The rotation of {secret}")


async def replace_keys(cloud: Cloud, names: Names) -> Answer:
    """Two fresh signing keys at once: after a leak. Every token that was ever signed is refused from then on."""
    keys = {"current": secrets.token_urlsafe(48), "previous": secrets.token_urlsafe(48), "announced": "yes"}
    return await cloud.change(
        "secretsmanager",
        "put_secret_value",
        SecretId=names.secret("jwt"),
        SecretString=msgspec.json.encode(keys).decode(),
    )


async def replace_token(cloud: Cloud, names: Names) -> Answer:
    """A fresh token for `/health/detailed` and `/monitoring/metrics`; whoever scrapes needs it from then on."""
    return await cloud.change(
        "secretsmanager",
        "put_secret_value",
        SecretId=names.secret("ops-token"),
        SecretString=secrets.token_urlsafe(36),
    )
