"""Metrics for Prometheus."""

from typing import Protocol

from litestar import Response, get

from brutal_patches.http.given import Given
from brutal_patches.http.operations import operators


class Rendering(Protocol):
    """Whoever knows the metrics."""

    def render(self) -> bytes: ...


@get(
    "/monitoring/metrics",
    **operators("readMetrics", "Metrics in Prometheus' text format", returns=str, media_type="text/plain"),
)
async def read_metrics(metrics: Given[Rendering]) -> Response[bytes]:
    return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


MONITORING_ROUTES = [read_metrics]
