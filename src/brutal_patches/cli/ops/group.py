"""The group `ops` itself."""

import click

from brutal_patches.cli.ops.guarding import COMMANDS
from brutal_patches.cli.ops.keeping import backup
from brutal_patches.cli.ops.logs import logs
from brutal_patches.cli.ops.serving import deployments, rollback, status_command


@click.group("ops")
def ops() -> None:
    """Operate a deployed stage: tasks, firewall, secrets, backups, logs.

    Credentials come from where the aws command takes them: AWS_PROFILE, the environment, or the machine's role.
    Changes are asked about first (--yes does not ask), and --dry-run tells what would be changed.
    """


for command in (status_command, deployments, rollback, *COMMANDS, backup, logs):
    ops.add_command(command)
