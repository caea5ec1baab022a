"""Rotates the signing key half a step at a time, so that no token is ever refused while tasks are replaced.

Tasks read the secret when they start, and old and new ones serve side by side during a deployment. A new key
is therefore first *announced* (it verifies, as `previous`), and only at the next rotation does it *sign* (as
`current`, the old key still verifying). Either way both kinds of task know both keys.
"""

import json
import os
import secrets
from typing import Any

import boto3

_MINIMUM = 32


def handler(event: dict[str, str], _context: object) -> None:
    """Secrets Manager calls this once for each of its four steps."""
    client = boto3.client("secretsmanager")
    secret, token = event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        create(client, secret, token)
    elif event["Step"] == "testSecret":
        check(read(client, secret), read(client, secret, VersionId=token, VersionStage="AWSPENDING"))
    elif event["Step"] == "finishSecret":
        finish(client, secret, token)
        restart_tasks(boto3.client("ecs"))


def following(stored: dict[str, str]) -> dict[str, str]:
    """What comes after `stored`: an announced key starts to sign, or a fresh one is announced."""
    if stored.get("announced") == "yes":
        return {"current": stored["previous"], "previous": stored["current"], "announced": "no"}
    return {"current": stored["current"], "previous": secrets.token_urlsafe(48), "announced": "yes"}


def read(client: Any, secret: str, **version: str) -> dict[str, str]:
    """The keys in one version of the secret; in the current one unless told."""
    found: dict[str, str] = json.loads(client.get_secret_value(SecretId=secret, **version)["SecretString"])
    return found


def create(client: Any, secret: str, token: str) -> None:
    """Store the next keys as pending; a repeated call finds them and does nothing."""
    try:
        read(client, secret, VersionId=token, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        value = json.dumps(following(read(client, secret)))
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=value, VersionStages=["AWSPENDING"]
        )


def check(current: dict[str, str], pending: dict[str, str]) -> None:
    """Refuse keys that are weak, equal, or would not verify what is signed today."""
    keys = {pending["current"], pending["previous"]}
    if len(keys) != 2 or min(len(key) for key in keys) < _MINIMUM or current["current"] not in keys:
        raise ValueError("The pending keys are weak, or tokens signed today would be refused.")


def finish(client: Any, secret: str, token: str) -> None:
    """Make the pending version the current one."""
    versions = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    now = next(version for version, stages in versions.items() if "AWSCURRENT" in stages)
    if now != token:
        client.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=now
        )


def restart_tasks(client: Any) -> None:
    """Replace the tasks, gracefully, so that they read the new keys; before the first deployment there are none."""
    try:
        client.update_service(cluster=os.environ["CLUSTER"], service=os.environ["SERVICE"], forceNewDeployment=True)
    except (client.exceptions.ClusterNotFoundException, client.exceptions.ServiceNotFoundException):
        print(json.dumps({"event": "rotation_without_service"}))
