"""The load balancer: who may reach it, what it refuses, and when it thinks a task is well."""

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from cdk.buckets import record_bucket
from cdk.config import PORT, Stage
from cdk.network import NetworkStack
from cdk.stack import accept


class Balancer(Construct):
    """A load balancer and the target groups of the service: two where deployments shift requests between them."""

    def __init__(
        self, scope: Construct, stage: Stage, network: NetworkStack, certificate: acm.ICertificate | None
    ) -> None:
        super().__init__(scope, "Balancer")
        self.group = _group(self, network, secure=certificate is not None)
        self.resource = self._balancer(stage, network)
        self.targets = [_targets(self, "Targets", network.vpc)]
        if stage.deployment == "canary":
            self.targets.append(_targets(self, "AlternateTargets", network.vpc))
        self.listener = self._listen(certificate)
        self.rule = self._weigh() if stage.deployment == "canary" else None

    def _balancer(self, stage: Stage, network: NetworkStack) -> elb.ApplicationLoadBalancer:
        balancer = elb.ApplicationLoadBalancer(
            self,
            "Resource",
            load_balancer_name=stage.prefix,
            vpc=network.vpc,
            internet_facing=True,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            security_group=self.group,
            http2_enabled=True,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elb.DesyncMitigationMode.STRICTEST,
            # The service keeps idle connections for 75 s, so it is never the one to close first.
            idle_timeout=Duration.seconds(60),
            deletion_protection=stage.protected,
        )
        logs = record_bucket(self, "Logs", stage)
        balancer.log_access_logs(logs, "requests")
        balancer.log_connection_logs(logs, "connections")
        return balancer

    def _listen(self, certificate: acm.ICertificate | None) -> elb.ApplicationListener:
        """Over TLS, plain HTTP only pointing there; a stage without a name has plain HTTP alone."""
        forward = elb.ListenerAction.forward([self.targets[0]])
        if certificate is None:
            return self.resource.add_listener("Http", port=80, open=False, default_action=forward)
        self.resource.add_listener(
            "Http",
            port=80,
            open=False,
            default_action=elb.ListenerAction.redirect(protocol="HTTPS", port="443", permanent=True),
        )
        return self.resource.add_listener(
            "Https",
            port=443,
            open=False,
            certificates=[certificate],
            # TLS 1.3 and 1.2, forward secrecy only.
            ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
            default_action=forward,
        )

    def _weigh(self) -> elb.ApplicationListenerRule:
        """The rule whose weights ECS moves; a deployment of this stack leaves the weights alone."""
        stable, alternate = self.targets
        return elb.ApplicationListenerRule(
            self,
            "Weights",
            listener=self.listener,
            priority=1,
            conditions=[elb.ListenerCondition.path_patterns(["/*"])],
            action=elb.ListenerAction.weighted_forward(
                [
                    elb.WeightedTargetGroup(target_group=stable, weight=100),
                    elb.WeightedTargetGroup(target_group=alternate, weight=0),
                ]
            ),
        )


def _group(scope: Construct, network: NetworkStack, *, secure: bool) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        scope,
        "Group",
        vpc=network.vpc,
        description="The load balancer, open to everybody",
        allow_all_outbound=False,
    )
    group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80), "HTTP from anywhere")
    if secure:
        group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "HTTPS from anywhere")
    accept(group, "The public API is for everybody; the firewall before it knows rates and blocked addresses.", "EC23")
    return group


def _targets(scope: Construct, construct_id: str, vpc: ec2.IVpc) -> elb.ApplicationTargetGroup:
    return elb.ApplicationTargetGroup(
        scope,
        construct_id,
        vpc=vpc,
        port=PORT,
        protocol=elb.ApplicationProtocol.HTTP,
        target_type=elb.TargetType.IP,
        # Readiness fails for 15 s before a task closes its listener: two checks of 5 s fit into that.
        health_check=elb.HealthCheck(
            path="/health/ready",
            healthy_http_codes="200",
            interval=Duration.seconds(5),
            timeout=Duration.seconds(3),
            healthy_threshold_count=2,
            unhealthy_threshold_count=2,
        ),
        # Requests in flight get 20 s from the service; the rest of the time is for the load balancer to notice.
        deregistration_delay=Duration.seconds(30),
        # A new task warms its caches and connections before it gets its full share.
        slow_start=Duration.seconds(30),
    )
