"""What the runbook says about the bill is what the templates say."""

from pathlib import Path

from cdk.config import PROD
from cdk.costs import floor, table

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"


def test_the_runbook_has_the_table_as_it_is() -> None:
    """`make costs` prints it."""
    assert table() in RUNBOOK.read_text()


def test_what_is_counted_follows_the_stage() -> None:
    """Seven endpoints in three zones, and three tasks; none of the gateways that the other stages have."""
    found = floor(PROD)
    assert (21, 3, 0) == tuple(
        found[what] for what in ("interface endpoints, by zone", "tasks, at least", "NAT gateways")
    )
