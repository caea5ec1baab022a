"""Durations, counted at a thirtieth of what the SDK's histograms cost, and told to its readers as what they are.

The SDK takes a quarter of the time of an answer of the express lane. Counts are kept in both forms that readers want:
Prometheus' fixed buckets, and exponential ones for CloudWatch, which keeps no percentiles of fixed ones.
"""

import time
from bisect import bisect_right
from collections.abc import Iterable
from math import ceil, inf, log2
from threading import Lock

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Buckets,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    PeriodicExportingMetricReader,
    ResourceMetrics,
    ScopeMetrics,
)

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
MAX_SERIES = 2000
SCALE = 3
"""Eight buckets for each doubling: a percentile is wrong by four in a hundred at most."""

_PER_DOUBLING: int = 2**SCALE
_LEAST = 1e-6
_FRESH = 512

type Labels = tuple[str, ...]


class _Series:
    """What has been counted under one set of labels; `fresh` are durations that wait to be put into buckets."""

    __slots__ = ("fine", "fixed", "fresh", "least", "most", "total")

    def __init__(self) -> None:
        self.fresh: list[float] = []
        self.fixed = [0] * (len(BUCKETS) + 1)
        self.fine: dict[int, int] = {}
        self.total, self.least, self.most = 0.0, inf, 0.0

    def fold(self) -> None:
        """Put what is fresh into buckets: sorted, hundreds cost little more than one."""
        taken = sorted(self.fresh[:])
        if not taken:
            return
        del self.fresh[: len(taken)]
        below = 0
        for number, bound in enumerate((*BUCKETS, inf)):
            reached = bisect_right(taken, bound, below)
            self.fixed[number] += reached - below
            below = reached
        below, bucket = 0, _bucket(taken[0])
        while below < len(taken):
            reached = bisect_right(taken, 2.0 ** ((bucket + 1) / _PER_DOUBLING), below)
            if reached > below:
                self.fine[bucket] = self.fine.get(bucket, 0) + reached - below
            below, bucket = reached, bucket + 1
        self.total += sum(taken)
        self.least, self.most = min(self.least, taken[0]), max(self.most, taken[-1])

    def add(self, other: "_Series") -> None:
        """Take in what another has counted."""
        self.fixed = [one + two for one, two in zip(self.fixed, other.fixed, strict=True)]
        for bucket, count in other.fine.items():
            self.fine[bucket] = self.fine.get(bucket, 0) + count
        self.total += other.total
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)


def _bucket(seconds: float) -> int:
    return ceil(log2(max(seconds, _LEAST)) * _PER_DOUBLING) - 1


class Durations:
    """Durations in seconds by labels, and counts by those and `finer` ones; sets beyond the bound share one."""

    def __init__(self, name: str, told: str, labels: Labels, finer: Labels = ()) -> None:
        self.name = name
        self._told = told
        self._labels = labels
        self._all_labels = labels + finer
        self._series: dict[Labels, _Series] = {}
        self._since = time.time_ns()
        self._folding = Lock()

    def record(self, seconds: float, values: Labels) -> None:
        """Count one under these label values."""
        series = self._series.get(values)
        if series is None:
            series = self._new(values)
        fresh = series.fresh
        fresh.append(seconds)
        if len(fresh) >= _FRESH:
            with self._folding:
                series.fold()

    def _new(self, values: Labels) -> _Series:
        if len(self._series) >= MAX_SERIES:
            values = ("other",) * len(self._all_labels)
        return self._series.setdefault(values, _Series())

    def _folded(self, labels: int) -> dict[Labels, _Series]:
        """What was counted until now, by the first so many labels."""
        found: dict[Labels, _Series] = {}
        with self._folding:
            for values, series in list(self._series.items()):
                series.fold()
                found.setdefault(values[:labels], _Series()).add(series)
        return found

    def counts(self, _options: CallbackOptions) -> list[Observation]:
        """How many there were, by all labels."""
        found = self._folded(len(self._all_labels))
        return [
            Observation(sum(each.fixed), dict(zip(self._all_labels, values, strict=True)))
            for values, each in found.items()
        ]

    def fixed(self) -> Metric:
        """In Prometheus' buckets."""
        points = [
            HistogramDataPoint(
                dict(zip(self._labels, values, strict=True)),
                self._since,
                time.time_ns(),
                sum(each.fixed),
                each.total,
                each.fixed,
                BUCKETS,
                each.least,
                each.most,
            )
            for values, each in self._folded(len(self._labels)).items()
        ]
        return self._metric(Histogram(points, AggregationTemporality.CUMULATIVE))

    def exponential(self) -> Metric:
        """In buckets that grow with what is measured."""
        points = [self._exponential(values, each) for values, each in self._folded(len(self._labels)).items()]
        return self._metric(ExponentialHistogram(points, AggregationTemporality.CUMULATIVE))

    def _exponential(self, values: Labels, series: _Series) -> ExponentialHistogramDataPoint:
        first, last = min(series.fine), max(series.fine)
        return ExponentialHistogramDataPoint(
            dict(zip(self._labels, values, strict=True)),
            self._since,
            time.time_ns(),
            sum(series.fine.values()),
            series.total,
            SCALE,
            0,
            Buckets(first, [series.fine.get(bucket, 0) for bucket in range(first, last + 1)]),
            Buckets(0, []),
            0,
            series.least,
            series.most,
        )

    def _metric(self, data: Histogram | ExponentialHistogram) -> Metric:
        return Metric(self.name, self._told, "s", data)


class ScrapedWithDurations(PrometheusMetricReader):
    """Prometheus' reader, which finds durations among the rest."""

    durations: tuple[Durations, ...] = ()

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **more: object) -> None:
        super()._receive_metrics(_with(metrics_data, (each.fixed() for each in self.durations)), timeout_millis, **more)


class SentWithDurations(PeriodicExportingMetricReader):
    """The exporter's reader, which finds durations among the rest."""

    durations: tuple[Durations, ...] = ()

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **more: object) -> None:
        told = _with(metrics_data, (each.exponential() for each in self.durations))
        super()._receive_metrics(told, timeout_millis, **more)


def _with(found: MetricsData, added: Iterable[Metric]) -> MetricsData:
    """`found` with more metrics of the same service."""
    resource = found.resource_metrics[0]
    scope = resource.scope_metrics[0]
    kept = [metric for metric in added if metric.data.data_points]
    whole = ScopeMetrics(scope.scope, [*scope.metrics, *kept], scope.schema_url)
    others = resource.scope_metrics[1:]
    return MetricsData([ResourceMetrics(resource.resource, [whole, *others], resource.schema_url)])
