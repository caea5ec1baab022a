"""Networks and production's service, really created: on moto, which knows the types that ministack does not.

moto passes over types it does not know, so these tests read back what they speak of.
"""

import copy
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.cdk.templates import Stacks, Template

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

type Region = Callable[[str], Any]
MOTO = "moto[server]==5.1.22"


@pytest.fixture(scope="module")
def region() -> Iterator[Region]:
    """Clients of an emulated region."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uv = os.environ.get("UV") or shutil.which("uv") or f"{sys.prefix}/bin/uv"
    # It pins libraries of its own, so it lives in an environment of its own.
    command = [uv, "tool", "run", "--from", MOTO, "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT)
        _wait(process, port)
        yield lambda service: boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="emulated",
            aws_secret_access_key="emulated",
        )
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    process.kill()
    process.wait()
    pytest.fail("moto did not listen within two minutes.")


@pytest.fixture(scope="module")
def created(region: Region, stages: dict[str, Stacks]) -> dict[str, Any]:
    """The networks of dev and production, and production's service; the bodies as they were sent."""
    zone = region("route53").create_hosted_zone(Name="brutalpatches.com", CallerReference="emulated")["HostedZone"]
    certificate = region("acm").request_certificate(DomainName="api.brutalpatches.com")["CertificateArn"]
    for name, value in (
        ("/cdk-bootstrap/hnb659fds/version", "30"),
        ("/brutal-patches/prod/zone-id", zone["Id"].rpartition("/")[2]),
    ):
        region("ssm").put_parameter(Name=name, Value=value, Type="String")
    bodies = {}
    for stage, concern in (("dev", "network"), ("prod", "network"), ("prod", "service")):
        body = _accepted(stages[stage][concern], certificate)
        parameters = [{"ParameterKey": "ImageTag", "ParameterValue": "v1"}] if concern == "service" else []
        region("cloudformation").create_stack(
            StackName=f"brutal-patches-{stage}-{concern}",
            TemplateBody=json.dumps(body, separators=(",", ":")),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=parameters,
        )
        bodies[f"{stage}-{concern}"] = body
    return bodies


def _accepted(template: Template, certificate: str) -> dict[str, Any]:
    """What moto takes: no rules, no tags of parameters, no attributes of target groups, stand-ins for other stacks."""
    body: dict[str, Any] = _stand_in(copy.deepcopy(template.body), certificate)
    body.pop("Rules", None)
    for found in body["Resources"].values():
        if found["Type"] == "AWS::SSM::Parameter":
            del found["Properties"]["Tags"]
    for part in ("Resources", "Outputs"):
        body[part] = {name: one for name, one in body.get(part, {}).items() if not _asks_target_group(one)}
    return body


def _stand_in(value: Any, certificate: str) -> Any:
    """Names of what stacks other than the network would export."""
    match value:
        case {"Fn::ImportValue": str(export)} if "-network:" not in export:
            return certificate if "Certificate" in export else f"arn:aws:emulated:us-east-1:123456789012:{export[-40:]}"
        case dict():
            return {name: _stand_in(part, certificate) for name, part in value.items()}
        case list():
            return [_stand_in(part, certificate) for part in value]
        case _:
            return value


def _asks_target_group(value: Any) -> bool:
    match value:
        case {"Fn::GetAtt": [str(name), _]}:
            return name.startswith("BalancerTargets")
        case dict():
            return any(_asks_target_group(part) for part in value.values())
        case list():
            return any(_asks_target_group(part) for part in value)
        case _:
            return False


def test_networks_are_created(region: Region, created: dict[str, Any], stages: dict[str, Stacks]) -> None:
    """Every resource of both kinds of network, with and without a NAT gateway."""
    for stage in ("dev", "prod"):
        name = f"brutal-patches-{stage}-network"
        (stack,) = region("cloudformation").describe_stacks(StackName=name)["Stacks"]
        made = region("cloudformation").list_stack_resources(StackName=name)["StackResourceSummaries"]
        print(f"{name}: {len(made)} of {len(stages[stage]['network'].resources)} resources created")
        assert ("CREATE_COMPLETE", len(stages[stage]["network"].resources)) == (stack["StackStatus"], len(made))
    assert 1 == len(region("ec2").describe_nat_gateways()["NatGateways"])


def test_only_one_resource_of_the_service_is_left_out(created: dict[str, Any], stages: dict[str, Stacks]) -> None:
    """The policy that scales by requests, because moto does not know a target group's full name; the page says so."""
    whole = {stage: len(stages[stage]["network"].resources) for stage in ("dev", "prod")}
    service = len(stages["prod"]["service"].resources)
    text = (Path(__file__).parents[2] / "docs" / "infrastructure.md").read_text()
    assert f"all {whole['prod']} resources of prod's network and all {whole['dev']} of dev's" in " ".join(text.split())
    assert f"{service - 1} of the {service} of prod's service" in " ".join(text.split())
    left_out = set(stages["prod"]["service"].resources) - set(created["prod-service"]["Resources"])
    assert {"AWS::ApplicationAutoScaling::ScalingPolicy"} == {
        stages["prod"]["service"].resources[name]["Type"] for name in left_out
    }
    assert 1 == len(left_out)


def test_the_load_balancer_is_created_as_promised(region: Region, created: dict[str, Any]) -> None:
    """Read back from the emulator: listeners and health checks."""
    client = region("elbv2")
    (balancer,) = client.describe_load_balancers(Names=["brutal-patches-prod"])["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    listeners = {one["Port"]: one for one in client.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    assert {80: "redirect", 443: "forward"} == {
        port: one["DefaultActions"][0]["Type"] for port, one in listeners.items()
    }
    (group,) = client.describe_target_groups()["TargetGroups"]
    assert ("/health/ready", 8000, "ip") == (group["HealthCheckPath"], group["Port"], group["TargetType"])


def test_the_service_is_created_as_promised(region: Region, created: dict[str, Any]) -> None:
    """One service in its cluster, on a task definition of two containers."""
    client = region("ecs")
    (service,) = client.describe_services(cluster="brutal-patches-prod", services=["api"])["services"]
    task = client.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    assert "brutal-patches-prod-api" == task["family"]
    containers = {one["name"]: one for one in task["containerDefinitions"]}
    assert {"api", "collector"} == set(containers)
    assert containers["api"]["image"].endswith(":v1")
    assert all(one["readonlyRootFilesystem"] for one in containers.values())
