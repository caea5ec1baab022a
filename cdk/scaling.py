"""Scaling by requests where deployments move them between two target groups, so that no one group tells how many."""

from typing import cast

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs

from cdk.config import Stage

Policy = autoscaling.CfnScalingPolicy
OUT_SECONDS, BACK_SECONDS = 60, 300


def track_requests(
    scaling: ecs.ScalableTaskCount, stage: Stage, per_task: cloudwatch.MathExpression, target: float
) -> None:
    """Hold `per_task` at `target`. The CDK's own construct takes no expression of several metrics."""
    expression = Policy.TargetTrackingMetricDataQueryProperty(
        id="per_task", expression=per_task.expression, label=per_task.label, return_data=True
    )
    parts = [_part(name, metric.to_metric_config()) for name, metric in per_task.using_metrics.items()]
    policy = Policy(
        scaling,
        "Requests",
        policy_name="requests",
        policy_type="TargetTrackingScaling",
        service_namespace="ecs",
        resource_id=f"service/{stage.cluster}/{stage.service}",
        scalable_dimension="ecs:service:DesiredCount",
        target_tracking_scaling_policy_configuration=Policy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=target,
            scale_out_cooldown=OUT_SECONDS,
            scale_in_cooldown=BACK_SECONDS,
            customized_metric_specification=Policy.CustomizedMetricSpecificationProperty(metrics=[*parts, expression]),
        ),
    )
    # It names what it scales, so it must be told to wait for it.
    policy.node.add_dependency(scaling.node.find_child("Target"))


def _part(name: str, config: cloudwatch.MetricConfig) -> Policy.TargetTrackingMetricDataQueryProperty:
    metric = cast("cloudwatch.MetricStatConfig", config.metric_stat)
    return Policy.TargetTrackingMetricDataQueryProperty(
        id=name,
        return_data=False,
        metric_stat=Policy.TargetTrackingMetricStatProperty(
            stat=metric.statistic,
            metric=Policy.TargetTrackingMetricProperty(
                namespace=metric.namespace,
                metric_name=metric.metric_name,
                dimensions=[
                    Policy.TargetTrackingMetricDimensionProperty(name=dimension.name, value=str(dimension.value))
                    for dimension in metric.dimensions or []
                ],
            ),
        ),
    )
