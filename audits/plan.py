"""Plan and actual of a month (domain §2.3): what was planned, what happened, by how much it deviates and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncDate

from audits.models import Audit
from lib import moment


@dataclass(frozen=True)
class Row:
    """One audit: the first plan (none for one that was sudden from the start), the present plan, the actual days."""

    audit: Audit
    planned: date | None
    now_planned: date | None
    actual: date | None
    actual_end: date | None

    @property
    def deviation(self) -> int | None:
        """Days from the first plan to the actual day, or to the present plan while it has not happened."""
        end = self.actual or self.now_planned
        return (end - self.planned).days if self.planned and end else None


def overlapping(first: date, last: date) -> Q:
    """The audits whose planned days, present or first, touch the days from `first` to `last`."""
    return Q(planned_start__lte=last, planned_end__gte=first) | Q(first_planned_start__range=(first, last))


def rows(user: Any, first: date, last: date) -> list[Row]:
    """The audits a person may see that were planned for, moved into, or held in the days from `first` to `last`."""
    held = Audit.objects.annotate(
        began_on=TruncDate("actual_start"), ended_on=TruncDate(Coalesce("actual_end", "actual_start"))
    ).filter(began_on__lte=last, ended_on__gte=first, actual_start__isnull=False)
    inside = overlapping(first, last) | Q(pk__in=held.values("pk"))
    found = (
        Audit.objects.visible_to(user).filter(inside).for_list().order_by(F("planned_start").asc(nulls_last=True), "id")
    )
    return [_row(audit) for audit in found]


def _row(audit: Audit) -> Row:
    actual = moment.day_of(audit.actual_start) if audit.actual_start else None
    ended = moment.day_of(audit.actual_end) if audit.actual_end else None
    return Row(audit, audit.first_planned_start, audit.planned_start, actual, ended)


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month of `day`."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def month_named(text: str) -> tuple[date, date]:
    """First and last day of the month "2026-10"; of the present one when the text names none."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        first = moment.today()
    return month_of(min(max(first, date(2000, 1, 1)), date(2100, 1, 1)))
