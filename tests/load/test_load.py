"""The load of `make soak` in small: every answer is right, and more than fits is refused quickly."""

import pytest

from tests.load.phases import Phase
from tests.load.soak import phases, report


@pytest.mark.timeout(300)
def test_every_phase_answers_rightly() -> None:
    """A steady mix, a login flood and an overload; nothing is wrong, and afterwards it is quick again."""
    found = phases(3, patches=300, rate=40, flood=100, overload=100)

    measured = {name: phase for name, phase in found.items() if isinstance(phase, Phase)}
    assert {"warm-up", "soak", "quiet", "login flood", "quiet again", "overload"} == set(measured)
    for name, phase in measured.items():
        assert (0, 0) == (phase.wrong, phase.unanswered), name
        assert phase.reads["count"] > 20, name
        assert phase.requests > 50 or "quiet" in name, name
        assert phase.memory, name
    assert "login flood" in report(found)
