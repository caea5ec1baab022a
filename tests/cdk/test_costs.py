"""What the runbook says about the bill is what the templates say."""

from pathlib import Path

from cdk.config import PROD
from cdk.costs import REGION, WRITTEN_DOWN, floor, table

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"


def test_the_runbook_has_the_table_as_it_is() -> None:
    """`make costs` prints it; the page says where and when these prices were so."""
    text = RUNBOOK.read_text()
    assert table() in text
    section = text.partition("## What it costs")[2].partition("## ")[0]
    assert REGION in section
    assert WRITTEN_DOWN in section


def test_what_is_counted_follows_the_stage() -> None:
    """Seven endpoints in three zones, and three tasks; none of the gateways that the other stages have."""
    found = floor(PROD)
    assert (21, 3, 0) == tuple(
        found[what] for what in ("interface endpoints, by zone", "tasks, at least", "NAT gateways")
    )
