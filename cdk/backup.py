"""Daily, weekly and monthly recovery points of the precious tables, in a vault of their own."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.config import Backups, Stage
from cdk.notices import NoticesStack, by_arn
from cdk.stack import accept, removal


def back_up(scope: Construct, stage: Stage, kept: Backups, arns: Sequence[str], notices: NoticesStack) -> None:
    """Keep recovery points of these tables as long as `kept` says; failures are notices."""
    vault = backup.BackupVault(
        scope,
        "Vault",
        backup_vault_name=stage.names.vault,
        lock_configuration=_lock(kept),
        notification_topic=by_arn(scope, notices.notice),
        notification_events=[
            backup.BackupVaultEvents.BACKUP_JOB_FAILED,
            backup.BackupVaultEvents.BACKUP_JOB_EXPIRED,
            backup.BackupVaultEvents.RESTORE_JOB_COMPLETED,
        ],
        removal_policy=removal(stage),
    )
    plan = backup.BackupPlan(scope, "Plan", backup_plan_name=stage.prefix, backup_vault=vault)
    for rule in _rules(kept):
        plan.add_rule(rule)
    plan.add_selection(
        "Precious",
        backup_selection_name="precious",
        resources=[backup.BackupResource.from_arn(arn) for arn in arns],
        role=_role(scope, stage),
    )


def _rules(kept: Backups) -> list[backup.BackupPlanRule]:
    """Before the maintenance window of Sunday, 02:00 UTC, so that there is always a fresh one to return to."""
    moments = {
        "daily": ({"hour": "1", "minute": "0"}, kept.daily),
        "weekly": ({"hour": "1", "minute": "0", "week_day": "SUN"}, kept.weekly),
        "monthly": ({"hour": "1", "minute": "0", "day": "1"}, kept.monthly),
    }
    return [
        backup.BackupPlanRule(
            rule_name=name,
            schedule_expression=events.Schedule.cron(**when),
            start_window=Duration.hours(1),
            completion_window=Duration.hours(6),
            delete_after=Duration.days(days),
        )
        for name, (when, days) in moments.items()
    ]


def _lock(kept: Backups) -> backup.LockConfiguration | None:
    if kept.lock == "none":
        return None
    return backup.LockConfiguration(
        min_retention=Duration.days(kept.daily),
        max_retention=Duration.days(kept.monthly),
        changeable_for=Duration.days(kept.cooling_days) if kept.lock == "compliance" else None,
    )


def _role(scope: Construct, stage: Stage) -> iam.Role:
    """Used by the plan, and by operators who back up or restore by hand."""
    role = iam.Role(
        scope,
        "BackupRole",
        role_name=stage.names.backup_role,
        assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name(f"service-role/AWSBackupServiceRolePolicyFor{job}")
            for job in ("Backup", "Restores")
        ],
    )
    accept(
        role,
        "AWS Backup's own policies follow what the service needs; a copy would fall behind and fail at a restore.",
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores]",
    )
    return role
