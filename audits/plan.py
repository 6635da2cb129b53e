"""Plan and actual of a month (domain §2.3): what was planned, what happened, by how much it deviates and why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from audits.models import Audit


@dataclass(frozen=True)
class Row:
    """One audit: the first plan (none for a sudden one), the present plan, the actual day, and the days between."""

    audit: Audit
    planned: date | None
    now_planned: date | None
    actual: date | None

    @property
    def deviation(self) -> int | None:
        """Days from the first plan to the actual day, or to the present plan while it has not happened."""
        end = self.actual or self.now_planned
        return (end - self.planned).days if self.planned and end else None


def rows(user: Any, first: date, last: date) -> list[Row]:
    """The audits a person may see that were planned for, moved into, or held in the days from `first` to `last`."""
    inside = (
        Q(planned_start__range=(first, last)) | Q(first_planned_start__range=(first, last))
        | Q(actual_start__date__range=(first, last))
    )
    found = Audit.objects.visible_to(user).filter(inside).for_list().order_by("planned_start", "id")
    return [_row(audit) for audit in found]


def _row(audit: Audit) -> Row:
    actual = timezone.localdate(audit.actual_start) if audit.actual_start else None
    return Row(audit, None if audit.sudden else audit.first_planned_start, audit.planned_start, actual)
