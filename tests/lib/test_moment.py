"""What time it is: travelling, days in a plant's zone, a zone that no machine knows."""

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from lib import moment

NIGHT = datetime(2026, 3, 5, 17, 30, tzinfo=UTC)  # half past one of the sixth in Shanghai


def test_time_stands_where_one_travels_and_runs_again_afterwards() -> None:
    with moment.travel(NIGHT):
        assert moment.now() == NIGHT
        with moment.travel(NIGHT + timedelta(days=1)):
            assert moment.now() == NIGHT + timedelta(days=1)
        assert moment.now() == NIGHT
    assert abs(moment.now() - timezone.now()) < timedelta(seconds=5)


def test_whoever_travels_travels_alone() -> None:
    seen: list[datetime] = []
    with moment.travel(NIGHT):
        other = threading.Thread(target=lambda: seen.append(moment.now()))
        other.start()
        other.join()
    assert seen[0] != NIGHT


def test_time_comes_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), moment.travel(NIGHT):
        1 / 0  # noqa: B018
    assert moment.now() != NIGHT


@pytest.mark.parametrize(
    ("zone", "day"),
    [(None, date(2026, 3, 6)), ("Europe/Berlin", date(2026, 3, 5)), ("America/Los_Angeles", date(2026, 3, 5))],
)
def test_the_day_is_that_of_the_place(zone: str | None, day: date) -> None:
    place = ZoneInfo(zone) if zone else None
    assert moment.day_of(NIGHT, place) == day
    with moment.travel(NIGHT):
        assert moment.today(place) == day


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc/passwd"])
def test_a_zone_nobody_knows_is_the_groups_and_said_so(name: str, caplog: pytest.LogCaptureFixture) -> None:
    moment.zone_of.cache_clear()
    assert moment.zone_of(name) == moment.zone_of_group()
    assert "unknown time zone" in caplog.text
