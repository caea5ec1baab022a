"""What a task may do: exact actions on exact resources. Where AWS has no resource to name, this page says so."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from brutal_patches.storage.schema import TABLES
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


def task_role(scope: Construct, uses: Resources, metrics: logs.LogGroup) -> iam.Role:
    """The service's and the collector's own permissions."""
    role = iam.Role(
        scope,
        "Role",
        description="What the service may do while it runs",
        assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
    )
    for statement in (*_tables(uses), *_mail(uses), *_telemetry(metrics)):
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


def _tables(uses: Resources) -> list[iam.PolicyStatement]:
    arns = [table.table_arn for table in uses.tables.values()]
    indexes = [
        f"{uses.tables[schema.name].table_arn}/index/{index.name}" for schema in TABLES for index in schema.indexes
    ]
    statements = [
        iam.PolicyStatement(sid="Items", actions=list(ITEM_ACTIONS), resources=arns),
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
