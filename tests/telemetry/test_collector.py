"""The collector's configurations: strictly read, made of what the distribution has, and the same in both places."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from brutal_patches.telemetry.names import METRICS, NAMESPACE, STAGE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docker" / "collector"
# The built-in components in the README of aws-observability/aws-otel-collector, by their names in a configuration.
ADOT = {
    "receivers": {"prometheus", "otlp", "awsecscontainermetrics", "awsxray", "statsd", "zipkin", "jaeger"},
    "processors": {
        *("attributes", "resource", "batch", "memory_limiter", "probabilistic_sampler", "metricstransform", "span"),
        *("filter", "resourcedetection", "experimental_metricsgeneration", "cumulativetodelta", "deltatorate"),
    },
    "exporters": {
        *("awsxray", "awsemf", "prometheusremotewrite", "logging", "otlp", "file", "otlphttp", "prometheus", "datadog"),
    },
    "extensions": {"health_check", "pprof", "zpages", "ecs_observer", "awsproxy", "sigv4auth"},
}
# What each component that we use may be told, after its README: a misspelt key would keep the collector from starting.
KEYS = {
    "health_check": {"endpoint"},
    "otlp": {"protocols", "endpoint", "tls"},
    "memory_limiter": {"check_interval", "limit_mib", "spike_limit_mib"},
    "resourcedetection": {"detectors", "timeout", "override"},
    "attributes": {"actions"},
    "metricstransform": {"transforms"},
    "batch": {"timeout", "send_batch_size", "send_batch_max_size"},
    "awsxray": {"region", "indexed_attributes", "index_all_attributes"},
    "awsemf": {
        *("region", "namespace", "log_group_name", "log_stream_name", "dimension_rollup_option"),
        *("retain_initial_value_of_delta_metric", "metric_declarations"),
    },
    "file": {"path", "rotation"},
}


class Strict(yaml.SafeLoader):
    """Refuses a key that is there twice, as the collector does."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = [
        (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
        for key, value in node.value
    ]
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"twice in one mapping: {names}"
    return dict(pairs)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read(name: str) -> dict[str, Any]:
    found = yaml.load((FOLDER / name).read_text(), Strict)  # noqa: S506 - a safe loader of ours.
    assert isinstance(found, dict)
    return found


def kind(component: str) -> str:
    return component.partition("/")[0]


def faults(configuration: dict[str, Any]) -> list[str]:
    """What the collector would refuse, as far as it can be told without it."""
    found = [f"unknown section {name}" for name in configuration.keys() - {*ADOT, "service"}]
    for section, known in ADOT.items():
        for name, told in configuration.get(section, {}).items():
            if kind(name) not in known:
                found.append(f"{section}: the distribution has no {name}")
            elif wrong := set(told or {}) - KEYS[kind(name)]:
                found.append(f"{name} knows no {wrong}")
    service = configuration["service"]
    used: dict[str, set[str]] = {"extensions": set(service["extensions"])}
    for pipeline, parts in service["pipelines"].items():
        if kind(pipeline) not in {"traces", "metrics", "logs"}:
            found.append(f"unknown pipeline {pipeline}")
        for section, names in parts.items():
            used.setdefault(section, set()).update(names)
    for section in ADOT:
        declared, wanted = set(configuration.get(section, {})), used.get(section, set())
        found += [f"{section}: {name} is not declared" for name in wanted - declared]
        found += [f"{section}: {name} is used by nobody" for name in declared - wanted]
    return found


@pytest.mark.parametrize("name", ["production.yaml", "local.yaml"])
def test_a_configuration_is_what_the_distribution_reads(name: str) -> None:
    """Every component is built in, knows what it is told, is declared and used."""
    assert [] == faults(read(name))


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"exporters": {"awsxrays": {}}}, "the distribution has no awsxrays"),
        ({"processors": {"batch": {"timeuot": "1s"}}}, "batch knows no {'timeuot'}"),
        ({"receivers": {"zipkin": None}}, "receivers: zipkin is used by nobody"),
        ({"exporter": {}}, "unknown section exporter"),
    ],
)
def test_the_check_finds_mistakes(wrong: dict[str, Any], expected: str) -> None:
    """A misspelt component, key or section."""
    configuration = read("production.yaml")
    for section, parts in wrong.items():
        configuration[section] = {**configuration.get(section, {}), **parts}
    if "zipkin" in str(wrong):
        KEYS["zipkin"] = set()
    assert any(expected in fault for fault in faults(configuration))


def test_the_local_pipeline_is_production_s() -> None:
    """But for where things go, and what only AWS knows."""
    local, production = read("local.yaml")["service"], read("production.yaml")["service"]
    assert local["pipelines"].keys() == production["pipelines"].keys()
    for name, pipeline in production["pipelines"].items():
        assert pipeline["receivers"] == local["pipelines"][name]["receivers"]
        here = [each for each in pipeline["processors"] if each != "resourcedetection"]
        assert here == local["pipelines"][name]["processors"]
    assert (
        read("local.yaml")["processors"]["metricstransform"]
        == read("production.yaml")["processors"]["metricstransform"]
    )


def test_the_page_tells_what_cloudwatch_receives() -> None:
    """The namespace, and each metric with its meaning and its sets of dimensions."""
    page = (ROOT / "docs" / "observability.md").read_text()
    assert f"Namespace `{NAMESPACE}`" in page
    for name, metric in METRICS.items():
        sets = ", ".join(f"`{' + '.join((STAGE, *labels))}`" for labels in metric.dimensions)
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        assert f"| `{name}` | {metric.meaning} | {labels} | {sets} |" in page
