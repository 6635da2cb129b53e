"""The rows behind every figure of a period: the number on the page is the number of these rows.

What each figure means is written in `reports.definitions` (domain §2.11) and in docs/figures.md.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from audits.models import Audit
from audits.states import AuditState
from clocks.deadlines import Deadline
from closure.models import LedgerEntry
from findings.models import Finding, FindingEvent
from findings.states import OPEN, Source, Step
from reports.periods import Period

RATES = (Step.CONTAIN, Step.ANALYSE, Step.CLOSE)
#: What a finding can be in a rate: the first three decide the rate, the others stand beside it.
RATE_KEYS = ("hit", "miss", "undecided", "exempted", "exempted_hit", "exempted_miss")
#: Age in days of what is open: from, up to (exclusive), None for no end.
AGES: dict[str, tuple[int, int | None]] = {"0-5": (0, 6), "6-30": (6, 31), "31-90": (31, 91), "90+": (91, None)}

HIT = Q(accepted_at__isnull=False, answered_at__lte=F("judged_due_at"))
#: Carried by an exemption that was applied for before the clock ran out; a later one takes no miss back.
EXEMPTED = Q(step=Step.CLOSE, exempted_at__isnull=False, judged_due_at=F("due_at"))


def miss(now: datetime) -> Q:
    return Q(answered_at__gt=F("judged_due_at")) | Q(answered_at=None, judged_due_at__lt=now)


def audits_where(period: Period) -> dict[str, Q]:
    """By the first plan: planned, cancelled, postponed (one that was sudden from the start has none); by the actual start:
    held, and of these sudden.
    """
    planned = Q(first_planned_start__gte=period.first, first_planned_start__lte=period.last)
    started = Q(actual_start__gte=period.start, actual_start__lt=period.end)
    return {
        "planned": planned & ~Q(state__in=[AuditState.LEAD]),
        "held": started,
        "sudden": started & Q(sudden=True),
        "cancelled": planned & Q(state=AuditState.CANCELLED),
        "postponed": planned & (Q(state=AuditState.POSTPONED) | Q(planned_start__gt=F("first_planned_start"))),
    }


def audits(period: Period, key: str) -> QuerySet[Audit]:
    return Audit.objects.filter(audits_where(period)[key])


def issued(period: Period) -> QuerySet[Finding]:
    """Findings of customers issued in the period; withdrawn ones and the self-inspection's own are left out."""
    return Finding.objects.filter(issued_at__gte=period.start, issued_at__lt=period.end).exclude(
        Q(state="withdrawn") | Q(source=Source.SELF)
    )


def clocks_between(start: datetime, end: datetime) -> QuerySet[Deadline]:
    """The owner's clocks whose original due time lies there, minus withdrawn and self-inspection findings."""
    return (
        Deadline.objects.of(Finding)
        .judged()
        .filter(original_due_at__gte=start, original_due_at__lt=end, step__in=RATES)
        .exclude(Q(finding__source=Source.SELF) | Q(finding__state="withdrawn"))
    )


def clocks(period: Period) -> QuerySet[Deadline]:
    return clocks_between(period.start, period.end)


def rate_findings(period: Period, step: str, key: str, now: datetime) -> QuerySet[Finding]:
    """The findings that are hits, misses, undecided, or carried by an exemption; each finding once, whatever its rounds.

    One with a late round is late; else one with an undecided round is undecided.
    """
    mine = clocks(period).filter(step=step, subject_id=OuterRef("pk"))
    carried, counted = mine.filter(EXEMPTED), mine.exclude(EXEMPTED)
    late, open_ = Exists(counted.filter(miss(now))), Exists(counted.exclude(HIT).exclude(miss(now)))
    rows = Finding.objects.order_by()
    if key == "exempted":
        return rows.filter(Exists(carried))
    if key == "exempted_hit":
        return rows.filter(Exists(carried.filter(HIT)), ~Exists(carried.filter(miss(now))))
    if key == "exempted_miss":
        return rows.filter(Exists(carried.filter(miss(now))))
    if key == "miss":
        return rows.filter(late)
    if key == "undecided":
        return rows.filter(open_, ~late)
    return rows.filter(Exists(counted.filter(HIT)), ~open_, ~late)


def late_findings(period: Period, now: datetime) -> QuerySet[Any, Any]:
    """The findings with a late clock due in the period."""
    return clocks(period).exclude(EXEMPTED).filter(miss(now)).values("finding")


def cut_off(period: Period, now: datetime) -> datetime:
    """The moment a figure of state is taken at: the end of the period, or now while it runs."""
    return min(period.end, now)


def open_at(at: datetime) -> QuerySet[Finding]:
    """The findings that were open at `at`: issued before, and by their trail not closed or withdrawn then."""
    last = FindingEvent.objects.filter(finding=OuterRef("pk"), about="", event_at__lt=at).exclude(target="")
    last = last.order_by("-position")
    # Closed before, and nothing since: the trail need not be asked.
    settled = Q(closed_at__lt=at) & ~Q(state__in=[*OPEN, "withdrawn"])
    candidates = Finding.objects.filter(issued_at__lt=at).exclude(settled)
    return candidates.annotate(stood=Subquery(last.values("target")[:1])).filter(stood__in=OPEN)


def age_of(issued_at: datetime, at: datetime) -> str:
    """The class of age, a key of AGES, of what was issued then and is open at `at`."""
    days = (at - issued_at).days
    return next(key for key, (low, high) in AGES.items() if low <= days and (high is None or days < high))


def ageing(period: Period, key: str, now: datetime, *, own: bool = False) -> QuerySet[Finding]:
    """Findings open at the end of the period (or now), by age; the self-inspection's `own` ones apart."""
    at = cut_off(period, now)
    low, high = AGES[key]
    rows = open_at(at).filter(issued_at__lte=at - timedelta(days=low))
    if high is not None:
        rows = rows.filter(issued_at__gt=at - timedelta(days=high))
    return rows.filter(source=Source.SELF) if own else rows.exclude(source=Source.SELF)


def in_ledger(period: Period) -> QuerySet[LedgerEntry]:
    """The entries of the period: by the plant's own calendar where it consists of months, else by the group's days."""
    if period.month_names:
        return LedgerEntry.objects.filter(month__in=period.month_names)
    return LedgerEntry.objects.filter(breached_at__gte=period.start, breached_at__lt=period.end)
