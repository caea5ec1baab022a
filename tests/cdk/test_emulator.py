"""The templates of production, really created: on ministack's CloudFormation, as far as it knows the types."""

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from brutal_patches.cli.engine import Engine, start_ministack
from brutal_patches.settings import read_settings
from cdk.rotation import handler as rotation
from tests.cdk.emulator import NotCreated, create
from tests.cdk.templates import Stacks, Template
from tests.client import Client, running

pytestmark = [
    pytest.mark.timeout(300),
    # boto3 and botocore of this version still say `utcnow` and leave sockets to the collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SERVICES = (
    "cloudformation,dynamodb,dynamodbstreams,secretsmanager,kms,iam,sns,backup,lambda,logs,ssm,ecr,ec2,elbv2,ecs,s3,"
    "wafv2,cloudwatch,events,ses,sesv2,application-autoscaling,sts,acm,route53,synthetics"
)
ORDER = ("notices", "network", "images", "dns", "mail", "data", "secrets", "service", "edge", "observability")
PAGE = Path(__file__).parents[2] / "docs" / "infrastructure.md"


class Cloud:
    """An emulated region."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.engine.endpoint,
            region_name="us-east-1",
            aws_access_key_id="emulated",
            aws_secret_access_key="emulated",
        )


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    engine = start_ministack(services=SERVICES)
    yield Cloud(engine)
    engine.stop()


@pytest.fixture(scope="module")
def created(cloud: Cloud, stages: dict[str, Stacks]) -> dict[str, dict[str, str] | str]:
    """Each stack of production: what was left out of it, or why it could not be made."""
    zone = cloud.client("route53").create_hosted_zone(Name="brutalpatches.com", CallerReference="emulated")
    zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
    cloud.client("s3").create_bucket(Bucket="templates")
    for name, value in (("/cdk-bootstrap/hnb659fds/version", "30"), ("/brutal-patches/prod/zone-id", zone_id)):
        cloud.client("ssm").put_parameter(Name=name, Value=value, Type="String")
    results: dict[str, dict[str, str] | str] = {}
    for concern in ORDER:
        parameters = {"ImageTag": "v1"} if concern == "service" else {}
        try:
            results[concern] = create(cloud, f"brutal-patches-prod-{concern}", stages["prod"][concern], parameters)
        except Exception as fault:
            results[concern] = f"not created: {type(fault).__name__}: {str(fault)[-300:]}"
    return results


def test_templates_are_created(created: dict[str, dict[str, str] | str], stages: dict[str, Stacks]) -> None:
    """Whole but for what the emulator refuses: that is printed (`pytest -s`), and the page tells just that."""
    rows = []
    for concern, result in created.items():
        assert not isinstance(result, str), f"{concern}: {result}"
        total = len(stages["prod"][concern].resources)
        for name, why in result.items():
            print(f"{concern}: without {name} ({why})")
        rows.append(f"| {concern} | {total - len(result)} of {total} | {refused(result)} |")
        print(rows[-1])
    assert "\n".join(rows) in PAGE.read_text()


def refused(left_out: dict[str, str]) -> str:
    """What was left out, by kind and why, with how many there are of each."""
    reasons = {"metric math": " by metric math", "refers to": ", which refers to one of these", "Export": ""}
    kinds: Counter[str] = Counter()
    for why in left_out.values():
        kind = re.split(r"[:,] ", why)[0].removeprefix("AWS::")
        kinds[f"`{kind}`{next((told for word, told in reasons.items() if word in why), '')}"] += 1
    return ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))


async def test_the_service_runs_on_tables_so_created(created: dict[str, Any], cloud: Cloud) -> None:
    """Registration, a patch, a login: on tables that CloudFormation made from production's template."""
    assert "data" in created
    settings = read_settings(
        {
            "APP_ENV": "test",
            "DYNAMODB_ENDPOINT_URL": cloud.engine.endpoint,
            "DYNAMODB_TABLE_PREFIX": "BrutalPatches-prod",
            "RATE_LIMIT_MAX": "1000000",
        }
    )
    async with running(settings) as service:
        ada = await Client(service).register("ada")
        patch = await ada.create("Deployed")
        read = await Client(service).get(f"/api/patches/{patch['id']}")
        assert (200, "Deployed") == (read.status_code, read.json()["title"])
        again = await ada.log_in("ada")
        assert again.tokens["access_token"]


def test_the_key_rotates_where_it_is_kept(
    created: dict[str, Any], cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rotations through all four steps: the announced key signs, the old one still verifies."""
    assert "secrets" in created
    monkeypatch.setattr(rotation, "boto3", SimpleNamespace(client=cloud.client))
    monkeypatch.setattr(rotation, "restart_tasks", lambda _client: None)
    client = cloud.client("secretsmanager")
    found = client.list_secrets()["SecretList"]
    secret = next(one["Name"] for one in found if one["Name"].endswith("/jwt"))
    first = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
    assert 64 == len(first["current"])
    seen = [first]
    for _ in range(2):
        token = str(uuid.uuid4())
        for step in ("createSecret", "createSecret", "setSecret", "testSecret", "finishSecret"):
            rotation.handler({"SecretId": secret, "ClientRequestToken": token, "Step": step}, None)
        seen.append(json.loads(client.get_secret_value(SecretId=secret)["SecretString"]))
    assert [first["current"], first["current"], seen[1]["previous"]] == [one["current"] for one in seen]
    assert first["current"] == seen[2]["previous"]


def test_a_stack_that_cannot_be_made_is_a_fault(cloud: Cloud, tmp_path: Path) -> None:
    """The check itself can fail: a topic named after what nobody exports is left out, and nothing remains."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::ImportValue": "nobody"}}}
    path = tmp_path / "alone.template.json"
    path.write_text(json.dumps({"Resources": {"Alone": topic}}))
    with pytest.raises(NotCreated):
        create(cloud, "brutal-patches-alone", Template(path), {})
