"""Subnets and the ways out of them."""

from tests.cdk.templates import Stacks, flat


def test_each_zone_has_a_public_and_a_private_subnet(dev: Stacks, prod: Stacks) -> None:
    """Two zones in dev, three in production."""
    assert 4 == len(dev["network"].of("EC2::Subnet"))
    assert {"us-east-1a", "us-east-1b", "us-east-1c"} == {
        subnet["AvailabilityZone"] for subnet in prod["network"].of("EC2::Subnet")
    }


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
    assert 2 == len(gateways)
    private = len(stacks["network"].of("EC2::Subnet")) // 2
    assert all(len(one["RouteTableIds"]) == private for one in gateways)


def test_refused_connections_are_logged(stacks: Stacks) -> None:
    assert "REJECT" == stacks["network"].only("EC2::FlowLog")["TrafficType"]
    assert stacks["network"].only("Logs::LogGroup")["RetentionInDays"]
