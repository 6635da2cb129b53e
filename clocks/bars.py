"""Clocks as bars: how much of the time is gone, and what its colour says."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from clocks import kinds
from clocks.models import Deadline
from clocks.why import Why, why


@dataclass(frozen=True)
class Bar:
    """One clock as the page shows it."""

    deadline: Deadline
    label: str
    why: Why
    kind: str
    percent: int


def _kind(deadline: Deadline, now: datetime) -> str:
    """done, late_done, stopped, late, soon or running: what the colour says."""
    if deadline.stopped_at:
        return "stopped"
    if deadline.answered_at:
        return "late_done" if deadline.late else "done"
    if now > deadline.due_at:
        return "late"
    left = (deadline.due_at - now) / (deadline.due_at - deadline.started_at)
    return "soon" if left < 0.25 else "running"


def _percent(deadline: Deadline, now: datetime) -> int:
    end = deadline.answered_at or deadline.stopped_at or now
    used = (end - deadline.started_at) / (deadline.due_at - deadline.started_at)
    return max(2, min(100, round(100 * used)))


def bar(deadline: Deadline, now: datetime) -> Bar:
    return Bar(deadline, kinds.label(deadline.step), why(deadline), _kind(deadline, now), _percent(deadline, now))


def of(record: Model, now: datetime) -> dict[str, list[Bar]]:
    """All clocks of the record: those that run, the shortest time first; below them what is over."""
    rows = list(Deadline.objects.on(record).explained().order_by("due_at", "id"))
    return {
        "now": [bar(row, now) for row in rows if row.running],
        "earlier": [bar(row, now) for row in rows if not row.running],
    }
