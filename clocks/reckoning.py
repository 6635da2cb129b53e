"""When a clock is due: all calendar arithmetic, done once when it starts (domain §4 A3, A7)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calendars.arithmetic import DAY, Calendar, Interval, end_of_day, moment_of, nth_working_day, working
from calendars.models import calendar_of
from clocks.policy import PolicyStep


@dataclass(frozen=True)
class Reckoned:
    """What an amount of time came to: the end, and every interval counted or skipped where working time counts."""

    due_at: datetime
    trace: tuple[Interval, ...] = ()


def reckon(
    step: PolicyStep, start: datetime, zone: ZoneInfo, calendar: Calendar | None = None, due_on: date | None = None
) -> Reckoned:
    """When the step's time from `start` (aware) is over, UTC.

    Without a calendar, or with one that has no shifts, working time runs by the wall clock; the empty trace tells so.
    """
    local = start.astimezone(zone)
    if step.unit == PolicyStep.Unit.DATE:
        last = end_of_day(max(due_on or local.date(), local.date()), zone)
        return Reckoned(max(last, start.astimezone(UTC) + timedelta(seconds=1)))
    if calendar is not None and not any(calendar.weekdays.values()):
        calendar = None
    if step.count == PolicyStep.Count.WORKING and calendar is not None:
        found = _working(step, start, zone, calendar)
    elif step.unit == PolicyStep.Unit.DAYS and step.ends == PolicyStep.Ends.DAY:
        found = Reckoned(end_of_day(local.date() + step.amount * DAY, zone))
    else:
        hours = step.amount * (1 if step.unit == PolicyStep.Unit.HOURS else 24)
        found = Reckoned(start.astimezone(UTC) + timedelta(hours=hours))
    if step.ends == PolicyStep.Ends.DAY:
        found = Reckoned(end_of_day(found.due_at.astimezone(zone).date(), zone), found.trace)
    if step.off_holidays and calendar is not None:
        found = _off_holidays(found, zone, calendar)
    return found


def _day(day: date, zone: ZoneInfo, counted: bool, calendar: Calendar) -> Interval:
    return Interval(moment_of(day, time(0), zone), end_of_day(day, zone), counted, calendar.names(day))


def _working(step: PolicyStep, start: datetime, zone: ZoneInfo, calendar: Calendar) -> Reckoned:
    if step.unit == PolicyStep.Unit.HOURS:
        due_at, stretches = working(start, timedelta(hours=step.amount), calendar, zone)
        return Reckoned(due_at, tuple(stretches))
    local = start.astimezone(zone)
    day, skipped = nth_working_day(local.date(), step.amount, calendar)
    passed = set(skipped)
    days = [local.date() + n * DAY for n in range(1, (day - local.date()).days + 1)]
    trace = tuple(_day(day, zone, day not in passed, calendar) for day in days)
    return Reckoned(moment_of(day, local.time().replace(microsecond=0), zone), trace)


def _off_holidays(found: Reckoned, zone: ZoneInfo, calendar: Calendar) -> Reckoned:
    """A due time on a day off moves to the end of the next working day."""
    day = found.due_at.astimezone(zone).date()
    if calendar.works(day):
        return found
    following, skipped = nth_working_day(day, 1, calendar)
    moved = tuple(_day(passed, zone, False, calendar) for passed in (day, *skipped))
    return Reckoned(end_of_day(following, zone), (*found.trace, *moved))


def calendar_for(unit: Any, step: PolicyStep) -> Calendar | None:
    """The calendar the step counts by at this unit; None where it runs by the wall clock."""
    if unit is None or not (step.count == PolicyStep.Count.WORKING or step.off_holidays):
        return None
    found = calendar_of(unit, step.step)
    return found.arithmetic() if found else None


def written(trace: tuple[Interval, ...]) -> list[Any]:
    """The intervals as they are kept with the clock."""
    return [[one.begins.isoformat(), one.ends.isoformat(), one.counted, *one.why] for one in trace]
