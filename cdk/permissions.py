"""What a task may do: exact actions on exact resources. Where AWS has no resource to name, this page says so."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from brutal_patches.operations.names import SLOTS
from brutal_patches.storage.schema import TABLES, physical_name
from cdk.config import Stage
from cdk.resources import Resources
from cdk.stack import accept

ITEM_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
"""What the storage kernel calls. A transaction needs the permission of each of its parts and none of its own."""

NAMELESS_ACTIONS = (
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "s3:ListAllMyBuckets",
    "secretsmanager:GetRandomPassword",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""Actions for which AWS has no resource, so that `*` is all that can be written; a test allows no others."""


def task_role(scope: Construct, stage: Stage, uses: Resources, metrics: logs.LogGroup) -> iam.Role:
    """The service's and the collector's own permissions."""
    role = iam.Role(
        scope,
        "Role",
        description="What the service may do while it runs",
        assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
    )
    for statement in (*_tables(role, stage, uses), *_mail(uses), *_telemetry(metrics)):
        role.add_to_principal_policy(statement)
    accept(role, "X-Ray takes segments for an account, not for a resource.", "IAM5[Resource::*]")
    return role


def execution_role(scope: Construct) -> iam.Role:
    """What ECS itself does for a task: pull images, read secrets and parameters, write logs. Filled by the CDK."""
    role = iam.Role(
        scope,
        "ExecutionRole",
        description="Starts tasks: images, secrets, logs",
        assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
    )
    accept(role, "The token to pull images with is an account's, not a registry's.", "IAM5[Resource::*]")
    return role


def _tables(scope: Construct, stage: Stage, uses: Resources) -> list[iam.PolicyStatement]:
    """The stack's tables, and by name those that a restore may make: a restore needs no deployment to be used."""
    arns = {(schema.name, ""): uses.tables[schema.name].table_arn for schema in TABLES} | {
        (schema.name, slot): Stack.of(scope).format_arn(
            service="dynamodb", resource="table", resource_name=physical_name(stage.names.slot(slot), schema.name)
        )
        for slot in SLOTS
        for schema in TABLES
    }
    indexes = [
        f"{arn}/index/{index.name}"
        for (name, _), arn in arns.items()
        for schema in TABLES
        for index in schema.indexes
        if schema.name == name
    ]
    statements = [
        iam.PolicyStatement(sid="Items", actions=list(ITEM_ACTIONS), resources=list(arns.values())),
        iam.PolicyStatement(sid="Feed", actions=["dynamodb:Query"], resources=indexes),
    ]
    if uses.table_key is not None:
        statements.append(
            iam.PolicyStatement(
                sid="TableKey", actions=["kms:Decrypt", "kms:DescribeKey"], resources=[uses.table_key.key_arn]
            )
        )
    return statements


def _mail(uses: Resources) -> list[iam.PolicyStatement]:
    if not uses.sender:
        return []
    return [
        iam.PolicyStatement(
            sid="Mail",
            actions=["ses:SendEmail"],
            resources=list(uses.mail_arns),
            conditions={"StringEquals": {"ses:FromAddress": uses.sender}},
        )
    ]


def _telemetry(metrics: logs.LogGroup) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="Metrics",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[metrics.log_group_arn],
        ),
        iam.PolicyStatement(
            sid="Traces", actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"]
        ),
    ]
