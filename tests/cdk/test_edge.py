"""The firewall."""

import json
from typing import Any

from cdk.config import STAGES
from tests.cdk.templates import Stacks


def rules(stacks: Stacks) -> list[dict[str, Any]]:
    return sorted(stacks["edge"].only("WAFv2::WebACL")["Rules"], key=lambda rule: rule["Priority"])


def test_blocked_addresses_come_first(stacks: Stacks) -> None:
    """Two lists that deployments leave alone, for operators to edit."""
    sets = stacks["edge"].of("WAFv2::IPSet")
    assert {"IPV4": [], "IPV6": []} == {one["IPAddressVersion"]: one["Addresses"] for one in sets}
    for rule in rules(stacks)[:2]:
        assert {"Block": {}} == rule["Action"]
        assert "Arn" in rule["Statement"]["IPSetReferenceStatement"]


def test_rates_are_limited_for_all_and_more_so_for_signing_in(stages: dict[str, Stacks]) -> None:
    for name, stacks in stages.items():
        rates = STAGES[name].rates
        sign_in, everything = (rule["Statement"]["RateBasedStatement"] for rule in rules(stacks)[2:4])
        assert (rates.sign_in_per_minute, 60) == (sign_in["Limit"], sign_in["EvaluationWindowSec"])
        assert (rates.everything_in_five_minutes, 300) == (everything["Limit"], everything["EvaluationWindowSec"])
        match = sign_in["ScopeDownStatement"]["ByteMatchStatement"]
        assert ("/api/auth", "STARTS_WITH") == (match["SearchString"], match["PositionalConstraint"])
        # `/api/%61uth`, `/api/./auth` and `/API/auth` are the same place.
        assert {"URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"} == {one["Type"] for one in match["TextTransformations"]}
        assert "ScopeDownStatement" not in everything


def test_whoever_is_too_fast_is_told_when_to_return(stacks: Stacks) -> None:
    """429 as the service itself answers it, with Retry-After."""
    acl = stacks["edge"].only("WAFv2::WebACL")
    for rule in rules(stacks)[2:4]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        assert 429 == answer["ResponseCode"]
        assert "Retry-After" == answer["ResponseHeaders"][0]["Name"]
        assert 429 == json.loads(acl["CustomResponseBodies"][answer["CustomResponseBodyKey"]]["Content"])["status"]


def test_known_attacks_are_refused(stacks: Stacks) -> None:
    """By AWS's groups; bodies are judged by the service, because imports are large."""
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["Statement"]["ManagedRuleGroupStatement"]
        for rule in rules(stacks)[4:]
    }
    assert {"AmazonIpReputationList", "KnownBadInputsRuleSet", "CommonRuleSet"} == {
        name.removeprefix("AWSManagedRules") for name in groups
    }
    counted = groups["AWSManagedRulesCommonRuleSet"]["RuleActionOverrides"]
    assert all({"Count": {}} == one["ActionToUse"] and one["Name"].endswith("_BODY") for one in counted)


def test_it_stands_before_the_load_balancer(stacks: Stacks) -> None:
    found = stacks["edge"].only("WAFv2::WebACLAssociation")
    assert "Balancer" in str(found["ResourceArn"])


def test_refusals_are_logged_without_tokens(stacks: Stacks) -> None:
    found = stacks["edge"].only("WAFv2::LoggingConfiguration")
    assert {"authorization", "cookie"} == {one["SingleHeader"]["Name"] for one in found["RedactedFields"]}
    assert "DROP" == found["LoggingFilter"]["DefaultBehavior"]
    assert stacks["edge"].only("Logs::LogGroup")["LogGroupName"].startswith("aws-waf-logs-")
