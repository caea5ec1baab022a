"""Subnets and the ways out of them."""

import re
from pathlib import Path
from typing import Any

import cdk.config
from cdk.config import STAGES
from cdk.costs import PRICES
from tests.cdk.templates import Stacks, flat


def test_each_zone_has_a_public_and_a_private_subnet(stages: dict[str, Stacks]) -> None:
    """Two zones in dev and staging, three in production."""
    assert [2, 2, 3] == [len(STAGES[name].zones) for name in stages]
    for name, stacks in stages.items():
        subnets = stacks["network"].of("EC2::Subnet")
        kinds = [(subnet["AvailabilityZone"], _tag(subnet, "aws-cdk:subnet-name")) for subnet in subnets]
        assert sorted((zone, kind) for zone in STAGES[name].zones for kind in ("private", "public")) == sorted(kinds)


def _tag(found: dict[str, Any], key: str) -> str:
    return next(str(tag["Value"]) for tag in found["Tags"] if tag["Key"] == key)


def test_each_choice_says_what_it_costs_in_a_month() -> None:
    """Beside the choice, and as the table of costs has it."""
    text = Path(cdk.config.__file__).read_text()
    for what in ("NAT gateways", "interface endpoints, by zone", "canary", "tasks, at least", "half tasks, at least"):
        assert f"${PRICES[what]:.2f}" in text, what
    told = {float(price) for price in re.findall(r"\$(\d+\.\d\d)\b(?! (?:a GB|for 10,000))", text)}
    assert {price for price in told if price > 0.03} <= {round(price, 2) for price in PRICES.values()}


def test_nothing_gets_a_public_address_by_itself(stacks: Stacks) -> None:
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in stacks["network"].of("EC2::Subnet"))


def test_production_has_no_way_to_the_internet(prod: Stacks) -> None:
    """Its private subnets know AWS's endpoints and nothing else."""
    network = prod["network"]
    assert [] == network.of("EC2::NatGateway")
    routes = [route for route in network.of("EC2::Route") if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
    assert 3 == len(routes)
    assert all("public" in str(route["RouteTableId"]) and "GatewayId" in route for route in routes)


def test_production_reaches_what_a_task_needs(prod: Stacks) -> None:
    """Images, logs, secrets, parameters, traces, mail; private names, HTTPS from inside only."""
    endpoints = [one for one in prod["network"].of("EC2::VPCEndpoint") if one["VpcEndpointType"] == "Interface"]
    names = {flat(one["ServiceName"]).removeprefix("com.amazonaws.us-east-1.") for one in endpoints}
    assert {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "xray", "email"} == names
    assert all(one["PrivateDnsEnabled"] and len(one["SubnetIds"]) == 3 for one in endpoints)
    (group,) = prod["network"].of("EC2::SecurityGroup")
    assert ["10.30.0.0/16"] == [rule["CidrIp"] for rule in group["SecurityGroupIngress"]]


def test_other_stages_go_out_through_one_gateway(dev: Stacks, staging: Stacks) -> None:
    for stacks in (dev, staging):
        assert 1 == len(stacks["network"].of("EC2::NatGateway"))
        kinds = {one["VpcEndpointType"] for one in stacks["network"].of("EC2::VPCEndpoint")}
        assert {"Gateway"} == kinds


def test_tables_and_layers_are_reached_by_gateway_endpoints(stacks: Stacks) -> None:
    """Free of charge, on every route table of the private subnets."""
    gateways = [one for one in stacks["network"].of("EC2::VPCEndpoint") if one["VpcEndpointType"] == "Gateway"]
    assert {"dynamodb", "s3"} == {flat(one["ServiceName"]).rpartition(".")[2] for one in gateways}
    private = len(stacks["network"].of("EC2::Subnet")) // 2
    assert all(len(one["RouteTableIds"]) == private for one in gateways)


def test_refused_connections_are_logged(stacks: Stacks) -> None:
    assert "REJECT" == stacks["network"].only("EC2::FlowLog")["TrafficType"]
    assert stacks["network"].only("Logs::LogGroup")["RetentionInDays"]
