"""The stage's name: its certificate, and the record that leads to the load balancer."""

from aws_cdk import CfnParameter
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from cdk.config import Domain, Stage
from cdk.stack import StageStack


class DnsStack(StageStack):
    """Only for stages with a domain; the zone itself is older than this app and is not its to delete."""

    def __init__(self, scope: Construct, stage: Stage, domain: Domain) -> None:
        super().__init__(scope, stage, "dns", "the certificate of the public name")
        self.certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=domain.name,
            validation=acm.CertificateValidation.from_dns(hosted_zone(self, stage, domain.zone)),
        )


def hosted_zone(scope: Construct, stage: Stage, name: str) -> route53.IHostedZone:
    """The zone, whose id an operator puts into SSM once: `/brutal-patches/STAGE/zone-id`."""
    zone_id = CfnParameter(
        scope,
        "ZoneId",
        type="AWS::SSM::Parameter::Value<String>",
        default=f"{stage.path}/zone-id",
        description=f"SSM parameter with the id of the zone {name}",
    )
    return route53.HostedZone.from_hosted_zone_attributes(
        scope, "Zone", hosted_zone_id=zone_id.value_as_string, zone_name=name
    )


def point_to(scope: Construct, stage: Stage, domain: Domain, balancer: elb.ApplicationLoadBalancer) -> None:
    """Lead the public name to the load balancer."""
    route53.ARecord(
        scope,
        "Address",
        zone=hosted_zone(scope, stage, domain.zone),
        record_name=f"{domain.name}.",
        target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(balancer)),
    )
