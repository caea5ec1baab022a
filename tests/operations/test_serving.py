"""What serves, and how an operator returns to what served before."""

from datetime import UTC, datetime
from typing import Any

import pytest

from brutal_patches.errors import Conflict, NotFound, Timeout
from brutal_patches.operations import revisions
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.waiting import Pace
from tests.operations.conftest import Run, stubbed, told
from tests.operations.stage import NAMES, Stage

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def serving(stage: Stage) -> str:
    found = stage.client("ecs").describe_services(cluster=NAMES.cluster, services=[NAMES.service])["services"]
    return str(found[0]["taskDefinition"]).rpartition(":")[2]


def test_a_rollback_goes_to_the_revision_before_and_says_how_cdk_follows(run: Run, stage: Stage) -> None:
    listed = told(run("deployments", "--json"))
    assert [(3, "serving"), (2, "earlier"), (1, "earlier")] == [(one["number"], one["state"]) for one in listed]
    assert listed[0]["image"].endswith(":three")
    assert "would call ecs update_service" in run("rollback", "--dry-run").stderr
    assert "3" == serving(stage)
    done = run("rollback", "--yes", "--watch", "2")
    assert (0, "2") == (done.exit_code, serving(stage)), done.output
    assert "npx cdk deploy service -c stage=dev --parameters service:ImageTag=two" in done.stdout
    again = run("rollback", "--to", "2", "--yes")
    assert (1, True) == (again.exit_code, "serves already" in again.stderr)
    unknown = run("rollback", "--to", "9", "--yes")
    assert (1, True) == (unknown.exit_code, "There are: 3, 2, 1." in unknown.stderr)
    assert 0 == run("rollback", "--to", "3", "--yes", "--watch", "0", "--json").exit_code
    assert "3" == serving(stage)


def test_the_screen_shows_the_stage(run: Run) -> None:
    """What cannot be read is unknown, and said so."""
    seen = run("status")
    for words in ("brutal-patches dev", "revision 3 serving", "alarms", "p95", "BrutalPatches-dev-core"):
        assert words in seen.stdout
    assert told(run("status", "--json"))["stage"] == "dev"


def test_an_alarm_makes_the_stage_unwell(run: Run, stage: Stage) -> None:
    """Exit code 1, for the screen and for a rollback that is watched."""
    watch = stage.client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName=NAMES.alarm("p1"),
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    watch.set_alarm_state(AlarmName=NAMES.alarm("p1"), StateValue="ALARM", StateReason="a test")
    seen = run("status")
    assert (1, True) == (seen.exit_code, "p1" in seen.stdout)
    watched = run("rollback", "--to", "1", "--yes", "--watch", "2")
    assert (1, True) == (watched.exit_code, "NOT WELL" in watched.stdout)
    watch.delete_alarms(AlarmNames=[NAMES.alarm("p1")])


def revision(number: int, state: revisions.State) -> revisions.Revision:
    return revisions.Revision(number, f"r/api:{number}", datetime.now(UTC), state, 1, f"arn:x/f:{number}")


def test_a_deployment_under_way_is_left_for_what_it_replaces() -> None:
    """Whatever its number; without one the newest of the earlier."""
    found = [revision(5, "coming"), revision(4, "earlier"), revision(3, "going")]
    assert 3 == revisions.choose(found, None).number
    assert 4 == revisions.choose(found, 4).number
    assert 4 == revisions.choose([revision(5, "failed"), revision(4, "earlier")], None).number
    with pytest.raises(NotFound, match="no revision before 1"):
        revisions.choose([revision(1, "serving")], None)


def deployed(state: str, arn: str, running: int) -> dict[str, Any]:
    one = {"status": "PRIMARY", "taskDefinition": arn, "rolloutState": state, "runningCount": running}
    found = {"status": "ACTIVE", "deployments": [one], "runningCount": running, "desiredCount": 2}
    return {"services": [found]}


async def test_a_rollback_is_waited_for_and_its_failure_told(cloud: Cloud) -> None:
    stub = await stubbed(cloud, "ecs")
    for state, running in (("IN_PROGRESS", 1), ("COMPLETED", 2)):
        stub.add_response("describe_services", deployed(state, "arn:x/f:2", running))
    await revisions.settled(cloud, NAMES, "arn:x/f:2", Pace(5, 0))
    assert ["f:2: IN_PROGRESS, 1 of 2 tasks", "f:2: COMPLETED, 2 of 2 tasks"] == cloud.lines  # type: ignore[attr-defined]
    stub.add_response("describe_services", deployed("IN_PROGRESS", "arn:x/f:3", 2))
    with pytest.raises(Conflict, match="gave up on f:2"):
        await revisions.settled(cloud, NAMES, "arn:x/f:2", Pace(5, 0))
    stub.add_response("describe_services", deployed("IN_PROGRESS", "arn:x/f:2", 1))
    with pytest.raises(Timeout, match="goes on by itself"):
        await revisions.settled(cloud, NAMES, "arn:x/f:2", Pace(0, 0))
