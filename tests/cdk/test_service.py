"""The load balancer, the tasks behind it, and how they are replaced."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cdk.config import COLLECTOR_TAG, DRAIN_SECONDS, PROD, STAGES, STOP_SECONDS
from tests.cdk.templates import Stacks, Template, flat

IN_FLIGHT_SECONDS, TELEMETRY_SECONDS = 20, 5


@pytest.fixture
def service(stacks: Stacks) -> Template:
    return stacks["service"]


def container(service: Template, name: str) -> dict[str, Any]:
    definition = service.only("ECS::TaskDefinition")
    (found,) = [one for one in definition["ContainerDefinitions"] if one["Name"] == name]
    return found


def attributes(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {one["Key"]: one["Value"] for one in found[name]}


def test_tasks_run_on_arm_without_public_addresses(service: Template) -> None:
    definition = service.only("ECS::TaskDefinition")
    assert "ARM64" == definition["RuntimePlatform"]["CpuArchitecture"]
    assert ["FARGATE"] == definition["RequiresCompatibilities"]
    network = service.only("ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert "DISABLED" == network["AssignPublicIp"]
    assert all("private" in flat(one) or "private" in str(one) for one in network["Subnets"])


@pytest.mark.parametrize("name", ["api", "collector"])
def test_containers_have_the_least_they_need(service: Template, name: str) -> None:
    """Not root, nothing writable but memory, no capabilities, and an init that reaps and hands signals on."""
    found = container(service, name)
    assert found["ReadonlyRootFilesystem"]
    assert 10000 < int(found["User"].partition(":")[0])
    parameters = found["LinuxParameters"]
    assert ({"Drop": ["ALL"]}, True) == (parameters["Capabilities"], parameters["InitProcessEnabled"])
    assert [] == found.get("MountPoints", [])
    assert "non-blocking" == found["LogConfiguration"]["Options"]["mode"]


def test_scratch_is_memory_that_whoever_runs_may_write(service: Template) -> None:
    """A volume of Fargate's would be root's alone; the same place and size as in docker-compose.yml."""
    compose = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
    (place,) = compose["x-service"]["tmpfs"]
    (found,) = container(service, "api")["LinuxParameters"]["Tmpfs"]
    assert place.startswith(f"{found['ContainerPath']}:size={found['Size']}m,")
    assert {"nosuid", "nodev", "noexec"} == set(found["MountOptions"])
    assert "Tmpfs" not in container(service, "collector")["LinuxParameters"]
    assert [] == service.only("ECS::TaskDefinition").get("Volumes", [])


def test_the_collector_is_adot_from_our_own_registry(service: Template) -> None:
    """At one release, configured by a parameter, known to the service on the loopback."""
    found = container(service, "collector")
    assert found["Image"]["Fn::Join"][1][-1].endswith(f":{COLLECTOR_TAG}")
    assert "ImportValue" in str(found["Image"])
    assert ["AOT_CONFIG_CONTENT"] == [one["Name"] for one in found["Secrets"]]
    told = {one["Name"]: one["Value"] for one in container(service, "api")["Environment"]}
    assert "http://127.0.0.1:4317" == told["OTEL_EXPORTER_OTLP_ENDPOINT"]


def test_only_dev_is_on_spot(stages: dict[str, Stacks]) -> None:
    """A task that AWS may take away at two minutes' notice is for those who can wait."""
    for name, stacks in stages.items():
        (strategy,) = stacks["service"].only("ECS::Service")["CapacityProviderStrategy"]
        assert ("FARGATE_SPOT" if name == "dev" else "FARGATE") == strategy["CapacityProvider"]
        assert not stacks["service"].only("ECS::Service")["EnableExecuteCommand"]


def test_the_service_outlives_its_collector_s_failures(service: Template) -> None:
    """Losing telemetry never loses a request; the collector is the first to start and the last to stop."""
    collector, api = container(service, "collector"), container(service, "api")
    assert (False, {"Enabled": True}) == (collector["Essential"], collector["RestartPolicy"])
    assert api["Essential"]
    assert [{"ContainerName": "collector", "Condition": "START"}] == api["DependsOn"]


def test_secrets_and_parameters_are_not_in_the_definition(service: Template) -> None:
    """Only where they are: two keys and the token in Secrets Manager, what operators turn in SSM."""
    found = {one["Name"]: str(one["ValueFrom"]) for one in container(service, "api")["Secrets"]}
    turned = {"DYNAMODB_TABLE_PREFIX", "LOG_LEVEL", "TRACE_RATIO", "RATE_LIMIT_MAX"}
    assert {"JWT_SECRET", "JWT_PREVIOUS_SECRET", "OPS_TOKEN", *turned} == set(found)
    assert ":current::" in found["JWT_SECRET"]
    assert ":previous::" in found["JWT_PREVIOUS_SECRET"]
    assert all("parameter" in found[name] for name in turned)
    assert set(found).isdisjoint(one["Name"] for one in container(service, "api")["Environment"])


def test_the_image_is_named_by_the_deployment(service: Template) -> None:
    """From our own registry, by a tag without a default; tags never move."""
    assert "Default" not in service.body["Parameters"]["ImageTag"]
    assert {"Ref": "ImageTag"} == container(service, "api")["Image"]["Fn::Join"][1][-1]


def test_images_cannot_be_overwritten(stacks: Stacks) -> None:
    for registry in stacks["images"].of("ECR::Repository"):
        assert "IMMUTABLE" == registry["ImageTagMutability"]
        assert registry["ImageScanningConfiguration"]["ScanOnPush"]


def test_liveness_and_readiness_ask_different_questions(service: Template) -> None:
    """ECS restarts what is dead; the load balancer avoids what is not ready."""
    assert "/health'" in container(service, "api")["HealthCheck"]["Command"][-1]
    for group in service.of("ElasticLoadBalancingV2::TargetGroup"):
        assert ("/health/ready", "200") == (group["HealthCheckPath"], group["Matcher"]["HttpCode"])


def test_the_times_of_a_shutdown_fit_into_each_other(service: Template) -> None:
    """Noticed before the listener closes, in flight before deregistration ends, everything before the kill."""
    for group in service.of("ElasticLoadBalancingV2::TargetGroup"):
        noticed = group["HealthCheckIntervalSeconds"] * group["UnhealthyThresholdCount"]
        assert noticed + group["HealthCheckTimeoutSeconds"] <= DRAIN_SECONDS
        found = attributes(group, "TargetGroupAttributes")
        assert int(found["deregistration_delay.timeout_seconds"]) >= IN_FLIGHT_SECONDS
        assert "30" == found["slow_start.duration_seconds"]
    assert STOP_SECONDS == container(service, "api")["StopTimeout"] <= 120
    assert DRAIN_SECONDS + IN_FLIGHT_SECONDS + TELEMETRY_SECONDS < STOP_SECONDS


def test_the_load_balancer_is_strict(stages: dict[str, Stacks]) -> None:
    """HTTP/2, no invalid headers, no ambiguous requests, logged, and protected in production."""
    for name, stacks in stages.items():
        service = stacks["service"]
        found = attributes(service.only("ElasticLoadBalancingV2::LoadBalancer"), "LoadBalancerAttributes")
        assert "true" == found["routing.http2.enabled"]
        assert "true" == found["routing.http.drop_invalid_header_fields.enabled"]
        assert "strictest" == found["routing.http.desync_mitigation_mode"]
        assert ("true", "true") == (found["access_logs.s3.enabled"], found["connection_logs.s3.enabled"])
        assert str(STAGES[name].protected).lower() == found["deletion_protection.enabled"]
        assert int(found["idle_timeout.timeout_seconds"]) < 75


def test_clients_speak_tls(staging: Stacks, prod: Stacks) -> None:
    """1.3 where they can, and plain HTTP leads nowhere else."""
    for stacks in (staging, prod):
        listeners = {one["Port"]: one for one in stacks["service"].of("ElasticLoadBalancingV2::Listener")}
        assert {80, 443} == set(listeners)
        assert "TLS13" in listeners[443]["SslPolicy"]
        (action,) = listeners[80]["DefaultActions"]
        assert ("redirect", "HTTPS", "HTTP_301") == (
            action["Type"],
            action["RedirectConfig"]["Protocol"],
            action["RedirectConfig"]["StatusCode"],
        )


def test_only_the_load_balancer_reaches_tasks(service: Template) -> None:
    """On their one port; what goes out is HTTPS."""
    (into,) = service.of("EC2::SecurityGroupIngress")
    assert 8000 == into["FromPort"] == into["ToPort"]
    assert "BalancerGroup" in str(into["SourceSecurityGroupId"])
    tasks = service.named("EC2::SecurityGroup", GroupDescription="Tasks, reached by the load balancer alone")
    assert "SecurityGroupIngress" not in tasks
    assert [443] == [rule["FromPort"] for rule in tasks["SecurityGroupEgress"]]


def test_deployments_never_have_fewer_tasks_and_roll_back(service: Template) -> None:
    """100 to 200 %, the circuit breaker and two alarms that exist."""
    found = service.only("ECS::Service")["DeploymentConfiguration"]
    assert (100, 200) == (found["MinimumHealthyPercent"], found["MaximumPercent"])
    assert {"Enable": True, "Rollback": True} == found["DeploymentCircuitBreaker"]
    names = [alarm["Ref"] for alarm in found["Alarms"]["AlarmNames"]]
    assert 2 == len(names)
    assert all("AWS::CloudWatch::Alarm" == service.resources[name]["Type"] for name in names)
    assert (True, True) == (found["Alarms"]["Enable"], found["Alarms"]["Rollback"])


def test_staging_deploys_by_canary_and_production_task_by_task(staging: Stacks, prod: Stacks) -> None:
    found = staging["service"].only("ECS::Service")
    assert "CANARY" == found["DeploymentConfiguration"]["Strategy"]
    assert 10 == found["DeploymentConfiguration"]["CanaryConfiguration"]["CanaryPercent"]
    assert "AlternateTargetGroupArn" in found["LoadBalancers"][0]["AdvancedConfiguration"]
    assert 2 == len(staging["service"].of("ElasticLoadBalancingV2::TargetGroup"))
    assert "Strategy" not in prod["service"].only("ECS::Service")["DeploymentConfiguration"]


def test_it_scales_by_cpu_and_requests(stages: dict[str, Stacks]) -> None:
    for name, stacks in stages.items():
        capacity, service = STAGES[name].capacity, stacks["service"]
        target = service.only("ApplicationAutoScaling::ScalableTarget")
        assert (capacity.least, capacity.most) == (target["MinCapacity"], target["MaxCapacity"])
        policies = [
            one["TargetTrackingScalingPolicyConfiguration"]
            for one in service.of("ApplicationAutoScaling::ScalingPolicy")
        ]
        wanted = {"ECSServiceAverageCPUUtilization": 60, "ALBRequestCountPerTarget": capacity.requests_per_minute}
        assert wanted == {
            one["PredefinedMetricSpecification"]["PredefinedMetricType"]
            if "PredefinedMetricSpecification" in one
            else "ALBRequestCountPerTarget": one["TargetValue"]
            for one in policies
        }
        assert {(60, 300)} == {(one["ScaleOutCooldown"], one["ScaleInCooldown"]) for one in policies}
        # A number of tasks here would undo what scaling decided, with every deployment.
        assert "DesiredCount" not in service.only("ECS::Service")


def test_staging_s_two_target_groups_are_counted_together(staging: Stacks) -> None:
    """Requests of the whole load balancer for each task that runs."""
    (found,) = [
        one["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]["Metrics"]
        for one in staging["service"].of("ApplicationAutoScaling::ScalingPolicy")
        if "CustomizedMetricSpecification" in one["TargetTrackingScalingPolicyConfiguration"]
    ]
    assert [("r/t", True)] == [(one["Expression"], one["ReturnData"]) for one in found if "Expression" in one]
    parts = {one["Id"]: one["MetricStat"] for one in found if "MetricStat" in one}
    assert {
        "r": ("AWS/ApplicationELB", "RequestCount", "Sum"),
        "t": ("ECS/ContainerInsights", "RunningTaskCount", "Average"),
    } == {name: (one["Metric"]["Namespace"], one["Metric"]["MetricName"], one["Stat"]) for name, one in parts.items()}
    names = {name: {each["Name"] for each in one["Metric"]["Dimensions"]} for name, one in parts.items()}
    assert {"r": {"LoadBalancer"}, "t": {"ClusterName", "ServiceName"}} == names


def test_production_has_more_tasks_in_the_evening(prod: Stacks) -> None:
    actions = prod["service"].only("ApplicationAutoScaling::ScalableTarget")["ScheduledActions"]
    assert {floor.tasks for floor in PROD.capacity.floors} == {
        one["ScalableTargetAction"]["MinCapacity"] for one in actions
    }
    assert all(one["Schedule"].startswith("cron(0 ") for one in actions)


def test_tasks_spread_over_zones_and_are_watched(service: Template) -> None:
    assert "ENABLED" == service.only("ECS::Service")["AvailabilityZoneRebalancing"]
    assert [{"Name": "containerInsights", "Value": "enabled"}] == service.only("ECS::Cluster")["ClusterSettings"]


def test_the_name_leads_to_the_load_balancer(prod: Stacks, dev: Stacks) -> None:
    """With a certificate; a stage without a name has neither."""
    record = prod["service"].only("Route53::RecordSet")
    assert ("api.brutalpatches.com.", "A") == (record["Name"], record["Type"])
    assert "DNS" == prod["dns"].only("CertificateManager::Certificate")["ValidationMethod"]
    assert "dns" not in dev
    assert [] == dev["service"].of("Route53::RecordSet")


def test_mail_is_signed_and_returns_are_noticed(prod: Stacks, dev: Stacks) -> None:
    identity = prod["mail"].only("SES::EmailIdentity")
    assert "bounce.brutalpatches.com" == identity["MailFromAttributes"]["MailFromDomain"]
    assert 3 == len([one for one in prod["mail"].of("Route53::RecordSet") if "CNAME" == one["Type"]])
    assert "REQUIRE" == prod["mail"].only("SES::ConfigurationSet")["DeliveryOptions"]["TlsPolicy"]
    returned = prod["mail"].only("SES::ConfigurationSetEventDestination")["EventDestination"]
    assert ["bounce", "complaint", "reject"] == returned["MatchingEventTypes"]
    assert "mail" not in dev
