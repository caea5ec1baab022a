"""Tables and their backups."""

from typing import Any

import pytest

from brutal_patches.storage.schema import TABLES, TableSchema
from cdk.config import STAGES
from tests.cdk.templates import Stacks


def table(stacks: Stacks, schema: TableSchema) -> dict[str, Any]:
    (found,) = [
        one for one in stacks["data"].of("DynamoDB::GlobalTable") if one["TableName"].endswith(f"-{schema.name}")
    ]
    return found


@pytest.mark.parametrize("schema", TABLES, ids=lambda schema: schema.name)
def test_tables_are_those_of_the_schema(stages: dict[str, Stacks], schema: TableSchema) -> None:
    """Names, keys, indexes and TTL; on demand."""
    for name, stacks in stages.items():
        found = table(stacks, schema)
        assert f"BrutalPatches-{name}-{schema.name}" == found["TableName"]
        assert [("pk", "HASH"), ("sk", "RANGE")] == [(k["AttributeName"], k["KeyType"]) for k in found["KeySchema"]]
        indexes = {
            one["IndexName"]: [key["AttributeName"] for key in one["KeySchema"]]
            for one in found.get("GlobalSecondaryIndexes", [])
        }
        assert {index.name: [index.partition, index.sort] for index in schema.indexes} == indexes
        assert {"AttributeName": schema.ttl, "Enabled": True} == found["TimeToLiveSpecification"]
        assert "PAY_PER_REQUEST" == found["BillingMode"]
        assert {"S"} == {one["AttributeType"] for one in found["AttributeDefinitions"]}


@pytest.mark.parametrize("schema", TABLES, ids=lambda schema: schema.name)
def test_the_bill_has_an_upper_bound(stages: dict[str, Stacks], schema: TableSchema) -> None:
    """For tables and their indexes, reading and writing."""
    for name, stacks in stages.items():
        stage, found = STAGES[name], table(stacks, schema)
        assert stage.write_units == found["WriteOnDemandThroughputSettings"]["MaxWriteRequestUnits"]
        for replica in found["Replicas"]:
            assert stage.read_units == replica["ReadOnDemandThroughputSettings"]["MaxReadRequestUnits"]
            for index in replica.get("GlobalSecondaryIndexes", []):
                assert stage.read_units == index["ReadOnDemandThroughputSettings"]["MaxReadRequestUnits"]
        for index in found.get("GlobalSecondaryIndexes", []):
            assert stage.write_units == index["WriteOnDemandThroughputSettings"]["MaxWriteRequestUnits"]
        assert {len(schema.indexes)} == {len(one.get("GlobalSecondaryIndexes", [])) for one in found["Replicas"]}


@pytest.mark.parametrize("schema", TABLES, ids=lambda schema: schema.name)
def test_what_is_precious_can_be_restored_to_any_second(stacks: Stacks, schema: TableSchema) -> None:
    """For 35 days; sessions cannot, lest a revoked one came back."""
    for replica in table(stacks, schema)["Replicas"]:
        wanted = {"PointInTimeRecoveryEnabled": schema.precious}
        wanted |= {"RecoveryPeriodInDays": 35} if schema.precious else {}
        assert wanted == replica["PointInTimeRecoverySpecification"]


def test_production_s_patches_cannot_be_deleted_and_live_in_two_regions(prod: Stacks) -> None:
    core, ephemeral = (table(prod, schema) for schema in TABLES)
    assert {"us-east-1": True, "us-west-2": True} == {
        replica["Region"]: replica["DeletionProtectionEnabled"] for replica in core["Replicas"]
    }
    assert ["us-east-1"] == [replica["Region"] for replica in ephemeral["Replicas"]]
    assert {"SSEEnabled": True, "SSEType": "KMS"} == core["SSESpecification"]


def test_staging_has_a_key_of_its_own(staging: Stacks) -> None:
    assert staging["data"].only("KMS::Key")["EnableKeyRotation"]
    for schema in TABLES:
        (replica,) = table(staging, schema)["Replicas"]
        assert "KMSMasterKeyId" in replica["SSESpecification"]


def test_dev_costs_nothing_for_keys_and_can_be_deleted(dev: Stacks) -> None:
    """DynamoDB's own key, no protection: nothing there is precious."""
    for schema in TABLES:
        found = table(dev, schema)
        assert {"SSEEnabled": False} == found["SSESpecification"]
        assert [False] == [replica["DeletionProtectionEnabled"] for replica in found["Replicas"]]
    assert [] == dev["data"].of("KMS::Key")


def test_throttled_keys_are_recorded(stacks: Stacks) -> None:
    """So that a hot partition has a name."""
    for schema in TABLES:
        for replica in table(stacks, schema)["Replicas"]:
            assert {"Enabled": True, "Mode": "THROTTLED_KEYS"} == replica["ContributorInsightsSpecification"]


def test_backups_are_daily_weekly_and_monthly(staging: Stacks, prod: Stacks) -> None:
    """Each kept its own time."""
    for stacks, kept in ((staging, (7, 30, 120)), (prod, (35, 90, 365))):
        rules = stacks["data"].only("Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
        assert dict(zip(("daily", "weekly", "monthly"), kept, strict=True)) == {
            rule["RuleName"]: rule["Lifecycle"]["DeleteAfterDays"] for rule in rules
        }
        assert 3 == len({rule["ScheduleExpression"] for rule in rules})


def test_only_precious_tables_are_backed_up(prod: Stacks) -> None:
    selected = prod["data"].only("Backup::BackupSelection")["BackupSelection"]["Resources"]
    cores = [name for name in prod["data"].resources if name.startswith("Core")]
    assert [{"Fn::GetAtt": [cores[0], "Arn"]}] == selected


def test_production_s_vault_is_locked(prod: Stacks, staging: Stacks) -> None:
    """In governance mode: nothing kept for a shorter or longer time gets in, nobody deletes by accident."""
    vault = prod["data"].only("Backup::BackupVault")
    assert {"MinRetentionDays": 35, "MaxRetentionDays": 365} == vault["LockConfiguration"]
    assert "BACKUP_JOB_FAILED" in vault["Notifications"]["BackupVaultEvents"]
    assert "LockConfiguration" not in staging["data"].only("Backup::BackupVault")


def test_dev_keeps_no_backups(dev: Stacks) -> None:
    assert [] == dev["data"].of("Backup::BackupPlan")
