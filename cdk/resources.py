"""What a task uses, collected from the stacks that own it."""

from collections.abc import Mapping

import msgspec
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from brutal_patches.storage.keys import TableName


class Resources(msgspec.Struct, frozen=True):
    """Tables by their logical name, secrets, and who mail is sent as, where the stage sends any."""

    tables: Mapping[TableName, dynamodb.ITableV2]
    table_key: kms.Key | None
    jwt: secretsmanager.ISecret
    ops: secretsmanager.ISecret
    sender: str | None
    mail_arns: tuple[str, ...]
