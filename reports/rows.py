"""The rows behind every figure of a month: the number on the page is the number of these rows.

Definitions of the rates: domain §2.11. A due time not reached and not answered is neither hit nor miss; an answer in
time that waits for its verdict is neither yet; an overdue open clock is a miss now.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from audits.models import Audit
from audits.states import AuditState
from closure.models import LedgerEntry
from findings.models import Deadline, Finding
from findings.states import OPEN, Source, Step
from reports.months import Month

RATES = (Step.CONTAIN, Step.ANALYSE, Step.CLOSE)
#: Age in days of what is open: from, up to (exclusive), None for no end.
AGES: dict[str, tuple[int, int | None]] = {"0-5": (0, 6), "6-30": (6, 31), "31-90": (31, 91), "90+": (91, None)}

HIT = Q(accepted_at__isnull=False, answered_at__lte=F("due_at"))


def miss(now: datetime) -> Q:
    return Q(answered_at__gt=F("due_at")) | Q(answered_at=None, due_at__lt=now)


def audits_where(month: Month) -> dict[str, Q]:
    """Planned (by plan date, sudden ones have no plan), held and sudden (by actual start), cancelled, postponed."""
    planned = Q(planned_start__gte=month.first, planned_start__lte=month.last, sudden=False)
    started = Q(actual_start__gte=month.start, actual_start__lt=month.end)
    return {
        "planned": planned & ~Q(state__in=[AuditState.LEAD]),
        "held": started,
        "sudden": started & Q(sudden=True),
        "cancelled": planned & Q(state=AuditState.CANCELLED),
        "postponed": Q(
            first_planned_start__gte=month.first, first_planned_start__lte=month.last, sudden=False
        ) & (Q(state=AuditState.POSTPONED) | Q(planned_start__gt=F("first_planned_start"))),
    }


def audits(month: Month, key: str) -> QuerySet[Audit]:
    return Audit.objects.filter(audits_where(month)[key])


def issued(month: Month) -> QuerySet[Finding]:
    """Findings of customers issued in the month; withdrawn ones and the self-inspection's own are left out."""
    return Finding.objects.filter(issued_at__gte=month.start, issued_at__lt=month.end).exclude(
        Q(state="withdrawn") | Q(source=Source.SELF)
    )


def clocks(month: Month) -> QuerySet[Deadline]:
    """The owner's clocks due in the month, minus withdrawn and self-inspection findings."""
    return Deadline.objects.filter(
        due_at__gte=month.start, due_at__lt=month.end, step__in=RATES, stopped_at=None
    ).exclude(Q(finding__source=Source.SELF) | Q(finding__state="withdrawn"))


def clock_rows(month: Month, step: str, key: str, now: datetime) -> QuerySet[Deadline]:
    """Hits, misses, undecided, or (for the five days) exempted clocks of one step."""
    rows = clocks(month).filter(step=step)
    if key == "exempted":
        return rows.filter(exempted_at__isnull=False)
    if step == Step.CLOSE:
        rows = rows.filter(exempted_at=None)
    if key == "hit":
        return rows.filter(HIT)
    return rows.filter(miss(now)) if key == "miss" else rows.exclude(HIT).exclude(miss(now))


def late_findings(month: Month, now: datetime) -> QuerySet[Any, Any]:
    """The findings with a late clock due in the month."""
    in_rate = ~Q(step=Step.CLOSE) | Q(exempted_at=None)
    return clocks(month).filter(in_rate).filter(miss(now)).values("finding")


def aged(now: datetime, key: str) -> Q:
    """Open findings of an age class."""
    low, high = AGES[key]
    young_enough = Q() if high is None else Q(issued_at__gt=now - timedelta(days=high))
    return Q(state__in=OPEN, issued_at__lte=now - timedelta(days=low)) & young_enough


def ageing(now: datetime, key: str) -> QuerySet[Finding]:
    return Finding.objects.filter(aged(now, key))


def ledger(month: Month, rule: str) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(month=str(month), rule=rule)


def behind(month: Month, figure: str, key: str, now: datetime) -> QuerySet[Any]:
    """The rows behind one figure. Raises KeyError for a figure that does not exist."""
    if figure == "audits":
        return audits(month, key)
    if figure == "ageing":
        return ageing(now, key)
    if figure == "ledger":
        return ledger(month, LedgerEntry.Rule(key).value) if key in LedgerEntry.Rule.values else _unknown(key)
    if figure in RATES and key in {"hit", "miss", "undecided", "exempted"}:
        return clock_rows(month, figure, key, now)
    columns = {"grade": "grade", "customer": "audit__customer__code", "site": "site__code", "category": "category"}
    if figure == "total":
        return issued(month)
    return issued(month).filter(**{columns[figure]: "" if key == "none" else key})


def _unknown(key: str) -> QuerySet[Any]:
    raise KeyError(key)
