"""The calendars as pages: which plants live by which, and a year of one, day by day."""

import calendar as weeks
from datetime import date
from typing import Any

import rules
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from calendars.arithmetic import Calendar
from calendars.models import CalendarDay, PlantCalendar, WorkCalendar
from lib import moment

FIRST, LAST = 2000, 2100


def index(request: HttpRequest) -> HttpResponse:
    """Every calendar with the plants that count by it."""
    found = WorkCalendar.objects.prefetch_related("plants__unit", "shifts")
    return render(request, "calendars/index.html", {"calendars": found, "plants": PlantCalendar.objects.exists()})


def year(request: HttpRequest, code: str) -> HttpResponse:
    """A year of the calendar: working days, days off, holidays and make-up days by name. `?year=2027` picks the year."""
    found = get_object_or_404(WorkCalendar.objects.prefetch_related("plants__unit", "shifts"), code=code)
    asked = request.GET.get("year", "") or str(moment.today().year)
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 4 or not FIRST <= int(asked) <= LAST:
        raise Http404
    which = int(asked)
    own = {day.day: day for day in CalendarDay.objects.filter(calendar=found, day__year=which)}
    counted = found.arithmetic()
    context = {
        "calendar": found,
        "year": which,
        "previous": which - 1,
        "following": which + 1,
        "months": [_month(counted, which, month, own) for month in range(1, 13)],
        "own": sorted(own.values(), key=lambda one: one.day),
        "working": sum(counted.works(day) for day in _days(which)),
        "today": moment.today(),
        "shifts": _shifts(found),
        "may_edit": rules.has_perm("calendars.edit", request.user),
    }
    return render(request, "calendars/year.html", context)


def _days(which: int) -> list[date]:
    return [date.fromordinal(n) for n in range(date(which, 1, 1).toordinal(), date(which + 1, 1, 1).toordinal())]


def _month(counted: Calendar, which: int, month: int, own: dict[date, CalendarDay]) -> dict[str, Any]:
    """Weeks from Monday to Sunday; a day of another month is None."""
    rows = weeks.Calendar().monthdatescalendar(which, month)
    cells = [[_cell(counted, day, own) if day.month == month else None for day in week] for week in rows]
    return {"first": date(which, month, 1), "weeks": cells}


def _cell(counted: Calendar, day: date, own: dict[date, CalendarDay]) -> dict[str, Any]:
    """kind: work, off, holiday (off for a reason), made_up (worked although usually off)."""
    works, usual = counted.works(day), bool(counted.weekdays.get(day.weekday()))
    chinese, english = counted.names(day)
    kind = "work" if works and usual else "made_up" if works else "holiday" if usual or chinese else "off"
    name = english if (get_language() or "").startswith("en") else chinese
    return {"day": day, "kind": kind, "name": name, "own": day in own}


def _shifts(found: WorkCalendar) -> list[dict[str, Any]]:
    """The shifts of the week, one row per weekday."""
    rows: dict[int, dict[str, Any]] = {}
    for shift in found.shifts.all():
        row = rows.setdefault(shift.weekday, {"weekday": shift.get_weekday_display(), "shifts": []})
        row["shifts"].append(shift)
    return list(rows.values())
