"""Working time against a simulation that watches the wall minute by minute, and the calendars as rows and pages."""

import os
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings, strategies as st

from calendars.arithmetic import (
    Calendar,
    NoWorkingTime,
    Shift,
    end_of_day,
    moment_of,
    nth_working_day,
    windows,
    working,
)
from calendars.models import CalendarDay, PlantCalendar, Shift as ShiftRow, WorkCalendar, calendar_of, ranges
from clocks.policy import PolicyStep
from clocks.reckoning import reckon
from tests.times import DAY
from tests.world import World

MINUTE = timedelta(minutes=1)
#: Half-hour and whole-hour jumps, both hemispheres, jumps at midnight, and zones without any.
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/Sao_Paulo",
]
#: Days around which clocks jump somewhere, leap days, year ends, Chinese New Year.
CORNERS = [
    date(2026, 3, 28),
    date(2026, 10, 24),
    date(2026, 3, 7),
    date(2026, 10, 31),
    date(2026, 4, 4),
    date(2026, 10, 3),
    date(2028, 2, 28),
    date(2026, 12, 30),
    date(2026, 2, 13),
    date(2018, 11, 3),
    date(2026, 4, 23),
    date(2026, 9, 5),
]
#: Examples × starts × amounts asked of each: together more than 100,000 cases compared.
EXAMPLES, STARTS, AMOUNTS = 150, 20, 40


class Wall:
    """The simulation: a person who looks at the wall clock every minute and knows nothing of time zones.

    The wall only ever counts as what it has shown so far: in the night the clocks go back it repeats an hour it has shown.
    """

    def __init__(self, calendar: Calendar, first: date, days: int, zone: ZoneInfo) -> None:
        self.start = datetime.combine(first, time(0), UTC) - DAY
        opens, closes = self._hours(calendar, first - 3 * DAY, days + 6)
        shown = datetime.min
        works: list[int] = []
        for minute in range((days + 2) * 1440):
            shown = max(shown, (self.start + minute * MINUTE).astimezone(zone).replace(tzinfo=None))
            works.append(int(self._inside(shown, opens, closes)))
        self.worked = [0, *accumulate(works)]

    @staticmethod
    def _hours(calendar: Calendar, first: date, days: int) -> tuple[list[datetime], list[datetime]]:
        """When work begins and ends by the wall, naive, in pairs; shifts minus breaks, minute by minute of the day."""
        pairs: list[tuple[datetime, datetime]] = []
        for n in range(days):
            day = first + n * DAY
            for shift in calendar.shifts(day):
                begins = datetime.combine(day, shift.begins)
                ends = datetime.combine(day, shift.ends)
                ends += DAY if ends <= begins else timedelta()
                open_since = begins
                for pause, back in shift.breaks:
                    a, b = datetime.combine(day, pause), datetime.combine(day, back)
                    a += DAY if a < begins else timedelta()
                    b += DAY if b < begins else timedelta()
                    pairs.append((open_since, a))
                    open_since = b
                pairs.append((open_since, ends))
        kept = sorted(pair for pair in pairs if pair[0] < pair[1])
        return [one for one, _end in kept], [one for _begin, one in kept]

    @staticmethod
    def _inside(shown: datetime, opens: list[datetime], closes: list[datetime]) -> bool:
        last = bisect_right(opens, shown)
        return any(opens[n] <= shown < closes[n] for n in range(max(0, last - 12), last))

    def end(self, start: datetime, minutes: int) -> datetime | None:
        """The minute at which so many minutes of work are over, or None beyond the simulated days."""
        at = int((start - self.start) / MINUTE)
        found = bisect_left(self.worked, self.worked[at] + minutes, lo=at)
        return self.start + found * MINUTE if found < len(self.worked) else None


def _time(minutes: int) -> time:
    return time(*divmod(minutes % 1440, 60))


@st.composite
def shifts(draw: Any) -> tuple[Shift, ...]:
    """One or two shifts that do not overlap by the wall, often over midnight, with up to two breaks inside."""
    found = []
    for begins, longest in draw(
        st.sampled_from([((480, 600),), ((480, 600), (1200, 660)), ((1320, 480),), ((30, 700),), ((0, 1440),)])
    ):
        length = draw(st.integers(30, longest))
        breaks = []
        at = 0
        for _n in range(draw(st.integers(0, 2))):
            pause = at + draw(st.integers(1, max(1, length // 3)))
            back = pause + draw(st.integers(1, 60))
            if back >= length:
                break
            breaks.append((_time(begins + pause), _time(begins + back)))
            at = back
        found.append(Shift(_time(begins), _time(begins + length), tuple(breaks)))
    return tuple(found)


@st.composite
def calendars(draw: Any, around: date) -> Calendar:
    weekdays = {n: draw(shifts()) for n in draw(st.sets(st.integers(0, 6), min_size=1))}
    odd = draw(st.sets(st.integers(-2, 9), max_size=4))
    exceptions = {around + n * DAY: draw(shifts()) if draw(st.booleans()) else () for n in odd}
    return Calendar(weekdays, exceptions)


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="asks no database; make test compares them")
# Tests without a database are put last; the longest of all has to begin with the others.
@pytest.mark.django_db
def test_working_time_ends_at_the_minute_the_wall_says() -> None:
    compared: list[int] = []

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def compare(data: Any) -> None:
        first = data.draw(st.sampled_from(CORNERS))
        zone = ZoneInfo(data.draw(st.sampled_from(ZONES)))
        calendar = data.draw(calendars(first))
        seed = data.draw(st.randoms(use_true_random=False))
        wall = Wall(calendar, first, 16, zone)
        for _start in range(STARTS):
            start = datetime.combine(first, time(0), UTC) + seed.randrange(0, 6 * 1440) * MINUTE
            for _amount in range(AMOUNTS):
                minutes = seed.randrange(1, 1600)
                expected = wall.end(start, minutes)
                if expected is None:
                    continue  # beyond the simulated days
                due, trace = working(start, minutes * MINUTE, calendar, zone)
                assert due == expected, (start, minutes, zone.key)
                assert sum((one.ends - one.begins for one in trace if one.counted), timedelta()) == minutes * MINUTE
                assert trace[0].begins == start and trace[-1].ends == due
                assert all(a.ends == b.begins for a, b in pairwise(trace))
                compared.append(1)

    compare()
    assert len(compared) >= 100_000


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    start=st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    amount=st.integers(1, 400),
    zone=st.sampled_from(ZONES),
    unit=st.sampled_from(["hours", "days"]),
    ends=st.sampled_from(["exact", "day"]),
)
def test_without_working_time_hours_and_days_are_what_a_person_counts(
    start: datetime, amount: int, zone: str, unit: str, ends: str
) -> None:
    step = PolicyStep(step="close", amount=amount, unit=unit, ends=ends)
    due, local = reckon(step, start, ZoneInfo(zone)).due_at, start.astimezone(ZoneInfo(zone))
    length = timedelta(hours=amount * (1 if unit == "hours" else 24))
    if ends == "exact":
        assert due - start == length
        return
    day = local.date() + amount * DAY if unit == "days" else (start + length).astimezone(ZoneInfo(zone)).date()
    after = due.astimezone(ZoneInfo(zone))
    assert after.date() == day and (due + timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day + DAY


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # jumped over
        (
            "Europe/Berlin",
            date(2026, 10, 25),
            time(2, 30),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),  # shown twice: first
        (
            "America/Sao_Paulo",
            date(2018, 11, 4),
            time(0),
            datetime(2018, 11, 4, 3, 0, tzinfo=UTC),
        ),  # midnight jumped over
        (
            "Australia/Lord_Howe",
            date(2026, 10, 4),
            time(2, 15),
            datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        ),  # half an hour
        ("Asia/Shanghai", date(2028, 2, 29), time(9), datetime(2028, 2, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_when_a_wall_first_shows_a_time(zone: str, day: date, wall: time, expected: datetime) -> None:
    assert moment_of(day, wall, ZoneInfo(zone)) == expected


def test_the_last_second_of_a_day_that_has_23_or_25_hours() -> None:
    zone = ZoneInfo("Europe/Berlin")
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        assert end_of_day(day, zone) - end_of_day(day - DAY, zone) == timedelta(hours=hours)


def test_a_night_shift_is_longer_or_shorter_when_the_clocks_change() -> None:
    night = Calendar({n: (Shift(time(22), time(6), ((time(2), time(2, 30)),)),) for n in range(7)})
    zone = ZoneInfo("Europe/Berlin")
    lengths = {
        day: sum((ends - begins for begins, ends in windows(night, day, zone)), timedelta())
        for day in (date(2026, 3, 28), date(2026, 10, 24), date(2026, 7, 1))
    }
    # The break from 2:00 to 2:30 falls into the jump in March, and happens once in October.
    assert [lengths[day] / timedelta(hours=1) for day in lengths] == [7.0, 8.5, 7.5]


def test_without_any_shift_it_says_so() -> None:
    with pytest.raises(NoWorkingTime):
        working(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), Calendar({}), ZoneInfo("UTC"))
    with pytest.raises(NoWorkingTime):
        nth_working_day(date(2026, 1, 1), 1, Calendar({}))


# Rows ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def china(world: World) -> WorkCalendar:
    made = WorkCalendar.objects.create(code="CN", name="国内", name_en="China", country="CN")
    for weekday in range(5):
        ShiftRow.objects.create(calendar=made, weekday=weekday, begins=time(8), ends=time(17), breaks="12:00-13:00")
    PlantCalendar.objects.create(unit=world.units["F1"], calendar=made, steps=["close"])
    return made


def test_public_holidays_and_make_up_days_come_from_the_country_and_rows_go_before(china: WorkCalendar) -> None:
    counted = china.arithmetic()
    assert counted.works(date(2026, 2, 14))  # a Saturday worked for Chinese New Year
    assert not counted.works(date(2026, 2, 17))
    assert counted.works(date(2026, 2, 28)) and not counted.works(date(2026, 3, 7))
    assert counted.names(date(2026, 2, 17)) == ("春节", "Chinese New Year (Spring Festival)")
    assert counted.names(date(2026, 2, 14)) == ("调休上班", "Make-up working day")
    assert counted.works(date(2026, 12, 31)) and not counted.works(date(2027, 1, 1))
    ShiftRow.objects.create(calendar=china, weekday=5, begins=time(8), ends=time(12))
    saturdays = china.arithmetic()
    # The breaks run through the weekends beside them; other Saturdays are worked.
    assert not any(
        saturdays.works(date(2026, month, day)) for month, day in ((1, 3), (2, 21), (4, 4), (6, 20), (9, 26))
    )
    assert (
        saturdays.works(date(2026, 3, 7))
        and saturdays.works(date(2026, 2, 14))
        and saturdays.names(date(2026, 6, 20))[0]
    )
    ShiftRow.objects.filter(calendar=china, weekday=5).delete()
    CalendarDay.objects.create(calendar=china, day=date(2026, 2, 17), working=True, like_weekday=1, name="抢修")
    CalendarDay.objects.create(calendar=china, day=date(2026, 3, 9), working=False, name="厂庆")
    counted = china.arithmetic()
    assert counted.works(date(2026, 2, 17)) and not counted.works(date(2026, 3, 9))
    assert counted.names(date(2026, 3, 9))[0] == "厂庆"


@pytest.mark.parametrize("steps", [["nonsense"], "contain", [1]])
def test_a_plants_calendar_names_only_clocks_that_there_are(world: World, china: WorkCalendar, steps: Any) -> None:
    plant = PlantCalendar.objects.get(calendar=china)
    plant.full_clean()
    plant.steps = steps
    with pytest.raises(ValidationError, match="steps"):
        plant.full_clean()


def test_the_nearest_calendar_up_the_tree_counts_and_only_for_its_clocks(world: World, china: WorkCalendar) -> None:
    assert calendar_of(world.units["F1D"], "close") == china
    assert calendar_of(world.units["F1D"], "contain") is None
    assert calendar_of(world.units["F2"], "close") is None
    other = WorkCalendar.objects.create(code="OT", name="另一个")
    PlantCalendar.objects.create(unit=world.units["F1D"], calendar=other)
    assert calendar_of(world.units["F1D"], "close") == other


def test_what_is_not_a_range_is_named(db: None) -> None:
    assert ranges("12:00-13:00，17:00-17:30") == ((time(12), time(13)), (time(17), time(17, 30)))
    with pytest.raises(ValidationError, match="25:00"):
        ranges("12:00-13:00, 25:00-26:00")
    with pytest.raises(ValidationError):
        WorkCalendar(code="X", name="x", country="ZZ").full_clean()


def test_the_year_page_shows_every_day(login: Any, china: WorkCalendar) -> None:
    page = login("operator").get(reverse("calendars:year", args=["CN"]), {"year": "2026"}).content.decode()
    assert page.count('class="cal-month"') == 12
    assert sum(page.count(f'"cal-{kind}') for kind in ("work", "off", "holiday", "made_up")) >= 365 + 4
    assert 'title="春节"' in page and 'title="调休上班"' in page
    for year in ("1999", "x", "99999"):
        assert login("operator").get(reverse("calendars:year", args=["CN"]), {"year": year}).status_code == 404
    index = login("operator").get(reverse("calendars:index")).content.decode()
    assert china.name in index and "单位F1" in index


def test_a_start_inside_a_shift_counts_from_its_own_minute() -> None:
    calendar = Calendar({n: (Shift(time(8), time(17), ()),) for n in range(7)}, {})
    zone = ZoneInfo("Asia/Shanghai")
    start = datetime(2026, 3, 6, 10, 0, tzinfo=zone)
    due, trace = working(start, 120 * MINUTE, calendar, zone)
    assert due == start + 120 * MINUTE and [one.counted for one in trace] == [True]
