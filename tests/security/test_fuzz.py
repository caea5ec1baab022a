"""`make fuzz` in small: a few requests made up for every route, and some that follow from answers."""

from brutal_patches.cli.engine import Engine
from tests.cli.test_serving import free_port
from tests.security.fuzz.__main__ import run, served


def test_made_up_requests_find_nothing(engine: Engine) -> None:
    """No 5xx, nothing undocumented, by a player who is logged in."""
    with served(engine.endpoint, f"fuzz-{free_port()}") as url:
        outcome = run(url, "fuzzer", examples=3, seed=1, phases="fuzzing,stateful")
    assert 0 == outcome.findings, outcome.report
    assert outcome.cases > 200
