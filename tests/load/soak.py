"""Load that does not wait for answers, and what becomes of latency, memory and errors: `make soak`.

Everything runs on the loopback and stops by itself. Seconds of each phase: SOAK_SECONDS (120). The service has a core
of its own, as a task of production has; the engine and those who make the load share the others.
"""

import asyncio
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from bench.loading import load
from brutal_patches.cli.engine import start_dynamodb_local
from brutal_patches.settings import read_settings
from tests.cli.test_serving import free_port, of, process
from tests.load.phases import Phase, drive, recovered
from tests.load.sampling import Quantiles

PAGE = Path("build") / "soak.json"
PATCHES = 5000
RATE = 300
# Requests a second: ten from each of 200 addresses, which the limit of an address lets through; and about three times
# what one core can ask storage for.
FLOOD = 2000
OVERLOAD = 1500
# Everything as in production, but for the limit of an address: the load comes from one, except for the flood.
PRODUCTION = {
    "APP_ENV": "production",
    "JWT_SECRET": "a secret of the soak only, of thirty-two bytes and more",
    "OPS_TOKEN": "a token of the soak only, of thirty-two bytes and more",
    "PUBLIC_URL": "https://example.com",
    "TRUSTED_PROXIES": "127.0.0.0/8",
    "DRAIN_SECONDS": "0",
    "LOG_LEVEL": "error",
}


def phases(
    seconds: int,
    patches: int = PATCHES,
    rate: int = RATE,
    flood: int = FLOOD,
    overload: int = OVERLOAD,
    **environment: str,
) -> dict[str, Phase | float]:
    """All phases, one after the other, on one process of the service with this `environment` besides."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    first, *others = sorted(os.sched_getaffinity(0))
    with ExitStack() as stack:
        with on_cores(others or [first]):
            engine = start_dynamodb_local()
            stack.callback(engine.stop)
        settings = read_settings({"DYNAMODB_ENDPOINT_URL": engine.endpoint, "DYNAMODB_TABLE_PREFIX": "soak"})
        asyncio.run(load(settings, patches))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with on_cores([first]):
            running = stack.enter_context(process(["serve"], of(settings, **PRODUCTION, **environment), port))
        stack.enter_context(on_cores(others or [first]))
        # What is printed is read, or lines would be dropped for want of a reader.
        threading.Thread(target=lambda: list(running.stdout or ()), daemon=True).start()
        found: dict[str, Phase | float] = {}

        def phase(name: str, length: int, **what: int) -> None:
            found[name] = drive(uv, running.pid, url, length, **what)

        short = max(2, seconds // 4)
        phase("warm-up", short, RATE=rate, PATCHES=patches)
        phase("soak", seconds, RATE=rate, PATCHES=patches)
        phase("quiet", short)
        phase("login flood", short, FLOOD=flood)
        phase("quiet again", short)
        phase("overload", short, OVERLOAD=overload, USERS=400)
        found["seconds until quick again"] = round(recovered(url), 2)
        return found


@contextmanager
def on_cores(cores: list[int]) -> Iterator[None]:
    """What is started in here runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def growth(memory: list[float]) -> float:
    """How much larger the last tenth of the samples is than the first, in MB."""
    tenth = max(1, len(memory) // 10)
    return round(sum(memory[-tenth:]) / tenth - sum(memory[:tenth]) / tenth, 1)


def report(found: dict[str, Phase | float]) -> str:
    """A table for people."""
    lines = [
        "phase | requests | all p50/p95/p99 ms | patch p50/p95/p99 | own list p99 | newcomer p99 | 503"
        " | visitor's 503 p99 | wrong | unanswered | memory MB",
        " | ".join(["---"] * 11),
    ]
    for name, phase in found.items():
        if isinstance(phase, Phase):
            lines.append(
                f"{name} | {phase.requests} | {_three(phase.all)} | {_three(phase.reads)} | {phase.own['p(99)']}"
                f" | {phase.newcomers['p(99)']} | {phase.shed} | {phase.refused['p(99)']} | {phase.wrong}"
                f" | {phase.unanswered} | {phase.memory[0]} to {phase.memory[-1]} ({growth(phase.memory):+})"
            )
    quiet, flood = found["quiet"], found["login flood"]
    if isinstance(quiet, Phase) and isinstance(flood, Phase):
        ratio = flood.reads["p(99)"] / max(quiet.reads["p(99)"], 0.1)
        lines.append(f"\nReads beside a login flood: p99 is {ratio:.1f} times that of a quiet service.")
    lines.append(f"After the overload: quick again in {found['seconds until quick again']} s.")
    return "\n".join(lines)


def _three(times: Quantiles) -> str:
    return "/".join(str(times[each]) for each in ("p(50)", "p(95)", "p(99)"))


def main() -> None:
    # Nobody else wants the service's core, as in a task.
    found = phases(int(os.environ.get("SOAK_SECONDS", "120")), HASHING_PRIORITY="idle")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(json.dumps(msgspec.to_builtins(found), indent=1))
    sys.stdout.write(report(found) + "\n")
    if any(isinstance(phase, Phase) and phase.wrong for phase in found.values()):
        sys.exit("Some answers were wrong.")


if __name__ == "__main__":
    main()
