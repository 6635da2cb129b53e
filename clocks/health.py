"""Watching the watcher: is the sweep on time, does the canary sing, does what is owed get delivered."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min, Q

from clocks.deadlines import Deadline
from clocks.defaults import SINCE
from clocks.models import Escalation, Heartbeat
from clocks.policy import PolicyStep
from lib import moment
from notices.models import Delivery

CANARY = "canary"
KEEP_CANARY = timedelta(days=7)


@dataclass(frozen=True)
class State:
    """How the engine stands. Ages and lags in seconds; None where there is nothing to measure."""

    sweep_late: bool
    last_sweep: datetime | None
    sweep_age: float | None
    lag: float
    clocks_due: int
    canary_late: bool
    canary_fired: datetime | None
    canary_lag: float | None
    deliveries_waiting: int
    oldest_delivery_age: float
    dead_letters: int

    @property
    def healthy(self) -> bool:
        """Whether escalations are being raised; mail that waits is another matter and has its own figure."""
        return not self.sweep_late and not self.canary_late

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "healthy": self.healthy}


def tolerance() -> timedelta:
    return timedelta(seconds=settings.SWEEP_LATE_SECONDS)


def sweep_is_late(now: datetime) -> bool:
    """Whether the last sweep ended too long ago (or never). One statement; asked on every administrator's page."""
    last = Heartbeat.objects.filter(job="sweep").values_list("at", flat=True).first()
    return last is None or now - last > tolerance()


def state(now: datetime | None = None) -> State:
    """Read everything that says whether the clocks are watched: a constant number of statements, nothing that grows with
    the clocks that run. Reminders that quiet hours hold back are not counted as undelivered.
    """
    at = now or moment.now()
    last = Heartbeat.objects.filter(job="sweep").values_list("at", flat=True).first()
    due = Deadline.objects.filter(next_alarm_at__lte=at)
    oldest_due = due.aggregate(first=Min("next_alarm_at"))["first"]
    waiting = Delivery.objects.filter(status=Delivery.Status.PENDING)
    tried = waiting.filter(Q(next_try_at__lte=at) | Q(attempts__gt=0))
    oldest = tried.aggregate(first=Min("notice__created_at"))["first"]
    late, fired, lag = canary_state(at)
    return State(
        sweep_late=last is None or at - last > tolerance(),
        last_sweep=last,
        sweep_age=(at - last).total_seconds() if last else None,
        lag=(at - oldest_due).total_seconds() if oldest_due else 0.0,
        clocks_due=due.count(),
        canary_late=late,
        canary_fired=fired,
        canary_lag=lag,
        deliveries_waiting=waiting.count(),
        oldest_delivery_age=(at - oldest).total_seconds() if oldest else 0.0,
        dead_letters=Delivery.objects.filter(status=Delivery.Status.DEAD).count(),
    )


def clocks_running() -> int:
    """Clocks with an alarm to come: counted over the partial index, for the page and the figures only."""
    return Deadline.objects.filter(next_alarm_at__isnull=False).count()


def keep_canary(now: datetime | None = None) -> Deadline | None:
    """The canary: a clock nobody answers, whose last rung fires every quarter of an hour. Starts it where it is missing,
    and forgets firings older than a week. None without a policy for it.
    """
    at = now or moment.now()
    found = Deadline.objects.filter(step=CANARY, stopped_at=None).first()
    if found is None:
        step = PolicyStep.objects.filter(step=CANARY, policy__valid_from__lte=at).order_by("-policy__version").first()
        if step is None:
            return None
        due = at - timedelta(minutes=1)
        found, _made = Deadline.objects.get_or_create(
            step=CANARY,
            subject_id=None,
            stopped_at=None,
            defaults={
                "cycle": 1,
                "policy_step": step,
                "zone": settings.TIME_ZONE,
                "started_at": SINCE,
                "base_due_at": due,
                "due_at": due,
                "original_due_at": due,
                "judged_due_at": due,
                "next_alarm_at": due,
            },
        )
    Escalation.objects.filter(deadline=found, breached_at__lt=at - KEEP_CANARY).delete()
    return found


def canary_state(now: datetime) -> tuple[bool, datetime | None, float | None]:
    """Whether the canary is silent although it should have sung, when it last fired, and how late it did."""
    canary = Deadline.objects.filter(step=CANARY, stopped_at=None).values_list("pk", "next_alarm_at").first()
    if canary is None:
        return False, None, None
    pk, alarm = canary
    last = Escalation.objects.filter(deadline_id=pk).order_by("-rung").values_list("breached_at", "fired_at").first()
    silent = alarm is None or now - alarm > tolerance()
    if last is None:
        return silent, None, None
    breached, fired = last
    return silent, fired, (fired - breached).total_seconds()
