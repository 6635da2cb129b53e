"""What a changed policy or calendar would do to running clocks: looked at first, applied only where someone says so.

A running clock keeps the version it started under (domain §4 A35) until an administrator applies the change to it; then
the change stands in the clock's "why" and in the trail of its finding or audit.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from audits.actions import MACHINE as AUDITS
from calendars.models import WorkCalendar, calendar_of
from findings import clock as clocks
from findings.actions import MACHINE as FINDINGS
from findings.answers import Countermeasure
from findings.models import Deadline, DueChange, Finding
from findings.policy import Policy, PolicyStep, winner
from workflow import door, moment

Calendars = dict[tuple[Any, int], Any]
#: Running clocks looked at in one preview.
MOST = 5000


@dataclass(frozen=True)
class Change:
    """What would become of one clock."""

    clock: Deadline
    step: PolicyStep
    reckoned: clocks.Reckoned
    due_at: datetime

    @property
    def earlier(self) -> bool:
        return self.due_at < self.clock.due_at


class _Undo(Exception):
    """Takes back what a preview did."""


def preview(act: Callable[[], Any], look: Callable[[], list[Change]]) -> list[Change]:
    """What `look` finds once `act` is done; then everything is taken back."""
    found: list[Change] = []
    try:
        with transaction.atomic():
            act()
            found = look()
            raise _Undo
    except _Undo:
        return found


def by_policy(policy: Policy) -> list[Change]:
    """The running clocks that would fall under this policy (a draft counts as in force), and their new due times."""
    in_force = Policy.objects.filter(Q(valid_from__lte=moment.now()) | Q(pk=policy.pk), covers=policy.covers)
    policies = list(in_force)
    steps = {step.step: step for step in policy.steps.prefetch_related("rungs")}
    for step in steps.values():
        step.policy = policy
    rows = _running().filter(step__in=steps).exclude(policy_step__policy=policy)
    narrow = {"audit__customer": policy.customer, "audit__kind": policy.kind, "finding__grade": policy.grade,
              "finding__source": policy.source}
    rows = rows.filter(**{name: value for name, value in narrow.items() if value})
    known: Calendars = {}
    return [
        change for row in rows[:MOST]
        if _wins(policies, row) == policy
        and (change := _changed(row, steps[row.step], known)) is not None
    ]


def _wins(policies: list[Policy], row: Deadline) -> Policy | None:
    audit = row.audit
    assert audit is not None
    grade, source = (row.finding.grade, row.finding.source) if row.finding else ("", "")
    return winner(policies, customer_id=audit.customer_id, kind_id=audit.kind_id, grade=grade, source=source)


def by_calendar(calendar: WorkCalendar) -> list[Change]:
    """The running clocks that count by this calendar and would come out differently by it as it stands now."""
    rows = _running().filter(Q(policy_step__count=PolicyStep.Count.WORKING) | Q(policy_step__off_holidays=True))
    found: list[Change] = []
    known: Calendars = {}
    for row in rows[:MOST]:
        unit = clocks.unit_of(row.subject)
        if unit is not None and calendar_of(unit, row.step) == calendar:
            change = _changed(row, row.policy_step, known)
            found += [change] if change else []
    return found


def _running() -> Any:
    """Running clocks; those an exemption carries, or carried, keep what was decided."""
    moved = DueChange.objects.filter(cause__in=[DueChange.Cause.PAUSED, DueChange.Cause.RESUMED])
    rows = Deadline.objects.running().filter(exempted_at=None, audit__isnull=False)
    return rows.exclude(pk__in=moved.values("deadline")).select_related(
        "finding__audit__customer", "finding__site__unit", "audit__leader__unit", "audit__customer", "policy_step__policy",
        "owes",
    ).prefetch_related("policy_step__rungs").order_by("due_at", "id")


def _changed(row: Deadline, step: PolicyStep, known: Calendars) -> Change | None:
    """The clock reckoned anew with the step; None when it stays as it is. `known` keeps calendars from row to row."""
    zone = ZoneInfo(row.zone)
    unit = clocks.unit_of(row.subject)
    key = (unit.pk if unit else None, step.pk)
    if key not in known:
        known[key] = clocks.calendar_for(unit, step)
    reckoned = clocks.reckon(step, row.started_at, zone, known[key], _date_given(row))
    due_at = min(reckoned.due_at, row.customer_due_at) if row.customer_due_at else reckoned.due_at
    same = due_at == row.due_at and _rules(step) == _rules(row.policy_step)
    return None if same else Change(row, step, reckoned, due_at)


def _rules(step: PolicyStep) -> tuple[Any, ...]:
    """What a clock lives by besides its due time: the ladder, what ends it, what may pause it."""
    ladder = [
        (one.offset_minutes, one.percent, tuple(one.recipients), one.level, one.ledger, one.repeat_minutes)
        for one in clocks.rungs_of(step)
    ]
    policy = step.policy
    switches = (policy.close_ends, policy.prelim_cause, policy.exemption_days, policy.exemption_renewals)
    return (ladder, switches, tuple(policy.exemption_top), tuple(step.moved_by))


def _date_given(row: Deadline) -> date | None:
    """The date a person gave, for clocks that run to one."""
    if row.step == "action":
        return Countermeasure.objects.filter(pk=int(row.part)).values_list("due_on", flat=True).first()
    return row.due_at.astimezone(ZoneInfo(row.zone)).date()


@transaction.atomic
def apply(changes: Iterable[Change], *, cause: str, by: Any, reason: str) -> int:
    """Move the due times, write down each in the clock's own list and in the trail. Returns how many.

    A clock that was answered, or moved by someone else, since the preview is left alone.
    """
    at, done = moment.now(), 0
    for change in _in_lock_order(changes):
        row = Deadline.objects.select_for_update(no_key=True, of=("self",)).get(pk=change.clock.pk)
        if not row.running or row.due_at != change.clock.due_at:
            continue
        row.policy_step = change.step
        row.base_due_at, row.trace = change.reckoned.due_at, clocks.written(change.reckoned.trace)
        before = row.due_at
        clocks.move_due(row, change.due_at, cause, by=by, at=at, reason=reason)
        machine, subject = (FINDINGS, row.finding) if isinstance(row.subject, Finding) else (AUDITS, row.audit)
        facts = {"clock": row.step, "before": before, "after": change.due_at, "reason": reason}
        door.record(machine, subject, "policy_applied", by=by, source=subject.state, facts=facts)  # type: ignore[union-attr]
        done += 1
    return done


def _in_lock_order(changes: Iterable[Change]) -> Iterator[Change]:
    """The finding or audit first, as every move does, in the order of their ids; so no two wait for each other."""
    for change in sorted(changes, key=lambda one: (one.clock.audit_id or 0, one.clock.finding_id or 0, one.clock.pk)):
        machine = FINDINGS if change.clock.finding_id else AUDITS
        door.locked(machine, change.clock.finding_id or change.clock.audit_id)
        yield change


