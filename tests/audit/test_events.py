"""The names of security events are promises: each is kept somewhere, and nobody waits for another."""

import ast
import re
from pathlib import Path
from typing import get_args

from brutal_patches.audit.events import Event

ROOT = Path(__file__).parents[2]
EVENTS = set(get_args(Event.__value__))


def announced(path: Path) -> set[str]:
    """The events that a module announces."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func).split(".")[-1] in {"announce", "_announce"}
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_event_is_announced_somewhere() -> None:
    """A name that nobody says would be an alarm that never rings."""
    assert EVENTS == set().union(*map(announced, (ROOT / "src").rglob("*.py")))


def test_every_event_is_documented() -> None:
    """On the page of the log."""
    page = (ROOT / "docs" / "observability.md").read_text()
    assert [] == [event for event in EVENTS if f"`{event}`" not in page]


def test_queries_ask_for_events_that_there_are() -> None:
    """Whatever has the form of an event's name is one."""
    asked: set[str] = set()
    for query in (ROOT / "src" / "brutal_patches" / "operations" / "queries").glob("*.logs"):
        asked |= set(re.findall(r'"((?:authn|authz|user|privilege)_[a-z_]+)"', query.read_text()))
    assert asked
    assert asked <= EVENTS
