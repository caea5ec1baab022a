"""What every stack of a stage has: its name, region, tags and protection, and how a rule is waived."""

from aws_cdk import Acknowledgment, Environment, RemovalPolicy, Stack, Tags, Validations
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from cdk.config import Stage


class StageStack(Stack):
    """A stack named `brutal-patches-STAGE-CONCERN`."""

    def __init__(self, scope: Construct, stage: Stage, concern: str, description: str) -> None:
        super().__init__(
            scope,
            concern,
            stack_name=f"{stage.prefix}-{concern}",
            description=f"Brutal Patches, {stage.name}: {description}",
            env=Environment(region=stage.region),
            termination_protection=stage.protected,
        )
        Tags.of(self).add("project", "brutal-patches")
        Tags.of(self).add("stage", stage.name)


def removal(stage: Stage) -> RemovalPolicy:
    """What becomes of data when its stack is deleted."""
    return RemovalPolicy.RETAIN if stage.protected else RemovalPolicy.DESTROY


def accept(construct: IConstruct, reason: str, *rules: str) -> None:
    """Waive cdk-nag's `rules` (without their `AwsSolutions-`) for what is under `construct`, and say why."""
    for rule in rules:
        Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))


def log_group(scope: Construct, stage: Stage, name: str, days: int | None = None) -> logs.LogGroup:
    """The log group `/brutal-patches/STAGE/NAME`, kept as long as the stage keeps logs unless told."""
    return logs.LogGroup(
        scope,
        f"{name.title()}Logs",
        log_group_name=stage.names.log_group(name),
        retention=retention(days or stage.log_days),
        removal_policy=removal(stage),
    )


def retention(days: int) -> logs.RetentionDays:
    """CloudWatch keeps logs for certain numbers of days only."""
    return {
        7: logs.RetentionDays.ONE_WEEK,
        14: logs.RetentionDays.TWO_WEEKS,
        30: logs.RetentionDays.ONE_MONTH,
        90: logs.RetentionDays.THREE_MONTHS,
    }[days]
