"""The synthetic visitor, and the journey it makes."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cdk.canary import JOURNEY
from tests.cdk.templates import Stacks

WELL = {
    "/health": {},
    "/health/ready": {},
    "/api/patches/total": 1,
    "/api/patches/latest": {"patches": [{"id": 7}]},
    "/api/patches/7": {"id": 7},
}


def test_staging_and_production_are_visited(stages: dict[str, Stacks]) -> None:
    """Every five minutes, at the public address."""
    assert [] == stages["dev"]["observability"].of("Synthetics::Canary")
    for name in ("staging", "prod"):
        found = stages[name]["observability"].only("Synthetics::Canary")
        assert "rate(5 minutes)" == found["Schedule"]["Expression"]
        assert found["RunConfig"]["EnvironmentVariables"]["PUBLIC_URL"].startswith("https://api.")
        assert found["StartCanaryAfterCreation"]
        assert len(found["Name"]) <= 21


@contextmanager
def serving(answers: dict[str, object]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in answers else 503)
            self.end_headers()
            self.wfile.write(json.dumps(answers.get(self.path)).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def walk(url: str) -> subprocess.CompletedProcess[str]:
    tell = "(fault) => { console.error(fault.message); process.exit(1); }"
    script = f"require({json.dumps(str(JOURNEY))}).handler().catch({tell})"
    environment = {"PATH": os.environ["PATH"], "PUBLIC_URL": url}
    return subprocess.run(
        [os.environ["JSII_NODE"], "-e", script], env=environment, capture_output=True, text=True, check=False
    )


def test_the_journey_passes_where_all_is_well() -> None:
    """Through health, totals, the newest patches and one of them."""
    with serving(WELL) as url:
        done = walk(url)
    assert 0 == done.returncode, done.stderr
    assert list(WELL) == [json.loads(line)["path"] for line in done.stdout.splitlines()]


def test_the_journey_fails_where_something_is_wrong() -> None:
    """Away, or other than it should be."""
    for wrong, words in (
        ({path: answer for path, answer in WELL.items() if path != "/health/ready"}, "/health/ready answered 503"),
        ({**WELL, "/api/patches/7": {"id": 8}}, "something else"),
    ):
        with serving(wrong) as url:
            done = walk(url)
        assert 1 == done.returncode
        assert words in done.stderr
