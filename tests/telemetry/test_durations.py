"""Durations are counted as the SDK would count them."""

import math
import random
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

from brutal_patches.telemetry import durations
from brutal_patches.telemetry.durations import BUCKETS, SCALE, Durations

_EDGE = 1e-9  # What floating point leaves open at a bound.
TAKEN = [random.Random(7).lognormvariate(-5, 2) for _ in range(5000)] + list(BUCKETS) + [0.0, 100.0]


def by_sdk(views: list[View]) -> Any:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], views=views)
    histogram = provider.get_meter("t").create_histogram("d", explicit_bucket_boundaries_advisory=BUCKETS)
    for each in TAKEN:
        histogram.record(each, {"route": "x"})
    data = reader.get_metrics_data()
    assert data
    (point,) = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points
    provider.shutdown()
    return point


def ours() -> Durations:
    counted = Durations("d", "", ("route",))
    for each in TAKEN:
        counted.record(each, ("x",))
    return counted


def test_fixed_buckets_are_the_sdk_s() -> None:
    """Bounds belong to the bucket below them."""
    (point,) = ours().fixed().data.data_points
    theirs = by_sdk([])
    assert list(theirs.bucket_counts) == list(point.bucket_counts)  # type: ignore[union-attr]
    assert (theirs.count, theirs.min, theirs.max) == (point.count, point.min, point.max)
    assert math.isclose(theirs.sum, point.sum)


def test_exponential_buckets_hold_what_they_say() -> None:
    """Each duration lies between its bucket's bounds; all are counted, as the SDK counts them."""
    (point,) = ours().exponential().data.data_points
    theirs = by_sdk([View(instrument_name="d", aggregation=ExponentialBucketHistogramAggregation())])
    assert theirs.count == point.count == sum(point.positive.bucket_counts)  # type: ignore[union-attr]
    base = 2 ** (2**-SCALE)
    floor = [max(each, 1e-6) for each in TAKEN]
    for index, count in enumerate(point.positive.bucket_counts, point.positive.offset):  # type: ignore[union-attr]
        low, high = base**index, base ** (index + 1)
        inside = sum(low * (1 + _EDGE) < each < high * (1 - _EDGE) for each in floor)
        assert inside <= count <= sum(low * (1 - _EDGE) <= each <= high * (1 + _EDGE) for each in floor)


def test_series_are_bounded(monkeypatch: Any) -> None:
    """What is beyond shares one."""
    monkeypatch.setattr(durations, "MAX_SERIES", 3)
    counted = Durations("d", "", ("route",))
    for number in range(10):
        counted.record(0.1, (str(number),))
    points = {point.attributes["route"]: point.count for point in counted.fixed().data.data_points}  # type: ignore
    assert {"0": 1, "1": 1, "2": 1, "other": 7} == points
