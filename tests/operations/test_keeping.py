"""Backups, and a restore from its beginning to the tasks on the new tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from brutal_patches.errors import Conflict, Invalid
from brutal_patches.operations import backups, restoring
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.waiting import Pace
from tests.operations.conftest import Run, stubbed, told
from tests.operations.stage import NAMES, Stage

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/BrutalPatches-dev-core"


def value(stage: Stage, table: str, pk: str, sk: str, name: str) -> int:
    item = stage.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"]
    return int(next(iter(item[name].values())))


def test_a_backup_is_restored_verified_and_used(run: Run, stage: Stage) -> None:
    """Beside the tables that serve; ids go ahead, sessions end, the switch can be undone."""
    tried = told(run("backup", "now", "--dry-run", "--json"))
    assert (False, "") == (tried["changed"], tried["arn"])
    arn = told(run("backup", "now", "--yes", "--json"))["arn"]
    listed = told(run("backup", "list", "--json"))
    assert [arn] == [one["arn"] for one in listed["backups"]]
    assert told(run("backup", "restore-to", arn, "--dry-run", "--json"))["dryRun"]
    tables = stage.client("dynamodb").list_tables()["TableNames"]
    assert "BrutalPatches-dev-r1-core" not in tables
    restored = told(run("backup", "restore-to", arn, "--yes", "--json"))
    assert ("BrutalPatches-dev-r1", True) == (restored["tablePrefix"], restored["switched"])
    assert 43 == restored["found"]["patches"] == restored["serving"]["patches"]
    assert {"checked": 43, "repaired": 0} == restored["upkeep"]["recount"]
    assert 0 == sum(restored["upkeep"]["reconcile"].values())
    now = "BrutalPatches-dev-r1-core"
    assert 1043 == value(stage, now, "COUNTER#patches", "COUNTER", "value")
    assert value(stage, now, "SETTINGS", "not_before", "moment") > 0
    life = stage.client("dynamodb").describe_time_to_live(TableName=now)["TimeToLiveDescription"]
    assert ("ENABLED", "expires") == (life["TimeToLiveStatus"], life["AttributeName"])
    assert now in run("status").stdout
    refused = run("backup", "restore-to", arn, "--slot", "r1", "--resume", "--yes")
    assert (1, True) == (refused.exit_code, "serves" in refused.stderr)
    assert 0 == run("backup", "switch-to", "original", "--yes").exit_code
    assert 2043 == value(stage, "BrutalPatches-dev-core", "COUNTER#patches", "COUNTER", "value")
    resumed = told(run("backup", "restore-to", arn, "--slot", "r1", "--resume", "--no-switch", "--yes", "--json"))
    assert not resumed["switched"]


def test_what_cannot_be_restored_is_refused_before_anything_is_begun(run: Run) -> None:
    for text in ("yesterday", "2026-11-25T18:30"):
        assert 2 == run("backup", "restore-to", text, "--yes").exit_code
    assert 2 == run("backup", "restore-to", "latest", "--resume", "--yes").exit_code
    unknown = run("backup", "restore-to", "arn:aws:dynamodb:x:1:table/a/backup/b", "--yes")
    assert (1, True) == (unknown.exit_code, "no such backup" in unknown.stderr)
    assert 1 == run("backup", "switch-to", "original", "--yes").exit_code


def test_a_moment_is_read_in_any_zone() -> None:
    assert datetime(2026, 11, 25, 17, 30, tzinfo=UTC) == restoring.origin("2026-11-25T18:30:00+01:00").at
    with pytest.raises(Invalid, match="no zone"):
        restoring.origin("2026-11-25")


async def vaulted(cloud: Cloud) -> Any:
    stub = await stubbed(cloud, "backup")
    stub.add_response("describe_backup_vault", {"BackupVaultName": NAMES.vault})
    identity = await stubbed(cloud, "sts")
    caller = {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/operator"}
    identity.add_response("get_caller_identity", caller)
    stub.add_response(
        "start_backup_job",
        {"BackupJobId": "job"},
        {
            "BackupVaultName": NAMES.vault,
            "ResourceArn": ARN,
            "IamRoleArn": "arn:aws:iam::123456789012:role/brutal-patches-dev-backup",
            "IdempotencyToken": "before-2.1",
            "Lifecycle": {"DeleteAfterDays": 35},
        },
    )
    return stub


async def test_a_stage_with_a_vault_is_backed_up_there(cloud: Cloud) -> None:
    """And waited for."""
    table = {"TableArn": ARN, "TableName": "BrutalPatches-dev-core"}
    stub = await vaulted(cloud)
    stub.add_response("describe_backup_job", {"State": "RUNNING", "PercentDone": "40"}, {"BackupJobId": "job"})
    stub.add_response("describe_backup_job", {"State": "COMPLETED", "RecoveryPointArn": "arn:point"})
    assert "arn:point" == await backups.take(cloud, NAMES, table, "before-2.1", 35, Pace(5, 0))
    stub.assert_no_pending_responses()


async def test_a_backup_that_fails_says_why(cloud: Cloud) -> None:
    table = {"TableArn": ARN, "TableName": "BrutalPatches-dev-core"}
    stub = await vaulted(cloud)
    stub.add_response("describe_backup_job", {"State": "FAILED", "StatusMessage": "no permission"})
    with pytest.raises(Conflict, match="no permission"):
        await backups.take(cloud, NAMES, table, "before-2.1", 35, Pace(5, 0))
