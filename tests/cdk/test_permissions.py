"""Least privilege, over every policy of every stage."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brutal_patches.storage import table
from cdk.permissions import ITEM_ACTIONS, NAMELESS_ACTIONS
from tests.cdk.templates import Stacks, flat


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def identity_statements(stacks: Stacks) -> Iterator[dict[str, Any]]:
    """What roles may do."""
    for template in stacks.values():
        for policy in template.of("IAM::Policy"):
            yield from policy["PolicyDocument"]["Statement"]
        for role in template.of("IAM::Role"):
            for policy in role.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]


def resource_statements(stacks: Stacks) -> Iterator[dict[str, Any]]:
    """Whom resources let in."""
    for template in stacks.values():
        for kind, name in (
            ("S3::BucketPolicy", "PolicyDocument"),
            ("SNS::TopicPolicy", "PolicyDocument"),
            ("KMS::Key", "KeyPolicy"),
            ("SecretsManager::ResourcePolicy", "ResourcePolicy"),
        ):
            for found in template.of(kind):
                yield from found[name]["Statement"]


def test_no_role_has_a_wildcard_action(stacks: Stacks) -> None:
    statements = list(identity_statements(stacks))
    assert len(statements) > 10
    for statement in statements:
        for action in listed(statement["Action"]):
            assert "*" not in action


def test_wildcard_resources_only_where_aws_has_none(stacks: Stacks) -> None:
    """`*` for the actions on the list, and for no other."""
    for statement in identity_statements(stacks):
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= set(NAMELESS_ACTIONS), statement


def test_parts_of_a_name_are_left_open_only_where_aws_chooses_them(stacks: Stacks) -> None:
    """Synthetics names its objects and its functions' logs; every other resource is named whole."""
    open_ended = {
        flat(resource)
        for statement in identity_statements(stacks)
        for resource in listed(statement["Resource"])
        if resource != "*" and "*" in flat(resource).removesuffix(":*")
    }
    canary = [name for name in open_ended if ":log-group:/aws/lambda/cwsyn-bp-" in name]
    assert {*canary, "?/*"} == open_ended if canary else open_ended == set()


def test_the_service_s_own_role_names_its_tables(stacks: Stacks) -> None:
    """Items in two tables and in those of two restores, queries on one index of each; none is made or deleted."""
    (items,) = [one for one in identity_statements(stacks) if one.get("Sid") == "Items"]
    assert sorted(ITEM_ACTIONS) == items["Action"]
    assert 6 == len(items["Resource"])
    assert not [one for one in items["Resource"] if "*" in str(one)]
    for slot in ("r1", "r2"):
        assert f"-{slot}-core" in str(items["Resource"])
        assert f"-{slot}-ephemeral" in str(items["Resource"])
    (feed,) = [one for one in identity_statements(stacks) if one.get("Sid") == "Feed"]
    assert "dynamodb:Query" == feed["Action"]
    assert "/index/feed" in str(feed["Resource"])
    everything = {action for one in identity_statements(stacks) for action in listed(one["Action"])}
    assert not {action for action in everything if action.startswith(("dynamodb:Create", "dynamodb:DeleteT"))}


def test_the_role_allows_what_storage_calls_and_no_more() -> None:
    """The calls of the storage kernel, with the parts of a transaction, each under its own permission."""
    storage = Path(table.__file__).parent
    source = "".join((storage / name).read_text() for name in ("table.py", "requests.py"))
    calls = set(re.findall(r'"((?:get|put|update|delete|batch_get|batch_write)_item|query|scan)"', source))
    # A start looks whether the tables are there.
    assert "describe_table" in (storage / "creation.py").read_text()
    named = {"dynamodb:" + call.title().replace("_", "") for call in {*calls, "describe_table"}}
    assert "ConditionCheck" in source
    assert {*named, "dynamodb:ConditionCheckItem"} == set(ITEM_ACTIONS)


def test_mail_goes_out_under_one_name(prod: Stacks, dev: Stacks) -> None:
    (mail,) = [one for one in identity_statements(prod) if one.get("Sid") == "Mail"]
    assert {"StringEquals": {"ses:FromAddress": "noreply@brutalpatches.com"}} == mail["Condition"]
    assert [] == [one for one in identity_statements(dev) if one.get("Sid") == "Mail"]


def test_no_resource_is_open_to_everybody(stacks: Stacks) -> None:
    """Whoever is let in without a name is refused, or held to conditions."""
    for statement in resource_statements(stacks):
        if statement.get("Principal") in ("*", {"AWS": "*"}) and statement["Effect"] == "Allow":
            assert statement.get("Condition"), statement
        if "Service" in (statement.get("Principal") or {}) and statement["Effect"] == "Allow":
            assert "*" not in "".join(action for action in listed(statement["Action"]) if isinstance(action, str))


def test_nobody_gets_a_user_or_an_access_key(stacks: Stacks) -> None:
    for template in stacks.values():
        assert [] == template.of("IAM::User") + template.of("IAM::AccessKey")
