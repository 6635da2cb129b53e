"""The on-time rates of a period and of the periods before it, each finding counted once (domain §2.11)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from findings.models import Finding
from reports import rows
from reports.look import Look
from reports.models import Publication
from reports.periods import Period

TREND = 6


def rate(hit: int, miss: int) -> float | None:
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


def rates(look: Look) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in _by_finding(rows.clocks(look.period).order_by().values("step", "finding"), look.at):
        grouped.setdefault(row["step"], []).append(row)
    found = []
    for step in rows.RATES:
        counts = _fold(grouped.get(step.value, []))
        found.append({"key": step.value, **counts, "rate": rate(counts["hit"], counts["miss"])})
    return found


def rate_rows(step: str, period: Period, key: str, at: datetime) -> QuerySet[Finding]:
    if key not in rows.RATE_KEYS:
        raise KeyError(key)
    return rows.rate_findings(period, step, key, at)


def trend(period: Period, at: datetime, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The three rates of the last periods of this kind, for the chart: the published ones where one is published."""
    periods = period.back(TREND)
    known = {str(period): {row["key"]: row["rate"] for row in own}}
    for publication in Publication.objects.filter(period__in=[str(period) for period in periods[:-1]]):
        known[publication.period] = {row["key"]: row["rate"] for row in publication.figures["rates"]}
    if wanted := [period for period in periods if str(period) not in known]:
        known |= _live_rates(wanted, at)
    return [
        {**period.named(), **{step.value: known[str(period)].get(step.value) for step in rows.RATES}}
        for period in periods
    ]


def _live_rates(periods: list[Period], at: datetime) -> dict[str, dict[str, float | None]]:
    """The rates of several periods in one statement."""
    due = rows.clocks_between(periods[0].start, periods[-1].end)
    lies_in = Case(
        *(
            When(original_due_at__gte=one.start, original_due_at__lt=one.end, then=Value(n))
            for n, one in enumerate(periods)
        ),
        default=Value(-1),
        output_field=IntegerField(),
    )
    grouped: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in _by_finding(due.annotate(which=lies_in).order_by().values("which", "step", "finding"), at):
        grouped.setdefault((row["which"], row["step"]), []).append(row)
    found: dict[str, dict[str, float | None]] = {str(period): {} for period in periods}
    for (which, step), several in grouped.items():
        if which >= 0:
            counts = _fold(several)
            found[str(periods[which])][step] = rate(counts["hit"], counts["miss"])
    return found
