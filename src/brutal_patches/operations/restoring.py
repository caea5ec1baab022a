"""Restoring the core table into a new one, beside the one that serves."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from brutal_patches.errors import Conflict, Invalid
from brutal_patches.operations import backups, tables
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import Names
from brutal_patches.operations.waiting import Pace, until

LATEST = "latest"
_ENCRYPTED = "KMS"


class Origin(msgspec.Struct, frozen=True):
    """What to restore: a moment of the table that serves (`at` None: the latest there is), or a backup."""

    at: datetime | None = None
    backup: str = ""

    def __str__(self) -> str:
        if self.backup:
            return f"the backup {self.backup}"
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC" if self.at else "the latest restorable second"


def origin(text: str) -> Origin:
    """Read a moment, `latest` or the ARN of a backup. Raises Invalid."""
    if text == LATEST:
        return Origin()
    if text.startswith("arn:"):
        return Origin(backup=text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise Invalid(
            f"{text!r} is no moment such as 2026-11-25T18:30:00Z, not 'latest', and not the ARN of a backup."
        ) from fault
    if moment.tzinfo is None:
        raise Invalid(f"{text!r} has no zone. Write {text}Z for UTC.")
    return Origin(at=moment.astimezone(UTC))


async def verify(cloud: Cloud, source: dict[str, Any], wanted: Origin) -> None:
    """Refuse what cannot be restored before anything is begun."""
    found = await backups.kept(cloud, source)
    if wanted.backup:
        if wanted.backup not in {one.arn for one in found.backups}:
            raise Conflict(f"There is no such backup of {found.table}. See: brutal-patches ops backup list")
        return
    if found.earliest is None or found.latest is None:
        raise Conflict(f"{found.table} has no point-in-time recovery. Restore a backup: ops backup list")
    if wanted.at and not found.earliest <= wanted.at <= found.latest:
        raise Conflict(
            f"{found.table} can be restored to a moment between {found.earliest.astimezone(UTC):%Y-%m-%d %H:%M:%S} "
            f"and {found.latest.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC."
        )


async def restore(cloud: Cloud, names: Names, source: dict[str, Any], target: str, wanted: Origin, pace: Pace) -> None:
    """Make `target` from what is wanted of `source`, and wait until it can be used."""
    if not cloud.dry_run:
        cloud.tell(f"restoring {source['TableName']} to {target}; this takes from minutes to hours")
    await _begin(cloud, names, source, target, wanted, pace)
    if not cloud.dry_run:
        await arrived(cloud, target, pace)


async def arrived(cloud: Cloud, target: str, pace: Pace) -> None:
    """Wait until the restored table and its index can be used."""

    async def look() -> tuple[bool, str, None]:
        found = await tables.described(cloud, target)
        state = found["TableStatus"] if found else "not there yet"
        indexes = [one.get("IndexStatus", "ACTIVE") for one in (found or {}).get("GlobalSecondaryIndexes", [])]
        ready = state == "ACTIVE" and all(one == "ACTIVE" for one in indexes)
        return ready, f"{target} is {state}", None

    await until(look, pace, cloud.tell, f"The restore to {target}")


async def _begin(cloud: Cloud, names: Names, source: dict[str, Any], target: str, wanted: Origin, pace: Pace) -> None:
    if not wanted.backup:
        when = {"RestoreDateTime": wanted.at} if wanted.at else {"UseLatestRestorableTime": True}
        name = source["TableName"]
        await cloud.change(
            "dynamodb", "restore_table_to_point_in_time", SourceTableName=name, TargetTableName=target, **when
        )
    elif ":dynamodb:" in wanted.backup:
        await cloud.change("dynamodb", "restore_table_from_backup", TargetTableName=target, BackupArn=wanted.backup)
    else:
        await _from_vault(cloud, names, target, wanted.backup, pace)


async def _from_vault(cloud: Cloud, names: Names, target: str, point: str, pace: Pace) -> None:
    answer = await cloud.change(
        "backup",
        "start_restore_job",
        RecoveryPointArn=point,
        IamRoleArn=await backups.role(cloud, names),
        ResourceType="DynamoDB",
        Metadata={"targetTableName": target, "encryptionType": "Default"},
    )
    if not answer:
        return

    async def look() -> tuple[bool, str, None]:
        job = await cloud.ask("backup", "describe_restore_job", RestoreJobId=answer["RestoreJobId"])
        if job["Status"] in {"FAILED", "ABORTED"}:
            raise Conflict(f"The restore failed: {job.get('StatusMessage', 'AWS gives no reason')}.")
        return job["Status"] == "COMPLETED", f"the restore is {job['Status']}", None

    await until(look, pace, cloud.tell, "The restore")


async def resemble(cloud: Cloud, source: dict[str, Any], target: str, *, precious: bool) -> None:
    """What a restore does not bring: time to live, recovery, protection, bounds and key of the table it came from."""
    await _expire(cloud, source["TableName"], target)
    if precious:
        await _recoverable(cloud, target)
    now = await tables.described(cloud, target) or {}
    wanted: dict[str, Any] = {}
    if source.get("DeletionProtectionEnabled") and not now.get("DeletionProtectionEnabled"):
        wanted["DeletionProtectionEnabled"] = True
    if source.get("OnDemandThroughput") and source["OnDemandThroughput"] != now.get("OnDemandThroughput"):
        wanted["OnDemandThroughput"] = source["OnDemandThroughput"]
    key = source.get("SSEDescription", {})
    if key.get("SSEType") == _ENCRYPTED and key.get("KMSMasterKeyArn") != now.get("SSEDescription", {}).get(
        "KMSMasterKeyArn"
    ):
        wanted["SSESpecification"] = {
            "Enabled": True,
            "SSEType": _ENCRYPTED,
            "KMSMasterKeyId": key["KMSMasterKeyArn"],
        }
    for name, value in wanted.items():
        # One at a time: DynamoDB refuses several kinds of change in one call.
        await cloud.change("dynamodb", "update_table", TableName=target, **{name: value})
        await _active(cloud, target)


async def _expire(cloud: Cloud, source: str, target: str) -> None:
    wanted = await cloud.ask("dynamodb", "describe_time_to_live", TableName=source)
    now = await cloud.ask("dynamodb", "describe_time_to_live", TableName=target)
    attribute = wanted["TimeToLiveDescription"].get("AttributeName")
    if attribute and now["TimeToLiveDescription"].get("AttributeName") != attribute:
        await cloud.change(
            "dynamodb",
            "update_time_to_live",
            TableName=target,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute},
        )


async def _recoverable(cloud: Cloud, target: str) -> None:
    await cloud.change(
        "dynamodb",
        "update_continuous_backups",
        TableName=target,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
    )


async def _active(cloud: Cloud, target: str) -> None:
    async def look() -> tuple[bool, str, None]:
        found = await tables.described(cloud, target) or {}
        state = found.get("TableStatus", "MISSING")
        key = found.get("SSEDescription", {}).get("Status", "ENABLED")
        return state == "ACTIVE" and key != "UPDATING", f"{target} is {state}", None

    await until(look, Pace(900, 2), cloud.tell, f"The change of {target}")
