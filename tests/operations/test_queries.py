"""Each question to the logs asks for fields that a line has, and for events that the service announces."""

import re
from pathlib import Path
from typing import get_args

import pytest

from brutal_patches.audit.events import Event
from brutal_patches.operations.insights import LogQuery, catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()
LINES = PAGE.partition("## Lines")[2].partition("## Metrics")[0]
FIELDS = frozenset(re.findall(r"^\| `(\w+)` \|", LINES, re.MULTILINE))
(_LEVELS,) = re.findall(r"^\| `level` \| (.*) \|$", LINES, re.MULTILINE)
LEVELS = frozenset(re.findall(r"`([A-Z]+)`", _LEVELS))
OF_INSIGHTS = frozenset({"@timestamp", "@message"})
OF_THE_FIREWALL = frozenset({"action", "terminatingRuleId", "httpRequest.clientIp", "httpRequest.country"})
KNOWN = {"api": FIELDS | OF_INSIGHTS, "firewall": OF_THE_FIREWALL | OF_INSIGHTS, "rotation": OF_INSIGHTS}
LANGUAGE = frozenset(
    re.findall(
        r"\w+",
        "fields filter sort stats limit by as asc desc and or not in like count count_distinct sum avg min max pct bin"
        " ispresent",
    )
)
"""Words of Logs Insights that are no fields."""


def names(text: str) -> set[str]:
    """The fields of a query: its words without texts, numbers, the language, and what it has named itself."""
    bare = re.sub(r'"[^"]*"', "", text)
    own = set(re.findall(r"\bas (\w+)", bare))
    return set(re.findall(r"@?\b[A-Za-z_][\w.]*", re.sub(r"\b\d+[smhd]?\b", "", bare))) - LANGUAGE - own


def values(text: str, field: str) -> set[str]:
    """What a query compares a field with."""
    found = re.findall(rf'\b{field} (?:!?=|in) ("[^"]*"|\[[^\]]*\])', text)
    return set(re.findall(r'"([^"]*)"', " ".join(found)))


@pytest.mark.parametrize("query", catalogue().values(), ids=lambda query: query.name)
def test_a_query_knows_its_log(query: LogQuery) -> None:
    """Its fields are on the page of observability, its events are announced, its levels are there."""
    assert set() == names(query.text) - KNOWN[query.logs]
    assert values(query.text, "event") <= {*get_args(Event.__value__), "request"}
    assert values(query.text, "level") <= LEVELS
    # Logs Insights sums comparisons, but takes `and`, `or` and `not` in conditions only.
    assert not re.search(r"\w\([^)]*\b(and|or|not)\b[^)]*\)", query.text)


def test_every_kind_of_log_is_asked() -> None:
    """And the page's own table is what the check reads."""
    assert set(KNOWN) == {query.logs for query in catalogue().values()}
    assert {"timestamp", "event", "client_address", "exception"} <= FIELDS


@pytest.mark.parametrize(
    "text",
    [
        'filter evnt = "authn_login_fail"',
        "fields @timestamp, ip | sort @timestamp desc",
        "stats count(*) as times by address",
        "stats count(times) as times_of_all by route",
    ],
)
def test_a_field_that_no_line_has_is_found(text: str) -> None:
    """The negative control."""
    assert names(text) - KNOWN["api"]
    assert {"never"} == values('filter event in ["never"]', "event")
