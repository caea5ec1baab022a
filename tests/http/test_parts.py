"""Limits, addresses, cursors, tags: each on its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brutal_patches.errors import Invalid
from brutal_patches.http import limits
from brutal_patches.http.addresses import client_address, neighbourhood
from brutal_patches.http.caching import matches, strong_tag, version_tag, versions_of
from brutal_patches.http.cursors import Cursors
from brutal_patches.http.limits import SlidingWindow
from tests.clocks import AheadClock


class Time:
    """A monotonic clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_cannot_straddle_two_windows() -> None:
    """The last window's count fades as this one goes on."""
    time = Time()
    window = SlidingWindow(10, 60, time)
    time.now = 60 * 20 - 1
    assert all(window.take("a").granted for _ in range(10))
    time.now = 60 * 20 + 1
    assert not window.take("a").granted
    time.now = 60 * 20 + 30
    assert 5 == sum(window.take("a").granted for _ in range(10))
    time.now = 60 * 22
    assert 10 == window.take("a").remaining + 1


def test_memory_of_callers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it, strangers share one count, and those who are known keep theirs."""
    monkeypatch.setattr(limits, "MAX_SUBJECTS", 3)
    window = SlidingWindow(2, 60, Time())
    assert all(window.take(subject).granted for subject in "abc")
    assert [True, True, False] == [window.take(subject).granted for subject in "xyz"]
    assert window.take("a").granted


def test_an_ipv6_subscriber_is_one_caller() -> None:
    """Whatever of their /64 they use."""
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1") != neighbourhood("2001:db8:0:1::1")
    assert "192.0.2.1" == neighbourhood("192.0.2.1") == neighbourhood("::ffff:192.0.2.1")
    assert "unknown" == neighbourhood("unknown")


@given(st.text(max_size=200))
def test_no_header_makes_an_address_fail(header: str) -> None:
    """Garbage stops the search."""
    assert client_address("10.0.0.1", header, ())


def test_cursors_lead_back_to_their_place_and_nowhere_else() -> None:
    """Not to another list, not changed, not later than a day, not in a second spelling."""
    clock = AheadClock()
    cursors = Cursors(["secret", ""], clock)
    cursor = cursors.seal(["2026", 7], "latest")
    assert ["2026", 7] == cursors.open(cursor, "latest")
    assert ["2026", 7] == Cursors(["newer", "secret"], clock).open(cursor, "latest")
    others = [cursor + "A", cursor[:-1], cursor[1:], cursor + "=", "", "é", "A" * 2000, cursor.swapcase()]
    for other in others:
        with pytest.raises(Invalid):
            cursors.open(other, "latest")
    with pytest.raises(Invalid):
        cursors.open(cursor, "author|ada")
    with pytest.raises(Invalid):
        Cursors(["other"], clock).open(cursor, "latest")
    clock.forward(hours=25)
    with pytest.raises(Invalid) as expired:
        cursors.open(cursor, "latest")
    assert "expired" in expired.value.errors[0].message


def test_tags_are_compared_as_the_rfc_says() -> None:
    """Weakly for If-None-Match, in lists, and with the encoding's suffix."""
    tag = strong_tag(b"body")
    for held in (tag, f"W/{tag}", f'"x", {tag}', "*", tag[:-1] + '-br"', tag[:-1] + '-gzip"'):
        assert matches(held, tag)
    assert not matches('"x"', tag)
    assert not matches("", tag)


def test_if_match_names_versions() -> None:
    """Strong tags only; nonsense is refused."""
    assert versions_of(None) is None
    assert versions_of("*") is None
    assert frozenset({3}) == versions_of(version_tag(3, b""))
    assert frozenset({3, 4}) == versions_of('"v3", "v4.abc"')
    assert frozenset() == versions_of('W/"v3", "other"')
    for bad in ("v3", '"v3', "3", '"a" "b"'):
        with pytest.raises(Invalid):
            versions_of(bad)
