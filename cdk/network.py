"""The network: public subnets for the load balancer alone, private ones for the tasks."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from cdk.config import Stage
from cdk.stack import StageStack, log_group

ENDPOINTS = {
    "EcrApi": ec2.InterfaceVpcEndpointAwsService.ECR,
    "EcrDocker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    "SecretsManager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "Parameters": ec2.InterfaceVpcEndpointAwsService.SSM,
    "Traces": ec2.InterfaceVpcEndpointAwsService.XRAY,
    "Mail": ec2.InterfaceVpcEndpointAwsService.EMAIL,
}
"""What a task talks to besides DynamoDB and S3. Metrics travel as log events, so they need no endpoint of their own."""


class NetworkStack(StageStack):
    """Two or three zones; the way out is a NAT gateway or nothing but AWS's own endpoints, as the stage says."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, stage, "network", "subnets and the ways out of them")
        private = ec2.SubnetType.PRIVATE_WITH_EGRESS if stage.egress == "nat" else ec2.SubnetType.PRIVATE_ISOLATED
        self.private = ec2.SubnetSelection(subnet_type=private)
        self.vpc = self._vpc(stage, private)
        self._log_refusals(stage)
        self._reach_tables_and_layers()
        if stage.egress == "endpoints":
            self._reach_services(stage)

    def _vpc(self, stage: Stage, private: ec2.SubnetType) -> ec2.Vpc:
        return ec2.Vpc(
            self,
            "Vpc",
            vpc_name=stage.prefix,
            ip_addresses=ec2.IpAddresses.cidr(stage.cidr),
            # Named rather than looked up, so that a template is the same wherever it is made.
            availability_zones=list(stage.zones),
            nat_gateways=stage.nat_gateways if stage.egress == "nat" else 0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=24,
                    # Only the load balancer and the gateways live here, and they bring their own addresses.
                    map_public_ip_on_launch=False,
                ),
                ec2.SubnetConfiguration(name="private", subnet_type=private, cidr_mask=20),
            ],
        )

    def _log_refusals(self, stage: Stage) -> None:
        """Refused connections are few and tell of probing; accepted ones are in the load balancer's log."""
        destination = ec2.FlowLogDestination.to_cloud_watch_logs(log_group(self, stage, "flows"))
        self.vpc.add_flow_log("Flows", destination=destination, traffic_type=ec2.FlowLogTrafficType.REJECT)

    def _reach_tables_and_layers(self) -> None:
        """DynamoDB, and S3 for the layers of images: both free of charge."""
        for name, service in (
            ("Tables", ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            ("Layers", ec2.GatewayVpcEndpointAwsService.S3),
        ):
            self.vpc.add_gateway_endpoint(name, service=service, subnets=[self.private])

    def _reach_services(self, stage: Stage) -> None:
        group = ec2.SecurityGroup(
            self,
            "EndpointsGroup",
            vpc=self.vpc,
            description="AWS services, from inside the network only",
            allow_all_outbound=False,
        )
        group.add_ingress_rule(ec2.Peer.ipv4(stage.cidr), ec2.Port.tcp(443), "HTTPS from the network")
        for name, service in ENDPOINTS.items():
            self.vpc.add_interface_endpoint(
                name, service=service, subnets=self.private, security_groups=[group], open=False
            )
