"""Ledger rows that do not come from a clock: answers sent back again and again."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q

from closure.models import LedgerEntry
from findings.models import Finding
from findings.states import Source
from workflow import moment

RETURNS = 2


def record_returns(*, now: datetime | None = None) -> int:
    """Write a row for every finding sent back twice or more in a cycle. Running it again writes nothing new."""
    at = now or moment.now()
    returned = Q(submissions__verdicts__outcome="returned")
    found = (
        Finding.objects.filter(returned)
        .exclude(source=Source.SELF)
        .annotate(times=Count("submissions__verdicts", filter=returned), last=Max("submissions__verdicts__at"))
        .filter(times__gte=RETURNS)
        .exclude(ledger_entries__rule=LedgerEntry.Rule.RETURNED)
        .select_related("site__unit")
    )
    rows = [
        LedgerEntry(
            number=f"{finding.number}-returned", person_id=finding.owner_id, unit_id=finding.site.unit_id,
            finding=finding, rule=LedgerEntry.Rule.RETURNED, breached_at=finding.last, recorded_at=at,
            month=finding.last.astimezone(ZoneInfo(finding.site.unit.time_zone)).strftime("%Y-%m"),
            facts={"times": finding.times},
        )
        for finding in found
    ]
    LedgerEntry.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
