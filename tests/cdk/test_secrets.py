"""Secrets and the rotation of the signing key."""

import json
from typing import Any

import pytest

from cdk.rotation.handler import check, following, handler, restart_tasks
from tests.cdk.templates import Stacks

FIRST = {"current": "a" * 64, "previous": "", "announced": "no"}


def test_secrets_are_generated(stacks: Stacks) -> None:
    """Nobody has ever seen them."""
    jwt, ops = (one["GenerateSecretString"] for one in stacks["secrets"].of("SecretsManager::Secret"))
    assert ("current", 64) == (jwt["GenerateStringKey"], jwt["PasswordLength"])
    assert {"previous": "", "announced": "no"} == json.loads(jwt["SecretStringTemplate"])
    assert 48 == ops["PasswordLength"]


def test_the_signing_key_rotates_monthly(stacks: Stacks) -> None:
    schedule = stacks["secrets"].only("SecretsManager::RotationSchedule")
    assert "rate(30 days)" == schedule["RotationRules"]["ScheduleExpression"]
    # At once the first time: the second key is there before the first task starts.
    assert schedule.get("RotateImmediatelyOnUpdate", True) is True


def test_production_s_secrets_are_in_both_regions(prod: Stacks) -> None:
    """A region that is lost does not take the keys with it."""
    for secret in prod["secrets"].of("SecretsManager::Secret"):
        assert [{"Region": "us-west-2"}] == secret["ReplicaRegions"]


def test_the_rotation_is_inline_and_current(stacks: Stacks) -> None:
    function = stacks["secrets"].only("Lambda::Function")
    assert "arm64" == function["Architectures"][0]
    assert "def following" in function["Code"]["ZipFile"]
    assert len(function["Code"]["ZipFile"]) <= 4096


def test_a_new_key_verifies_before_it_signs() -> None:
    """Announced first, signing at the next rotation, and the old one verifies all the while."""
    announced = following(FIRST)
    assert (FIRST["current"], "yes") == (announced["current"], announced["announced"])
    signing = following(announced)
    assert (announced["previous"], announced["current"]) == (signing["current"], signing["previous"])
    assert "no" == signing["announced"]


def test_tasks_side_by_side_always_understand_each_other() -> None:
    """Through ten rotations, what old or new tasks sign, the others verify."""
    old = following(FIRST)
    for _ in range(10):
        new = following(old)
        assert old["current"] in {new["current"], new["previous"]}
        assert new["current"] in {old["current"], old["previous"]}
        old = new


def test_swapping_at_once_would_not_do() -> None:
    """The naive rotation, as a control: old tasks would refuse what new tasks sign."""
    naive = {"current": "b" * 64, "previous": FIRST["current"]}
    assert naive["current"] not in {FIRST["current"], FIRST["previous"]}


@pytest.mark.parametrize(
    "pending",
    [
        {"current": "a" * 64, "previous": "short"},
        {"current": "a" * 64, "previous": "a" * 64},
        {"current": "b" * 64, "previous": "c" * 64},
    ],
)
def test_bad_keys_are_refused(pending: dict[str, str]) -> None:
    """Weak, equal, or strangers to what is signed today."""
    with pytest.raises(ValueError, match="refused"):
        check(FIRST, pending)


class Gone(Exception):
    """What the client raises."""


class Cluster:
    """ECS before the first deployment."""

    class exceptions:  # noqa: N801 - Named as boto3 names it.
        ClusterNotFoundException = Gone
        ServiceNotFoundException = Gone

    def update_service(self, **asked: Any) -> None:
        assert {"cluster": "c", "service": "s", "forceNewDeployment": True} == asked
        raise Gone


def test_a_service_that_is_not_there_yet_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER", "c")
    monkeypatch.setenv("SERVICE", "s")
    restart_tasks(Cluster())
    assert "rotation_without_service" in capsys.readouterr().out


def test_setting_the_secret_elsewhere_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no database whose password would have to change."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    handler({"Step": "setSecret", "SecretId": "s", "ClientRequestToken": "t"}, None)
