"""The firewall in front of the load balancer: blocked addresses, rates, and AWS's lists of known attacks."""

import json
from typing import Any

from aws_cdk import ArnFormat
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from cdk.config import Stage
from cdk.service import ServiceStack
from cdk.stack import StageStack, removal, retention

MANAGED = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    # Imports are larger than 8 KB and comments may quote markup: the service judges bodies itself.
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY"),
}
TOO_MANY = "too-many"
Rule = waf.CfnWebACL.RuleProperty


class EdgeStack(StageStack):
    """Rules in order of price: an address on the block list is refused before anything is counted."""

    def __init__(self, scope: Construct, stage: Stage, service: ServiceStack) -> None:
        super().__init__(scope, stage, "edge", "the firewall of the load balancer")
        self.name, self.names = stage.prefix, stage.names
        blocked = [self._block_list(version) for version in ("IPV4", "IPV6")]
        self.acl = waf.CfnWebACL(
            self,
            "Acl",
            name=self.name,
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen(self.name),
            custom_response_bodies={TOO_MANY: _problem()},
            rules=[*_blocking(blocked), *_rates(stage), *_managed(first=4)],
        )
        waf.CfnWebACLAssociation(
            self,
            "Association",
            resource_arn=service.balancer.load_balancer_arn,
            web_acl_arn=self.acl.attr_arn,
        )
        self._log(stage)

    def _block_list(self, version: str) -> waf.CfnIPSet:
        """Empty here and left alone by deployments: operators edit it with `brutal-patches ops block-ip`."""
        return waf.CfnIPSet(
            self,
            f"Blocked{version.title()}",
            name=self.names.block_list(int(version[-1])),
            description="Addresses that operators have blocked",
            scope="REGIONAL",
            ip_address_version=version,
            addresses=[],
        )

    def _log(self, stage: Stage) -> None:
        """Only what a rule has matched, and never a token or a cookie."""
        group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=self.names.log_group("firewall"),  # WAF insists on how the name begins.
            retention=retention(stage.log_days),
            removal_policy=removal(stage),
        )
        waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[
                self.format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=group.log_group_name,
                    arn_format=ArnFormat.COLON_RESOURCE_NAME,
                )
            ],
            redacted_fields=[_header("authorization"), _header("cookie")],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [{"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT")],
                    }
                ],
            },
        )


def _blocking(sets: list[waf.CfnIPSet]) -> list[Rule]:
    return [
        Rule(
            name=f"blocked-{address_set.ip_address_version.lower()}",
            priority=priority,
            action=waf.CfnWebACL.RuleActionProperty(block={}),
            statement=waf.CfnWebACL.StatementProperty(
                ip_set_reference_statement=waf.CfnWebACL.IPSetReferenceStatementProperty(arn=address_set.attr_arn)
            ),
            visibility_config=_seen(f"blocked-{address_set.ip_address_version.lower()}"),
        )
        for priority, address_set in enumerate(sets)
    ]


def _rates(stage: Stage) -> list[Rule]:
    sign_in = waf.CfnWebACL.StatementProperty(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="STARTS_WITH",
            search_string="/api/auth",
            text_transformations=[
                waf.CfnWebACL.TextTransformationProperty(priority=0, type="URL_DECODE"),
                waf.CfnWebACL.TextTransformationProperty(priority=1, type="NORMALIZE_PATH"),
                waf.CfnWebACL.TextTransformationProperty(priority=2, type="LOWERCASE"),
            ],
        )
    )
    return [
        _rate("rate-sign-in", 2, stage.rates.sign_in_per_minute, 60, sign_in),
        _rate("rate-everything", 3, stage.rates.everything_in_five_minutes, 300, None),
    ]


def _rate(name: str, priority: int, limit: int, seconds: int, scope: waf.CfnWebACL.StatementProperty | None) -> Rule:
    return Rule(
        name=name,
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(
            block=waf.CfnWebACL.BlockActionProperty(
                custom_response=waf.CfnWebACL.CustomResponseProperty(
                    response_code=429,
                    custom_response_body_key=TOO_MANY,
                    response_headers=[waf.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value=str(seconds))],
                )
            )
        ),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=limit, evaluation_window_sec=seconds, scope_down_statement=scope
            )
        ),
        visibility_config=_seen(name),
    )


def _managed(first: int) -> list[Rule]:
    return [
        Rule(
            name=name,
            priority=priority,
            override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
            statement=waf.CfnWebACL.StatementProperty(
                managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS", name=name, rule_action_overrides=[_count(rule) for rule in counted] or None
                )
            ),
            visibility_config=_seen(name),
        )
        for priority, (name, counted) in enumerate(MANAGED.items(), start=first)
    ]


def _count(rule: str) -> waf.CfnWebACL.RuleActionOverrideProperty:
    return waf.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={}))


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )


def _header(name: str) -> waf.CfnLoggingConfiguration.FieldToMatchProperty:
    return waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})


def _problem() -> waf.CfnWebACL.CustomResponseBodyProperty:
    """The shape in which the service itself answers."""
    body: dict[str, Any] = {"title": "Too many requests", "status": 429, "detail": "Wait a little, then try again."}
    return waf.CfnWebACL.CustomResponseBodyProperty(content_type="APPLICATION_JSON", content=json.dumps(body))
