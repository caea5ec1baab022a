"""A stage that contradicts itself is refused where it is written."""

from pathlib import Path

import msgspec
import pytest

from brutal_patches.settings import read_settings
from cdk.app import build
from cdk.config import PROD, STAGES, Backups, Stage, StageInvalid
from cdk.task import environment
from tests.cdk.templates import read


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"zones": ("us-east-1a",)}, "availability zones"),
        ({"egress": "nat", "nat_gateways": 0}, "NAT gateway"),
        ({"domain": None}, "needs a domain"),
        ({"encryption": "customer"}, "key of its own"),
    ],
)
def test_contradictions_are_refused(change: dict[str, object], words: str) -> None:
    """With a sentence that says which."""
    with pytest.raises(StageInvalid, match=words):
        msgspec.structs.replace(PROD, **change)


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_the_service_would_start(stage: Stage) -> None:
    """What a task is given is what `settings.py` accepts for this environment."""
    url = f"https://{stage.domain.name}" if stage.domain else "http://lb.example.com"
    secrets = {"JWT_SECRET": "x" * 64, "JWT_PREVIOUS_SECRET": "", "OPS_TOKEN": "y" * 48, "LOG_LEVEL": stage.log_level}
    turned = {"TRACE_RATIO": stage.trace_ratio, "RATE_LIMIT_MAX": "600", "DYNAMODB_TABLE_PREFIX": stage.live_prefix}
    settings = read_settings({**environment(stage, url, "noreply@example.com"), **secrets, **turned})
    assert stage.app_env == settings.environment
    assert stage.table_prefix == settings.dynamodb.table_prefix
    assert [stage.cidr] == [str(network) for network in settings.http.trusted_proxies]
    assert (15, "idle") == (settings.http.drain_seconds, settings.auth.hashing_priority)


def test_a_vault_can_be_locked_for_good(tmp_path: Path) -> None:
    """A choice that no stage has made: nobody can lift it, once three days have passed."""
    stage = msgspec.structs.replace(PROD, backups=Backups(lock="compliance"))
    build(stage, tmp_path, checked=False).synth()
    vault = read(tmp_path)["data"].only("Backup::BackupVault")
    assert 3 == vault["LockConfiguration"]["ChangeableForDays"]


def test_any_stage_can_deploy_by_canary(tmp_path: Path) -> None:
    """Production too, if it chooses to."""
    build(msgspec.structs.replace(PROD, deployment="canary"), tmp_path, checked=False).synth()
    assert "CANARY" == read(tmp_path)["service"].only("ECS::Service")["DeploymentConfiguration"]["Strategy"]


def test_a_restore_is_brought_in_step(tmp_path: Path) -> None:
    """What serves, is backed up, drawn and watched is the restored table; the stack's own is still backed up."""
    build(msgspec.structs.replace(PROD, slot="r1"), tmp_path, checked=False).synth()
    stacks = read(tmp_path)
    parameter = stacks["service"].named("SSM::Parameter", Name="/brutal-patches/prod/table-prefix")
    assert "BrutalPatches-prod-r1" == parameter["Value"]
    selected = stacks["data"].only("Backup::BackupSelection")["BackupSelection"]["Resources"]
    assert (2, True) == (len(selected), "BrutalPatches-prod-r1-core" in str(selected[1]))
    watching = stacks["observability"].path.read_text()
    assert "BrutalPatches-prod-r1-core" in watching
    assert "BrutalPatches-prod-core" not in watching


def test_networks_do_not_overlap() -> None:
    """So that stages can be joined one day."""
    assert len(STAGES) == len({stage.cidr for stage in STAGES.values()})
