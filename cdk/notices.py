"""Where alarms go: one topic that wakes somebody, one that is read in the morning."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cdk.config import Stage
from cdk.stack import StageStack, removal

HELD_TO_ACCOUNT = ("cloudwatch", "backup", "ses")
PUBLISHERS = (*HELD_TO_ACCOUNT, "events")
"""EventBridge does not take conditions in a topic's policy; the others are held to this account."""


class NoticesStack(StageStack):
    """The topics and the key that AWS's own services encrypt their messages with."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, stage, "notices", "topics that alarms are sent to")
        self.key = _key(self, stage)
        self.page = self._topic("Page", f"{stage.prefix}-page", stage.page_to)
        self.notice = self._topic("Notice", f"{stage.prefix}-notice", stage.notice_to)

    def _topic(self, construct_id: str, name: str, addresses: tuple[str, ...]) -> sns.Topic:
        topic = sns.Topic(self, construct_id, topic_name=name, master_key=self.key, enforce_ssl=True)
        for address in addresses:
            topic.add_subscription(subscriptions.EmailSubscription(address))
        for statement in _publishing(topic):
            topic.add_to_resource_policy(statement)
        return topic


def _key(scope: Construct, stage: Stage) -> kms.Key:
    key = kms.Key(
        scope,
        "Key",
        alias=f"{stage.prefix}-notices",
        description="Encrypts messages about the health of the service",
        enable_key_rotation=True,
        removal_policy=removal(stage),
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{name}.amazonaws.com") for name in PUBLISHERS],
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],  # In a key's policy this is the key itself.
        )
    )
    return key


def _publishing(topic: sns.Topic) -> list[iam.PolicyStatement]:
    """AWS's services may publish here, those that can be held to it for this account only."""
    mine = {"StringEquals": {"aws:SourceAccount": Stack.of(topic).account}}
    return [
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{name}.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=mine if name in HELD_TO_ACCOUNT else None,
        )
        for name in PUBLISHERS
    ]


def by_arn(scope: Construct, topic: sns.Topic) -> sns.ITopic:
    """The same topic for another stack: its policy lets AWS's services in already, and is not to grow with each."""
    return sns.Topic.from_topic_arn(scope, "Topic", topic.topic_arn)
