"""Ids and times are made of what is passed in."""

from datetime import UTC, datetime, timedelta, timezone

from brutal_patches.clock import SystemClock, epoch, new_id, rfc3339, timestamp


class StillClock:
    """A clock that stands, with randomness that is none."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def random(self, size: int) -> bytes:
        return bytes(size)


def test_times_are_utc_and_sort_as_text() -> None:
    """Whatever the zone, the text is UTC and always 27 characters."""
    moment = datetime(2015, 10, 9, 21, 33, 57, 401758, timezone(timedelta(hours=2)))

    assert "2015-10-09T19:33:57.401758Z" == rfc3339(moment)
    assert 27 == len(rfc3339(datetime(2026, 1, 1, tzinfo=UTC))) == len(timestamp(SystemClock()))


def test_ids_sort_by_the_time_they_were_made() -> None:
    """A later id is greater, and two of the same moment differ."""
    early = StillClock(datetime(2026, 1, 1, tzinfo=UTC))
    late = StillClock(datetime(2026, 1, 1, microsecond=1000, tzinfo=UTC))

    assert new_id(early) < new_id(late)
    assert 26 == len(new_id(early))
    assert new_id(SystemClock()) != new_id(SystemClock())
    assert 1767225600 == epoch(early)
