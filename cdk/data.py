"""The two tables, made from the same page of the storage kernel that the service and its tests read."""

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from brutal_patches.storage.schema import TABLES, Index, TableSchema, physical_name
from cdk.backup import back_up
from cdk.config import Stage
from cdk.notices import NoticesStack
from cdk.stack import StageStack, removal


class DataStack(StageStack):
    """On demand, with a maximum; precious tables are protected, restorable to any second, and backed up."""

    def __init__(self, scope: Construct, stage: Stage, notices: NoticesStack) -> None:
        super().__init__(scope, stage, "data", "tables and their backups")
        self.key = _key(self, stage) if stage.encryption == "customer" else None
        self.tables = {schema.name: self._found_or_made(stage, schema) for schema in TABLES}
        if stage.backups:
            back_up(self, stage, stage.backups, self._precious(stage), notices)
        for name, table in self.tables.items():
            CfnOutput(self, f"{name.title()}Table", value=table.table_name)

    def _precious(self, stage: Stage) -> list[str]:
        """The tables that must not be lost; after a restore those that serve, too."""
        names = [schema.name for schema in TABLES if schema.precious]
        made = [self.tables[name].table_arn for name in names]
        restored = [
            self.format_arn(service="dynamodb", resource="table", resource_name=physical_name(stage.live_prefix, name))
            for name in names
        ]
        return made + restored if stage.slot else made

    def _found_or_made(self, stage: Stage, schema: TableSchema) -> dynamodb.ITableV2:
        """In a second region the precious tables are the replicas that are there."""
        if not (stage.takes_over and schema.precious):
            return self._table(stage, schema)
        name = physical_name(stage.table_prefix, schema.name)
        arn = self.format_arn(service="dynamodb", resource="table", resource_name=name)
        return dynamodb.TableV2.from_table_arn(self, schema.name.title(), arn)

    def _table(self, stage: Stage, schema: TableSchema) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            schema.name.title(),
            table_name=physical_name(stage.table_prefix, schema.name),
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            global_secondary_indexes=[_index(stage, index) for index in schema.indexes],
            billing=dynamodb.Billing.on_demand(
                max_read_request_units=stage.read_units, max_write_request_units=stage.write_units
            ),
            time_to_live_attribute=schema.ttl,
            encryption=self._encryption(stage),
            point_in_time_recovery_specification=_any_second(schema),
            deletion_protection=schema.precious and stage.protected,
            removal_policy=removal(stage) if schema.precious else RemovalPolicy.DESTROY,
            replicas=_replicas(stage, schema),
            contributor_insights_specification=dynamodb.ContributorInsightsSpecification(
                enabled=True,
                # Only the keys that are throttled: it costs nothing until there is a hot partition to find.
                mode=dynamodb.ContributorInsightsMode.THROTTLED_KEYS,
            ),
        )

    def _encryption(self, stage: Stage) -> dynamodb.TableEncryptionV2:
        if self.key is not None:
            return dynamodb.TableEncryptionV2.customer_managed_key(self.key)
        if stage.encryption == "managed":
            return dynamodb.TableEncryptionV2.aws_managed_key()
        return dynamodb.TableEncryptionV2.dynamo_owned_key()


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _index(stage: Stage, index: Index) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=index.name,
        partition_key=_text(index.partition),
        sort_key=_text(index.sort),
        max_read_request_units=stage.read_units,
        max_write_request_units=stage.write_units,
    )


def _any_second(schema: TableSchema) -> dynamodb.PointInTimeRecoverySpecification:
    return dynamodb.PointInTimeRecoverySpecification(
        point_in_time_recovery_enabled=schema.precious, recovery_period_in_days=35 if schema.precious else None
    )


def _replicas(stage: Stage, schema: TableSchema) -> list[dynamodb.ReplicaTableProps] | None:
    """Precious tables alone: sessions are not worth a second region, everybody signs in again."""
    if not stage.replica_region or not schema.precious:
        return None
    return [
        dynamodb.ReplicaTableProps(
            region=stage.replica_region,
            deletion_protection=stage.protected,
            point_in_time_recovery_specification=_any_second(schema),
        )
    ]


def _key(scope: Construct, stage: Stage) -> kms.Key:
    return kms.Key(
        scope,
        "Key",
        alias=f"{Stack.of(scope).stack_name}",
        description="Encrypts the tables",
        enable_key_rotation=True,
        removal_policy=removal(stage),
    )
