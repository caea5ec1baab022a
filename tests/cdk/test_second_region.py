"""A stage that takes over where its tables have their replica."""

from pathlib import Path
from typing import Any

import pytest

from cdk.app import asked_for, build
from cdk.config import DEV, PROD, StageInvalid

WEST = {"stage": "prod", "region": "us-west-2"}


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Its templates by stack, checked by cdk-nag as those of the other stages are."""
    assembly = build(asked_for(WEST), Path(tmp_path_factory.mktemp("west"))).synth()
    assert {"us-west-2"} == {stack.environment.region for stack in assembly.stacks_recursively}
    return {stack.id: stack.template for stack in assembly.stacks_recursively}


def kinds(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template.get("Resources", {}).values() if each["Type"] == kind]


def test_it_stands_on_what_is_there(stacks: dict[str, Any]) -> None:
    """The replica of the table and of the secrets are used, not made; sessions begin anew."""
    made = [table["TableName"] for table in kinds(stacks["data"], "AWS::DynamoDB::GlobalTable")]
    assert ["BrutalPatches-prod-ephemeral"] == made
    assert [] == kinds(stacks["secrets"], "AWS::SecretsManager::Secret")
    service = str(stacks["service"])
    assert ":table/BrutalPatches-prod-core" in service
    assert "secret:brutal-patches-prod/jwt" in service
    assert "us-west-2a" in str(stacks["network"])


def test_its_name_leads_there_when_operators_say_so(stacks: dict[str, Any]) -> None:
    """Otherwise it would take the name from the first region as soon as it is rehearsed."""
    assert [] == kinds(stacks["service"], "AWS::Route53::RecordSet")


def test_only_a_region_with_a_replica_will_do() -> None:
    """And a stage without one has none."""
    assert PROD == asked_for({"stage": "prod"})
    assert DEV == asked_for({})
    for wrong in ({"stage": "prod", "region": "eu-west-1"}, {"stage": "dev", "region": "us-west-2"}):
        with pytest.raises(StageInvalid):
            asked_for(wrong)
