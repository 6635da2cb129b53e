"""The figures of a monthly summary (domain §2.11) as plain data: what the page shows, the PDF prints, the API gives."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from audits.models import Audit
from closure.models import LedgerEntry
from findings.answers import Verdict
from findings.models import Deadline, Finding
from findings.states import Category, Grade, Source, Step
from reports import rows
from reports.months import Month
from workflow import moment

AUDIT_KEYS = ("planned", "held", "sudden", "postponed", "cancelled")
TREND_MONTHS = 6
#: The printed lists end here; the page drills down to all of them.
LISTED = 200


def figures(month: Month, *, now: datetime | None = None) -> dict[str, Any]:
    """Everything the summary of `month` says, as it stands at `now` (aware)."""
    at = now or moment.now()
    issued = rows.issued(month)
    return {
        "month": str(month),
        "cut_off": at.isoformat(),
        "audits": _audits(month),
        "total": issued.count(),
        "grade": _by_choice(issued, "grade", Grade),
        "category": _by_choice(issued, "category", Category),
        "customer": _by_name(issued, "audit__customer"),
        "site": _by_name(issued, "site"),
        "rates": _rates(month, at),
        "trend": _trend(month, at),
        "ageing": _ageing(at),
        "ledger": _ledger(month),
        "first_pass": _first_pass(month),
        "closing": _closing(month),
        "late": _listed(Finding.objects.filter(pk__in=rows.late_findings(month, at))),
        "findings": _listed(issued),
    }


def _audits(month: Month) -> list[dict[str, Any]]:
    counted = Audit.objects.aggregate(**{f"n_{key}": Count("pk", filter=rows.audits_where(month)[key]) for key in AUDIT_KEYS})
    return [{"key": key, "count": counted[f"n_{key}"]} for key in AUDIT_KEYS]


def _by_choice(issued: Any, column: str, choices: Any) -> list[dict[str, Any]]:
    """One entry per choice, in the order of the choices; the uncoded ones last."""
    counted = dict(issued.order_by().values_list(column).annotate(count=Count("pk")))
    found = [{"key": choice.value, "count": counted.get(choice.value, 0)} for choice in choices]
    return [*found, {"key": "none", "count": counted[""]}] if counted.get("") else found


def _by_name(issued: Any, relation: str) -> list[dict[str, Any]]:
    """One entry per customer or site, the most first."""
    counted = issued.order_by().values(
        key=F(f"{relation}__code"), name=F(f"{relation}__name"), name_en=F(f"{relation}__name_en")
    ).annotate(count=Count("pk"))
    return [dict(row) for row in counted.order_by("-count", "key")]


def _rate(hit: int, miss: int) -> float | None:
    """Per cent to one decimal; None where nothing was due."""
    return round(100 * hit / (hit + miss), 1) if hit + miss else None


def _counts(at: datetime) -> dict[str, Count]:
    in_rate = ~Q(step=Step.CLOSE) | Q(exempted_at=None)
    miss = rows.miss(at)
    return {
        "hit": Count("pk", filter=in_rate & rows.HIT),
        "miss": Count("pk", filter=in_rate & miss),
        "undecided": Count("pk", filter=in_rate & ~rows.HIT & ~miss),
        "exempted": Count("pk", filter=Q(exempted_at__isnull=False)),
    }


def _rates(month: Month, at: datetime) -> list[dict[str, Any]]:
    grouped: Any = rows.clocks(month).order_by().values("step").annotate(**_counts(at))
    counted = {row["step"]: row for row in grouped}
    empty = {"hit": 0, "miss": 0, "undecided": 0, "exempted": 0}
    found = []
    for step in rows.RATES:
        numbers = {name: counted.get(step.value, empty)[name] for name in empty}
        found.append({"key": step.value, **numbers, "rate": _rate(numbers["hit"], numbers["miss"])})
    return found


def _trend(month: Month, at: datetime) -> list[dict[str, Any]]:
    """The three rates of the last months, for the chart."""
    months = month.back(TREND_MONTHS)
    zone = ZoneInfo(settings.TIME_ZONE)
    due = Deadline.objects.filter(
        due_at__gte=months[0].start, due_at__lt=month.end, step__in=rows.RATES, stopped_at=None
    ).exclude(Q(finding__source=Source.SELF) | Q(finding__state="withdrawn"))
    counted: Any = due.annotate(due_month=TruncMonth("due_at", tzinfo=zone)).order_by().values("due_month", "step")
    found = {
        (Month.of(row["due_month"]), row["step"]): _rate(row["hit"], row["miss"])
        for row in counted.annotate(**_counts(at))
    }
    return [
        {"month": str(one), **{step.value: found.get((one, step.value)) for step in rows.RATES}} for one in months
    ]


def _ageing(at: datetime) -> list[dict[str, Any]]:
    counted = Finding.objects.aggregate(
        **{f"n{n}": Count("pk", filter=rows.aged(at, key)) for n, key in enumerate(rows.AGES)}
    )
    return [{"key": key, "count": counted[f"n{n}"]} for n, key in enumerate(rows.AGES)]


def _ledger(month: Month) -> list[dict[str, Any]]:
    counted = dict(
        LedgerEntry.objects.filter(month=str(month)).order_by().values_list("rule").annotate(count=Count("pk"))
    )
    return [{"key": rule.value, "count": counted.get(rule.value, 0)} for rule in LedgerEntry.Rule]


def _first_pass(month: Month) -> dict[str, Any]:
    """Findings reviewed in the month: how many were never sent back until its end (domain §2.11)."""
    judged = Verdict.objects.filter(at__lt=month.end, outcome__in=["accepted", "returned"]).exclude(
        Q(submission__finding__source=Source.SELF) | Q(submission__finding__state="withdrawn")
    )
    reviewed = set(judged.filter(at__gte=month.start).values_list("submission__finding", flat=True).distinct())
    returned = set(judged.filter(outcome="returned").values_list("submission__finding", flat=True).distinct())
    hit = len(reviewed - returned)
    return {"hit": hit, "total": len(reviewed), "rate": _rate(hit, len(reviewed) - hit)}


def _closing(month: Month) -> dict[str, Any]:
    """Hours from T0 to the internal closure of what was closed in the month: mean and nine tenths."""
    closed = Finding.objects.filter(closed_at__gte=month.start, closed_at__lt=month.end).exclude(source=Source.SELF)
    hours = sorted(
        (end - start).total_seconds() / 3600 for start, end in closed.values_list("issued_at", "closed_at")
    )
    if not hours:
        return {"count": 0, "mean": None, "p90": None}
    return {"count": len(hours), "mean": round(sum(hours) / len(hours), 1),
            "p90": round(hours[int(0.9 * (len(hours) - 1))], 1)}


def _listed(found: Any) -> list[dict[str, Any]]:
    """Findings as the printed list names them."""
    columns = {"customer": F("audit__customer__name"), "customer_en": F("audit__customer__name_en")}
    named = found.order_by("number").values("number", "what", "state", "grade", **columns)[:LISTED]
    return [{**row, "what": row["what"][:80]} for row in named]
