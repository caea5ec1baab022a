"""Security events in the log, counted, and the addresses behind them."""

import json

import msgspec
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from brutal_patches.telemetry import names as log_fields
from cdk import metrics
from cdk.config import Stage

EVENT, ADDRESS = f"$.{log_fields.EVENT}", f"$.{log_fields.CLIENT_ADDRESS}"
"""Where a line of the service's log has the event's name and the address it came from; a test reads a real line."""


class Watched(msgspec.Struct, frozen=True):
    """An event, and how many of them in how many minutes are worth a notice."""

    name: str
    event: str
    more_than: int
    minutes: int
    meaning: str


WATCHED = (
    Watched("FailedLogins", "authn_login_fail", 50, 5, "Many logins fail, from wherever they come."),
    Watched("TokenRejections", "authn_token_rejected", 100, 5, "Many tokens are refused: a key is lost, or sought."),
    Watched("AdminRefusals", "authz_fail", 5, 5, "Somebody without the role tries what only admins may."),
    Watched("Lockouts", "authn_login_lock", 3, 5, "Accounts are being locked."),
    Watched("TokenReuse", "authn_token_reuse", 0, 5, "A refresh token was used twice: stolen, or a broken client."),
    Watched("PasswordResets", "authn_password_reset", 10, 15, "Many passwords are reset."),
)  # fmt: skip

PER_ADDRESS = {
    "failed-logins": ("authn_login_fail", 5),
    "rejected-tokens": ("authn_token_rejected", 30),
    "admin-refusals": ("authz_fail", 5),
}
"""Events a minute from one address that are too many. A metric for each address would be a metric for each attacker:
Contributor Insights ranks addresses without making any."""


class LogMetrics(Construct):
    """A metric filter for each watched event, a ranking of addresses for those that one client can cause."""

    def __init__(self, scope: Construct, stage: Stage, group: logs.ILogGroup) -> None:
        super().__init__(scope, "LogMetrics")
        for watched in WATCHED:
            logs.MetricFilter(
                self,
                watched.name,
                log_group=group,
                filter_pattern=logs.FilterPattern.string_value(EVENT, "=", watched.event),
                metric_namespace=f"{metrics.LOG_NAMESPACE}/{stage.name}",
                metric_name=watched.name,
                metric_value="1",
                default_value=0,
            )
        self.rankings = {name: self._ranking(stage, name, event) for name, (event, _) in PER_ADDRESS.items()}

    def _ranking(self, stage: Stage, name: str, event: str) -> str:
        """The name of a rule that ranks addresses by how often they caused `event`."""
        rule = f"{stage.prefix}-{name}-by-address"
        body = {
            "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
            "LogGroupNames": [f"{stage.path}/api"],
            "LogFormat": "JSON",
            "Contribution": {"Keys": [ADDRESS], "Filters": [{"Match": EVENT, "In": [event]}]},
            "AggregateOn": "Count",
        }
        cloudwatch.CfnInsightRule(
            self, f"{name.title()}ByAddress", rule_name=rule, rule_state="ENABLED", rule_body=json.dumps(body)
        )
        return rule
