"""What a changed policy or calendar would do to running clocks: looked at first, applied only where someone says so.

A running clock keeps the version it started under (domain §4 A35) until an administrator applies the change to it; then
the change stands in the clock's "why" and in the trail of its record.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from calendars.models import WorkCalendar, calendar_of
from clocks import actions as clocks, reckoning, subjects
from clocks.deadlines import Deadline, DueChange
from clocks.kinds import KINDS
from clocks.policy import Policy, PolicyStep, winner
from lib import moment
from lib.moment import zone_of
from workflow import door
from workflow.fsm import Child

#: Changes found in one preview; what is left is found by the next, once these are applied.
MOST = 5000
#: Clocks looked at together.
CHUNK = 1000


@dataclass(frozen=True)
class Change:
    """What would become of one clock."""

    clock: Deadline
    step: PolicyStep
    reckoned: reckoning.Reckoned
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
    meant = Q(pk__in=[])
    for subject in (kind for kind in subjects.SUBJECTS.values() if kind.policy == policy.covers):
        # What a policy is narrowed by is called the same on both sides.
        narrowed = {lookup: getattr(policy, name) for name, lookup in subject.scope.items()}
        meant |= subject.clocks_of(**{lookup: value for lookup, value in narrowed.items() if value})
    return _found(rows.filter(meant), lambda row: steps[row.step] if _wins(policies, row) == policy else None)


def _wins(policies: list[Policy], row: Deadline) -> Policy | None:
    return winner(policies, **subjects.of(row.subject).scope_of(row.subject))


def by_calendar(calendar: WorkCalendar) -> list[Change]:
    """The running clocks that count by this calendar and would come out differently by it as it stands now."""
    rows = _running().filter(Q(policy_step__count=PolicyStep.Count.WORKING) | Q(policy_step__off_holidays=True))
    return _found(rows, lambda row: row.policy_step, only=calendar)


def _running() -> Any:
    """Running clocks; those an exemption or a dispute has moved keep what was decided."""
    decided = [DueChange.Cause.PAUSED, DueChange.Cause.RESUMED, DueChange.Cause.DISPUTE]
    moved = DueChange.objects.filter(cause__in=decided)
    rows = Deadline.objects.running().filter(exempted_at=None, subject_id__isnull=False)
    return (
        rows.exclude(pk__in=moved.values("deadline"))
        .select_related("policy_step__policy", "owes")
        .prefetch_related("policy_step__rungs")
        .with_subjects()
        .order_by("due_at", "id")
    )


def _found(
    rows: "QuerySet[Deadline]", step_for: Callable[[Deadline], PolicyStep | None], only: WorkCalendar | None = None
) -> list[Change]:
    """The first changes among these clocks, chunk by chunk; `only` those that count by this calendar."""
    found: list[Change] = []
    book = _Book()
    several = rows.iterator(chunk_size=CHUNK)
    while len(found) < MOST and (chunk := list(islice(several, CHUNK))):
        book.read(chunk)
        for row in chunk:
            step = step_for(row)
            if step is None or (only is not None and book.calendar_row(row) != only):
                continue
            if (change := _changed(row, step, book)) is not None:
                found.append(change)
    return found[:MOST]


class _Book:
    """What reckoning many clocks has to look up besides their rows; each thing once."""

    def __init__(self) -> None:
        self._units: dict[tuple[Any, Any], Any] = {}
        self._dates: dict[int, date | None] = {}
        self._rows: dict[tuple[Any, str], Any] = {}
        self._calendars: dict[tuple[Any, int], Any] = {}

    def read(self, rows: list[Deadline]) -> None:
        """The dates that people gave, for these clocks: one statement for each kind of clock that runs to one."""
        self._dates = {}
        for kind in KINDS.values():
            mine = [row for row in rows if row.step == kind.step]
            if kind.dates is not None and mine:
                given = kind.dates({row.part for row in mine})
                self._dates |= {row.pk: given.get(row.part) for row in mine}

    def unit(self, row: Deadline) -> Any:
        key = (row.subject_type_id, row.subject_id)
        if key not in self._units:
            self._units[key] = subjects.of(row.subject).unit(row.subject)
        return self._units[key]

    def calendar_row(self, row: Deadline) -> Any:
        """The calendar the clock's plant lives by for this step, or None."""
        unit = self.unit(row)
        key = (unit.pk if unit else None, row.step)
        if key not in self._rows:
            self._rows[key] = calendar_of(unit, row.step) if unit else None
        return self._rows[key]

    def calendar(self, row: Deadline, step: PolicyStep) -> Any:
        """The calendar to count by; None where the step runs by the wall clock."""
        unit = self.unit(row)
        key = (unit.pk if unit else None, step.pk)
        if key not in self._calendars:
            self._calendars[key] = reckoning.calendar_for(unit, step)
        return self._calendars[key]

    def date_given(self, row: Deadline) -> date | None:
        """The date a person gave, for clocks that run to one."""
        if row.pk in self._dates:
            return self._dates[row.pk]
        return moment.day_of(row.due_at, zone_of(row.zone))


def _changed(row: Deadline, step: PolicyStep, book: _Book) -> Change | None:
    """The clock reckoned anew with the step; None when it stays as it is, or would become late by the change alone.

    Nobody is accused of a time that was not theirs when it passed: such a clock keeps what it started under.
    """
    zone = zone_of(row.zone)
    reckoned = reckoning.reckon(step, row.started_at, zone, book.calendar(row, step), book.date_given(row))
    due_at = min(reckoned.due_at, row.customer_due_at) if row.customer_due_at else reckoned.due_at
    if due_at < row.due_at and due_at <= moment.now():
        return None
    same = due_at == row.due_at and _rules(step) == _rules(row.policy_step)
    return None if same else Change(row, step, reckoned, due_at)


def _rules(step: PolicyStep) -> tuple[Any, ...]:
    """What a clock lives by besides its due time: the ladder, what ends it, what may pause it."""
    ladder = [
        (rung.offset_minutes, rung.percent, tuple(rung.recipients), rung.level, rung.ledger, rung.repeat_minutes)
        for rung in clocks.rungs_of(step)
    ]
    policy = step.policy
    switches = (
        policy.close_ends,
        policy.prelim_cause,
        policy.dispute_hours,
        policy.exemption_days,
        policy.exemption_renewals,
    )
    return (ladder, switches, tuple(policy.exemption_top), tuple(step.moved_by))


@transaction.atomic
def apply(changes: Iterable[Change], *, cause: str, by: Any, reason: str) -> int:
    """Move the due times, write down each in the clock's own list and in the trail. Returns how many.

    A clock that was answered, or moved by someone else, since the preview is left alone.
    """
    at, done = moment.now(), 0
    for change in _in_lock_order(changes):
        record = _locked(change.clock)
        row = Deadline.objects.select_for_update(no_key=True, of=("self",)).get(pk=change.clock.pk)
        if not row.running or row.due_at != change.clock.due_at:
            continue
        row.policy_step = change.step
        row.base_due_at, row.trace = change.reckoned.due_at, reckoning.written(change.reckoned.trace)
        before = row.due_at
        clocks.move_due(row, change.due_at, cause, by=by, at=at, reason=reason)
        machine = door.machine_of(type(record))
        if machine is not None:
            facts = {"clock": row.step, "before": before, "after": change.due_at, "reason": reason}
            door.record(machine, record, "policy_applied", by=by, source=record.state, facts=facts)
        done += 1
    return done


def _in_lock_order(changes: Iterable[Change]) -> list[Change]:
    """Audits, then findings with what stands beside them, each in the order of its ids, as every move locks them: no two wait
    for each other.
    """
    order = {subject.key: place for place, subject in enumerate(subjects.SUBJECTS.values())}

    def place(change: Change) -> tuple[int, int, int, int]:
        subject, record = subjects.of(change.clock.subject), change.clock.subject
        home = record.parent.pk if isinstance(record, Child) else change.clock.subject_id
        return order[(subject.parent or subject).key], home or 0, order[subject.key], change.clock.pk

    return sorted(changes, key=place)


def _locked(row: Deadline) -> Any:
    """The clock's record, its row locked before the clock's and after its parent's, as by every move of it."""
    subject = subjects.of(row.subject)
    machine = door.machine_of(subject.model)
    if machine is not None:
        return door.claimed(machine, row.subject_id)
    return subject.model._default_manager.select_for_update(no_key=True).get(pk=row.subject_id)
