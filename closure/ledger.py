"""Ledger rows that do not come from a clock: answers sent back again and again."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max
from django.db.models.functions import Coalesce

from closure.models import LedgerEntry
from findings.answers import Verdict
from findings.models import Finding
from findings.states import FindingState, Source
from workflow import moment

RETURNS = 2


def record_returns(*, now: datetime | None = None) -> int:
    """Write a row for everyone whose answers to one finding were sent back twice or more in one cycle.

    Running it again writes nothing new. Returns how many rows were written.
    """
    at = now or moment.now()
    answers = Verdict.objects.filter(outcome=Verdict.Outcome.RETURNED).exclude(
        submission__finding__source=Source.SELF
    ).exclude(submission__finding__state=FindingState.WITHDRAWN)
    counted = answers.values(
        "submission__finding", "submission__cycle", person=Coalesce("submission__on_behalf_of", "submission__by")
    ).annotate(times=Count("pk"), last=Max("at"), n=F("submission__finding"), cycle=F("submission__cycle"))
    known = set(LedgerEntry.objects.filter(rule=LedgerEntry.Rule.RETURNED).values_list("number", flat=True))
    found = list(counted.filter(times__gte=RETURNS).order_by("n", "cycle", "person"))
    findings = Finding.objects.select_related("site__unit").in_bulk({row["n"] for row in found})
    rows = [_entry(findings[row["n"]], row, at) for row in found]
    new = [row for row in rows if row.number not in known]
    LedgerEntry.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _entry(finding: Finding, row: Any, at: datetime) -> LedgerEntry:
    last: datetime = row["last"]
    return LedgerEntry(
        number=f"{finding.number}-returned-{row['cycle']}-{row['person']}", person_id=row["person"],
        unit_id=finding.site.unit_id, finding=finding, rule=LedgerEntry.Rule.RETURNED, breached_at=last, recorded_at=at,
        month=last.astimezone(ZoneInfo(finding.site.unit.time_zone)).strftime("%Y-%m"), facts={"times": row["times"]},
    )
