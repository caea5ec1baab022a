"""The service: its cluster, tasks, load balancer, deployments and scaling."""

from typing import Any

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk import metrics
from cdk.balancer import Balancer
from cdk.config import PORT, Stage
from cdk.dns import point_to
from cdk.images import ImagesStack
from cdk.network import NetworkStack
from cdk.resources import Resources
from cdk.scaling import BACK_SECONDS, OUT_SECONDS, track_requests
from cdk.stack import StageStack, accept
from cdk.task import Task


class ServiceStack(StageStack):
    """Everything a deployment changes, and what watches it while it does."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        network: NetworkStack,
        images: ImagesStack,
        uses: Resources,
        certificate: acm.ICertificate | None,
    ) -> None:
        super().__init__(scope, stage, "service", "tasks behind a load balancer")
        self.front = Balancer(self, stage, network, certificate)
        self.balancer = self.front.resource
        self.public_url = (
            f"https://{stage.domain.name}" if stage.domain else f"http://{self.balancer.load_balancer_dns_name}"
        )
        self.task = Task(self, stage, images, uses, self.public_url)
        self.cluster = _cluster(self, stage, network)
        self.service = self._service(stage, network)
        self._watch_deployments(stage)
        self._scale(stage)
        if stage.domain and stage.domain.address == "stack":
            point_to(self, stage, stage.domain, self.balancer)
        CfnOutput(self, "PublicUrl", value=self.public_url)
        CfnOutput(self, "LoadBalancer", value=self.balancer.load_balancer_dns_name)

    def _service(self, stage: Stage, network: NetworkStack) -> ecs.FargateService:
        group = _task_group(self, network, self.front.group)
        service = ecs.FargateService(
            self,
            "Service",
            service_name=stage.service,
            cluster=self.cluster,
            task_definition=self.task.definition,
            vpc_subnets=network.private,
            security_groups=[group],
            assign_public_ip=False,
            platform_version=ecs.FargatePlatformVersion.VERSION1_4,
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(
                    capacity_provider="FARGATE_SPOT" if stage.capacity.spot else "FARGATE", weight=1
                )
            ],
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            # New tasks are ready before old ones go.
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            # The catalogue is loaded before a task is ready.
            health_check_grace_period=Duration.seconds(120),
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            **_strategy(stage),
        )
        service.node.add_dependency(self.front.listener)
        target = service.load_balancer_target(
            container_name="api", container_port=PORT, alternate_target=_alternate(self, self.front)
        )
        target.attach_to_application_target_group(self.front.targets[0])
        return service

    def _watch_deployments(self, stage: Stage) -> None:
        """A deployment that makes the service slow or wrong is rolled back by ECS itself."""
        minute = Duration.minutes(1)
        watched: dict[str, tuple[cloudwatch.IMetric, float, str]] = {
            "errors": (metrics.error_percent(self.balancer, minute), 5, "More than 5 % of requests fail."),
            "latency": (metrics.latency(self.balancer, minute), 2, "p95 is above 2 s."),
        }
        alarms: list[cloudwatch.Alarm] = []
        for name, (metric, threshold, meaning) in watched.items():
            alarm = cloudwatch.Alarm(
                self,
                f"Deployment{name.title()}",
                alarm_name=stage.names.alarm(f"deployment-{name}"),
                alarm_description=f"{meaning} A deployment in progress is rolled back.",
                metric=metric,
                threshold=threshold,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarms.append(alarm)
            self.service.node.add_dependency(alarm)
        self.service.enable_deployment_alarms(
            [alarm.alarm_name for alarm in alarms], behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
        )

    def _scale(self, stage: Stage) -> None:
        """By load, between bounds, and never below the floors that the clock sets."""
        capacity = stage.capacity
        scaling = self.service.auto_scale_task_count(min_capacity=capacity.least, max_capacity=capacity.most)
        # Out at once, in slowly: a task that is gone has to load the catalogue again when it comes back.
        out, back = Duration.seconds(OUT_SECONDS), Duration.seconds(BACK_SECONDS)
        scaling.scale_on_cpu_utilization(
            "Cpu", target_utilization_percent=60, scale_out_cooldown=out, scale_in_cooldown=back
        )
        if len(self.front.targets) == 1:
            scaling.scale_on_request_count(
                "Requests",
                requests_per_target=capacity.requests_per_minute,
                target_group=self.front.targets[0],
                scale_out_cooldown=out,
                scale_in_cooldown=back,
            )
        else:
            per_task = metrics.requests_per_task(stage, self.balancer)
            track_requests(scaling, stage, per_task, capacity.requests_per_minute)
        for floor in capacity.floors:
            scaling.scale_on_schedule(
                f"Floor{floor.name.title()}",
                schedule=autoscaling.Schedule.cron(minute="0", hour=floor.hour, week_day=floor.week_day),
                min_capacity=floor.tasks,
                max_capacity=capacity.most,
            )


def _cluster(scope: Construct, stage: Stage, network: NetworkStack) -> ecs.Cluster:
    return ecs.Cluster(
        scope,
        "Cluster",
        cluster_name=stage.cluster,
        vpc=network.vpc,
        container_insights_v2=ecs.ContainerInsights.ENABLED,
        enable_fargate_capacity_providers=True,
    )


def _task_group(scope: Construct, network: NetworkStack, front: ec2.SecurityGroup) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        scope,
        "TaskGroup",
        vpc=network.vpc,
        description="Tasks, reached by the load balancer alone",
        allow_all_outbound=False,
    )
    # Gateway endpoints have public addresses, so the rule is wide; the route table says where it leads.
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "HTTPS to AWS")
    group.add_ingress_rule(front, ec2.Port.tcp(PORT), "Requests from the load balancer")
    front.add_egress_rule(group, ec2.Port.tcp(PORT), "Requests to tasks")
    return group


def _strategy(stage: Stage) -> dict[str, Any]:
    """Task by task, or a tenth of the requests for five minutes and then all of them."""
    if stage.deployment == "rolling":
        return {}
    return {
        "deployment_strategy": ecs.DeploymentStrategy.CANARY,
        "canary_configuration": ecs.TrafficShiftConfig(step_percent=10, step_bake_time=Duration.minutes(5)),
        "bake_time": Duration.minutes(5),
    }


def _alternate(scope: Construct, front: Balancer) -> ecs.IAlternateTarget | None:
    """The second target group, and the role with which ECS moves the weights between the two."""
    if front.rule is None:
        return None
    role = iam.Role(
        scope,
        "ShiftRole",
        description="Moves requests between target groups during a deployment",
        assumed_by=iam.ServicePrincipal("ecs.amazonaws.com"),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name("AmazonECSInfrastructureRolePolicyForLoadBalancers")
        ],
    )
    accept(
        role,
        "ECS's own policy for shifting requests follows what its deployments need.",
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers]",
    )
    return ecs.AlternateTarget(
        "Alternate",
        alternate_target_group=front.targets[1],
        production_listener=ecs.ListenerRuleConfiguration.application_listener_rule(front.rule),
        role=role,
    )
