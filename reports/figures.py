"""The figures of a report (domain §2.11): each told once, with its name, what it counts and the rows it is the number of.

Pages, PDF, Excel, the API, the drill-down and what a publication freezes all loop over FIGURES. What a figure means in words is in
`reports.definitions`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from closure.models import LedgerEntry
from findings.answers import Verdict
from findings.models import Finding, FindingEvent
from findings.states import Category, Grade
from lib import moment
from reports import rows
from reports.look import Look, closed, closings
from reports.periods import Period
from reports.rates import rate, rate_rows, rates, trend

AUDIT_KEYS = ("planned", "held", "sudden", "postponed", "cancelled")
#: The printed lists end here; the page drills down to all of them.
LISTED = 200


#: What the figure says, as plain data: a list of {"key", "count"}, or one record of numbers.
Counted = Callable[[Look], Any]
#: (period, key, at): the rows behind one entry, whose number is the number that is shown. Raises KeyError for no such entry.
Rows = Callable[[Period, str, datetime], QuerySet[Any]]


@dataclass(frozen=True)
class Figure:
    """One figure. `rows` has an entry for every name under which its parts are drilled down."""

    key: str
    label: Promise
    counted: Counted
    rows: dict[str, Rows]
    #: What its entries are called, by their keys; none where they bring their own names (customers, sites).
    labels: Mapping[str, Promise | str] | None = None
    #: Shown as a list of entries with their numbers, in this part of the report.
    part: str = ""
    #: Only for those who keep the ledger.
    restricted: bool = False

    def keys(self, said: Any) -> list[tuple[str, str]]:
        """Every (drill-down, key) of what it said: what a publication freezes the rows of."""
        (name,) = self.rows
        return [(name, row["key"]) for row in said]


@dataclass(frozen=True)
class Rate(Figure):
    """The on-time rates: one line per step, each with its own drill-down."""

    def keys(self, said: Any) -> list[tuple[str, str]]:
        return [(row["key"], key) for row in said for key in rows.RATE_KEYS]


@dataclass(frozen=True)
class Number(Figure):
    """One number, or one record of numbers, with a fixed set of drill-downs."""

    parts: tuple[str, ...] = ("all",)

    def keys(self, said: Any) -> list[tuple[str, str]]:
        (name,) = self.rows
        return [(name, part) for part in self.parts]


# Audits and findings, by what they are -------------------------------------------------------------------------------


def _audits(look: Look) -> list[dict[str, Any]]:
    where = rows.audits_where(look.period)
    counted = Audit.objects.aggregate(**{f"n_{key}": Count("pk", filter=where[key]) for key in AUDIT_KEYS})
    return [{"key": key, "count": counted[f"n_{key}"]} for key in AUDIT_KEYS]


def _audit_rows(period: Period, key: str, at: datetime) -> QuerySet[Audit]:
    return rows.audits(period, key)


def _by_choice(column: str, choices: Any, look: Look) -> list[dict[str, Any]]:
    """One entry per choice, in the order of the choices; the uncoded ones last."""
    counted = dict(rows.issued(look.period).order_by().values_list(column).annotate(count=Count("pk")))
    found = [{"key": choice.value, "count": counted.get(choice.value, 0)} for choice in choices]
    return [*found, {"key": "none", "count": counted[""]}] if counted.get("") else found


def _by_name(relation: str, look: Look) -> list[dict[str, Any]]:
    """One entry per customer or site, the most first."""
    counted = (
        rows.issued(look.period)
        .order_by()
        .values(key=F(f"{relation}__code"), name=F(f"{relation}__name"), name_en=F(f"{relation}__name_en"))
        .annotate(count=Count("pk"))
    )
    # Named by a row that is not there yet: under the key that the uncoded ones have too.
    return [{**row, "key": row["key"] or "none"} for row in counted.order_by("-count", "key")]


def _issued(column: str, period: Period, key: str, at: datetime) -> QuerySet[Finding]:
    if key == "none" and "__" in column:
        return rows.issued(period).filter(**{f"{column}__isnull": True})
    return rows.issued(period).filter(**{column: "" if key == "none" else key})


def _all_issued(period: Period, key: str, at: datetime) -> QuerySet[Finding]:
    return rows.issued(period)


# What is open, and the ledger ----------------------------------------------------------------------------------------


def _ageing(own: bool, look: Look) -> list[dict[str, Any]]:
    return [{"key": key, "count": n} for key, n in look.open_by_age[own].items()]


def _aged(own: bool, period: Period, key: str, at: datetime) -> QuerySet[Finding]:
    return rows.ageing(period, key, at, own=own)


def _ledger(look: Look) -> list[dict[str, Any]]:
    counted = dict(rows.in_ledger(look.period).order_by().values_list("rule").annotate(count=Count("pk")))
    return [{"key": rule.value, "count": counted.get(rule.value, 0)} for rule in LedgerEntry.Rule]


def _ledger_rows(period: Period, key: str, at: datetime) -> QuerySet[LedgerEntry]:
    if key not in LedgerEntry.Rule.values:
        raise KeyError(key)
    return rows.in_ledger(period).filter(rule=key)


# Closures ------------------------------------------------------------------------------------------------------------


def _passed(found: list[dict[str, Any]], end: datetime) -> dict[bool, set[int]]:
    """The findings closed internally for the first time: under True those of which nothing was ever sent back before."""
    first = {row["finding"]: row["event_at"] for row in found if row["first"]}
    verdicts = Verdict.objects.filter(
        submission__finding__in=first, outcome=Verdict.Outcome.RETURNED, at__lt=end
    ).values_list("submission__finding", "at")
    returned = {finding for finding, at in verdicts if at <= first[finding]}
    return {True: set(first) - returned, False: returned}


def _first_pass(look: Look) -> dict[str, Any]:
    passed = _passed(look.closings, look.period.end)
    hit, miss = len(passed[True]), len(passed[False])
    return {"hit": hit, "total": hit + miss, "rate": rate(hit, miss)}


def _first_pass_rows(period: Period, key: str, at: datetime) -> QuerySet[Finding]:
    passed = _passed(closings(period), period.end)
    return Finding.objects.filter(pk__in={"hit": passed[True], "total": passed[True] | passed[False]}[key])


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (the nearest-rank percentile)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def _closing(look: Look) -> dict[str, Any]:
    """Hours from the start of the round (issue or reopening) to its internal closure: mean and nine tenths."""
    hours = [(row["event_at"] - row["started_at"]).total_seconds() / 3600 for row in look.closings]
    if not hours:
        return {"count": 0, "mean": None, "p90": None}
    return {"count": len(hours), "mean": round(sum(hours) / len(hours), 1), "p90": round(nearest_rank(hours, 0.9), 1)}


def _closing_rows(period: Period, key: str, at: datetime) -> QuerySet[FindingEvent]:
    if key != "all":
        raise KeyError(key)
    return closed(period)


# The registry --------------------------------------------------------------------------------------------------------

AGE_LABELS = {"0-5": _("0–5 days"), "6-30": _("6–30 days"), "31-90": _("31–90 days"), "90+": _("over 90 days")}
RATE_LABELS = {"contain": _("24 h containment"), "analyse": _("48 h root cause"), "close": _("5-day closure")}
AUDIT_LABELS = {
    "planned": _("Planned"),
    "held": _("Audits held"),
    "sudden": _("Of these sudden"),
    "postponed": _("Postponed"),
    "cancelled": _("Cancelled"),
}


def _labels(choices: Any) -> dict[str, Promise | str]:
    return {**dict(choices.choices), "none": _("Not coded yet")}


FIGURES: tuple[Figure, ...] = (
    Figure("audits", _("Audits"), _audits, {"audits": _audit_rows}, AUDIT_LABELS),
    Number("total", _("Findings"), lambda look: rows.issued(look.period).count(), {"total": _all_issued}),
    Figure(
        "grade",
        _("Findings by grade"),
        partial(_by_choice, "grade", Grade),
        {"grade": partial(_issued, "grade")},
        _labels(Grade),
        part="findings",
    ),
    Figure(
        "customer",
        _("Findings by customer"),
        partial(_by_name, "audit__customer"),
        {"customer": partial(_issued, "audit__customer__code")},
        part="findings",
    ),
    Figure(
        "site",
        _("Findings by site"),
        partial(_by_name, "site"),
        {"site": partial(_issued, "site__code")},
        part="findings",
    ),
    Figure(
        "category",
        _("Findings by 5M1E"),
        partial(_by_choice, "category", Category),
        {"category": partial(_issued, "category")},
        _labels(Category),
        part="findings",
    ),
    Rate(
        "rates",
        _("On time"),
        rates,
        {step.value: partial(rate_rows, step.value) for step in rows.RATES},
        RATE_LABELS,
    ),
    Figure(
        "ageing",
        _("Age of what is open at the cut-off"),
        partial(_ageing, False),
        {"ageing": partial(_aged, False)},
        AGE_LABELS,
        part="open",
    ),
    Figure(
        "ageing_self",
        _("Self-inspection findings open at the cut-off, by age"),
        partial(_ageing, True),
        {"ageing_self": partial(_aged, True)},
        AGE_LABELS,
        part="open",
    ),
    Figure(
        "ledger",
        _("Ledger"),
        _ledger,
        {"ledger": _ledger_rows},
        dict(LedgerEntry.Rule.choices),
        part="open",
        restricted=True,
    ),
    Number(
        "first_pass",
        _("Accepted at the first attempt"),
        _first_pass,
        {"first_pass": _first_pass_rows},
        parts=("hit", "total"),
    ),
    Number("closing", _("Hours from issue to closure"), _closing, {"closing": _closing_rows}),
)
DRILLS: dict[str, Rows] = {name: found for figure in FIGURES for name, found in figure.rows.items()}
RESTRICTED = frozenset(name for figure in FIGURES if figure.restricted for name in figure.rows)


def figures(period: Period, *, now: datetime | None = None) -> dict[str, Any]:
    """Everything the report about `period` says, as it stands at `now` (aware)."""
    at = now or moment.now()
    look = Look(period, at)
    said = {figure.key: figure.counted(look) for figure in FIGURES}
    return {
        **period.named(),
        "cut_off": at.isoformat(),
        **said,
        "trend": trend(period, at, said["rates"]),
        "late": _listed(Q(pk__in=rows.late_findings(period, at))),
        "findings": _listed(Q(pk__in=rows.issued(period))),
    }


def behind(period: Period, name: str, key: str, at: datetime) -> QuerySet[Any]:
    """The rows behind one figure. Raises KeyError for a figure that does not exist."""
    return DRILLS[name](period, key, at)


def _listed(which: Q) -> list[dict[str, Any]]:
    """Findings as the printed list names them."""
    columns = {"customer": F("audit__customer__name"), "customer_en": F("audit__customer__name_en")}
    found = Finding.objects.filter(which).order_by("number")
    named = found.values("number", "what", "state", "grade", **columns)[:LISTED]
    return [{**row, "what": row["what"][:80]} for row in named]
