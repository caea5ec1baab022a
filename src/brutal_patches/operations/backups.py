"""Recovery points of the core table: which there are, and one more."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from brutal_patches.errors import Conflict, NotFound
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import Names
from brutal_patches.operations.waiting import Pace, until

type Kind = Literal["vault", "table"]


class Backup(msgspec.Struct, frozen=True):
    """One recovery point: in the vault, or of DynamoDB's own kind. `arn` is what `restore-to` takes."""

    kind: Kind
    created_at: datetime
    state: str
    bytes: int
    until: datetime | None
    arn: str


class Kept(msgspec.Struct, frozen=True):
    """What a table can be restored to: any second between the two moments, and each backup."""

    table: str
    earliest: datetime | None
    latest: datetime | None
    backups: list[Backup]


async def kept(cloud: Cloud, table: dict[str, Any]) -> Kept:
    """Everything that this table can be restored from, the newest first."""
    arn, name = table["TableArn"], table["TableName"]
    points = [_point(one) async for one in _points(cloud, arn)]
    own = [
        _own(one)
        async for one in cloud.pages("dynamodb", "list_backups", "BackupSummaries", TableName=name, BackupType="USER")
    ]
    earliest, latest = await _window(cloud, name)
    return Kept(name, earliest, latest, sorted([*points, *own], key=lambda one: one.created_at, reverse=True))


async def _points(cloud: Cloud, arn: str) -> Any:
    async for point in cloud.pages("backup", "list_recovery_points_by_resource", "RecoveryPoints", ResourceArn=arn):
        yield point


async def _window(cloud: Cloud, table: str) -> tuple[datetime | None, datetime | None]:
    answer = await cloud.ask("dynamodb", "describe_continuous_backups", TableName=table)
    found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if found.get("PointInTimeRecoveryStatus") != "ENABLED":
        return None, None
    return found.get("EarliestRestorableDateTime"), found.get("LatestRestorableDateTime")


def _point(found: dict[str, Any]) -> Backup:
    return Backup(
        kind="vault",
        created_at=found["CreationDate"],
        state=found["Status"],
        bytes=found.get("BackupSizeBytes", 0),
        until=found.get("CalculatedLifecycle", {}).get("DeleteAt"),
        arn=found["RecoveryPointArn"],
    )


def _own(found: dict[str, Any]) -> Backup:
    return Backup(
        kind="table",
        created_at=found["BackupCreationDateTime"],
        state=found["BackupStatus"],
        bytes=found.get("BackupSizeBytes", 0),
        until=found.get("BackupExpiryDateTime"),
        arn=found["BackupArn"],
    )


async def has_vault(cloud: Cloud, names: Names) -> bool:
    """Whether the stage has a vault; dev has none."""
    try:
        await cloud.ask("backup", "describe_backup_vault", BackupVaultName=names.vault)
    except NotFound:
        return False
    return True


async def take(cloud: Cloud, names: Names, table: dict[str, Any], label: str, keep_days: int, pace: Pace) -> str:
    """One more recovery point, in the vault where there is one; its ARN, when it is complete."""
    if await has_vault(cloud, names):
        return await _into_vault(cloud, names, table["TableArn"], label, keep_days, pace)
    answer = await cloud.change(
        "dynamodb", "create_backup", TableName=table["TableName"], BackupName=f"{table['TableName']}-{label}"
    )
    if not answer:
        return ""
    return await _own_complete(cloud, answer["BackupDetails"]["BackupArn"], pace)


async def _own_complete(cloud: Cloud, arn: str, pace: Pace) -> str:
    async def look() -> tuple[bool, str, str]:
        answer = await cloud.ask("dynamodb", "describe_backup", BackupArn=arn)
        state = answer["BackupDescription"]["BackupDetails"]["BackupStatus"]
        return state == "AVAILABLE", f"the backup is {state}", arn

    return await until(look, pace, cloud.tell, "The backup")


async def _into_vault(cloud: Cloud, names: Names, arn: str, label: str, keep_days: int, pace: Pace) -> str:
    answer = await cloud.change(
        "backup",
        "start_backup_job",
        BackupVaultName=names.vault,
        ResourceArn=arn,
        IamRoleArn=await role(cloud, names),
        # The same label twice is the same backup, so that a repeated command does not take a second one.
        IdempotencyToken=label,
        Lifecycle={"DeleteAfterDays": keep_days},
    )
    if not answer:
        return ""

    async def look() -> tuple[bool, str, str]:
        job = await cloud.ask("backup", "describe_backup_job", BackupJobId=answer["BackupJobId"])
        if job["State"] in {"FAILED", "ABORTED", "EXPIRED", "PARTIAL"}:
            raise Conflict(f"The backup failed: {job['State']}: {job.get('StatusMessage', 'AWS gives no reason')}.")
        share = job.get("PercentDone", "")
        seen = f"the backup is {job['State']}" + (f", {share} %" if share else "")
        return job["State"] == "COMPLETED", seen, str(job.get("RecoveryPointArn", ""))

    return await until(look, pace, cloud.tell, "The backup")


async def role(cloud: Cloud, names: Names) -> str:
    """The role with which AWS Backup works for this stage."""
    identity = await cloud.ask("sts", "get_caller_identity")
    partition = identity["Arn"].split(":")[1]
    return f"arn:{partition}:iam::{identity['Account']}:role/{names.backup_role}"
