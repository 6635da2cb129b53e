"""A look at one period at one moment; what several figures count is read once."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from findings.models import FindingEvent
from findings.states import Source
from reports import rows
from reports.periods import Period


class Look:
    """A look at one period at one moment (aware); what several figures count is read once."""

    def __init__(self, period: Period, at: datetime) -> None:
        self.period, self.at = period, at

    @cached_property
    def closings(self) -> list[dict[str, Any]]:
        return closings(self.period)

    @cached_property
    def open_by_age(self) -> dict[bool, dict[str, int]]:
        """How many findings of each age are open at the cut-off; under True the self-inspection's own."""
        cut_off = rows.cut_off(self.period, self.at)
        counts = {own: dict.fromkeys(rows.AGES, 0) for own in (False, True)}
        for source, issued_at in rows.open_at(cut_off).order_by().values_list("source", "issued_at"):
            assert issued_at is not None  # only what was issued is open
            counts[source == Source.SELF][rows.age_of(issued_at, cut_off)] += 1
        return counts


def closed(period: Period) -> QuerySet[FindingEvent]:
    """The internal closures of the period, from the trail, which forgets nothing when a finding is reopened."""
    return (
        FindingEvent.objects.filter(move="close", event_at__gte=period.start, event_at__lt=period.end)
        .exclude(finding__source=Source.SELF)
        .exclude(finding__state="withdrawn")
    )


def closings(period: Period) -> list[dict[str, Any]]:
    """Every internal closure of the period with what happened to the finding before. Two statements.

    Each {"finding", "event_at", "position", "started_at", "first"}: when its round began, and whether it was the first closure.
    """
    found: list[dict[str, Any]] = [
        dict(row) for row in closed(period).values("finding", "event_at", "position").order_by("event_at", "finding")
    ]
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
