"""The floor of each stage's bill: what its templates hold, times list prices for a month of 730 hours.

`python -m cdk.costs` prints the table that docs/runbook.md has. What grows with use is not in it. Prices change: they
are those of one region, written down in one month, and are to be checked against AWS's price list before they decide
anything.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from brutal_patches.telemetry.names import METRICS
from cdk.app import build
from cdk.config import STAGES, Stage

HOURS = 730
REGION, WRITTEN_DOWN = "us-east-1", "November 2026"
PRICES = {
    "tasks, at least": (0.03238 + 2 * 0.00356) * HOURS,
    "half tasks, at least": (0.03238 + 2 * 0.00356) * HOURS / 2,
    "load balancer": 0.0225 * HOURS,
    "public addresses": 0.005 * HOURS,
    "NAT gateways": 0.045 * HOURS,
    "interface endpoints, by zone": 0.01 * HOURS,
    "firewall": 5.0,
    "firewall rules": 1.0,
    "secrets and their replicas": 0.4,
    "own keys": 1.0,
    "metrics of the service, at least": 0.3,
    "metrics with alarms": 0.1,
    "composite alarms": 0.5,
    "rankings of addresses": 0.5,
    "dashboards": 3.0,
    "canary": 10.5,
}
"""Each in dollars a month. A task is 1 vCPU and 2 GB on ARM, half a task half of both; spot costs less."""


def floor(stage: Stage) -> Counter[str]:
    """How many there are of what has a price of its own."""
    found: Counter[str] = Counter()
    found["tasks, at least" if stage.capacity.cpu == 1024 else "half tasks, at least"] = stage.capacity.least
    # These are sent whether anybody comes or not.
    found["metrics of the service, at least"] = sum(metric.observed_by(frozenset()) for metric in METRICS.values())
    for template in (stack.template for stack in build(stage, checked=False).synth().stacks_recursively):
        for kind, properties in _resources(template):
            found.update(_priced(kind, properties, len(stage.zones)))
    return found


def _resources(template: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in template.get("Resources", {}).values():
        yield resource["Type"].removeprefix("AWS::"), resource.get("Properties", {})


def _priced(kind: str, properties: dict[str, Any], zones: int) -> dict[str, int]:
    match kind:
        case "ElasticLoadBalancingV2::LoadBalancer":
            return {"load balancer": 1, "public addresses": zones}
        case "EC2::NatGateway":
            return {"NAT gateways": 1, "public addresses": 1}
        case "EC2::VPCEndpoint" if properties.get("VpcEndpointType") == "Interface":
            return {"interface endpoints, by zone": zones}
        case "WAFv2::WebACL":
            return {"firewall": 1, "firewall rules": len(properties["Rules"])}
        case "SecretsManager::Secret":
            return {"secrets and their replicas": 1 + len(properties.get("ReplicaRegions", ()))}
        case "KMS::Key":
            return {"own keys": 1}
        case "CloudWatch::Alarm":
            return {"metrics with alarms": sum("MetricStat" in each for each in properties.get("Metrics", ())) or 1}
        case "CloudWatch::CompositeAlarm":
            return {"composite alarms": 1}
        case "CloudWatch::InsightRule":
            return {"rankings of addresses": 1}
        case "CloudWatch::Dashboard":
            return {"dashboards": 1}
        case "Synthetics::Canary":
            return {"canary": 1}
    return {}


def table() -> str:
    """The floors of all stages, in Markdown."""
    floors = {name: floor(stage) for name, stage in STAGES.items()}
    lines = [f"| | each | {' | '.join(floors)} |", f"|---|---|{'---|' * len(floors)}"]
    for what, price in PRICES.items():
        cells = [f"{found[what]}: ${found[what] * price:.2f}" if found[what] else "" for found in floors.values()]
        lines.append(f"| {what} | ${price:.2f} | {' | '.join(cells)} |")
    sums = [sum(PRICES[what] * count for what, count in found.items()) for found in floors.values()]
    return "\n".join([*lines, f"| **floor per month** | | {' | '.join(f'**${total:.2f}**' for total in sums)} |"])


if __name__ == "__main__":
    print(table())
