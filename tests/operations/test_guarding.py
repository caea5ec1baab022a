"""Addresses, sessions, secrets and maintenance, as an operator sees to them."""

import json

import pytest

from brutal_patches.errors import Conflict, Invalid
from brutal_patches.operations import rotation
from brutal_patches.operations.addresses import network
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.waiting import Pace
from tests.operations.conftest import Run, stubbed, told
from tests.operations.stage import NAMES, Stage

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_an_address_is_blocked_and_let_in_again(run: Run) -> None:
    """Once, however often it is said; both kinds, each in its own list."""
    assert "192.0.2.7/32 is blocked." in run("block-ip", "192.0.2.7").stdout
    assert "was blocked already" in run("block-ip", "192.0.2.7/32").stdout
    assert {"address": "2001:db8::/48", "changed": True} == told(run("block-ip", "2001:db8::1/48", "--yes", "--json"))
    assert ["192.0.2.7/32", "2001:db8::/48"] == told(run("blocked", "--json"))
    inside = run("unblock-ip", "2001:db8::7", "--yes")
    assert (1, True) == (inside.exit_code, "It lies in 2001:db8::/48, which is." in inside.stderr)
    assert 0 == run("unblock-ip", "192.0.2.7").exit_code
    assert 0 == run("unblock-ip", "2001:db8::/48").exit_code
    assert "No address is blocked." in run("blocked").stdout
    assert 1 == run("unblock-ip", "192.0.2.7").exit_code


def test_a_dry_run_changes_nothing(run: Run) -> None:
    """And asks nothing, but tells the call."""
    tried = run("block-ip", "192.0.2.9", "--dry-run", stdin="")
    assert 0 == tried.exit_code
    assert "would call wafv2 update_ip_set" in tried.stderr
    assert [] == told(run("blocked", "--json"))


def test_whoever_does_not_agree_changes_nothing(run: Run) -> None:
    """Nor does whoever cannot be asked."""
    for answer in ("n\n", ""):
        refused = run("block-ip", "192.0.2.9", stdin=answer)
        assert (1, True) == (refused.exit_code, "Nothing was changed." in refused.stderr)
    assert [] == told(run("blocked", "--json"))


@pytest.mark.parametrize(
    ("text", "why"), [("foo", "no IP address"), ("10.1.2.3", "private"), ("0.0.0.0/0", "everybody"), ("::/0", "every")]
)
def test_what_must_not_be_blocked_is_refused(text: str, why: str, run: Run) -> None:
    with pytest.raises(Invalid, match=why):
        network(text)
    refused = run("block-ip", text, "--yes")
    assert (2, True) == (refused.exit_code, why in refused.stderr)


async def test_a_race_for_the_block_list_is_run_again(cloud: Cloud) -> None:
    """With the lock of the newest reading; the other's address is kept."""
    from brutal_patches.operations.addresses import block  # noqa: PLC0415

    stub = await stubbed(cloud, "wafv2")
    name, one = NAMES.block_list(4), {"Scope": "REGIONAL", "Id": "1"}
    for lock, held in (("a" * 8, []), ("b" * 8, ["198.51.100.1/32"])):
        stub.add_response("list_ip_sets", {"IPSets": [{"Name": name, "Id": "1"}]})
        found = {"Name": name, "Id": "1", "ARN": "a" * 20, "IPAddressVersion": "IPV4", "Addresses": held}
        stub.add_response("get_ip_set", {"IPSet": found, "LockToken": lock}, {"Name": name, **one})
        if not held:
            stub.add_client_error("update_ip_set", "WAFOptimisticLockException")
    wanted = {
        "Name": name,
        **one,
        "Addresses": ["192.0.2.7/32", "198.51.100.1/32"],
        "LockToken": "b" * 8,
        "Description": "Addresses that operators have blocked",
    }
    stub.add_response("update_ip_set", {"NextLockToken": "c" * 8}, wanted)
    assert await block(cloud, NAMES, network("192.0.2.7"))
    stub.assert_no_pending_responses()


def test_sessions_are_ended(run: Run, stage: Stage) -> None:
    """One user's, and everybody's; the trail says so."""
    assert "ada has to log in again everywhere." in run("revoke", "user", "ADA").stdout
    assert 1 == run("revoke", "user", "nobody").exit_code
    assert {"changed": False} == told(run("revoke", "all", "--dry-run", "--json"))
    table = stage.client("dynamodb")
    barrier = {"TableName": "BrutalPatches-dev-core", "Key": {"pk": {"S": "SETTINGS"}, "sk": {"S": "not_before"}}}
    assert "Item" not in table.get_item(**barrier)
    assert {"changed": True} == told(run("revoke", "all", "--yes", "--json"))
    assert "Item" in table.get_item(**barrier)


def test_maintenance_is_turned_on_and_off(run: Run) -> None:
    on = told(run("maintenance", "on", "--message", "Back at noon", "--yes", "--json"))
    assert (True, "Back at noon") == (on["maintenance"], on["message"])
    assert "it is on." in run("maintenance", "off", "--dry-run").stdout
    assert "Maintenance is now off." in run("maintenance", "off").stdout
    assert 2 == run("maintenance", "off", "--message", "x", "--yes").exit_code


def test_the_operators_token_is_replaced(run: Run, stage: Stage) -> None:
    """And the tasks are started anew; a secret is never printed."""
    secrets = stage.client("secretsmanager")
    tried = run("rotate-secret", "ops-token", "--dry-run")
    assert "first" == secrets.get_secret_value(SecretId=NAMES.secret("ops-token"))["SecretString"]
    assert '"SecretString":"…"' in tried.stderr
    done = run("rotate-secret", "ops-token", "--yes", "--json")
    now = secrets.get_secret_value(SecretId=NAMES.secret("ops-token"))["SecretString"]
    assert (48, False) == (len(now), now in done.output)


def test_leaked_keys_are_replaced_at_once(run: Run, stage: Stage) -> None:
    """Both, in the form that the rotation goes on from."""
    assert 0 == run("rotate-secret", "--leaked", "--yes").exit_code
    stored = stage.client("secretsmanager").get_secret_value(SecretId=NAMES.secret("jwt"))["SecretString"]
    keys = json.loads(stored)
    assert {"current", "previous", "announced"} == set(keys)
    assert len({keys["current"], keys["previous"], "first"}) == 3
    assert 2 == run("rotate-secret", "ops-token", "--leaked", "--yes").exit_code


def test_keys_without_a_rotation_say_what_to_deploy(run: Run) -> None:
    refused = run("rotate-secret", "--yes")
    assert (1, True) == (refused.exit_code, "secrets stack" in refused.stderr)


async def test_keys_rotate_and_are_waited_for(cloud: Cloud) -> None:
    """Until the new version is the current one."""
    stub = await stubbed(cloud, "secretsmanager")
    secret, version = NAMES.secret("jwt"), "v" * 32
    stub.add_response("describe_secret", {"RotationEnabled": True}, {"SecretId": secret})
    stub.add_response("rotate_secret", {"VersionId": version}, {"SecretId": secret, "RotateImmediately": True})
    for stages in (["AWSPENDING"], ["AWSCURRENT"]):
        stub.add_response("describe_secret", {"VersionIdsToStages": {version: stages}}, {"SecretId": secret})
    await rotation.rotate(cloud, NAMES, Pace(5, 0))
    assert ["the rotation is under way", "the new version is current"] == cloud.lines  # type: ignore[attr-defined]
    stub.assert_no_pending_responses()
    stub.add_response("describe_secret", {"RotationEnabled": False}, {"SecretId": secret})
    with pytest.raises(Conflict, match="no rotation"):
        await rotation.rotate(cloud, NAMES, Pace(5, 0))
