"""The figures of a monthly summary (domain §2.11) as plain data: what the page shows, the PDF prints, the API gives."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import TruncMonth

from audits.models import Audit
from closure.models import LedgerEntry
from findings.answers import Verdict
from findings.models import Finding, FindingEvent
from findings.states import Category, Grade, Source
from reports import rows
from reports.models import Publication
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
    closings = _closings(month)
    return {
        "month": str(month),
        "cut_off": at.isoformat(),
        "audits": _audits(month),
        "total": issued.count(),
        "grade": _by_choice(issued, "grade", Grade),
        "category": _by_choice(issued, "category", Category),
        "customer": _by_name(issued, "audit__customer"),
        "site": _by_name(issued, "site"),
        "rates": (rates := _rates(month, at)),
        "trend": _trend(month, at, rates),
        **_ageing(month, at),
        "ledger": _ledger(month),
        "first_pass": _first_pass(closings, month),
        "closing": _closing(closings),
        "late": _listed(Finding.objects.filter(pk__in=rows.late_findings(month, at))),
        "findings": _listed(issued),
    }


def _audits(month: Month) -> list[dict[str, Any]]:
    counted = Audit.objects.aggregate(
        **{f"n_{key}": Count("pk", filter=rows.audits_where(month)[key]) for key in AUDIT_KEYS}
    )
    return [{"key": key, "count": counted[f"n_{key}"]} for key in AUDIT_KEYS]


def _by_choice(issued: Any, column: str, choices: Any) -> list[dict[str, Any]]:
    """One entry per choice, in the order of the choices; the uncoded ones last."""
    counted = dict(issued.order_by().values_list(column).annotate(count=Count("pk")))
    found = [{"key": choice.value, "count": counted.get(choice.value, 0)} for choice in choices]
    return [*found, {"key": "none", "count": counted[""]}] if counted.get("") else found


def _by_name(issued: Any, relation: str) -> list[dict[str, Any]]:
    """One entry per customer or site, the most first."""
    counted = (
        issued.order_by()
        .values(key=F(f"{relation}__code"), name=F(f"{relation}__name"), name_en=F(f"{relation}__name_en"))
        .annotate(count=Count("pk"))
    )
    return [dict(row) for row in counted.order_by("-count", "key")]


def _rate(hit: int, miss: int) -> float | None:
    """Per cent to one decimal; None where nothing was due."""
    return round(100 * hit / (hit + miss), 1) if hit + miss else None


def _by_finding(found: Any, at: datetime) -> Any:
    """How many clocks of each finding are what; a finding's rounds are folded together afterwards."""
    counted, carried = ~rows.EXEMPTED, rows.EXEMPTED
    miss = rows.miss(at)
    return found.annotate(
        n_hit=Count("pk", filter=counted & rows.HIT),
        n_miss=Count("pk", filter=counted & miss),
        n_open=Count("pk", filter=counted & ~rows.HIT & ~miss),
        n_carried=Count("pk", filter=carried),
        n_carried_hit=Count("pk", filter=carried & rows.HIT),
        n_carried_miss=Count("pk", filter=carried & miss),
    )


def _fold(grouped: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Findings, each once: late when one round was late, else undecided when one round is, else in time."""
    counts = dict.fromkeys(rows.RATE_KEYS, 0)
    for row in grouped:
        if row["n_miss"]:
            counts["miss"] += 1
        elif row["n_open"]:
            counts["undecided"] += 1
        elif row["n_hit"]:
            counts["hit"] += 1
        if row["n_carried"]:
            counts["exempted"] += 1
            if row["n_carried_miss"]:
                counts["exempted_miss"] += 1
            elif row["n_carried_hit"]:
                counts["exempted_hit"] += 1
    return counts


def _rates(month: Month, at: datetime) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in _by_finding(rows.clocks(month).order_by().values("step", "finding"), at):
        grouped.setdefault(row["step"], []).append(row)
    found = []
    for step in rows.RATES:
        counts = _fold(grouped.get(step.value, []))
        found.append({"key": step.value, **counts, "rate": _rate(counts["hit"], counts["miss"])})
    return found


def _trend(month: Month, at: datetime, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The three rates of the last months, for the chart: the published ones where a month is published."""
    months = month.back(TREND_MONTHS)
    known = {str(month): {row["key"]: row["rate"] for row in own}}
    for publication in Publication.objects.filter(month__in=[str(one) for one in months[:-1]]):
        known[publication.month] = {row["key"]: row["rate"] for row in publication.figures["rates"]}
    if wanted := [one for one in months if str(one) not in known]:
        known |= _live_rates(wanted, at)
    empty: dict[str, Any] = {}
    return [
        {"month": str(one), **{step.value: known.get(str(one), empty).get(step.value) for step in rows.RATES}}
        for one in months
    ]


def _live_rates(months: list[Month], at: datetime) -> dict[str, dict[str, float | None]]:
    """The rates of several months in one statement."""
    zone = moment.zone_of_group()
    due = rows.clocks_between(min(months).start, max(months).end)
    dated = due.annotate(due_month=TruncMonth("original_due_at", tzinfo=zone)).order_by()
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _by_finding(dated.values("due_month", "step", "finding"), at):
        grouped.setdefault((str(Month.of(row["due_month"])), row["step"]), []).append(row)
    found: dict[str, dict[str, float | None]] = {str(one): {} for one in months}
    for (name, step), several in grouped.items():
        if name in found:
            counts = _fold(several)
            found[name][step] = _rate(counts["hit"], counts["miss"])
    return found


def _ageing(month: Month, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """The findings open at the cut-off by age, the self-inspection's own apart; one statement."""
    cut_off = rows.cut_off(month, at)
    counts = {figure: dict.fromkeys(rows.AGES, 0) for figure in ("ageing", "ageing_self")}
    for source, issued_at in rows.open_at(cut_off).order_by().values_list("source", "issued_at"):
        assert issued_at is not None  # only what was issued is open
        counts["ageing_self" if source == Source.SELF else "ageing"][rows.age_of(issued_at, cut_off)] += 1
    return {figure: [{"key": key, "count": n} for key, n in found.items()] for figure, found in counts.items()}


def _ledger(month: Month) -> list[dict[str, Any]]:
    counted = dict(
        LedgerEntry.objects.filter(month=str(month)).order_by().values_list("rule").annotate(count=Count("pk"))
    )
    return [{"key": rule.value, "count": counted.get(rule.value, 0)} for rule in LedgerEntry.Rule]


def _closings(month: Month) -> list[dict[str, Any]]:
    """Every internal closure of the month with what happened to the finding before: its starts and its closures.

    From the trail, which forgets nothing when a finding is reopened. Two statements.
    """
    closed = (
        FindingEvent.objects.filter(move="close", event_at__gte=month.start, event_at__lt=month.end)
        .exclude(finding__source=Source.SELF)
        .exclude(finding__state="withdrawn")
    )
    closings = closed.values("finding", "event_at", "position").order_by("event_at", "finding")
    found: list[dict[str, Any]] = [dict(row) for row in closings]
    history: dict[int, list[tuple[int, str, datetime]]] = {}
    events = FindingEvent.objects.filter(
        finding__in={row["finding"] for row in found}, move__in=["issue", "reopen", "close"]
    )
    for finding, position, move, when in events.values_list("finding", "position", "move", "event_at"):
        history.setdefault(finding, []).append((position, move, when))
    for row in found:
        earlier = [one for one in history[row["finding"]] if one[0] < row["position"]]
        row["started_at"] = max(one for one in earlier if one[1] in {"issue", "reopen"})[2]
        row["first"] = not any(one[1] == "close" for one in earlier)
    return found


def _first_pass(closings: list[dict[str, Any]], month: Month) -> dict[str, Any]:
    """Of the findings closed internally for the first time in the month, those of which nothing was ever sent back."""
    first = {row["finding"]: row["event_at"] for row in closings if row["first"]}
    verdicts = Verdict.objects.filter(
        submission__finding__in=first, outcome=Verdict.Outcome.RETURNED, at__lt=month.end
    ).values_list("submission__finding", "at")
    returned = {finding for finding, at in verdicts if at <= first[finding]}
    hit = len(first) - len(returned)
    return {"hit": hit, "total": len(first), "rate": _rate(hit, len(returned))}


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (the nearest-rank percentile)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def _closing(closings: list[dict[str, Any]]) -> dict[str, Any]:
    """Hours from the start of the round (issue or reopening) to its internal closure: mean and nine tenths."""
    hours = [(row["event_at"] - row["started_at"]).total_seconds() / 3600 for row in closings]
    if not hours:
        return {"count": 0, "mean": None, "p90": None}
    return {"count": len(hours), "mean": round(sum(hours) / len(hours), 1), "p90": round(nearest_rank(hours, 0.9), 1)}


def _listed(found: Any) -> list[dict[str, Any]]:
    """Findings as the printed list names them."""
    columns = {"customer": F("audit__customer__name"), "customer_en": F("audit__customer__name_en")}
    named = found.order_by("number").values("number", "what", "state", "grade", **columns)[:LISTED]
    return [{**row, "what": row["what"][:80]} for row in named]
