"""What the service says about itself: to people, to the load balancer, and to its operators."""

import os
import platform
import resource
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import get

from brutal_patches import SERVICE, __version__
from brutal_patches.clock import Clock, monotonic, timestamp
from brutal_patches.errors import Unavailable
from brutal_patches.http.given import Given
from brutal_patches.http.operations import operators, public

type Check = Callable[[], Awaitable[Mapping[str, Any]]]


class Health(msgspec.Struct, kw_only=True):
    """Alive: nothing but this process is asked."""

    status: str
    timestamp: str
    service: str = SERVICE
    version: str = __version__
    uptime: float


class DetailedHealth(Health, kw_only=True):
    """`checks` by name, each with a `status` of `ok` or `failing`, and what this process runs on."""

    checks: dict[str, dict[str, Any]]
    system: dict[str, Any]
    environment: str


class Vitals:
    """The state of this process: since when it runs, whether it takes requests, and how to look closer."""

    def __init__(self, clock: Clock, environment: str, checks: Mapping[str, Check]) -> None:
        self._clock = clock
        self._environment = environment
        self._checks = checks
        self._born = monotonic()
        self.loaded = False
        self.draining = False

    @property
    def is_ready(self) -> bool:
        return self.loaded and not self.draining

    def health(self) -> Health:
        return Health(status="ok", timestamp=timestamp(self._clock), uptime=self._uptime())

    async def detailed(self) -> DetailedHealth:
        """Every check carried out now; one that fails makes the whole `degraded`."""
        checks = {name: await _carry_out(check) for name, check in self._checks.items()}
        fine = all(check["status"] == "ok" for check in checks.values())
        return DetailedHealth(
            status="ok" if fine else "degraded",
            timestamp=timestamp(self._clock),
            uptime=self._uptime(),
            checks=checks,
            system=_system(),
            environment=self._environment,
        )

    def _uptime(self) -> float:
        return round(monotonic() - self._born, 3)


async def _carry_out(check: Check) -> dict[str, Any]:
    started = monotonic()
    try:
        found = {"status": "ok", **await check()}
    except Unavailable as fault:
        found = {"status": "failing", "message": fault.message}
    return {**found, "milliseconds": round((monotonic() - started) * 1000, 1)}


def _system() -> dict[str, Any]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "cpuSeconds": round(time.process_time(), 2),
        "peakMemoryBytes": used.ru_maxrss * (1 if platform.system() == "Darwin" else 1024),
    }


def description() -> dict[str, Any]:
    """What the service is, and where to go next."""
    links = {"health": "/health", "documentation": "/api-docs", "latest": "/api/patches/latest"}
    return {"name": SERVICE, "version": __version__, "links": links}


@get("/health", **public("readHealth", "Whether the process is alive"))
async def read_health(vitals: Given[Vitals]) -> Health:
    return vitals.health()


@get("/health/ready", **public("readReadiness", "Whether the load balancer may send requests"))
async def read_readiness(vitals: Given[Vitals]) -> dict[str, bool]:
    if not vitals.is_ready:
        raise Unavailable("The service is starting or stopping.")
    return {"ready": True}


@get("/health/detailed", **operators("readDetailedHealth", "Every dependency, really asked"))
async def read_detailed_health(vitals: Given[Vitals]) -> DetailedHealth:
    return await vitals.detailed()


HEALTH_ROUTES = [read_health, read_readiness, read_detailed_health]
