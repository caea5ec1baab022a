"""`make fuzz`: schemathesis over the whole API, by nobody, by a player and by an admin, on a real engine.

Each round has a service and tables of its own, so that lists stay short and what one caller has broken is not
what the next one meets. It ends with 0 when enough requests were made and nothing was found, with 1 on a
finding, and with 3 when the time was over too soon.
"""

import argparse
import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from brutal_patches.cli.engine import start_dynamodb_local
from brutal_patches.settings import read_settings
from brutal_patches.storage.creation import create_tables
from tests.cli.test_serving import free_port
from tests.security.fuzz.hooks import PASSWORD

CALLERS = ("", "fuzzer", "fuzzadmin")
# What a schema cannot say (whose patch, which cursor, which two fields together) is refused rightly, and what the
# present client sends in a way of its own is forgiven, so neither is a finding.
CHECKS = ("--checks", "all", "--exclude-checks", "positive_data_acceptance,negative_data_rejection")
ALL_PHASES = "examples,coverage,fuzzing,stateful"
_COUNTED = re.compile(r"Test cases:\s+(\d+) generated(?:, (\d+) found (\d+) unique failures)?")


class Outcome(NamedTuple):
    """What one run of schemathesis came to: requests made, findings, and its report where there were any."""

    cases: int
    findings: int
    report: str


@contextlib.contextmanager
def served(endpoint: str, prefix: str) -> Iterator[str]:
    """The URL of a service on tables of its own, with the callers registered."""
    port = free_port()
    environment = {
        "APP_ENV": "test",
        "DYNAMODB_ENDPOINT_URL": endpoint,
        "DYNAMODB_TABLE_PREFIX": prefix,
        "RATE_LIMIT_MAX": "10000000",
        "OPS_TOKEN": "for operators only",
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "LOG_LEVEL": "error",
        "PORT": str(port),
    }
    asyncio.run(create_tables(read_settings(environment).dynamodb))
    command = [sys.executable, "-m", "tests.security.fuzz.served"]
    with tempfile.TemporaryFile("w+") as log:
        service = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _prepare(url, environment)
            yield url
        finally:
            service.terminate()
            service.wait(30)
            log.seek(0)
            print(log.read()[-20_000:], end="")


def _prepare(url: str, environment: dict[str, str]) -> None:
    _wait(url)
    for name in CALLERS[1:]:
        sent = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        httpx.post(f"{url}/api/users/create", json=sent).raise_for_status()
    make_admin = [str(Path(sys.executable).parent / "brutal-patches"), "users", "create-admin", "fuzzadmin"]
    subprocess.run(make_admin, env={**os.environ, **environment}, check=True, capture_output=True)


def _wait(url: str) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{url}/health").raise_for_status()
            return
        time.sleep(0.1)
    raise SystemExit("The service did not start.")


def run(url: str, caller: str, examples: int, seed: int, phases: str = ALL_PHASES) -> Outcome:
    """One run over every operation by one caller."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{url}/api-docs/openapi.json"]
    command += ["--no-color", "--warnings", "off", "--generation-database", "none", "--continue-on-failure"]
    command += [*CHECKS, "--phases", phases, "-n", str(examples), "--seed", str(seed), "--workers", "2"]
    environment = {
        **os.environ,
        "FUZZ_URL": url,
        "FUZZ_CALLER": caller,
        "SCHEMATHESIS_HOOKS": "tests.security.fuzz.hooks",
        "PYTHONPATH": str(Path.cwd()),
        "COLUMNS": "160",
    }
    with tempfile.TemporaryDirectory() as folder:
        # It keeps notes of its crashes where it is started.
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    counted = _COUNTED.search(done.stdout)
    cases, findings = (int(counted[1]), int(counted[3] or 0)) if counted else (0, 0)
    if done.returncode and not findings:
        findings = 1
    return Outcome(cases, findings, done.stdout + done.stderr if findings else "")


def main() -> int:
    """Rounds until enough requests were made, or the time is over."""
    parser = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began, cases, findings = time.monotonic(), 0, 0
    engine = start_dynamodb_local()
    try:
        for turn in range(1000):
            with served(engine.endpoint, f"fuzz-{turn}") as url:
                for caller in CALLERS:
                    outcome = run(url, caller, asked.examples, asked.seed + turn)
                    cases, findings = cases + outcome.cases, findings + outcome.findings
                    minutes = (time.monotonic() - began) / 60
                    print(outcome.report, end="")
                    print(f"{minutes:5.1f} min: {cases} cases, {findings} findings ({caller or 'nobody'})", flush=True)
            if cases >= asked.cases or minutes >= asked.minutes:
                break
    finally:
        engine.stop()
    print(
        f"{cases} cases run in {minutes:.0f} minutes, {findings} findings, seeds {asked.seed} to {asked.seed + turn}."
    )
    if findings:
        return 1
    return 0 if cases >= asked.cases else 3


if __name__ == "__main__":
    sys.exit(main())
