"""Task revisions: which there are, which serve, and how to return to one."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from brutal_patches.errors import Conflict, NotFound, Unavailable
from brutal_patches.operations.cloud import Cloud
from brutal_patches.operations.names import Names
from brutal_patches.operations.waiting import Pace, until

type State = Literal["serving", "coming", "failed", "going", "earlier"]
LIVE_ALARMS = ("p1", "deployment-errors", "deployment-latency")


class Revision(msgspec.Struct, frozen=True):
    """One revision of the task definition. `tasks` run of it now."""

    number: int
    image: str
    registered_at: datetime | None
    state: State
    tasks: int
    arn: str

    @property
    def tag(self) -> str:
        """The image's, which is what CDK is told to deploy it."""
        return self.image.rpartition(":")[2]


class Health(msgspec.Struct, frozen=True):
    """What the load balancer and the alarms say of the tasks."""

    running: int
    desired: int
    ready: int
    unready: int
    alarms: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return self.running >= self.desired and self.ready >= self.desired and not self.unready and not self.alarms

    def __str__(self) -> str:
        told = f"{self.running} of {self.desired} tasks run, {self.ready} are ready"
        told += f", {self.unready} are not" if self.unready else ""
        return f"{told}; alarms: {', '.join(self.alarms) or 'none'}"


async def service(cloud: Cloud, names: Names) -> dict[str, Any]:
    """The ECS service; Unavailable where the stage is not there."""
    absent = Unavailable(
        f"There is no service {names.service} in a cluster {names.cluster} in {cloud.region}. "
        "Is the stage deployed, and are these the credentials of its account?"
    )
    try:
        answer = await cloud.ask("ecs", "describe_services", cluster=names.cluster, services=[names.service])
    except NotFound as fault:
        raise absent from fault
    active = [one for one in answer["services"] if one["status"] == "ACTIVE"]
    if not active:
        raise absent
    found: dict[str, Any] = active[0]
    return found


async def revisions(cloud: Cloud, names: Names, limit: int) -> list[Revision]:
    """The newest revisions, and those that tasks run of, the newest first."""
    running = (await service(cloud, names))["deployments"]
    arns: list[str] = []
    async for arn in cloud.pages(
        "ecs", "list_task_definitions", "taskDefinitionArns", familyPrefix=names.family, sort="DESC"
    ):
        # AWS takes the family as a prefix: a longer one that begins alike is not ours.
        if arn.rpartition("/")[2].rpartition(":")[0] == names.family:
            arns.append(arn)
    used = [deployment["taskDefinition"] for deployment in running]
    wanted = dict.fromkeys([*arns[:limit], *used])
    found = [await _revision(cloud, arn, running) for arn in wanted]
    return sorted(found, key=lambda revision: -revision.number)


async def _revision(cloud: Cloud, arn: str, deployments: list[dict[str, Any]]) -> Revision:
    definition = (await cloud.ask("ecs", "describe_task_definition", taskDefinition=arn))["taskDefinition"]
    image = next((one["image"] for one in definition["containerDefinitions"] if one["name"] == "api"), "?")
    here = [deployment for deployment in deployments if deployment["taskDefinition"] == arn]
    return Revision(
        number=definition["revision"],
        image=image,
        registered_at=definition.get("registeredAt"),
        state=_state(here),
        tasks=sum(deployment["runningCount"] for deployment in here),
        arn=arn,
    )


def _state(deployments: list[dict[str, Any]]) -> State:
    primary = [one for one in deployments if one["status"] == "PRIMARY"]
    if not primary:
        return "going" if deployments else "earlier"
    states: dict[str, State] = {"IN_PROGRESS": "coming", "FAILED": "failed"}
    return states.get(primary[0].get("rolloutState", ""), "serving")


def choose(found: list[Revision], wanted: int | None) -> Revision:
    """The revision to return to: the one asked for, the one that is being replaced, or the one before."""
    now = next(one for one in found if one.state in {"serving", "coming", "failed"})
    if wanted is not None:
        chosen = next((one for one in found if one.number == wanted), None)
        if chosen is None:
            known = ", ".join(str(one.number) for one in found)
            raise NotFound(f"There is no active revision {wanted}. There are: {known}.")
    else:
        older = [one for one in found if one.number < now.number]
        chosen = next((one for one in found if one.state == "going"), older[0] if older else None)
        if chosen is None:
            raise NotFound(f"There is no revision before {now.number} to return to.")
    if chosen.number == now.number and now.state == "serving":
        raise Conflict(f"Revision {now.number} serves already.")
    return chosen


async def go_to(cloud: Cloud, names: Names, revision: Revision, pace: Pace) -> None:
    """Deploy a revision and wait until it alone serves. Raises Conflict where ECS gives up on it."""
    await cloud.change(
        "ecs",
        "update_service",
        cluster=names.cluster,
        service=names.service,
        taskDefinition=revision.arn,
    )
    if not cloud.dry_run:
        await settled(cloud, names, revision.arn, pace)


async def start_anew(cloud: Cloud, names: Names, pace: Pace | None) -> None:
    """Replace the tasks by new ones of the same revision, which read secrets and parameters again."""
    await cloud.change("ecs", "update_service", cluster=names.cluster, service=names.service, forceNewDeployment=True)
    if pace and not cloud.dry_run:
        await settled(cloud, names, (await service(cloud, names))["taskDefinition"], pace)


async def settled(cloud: Cloud, names: Names, arn: str, pace: Pace) -> None:
    """Wait until the deployment of this revision is complete."""

    async def look() -> tuple[bool, str, None]:
        found = await service(cloud, names)
        primary = next(one for one in found["deployments"] if one["status"] == "PRIMARY")
        state = primary.get("rolloutState", "COMPLETED")
        if primary["taskDefinition"] != arn or state == "FAILED":
            reason = primary.get("rolloutStateReason", "ECS went to another revision")
            raise Conflict(f"ECS gave up on {_short(arn)}: {reason}. It serves {_short(primary['taskDefinition'])}.")
        alone = len(found["deployments"]) == 1 and found["runningCount"] >= found["desiredCount"]
        seen = f"{_short(arn)}: {state}, {primary['runningCount']} of {found['desiredCount']} tasks"
        return state == "COMPLETED" and alone, seen, None

    await until(look, pace, cloud.tell, f"The deployment of {_short(arn)}")


async def health(cloud: Cloud, names: Names) -> Health:
    """How the tasks are now."""
    found = await service(cloud, names)
    groups = [one["targetGroupArn"] for one in found.get("loadBalancers", []) if "targetGroupArn" in one]
    groups += [
        one["advancedConfiguration"]["alternateTargetGroupArn"]
        for one in found.get("loadBalancers", [])
        if one.get("advancedConfiguration", {}).get("alternateTargetGroupArn")
    ]
    states = [state for group in groups for state in await _targets(cloud, group)]
    return Health(
        running=found["runningCount"],
        desired=found["desiredCount"],
        ready=states.count("healthy"),
        unready=states.count("unhealthy"),
        alarms=tuple(await alarms(cloud, [names.alarm(name) for name in LIVE_ALARMS])),
    )


async def watched(cloud: Cloud, names: Names, pace: Pace) -> Health:
    """The health after it was well at every look for as long as `pace` says, or the first that is not well.

    Targets take a little to be found healthy, so the first half waits for that.
    """
    looks = max(2, round(pace.total / pace.every))
    seen = 0

    async def look() -> tuple[bool, str, Health]:
        nonlocal seen
        seen += 1
        found = await health(cloud, names)
        return seen >= looks or (not found.is_well and seen > looks // 2), str(found), found

    return await until(look, Pace(pace.total * 2 + pace.every, pace.every), cloud.tell, "Watching")


async def alarms(cloud: Cloud, wanted: list[str]) -> list[str]:
    """Which of these alarms are on, composite ones too."""
    answer = await cloud.ask(
        "cloudwatch", "describe_alarms", AlarmNames=wanted, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    return sorted(one["AlarmName"] for one in found if one["StateValue"] == "ALARM")


async def _targets(cloud: Cloud, group: str) -> list[str]:
    answer = await cloud.ask("elbv2", "describe_target_health", TargetGroupArn=group)
    return [one["TargetHealth"]["State"] for one in answer["TargetHealthDescriptions"]]


def _short(arn: str) -> str:
    return arn.rpartition("/")[2]
