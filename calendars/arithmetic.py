"""When an amount of time is over: wall-clock hours, calendar days, working hours, working days. Pure; no database.

A wall is read as the latest time it has shown. So in the night the clocks go back a shift from 01:30 lasts from the first
01:30, and a shift to 01:30 ends with the first one; in the night they go forward a time that never comes begins with the
jump. Working time is what really passes inside the windows, in seconds of UTC (domain §4 A3).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
#: Beyond this many days without enough working time the calendar is taken for empty.
HORIZON = 4000


@dataclass(frozen=True)
class Shift:
    """Working time of one day; an end not after the beginning lies on the next day. Breaks lie inside."""

    begins: time
    ends: time
    breaks: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True)
class Calendar:
    """Shifts per weekday (Monday is 0), and days that differ: no shifts (a holiday), or others (a make-up day)."""

    weekdays: Mapping[int, tuple[Shift, ...]]
    exceptions: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)
    #: Asked for a day without a row of its own: the holiday calendar of the country, year by year.
    public: Callable[[date], tuple[Shift, ...] | None] = lambda _day: None
    #: What a day is called, in Chinese and in English.
    names: Callable[[date], tuple[str, str]] = lambda _day: ("", "")

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The shifts that begin on the day."""
        if day in self.exceptions:
            return self.exceptions[day]
        found = self.public(day)
        return self.weekdays.get(day.weekday(), ()) if found is None else found

    def works(self, day: date) -> bool:
        return bool(self.shifts(day))


@dataclass(frozen=True)
class Interval:
    """A stretch of time that was counted or skipped, UTC, with the reason where there is one."""

    begins: datetime
    ends: datetime
    counted: bool
    why: tuple[str, str] = ("", "")


class NoWorkingTime(ValueError):
    """The calendar has no (or not enough) working time within 4000 days."""


def moment_of(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """When a wall in the zone first shows that time of that day, or jumps past it; UTC."""
    local = datetime.combine(day, wall, zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # The time is jumped over: the offsets before and after tell when the jump happens.
    before, after = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    assert before is not None and after is not None
    low, high = found - abs(after - before), found
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of the day in the zone, UTC."""
    return moment_of(day + DAY, time(0), zone) - timedelta(seconds=1)


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _edges(shift: Shift) -> list[int]:
    """Where working time begins and ends by turns, in minutes by the wall from the first midnight on."""
    first = _minutes(shift.begins)
    length = (_minutes(shift.ends) - first) % 1440 or 1440
    edges = [0]
    for begins, ends in sorted(((_minutes(a) - first) % 1440, (_minutes(b) - first) % 1440) for a, b in shift.breaks):
        edges += [max(begins, edges[-1]), max(ends, edges[-1])]
    return [first + min(edge, length) for edge in (*edges, length)]


def windows(calendar: Calendar, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The working windows that begin on the day, UTC, in order, breaks cut out."""
    found: list[tuple[datetime, datetime]] = []
    for shift in calendar.shifts(day):
        walls = (divmod(edge, 1440) for edge in _edges(shift))
        moments = [moment_of(day + days * DAY, time(*divmod(minute, 60)), zone) for days, minute in walls]
        found += [pair for pair in zip(moments[::2], moments[1::2], strict=True) if pair[0] < pair[1]]
    return sorted(found)


def _merged(calendar: Calendar, start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """All windows from `start` on, in order, overlapping shifts (also those of two days) counted once."""
    day = start.astimezone(zone).date() - DAY
    reached = start
    waiting: list[tuple[datetime, datetime]] = []
    for _step in range(HORIZON):
        waiting = sorted((*waiting, *windows(calendar, day, zone)))
        day += DAY
        following = moment_of(day, time(0), zone)
        while waiting and waiting[0][0] < following:
            begins, ends = waiting.pop(0)
            if ends > reached:
                yield max(begins, reached), ends
                reached = ends


def _names(calendar: Calendar, begins: datetime, ends: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """What the days off between two moments are called, each name once, in Chinese and in English."""
    first, last = begins.astimezone(zone).date(), ends.astimezone(zone).date()
    days = (first + n * DAY for n in range((last - first).days + 1))
    found = dict.fromkeys(calendar.names(day) for day in days if not calendar.works(day))
    return "、".join(one for one, _other in found if one), ", ".join(one for _other, one in found if one)


def working(start: datetime, amount: timedelta, calendar: Calendar, zone: ZoneInfo) -> tuple[datetime, list[Interval]]:
    """When `amount` of working time from `start` is over, UTC, and every interval counted or skipped on the way.

    Sums windows, one step a shift. Raises NoWorkingTime.
    """
    left, reached, trace = amount, start.astimezone(UTC), []
    for begins, ends in _merged(calendar, reached, zone):
        if begins > reached:
            trace.append(Interval(reached, begins, False, _names(calendar, reached, begins, zone)))
        step = min(ends - begins, left)
        trace.append(Interval(begins, begins + step, True))
        left, reached = left - step, begins + step
        if not left:
            return reached, trace
    raise NoWorkingTime


def nth_working_day(start: date, amount: int, calendar: Calendar) -> tuple[date, list[date]]:
    """The n-th working day after `start`, and the days passed over on the way. Raises NoWorkingTime."""
    skipped: list[date] = []
    left, day = amount, start
    for _step in range(HORIZON):
        day += DAY
        if calendar.works(day):
            left -= 1
            if not left:
                return day, skipped
        else:
            skipped.append(day)
    raise NoWorkingTime
