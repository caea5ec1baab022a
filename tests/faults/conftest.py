"""What fault tests share."""

from collections.abc import Iterator

import pytest

from tests.faults.record import Record


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """How large this run is, and where its figures go."""
    kept = Record(request.node.name, request.config.getoption("--full"))
    yield kept
    kept.keep()
