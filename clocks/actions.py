"""The clocks of a record: started, answered, paused and stopped here, by what their kinds say; the sweep only compares
one column with the time.

Hours run by the wall clock, day and night, days by the calendar in the plant's time zone, unless the policy's step counts
the plant's working time (domain §4 A3). A customer's own time can only tighten (A7).
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from calendars.arithmetic import Calendar, end_of_day
from clocks import subjects
from clocks.deadlines import Deadline, DueChange
from clocks.kinds import KINDS, Kind, Part, never_again, of
from clocks.policy import Policy, PolicyRung, PolicyStep, choose, rung_time
from clocks.reckoning import calendar_for, reckon, written
from lib.moment import zone_of
from notices import actions as notices
from workflow.move import Moved

# What a move does to the clocks -------------------------------------------------------------------------------------


def locked(subject: Any) -> list[Deadline]:
    """Every clock of the record, locked in the order of their ids, with its policy.

    One statement, and none when asked again: every move reads its record anew, and what is locked nobody else changes.
    """
    kept = vars(subject)
    if "_clocks" not in kept:
        rows = Deadline.objects.on(subject).select_for_update(no_key=True, of=("self",)).order_by("id")
        kept["_clocks"] = list(rows.select_related("policy_step__policy"))
    found: list[Deadline] = kept["_clocks"]
    return found


#: What a move changes in a clock that is there.
TURNED = ["answered_at", "accepted_at", "stopped_at", "next_alarm_at"]


def turn(moved: Moved) -> None:
    """Let one move of a record act on its clocks: answer, stop, open again, start, follow the people."""
    rows, kinds = locked(moved.subject), of(moved.subject)
    changed = [row for kind in kinds for row in rows if row.step == kind.step and _turned(moved, kind, row, rows)]
    _keep(changed)
    starting = [kind for kind in kinds if kind.starts(moved)]
    if starting:
        rows += start(moved, starting, rows)
    follow(moved.subject, rows, moved.at)


def _turned(moved: Moved, kind: Kind, row: Deadline, rows: list[Deadline]) -> bool:
    """Let the move act on one clock, in memory. Whether anything changed."""
    if row.running and kind.answered_by(moved, row):
        row.answered_at = moved.at
        _rest(row, moved.at)
    elif row.running and kind.stopped_by(moved, row):
        row.stopped_at = moved.at
        _rest(row, moved.at)
    elif row.answered_at and not row.stopped_at and kind.opens_again(moved) and _newest(row, rows):
        _open_again(row)
    else:
        return False
    return True


def _keep(rows: list[Deadline]) -> None:
    """Save clocks that were answered, stopped or opened again, and drop what was still to be told of those that rest.

    A clock of which no rung has fired has told nobody anything.
    """
    if len(rows) == 1:
        rows[0].save(update_fields=TURNED)
    elif rows:
        Deadline.objects.bulk_update(rows, TURNED)
    notices.void(*(row.topic for row in rows if row.rung and not row.running))


def _newest(row: Deadline, rows: list[Deadline]) -> bool:
    return row.cycle == max(clock.cycle for clock in rows if (clock.step, clock.part) == (row.step, row.part))


def policy_of(record: Any, at: datetime) -> Policy:
    """The policy in force for the record at `at` (aware). Raises LookupError when there is none."""
    subject = subjects.of(record)
    return choose(covers=subject.policy, at=at, **subject.scope_of(record))


def start(moved: Moved, kinds: list[Kind], rows: list[Deadline]) -> list[Deadline]:
    """Start the clocks of these kinds that the policy knows, together. A constant number of statements."""
    subject = moved.subject
    policy = policy_of(subject, moved.at)
    wanted = policy.steps.filter(step__in=[kind.step for kind in kinds])
    steps = {step.step: step for step in wanted.prefetch_related("rungs")}
    unit = subjects.of(subject).unit(subject)
    zone = unit.zone() if unit else zone_of(settings.TIME_ZONE)
    made = []
    for kind in (kind for kind in kinds if kind.step in steps):
        step = steps[kind.step]
        step.policy = policy
        calendar = calendar_for(unit, step)
        for part in kind.parts(moved):
            earlier = [row for row in rows if (row.step, row.part) == (kind.step, part.key)]
            if any(row.running for row in earlier):
                continue
            cycle = subject.cycle if kind.per_cycle else 1 + max((row.cycle for row in earlier), default=0)
            made.append(_row(moved, kind, step, part, cycle, zone, calendar))
    return Deadline.objects.bulk_create(made)


def _row(
    moved: Moved, kind: Kind, step: PolicyStep, part: Part, cycle: int, zone: ZoneInfo, calendar: Calendar | None
) -> Deadline:
    subject = moved.subject
    at = min(kind.counts_from(step.policy, moved), moved.at)
    base = reckon(step, at, zone, calendar, part.due_on)
    asked = kind.customer_due(subject, step.step, at, zone) if kind.customer_due else None
    due_at = min(base.due_at, asked) if asked else base.due_at
    row = Deadline(
        subject=subject,
        step=kind.step,
        part=part.key,
        cycle=cycle,
        policy_step=step,
        zone=zone.key,
        owes_id=part.person_id,
        started_at=at,
        started_by=moved.by,
        base_due_at=base.due_at,
        customer_due_at=asked,
        due_at=due_at,
        original_due_at=due_at,
        judged_due_at=due_at,
        trace=written(base.trace),
    )
    row.next_alarm_at = next_alarm(row)
    row.owes_id = kind.owed_by(subject, row)
    return row


def follow(subject: Any, rows: list[Deadline], at: datetime) -> None:
    """Whoever owes a clock now that runs or may come back; until `at` it was who owed it before.

    Notices for whoever no longer does are dropped.
    """
    for row in (clock for clock in rows if clock.step in KINDS and (clock.running or _may_come_back(clock))):
        now_owes = KINDS[row.step].owed_by(subject, row)
        if now_owes != row.owes_id:
            if row.owes_id and row.rung:
                notices.void(row.topic, recipient_id=row.owes_id)
            row.owed_before = [*(row.owed_before or []), [at.isoformat(), row.owes_id]]
            row.owes_id = now_owes
            row.save(update_fields=["owes", "owed_before"])


def _may_come_back(row: Deadline) -> bool:
    """Answered, and it may be sent back: then it is owed by whoever owes it by then, not by whoever answered it."""
    return row.stopped_at is None and KINDS[row.step].opens_again is not never_again


def rungs_of(step: PolicyStep) -> list[PolicyRung]:
    return sorted(step.rungs.all(), key=lambda rung: rung.position)


def next_alarm(row: Deadline) -> datetime | None:
    """When the sweep has to look at the clock again."""
    return rung_time(rungs_of(row.policy_step), row.started_at, row.due_at, row.rung - row.ladder_from)


def answer(row: Deadline, at: datetime) -> None:
    """One clock is answered outside a move of its record: the notice was acknowledged."""
    row.answered_at = at
    _rest(row, at)
    _keep([row])


def _rest(row: Deadline, at: datetime) -> None:
    """Answered (until it is sent back) or stopped, the ladder rests from `at` on.

    Rungs that should have fired before and have not been swept yet are left to the sweep: a breach is recorded even when
    the worker was down while it happened.
    """
    if row.next_alarm_at and row.next_alarm_at > at:
        row.next_alarm_at = None


def _open_again(row: Deadline) -> None:
    """Sent back: the answer no longer counts, the due time stays, the ladder goes on where it stood."""
    row.answered_at = row.accepted_at = None
    row.next_alarm_at = next_alarm(row)


# What moves a due time ----------------------------------------------------------------------------------------------


def may_pause(row: Deadline, move: str) -> bool:
    """Whether the policy the clock runs under lets this move pause it."""
    return move in row.policy_step.moved_by


def latest(row: Deadline) -> datetime:
    """How far a pause may carry the clock: the policy's longest exemption, from the start on."""
    return row.started_at + timedelta(days=row.policy_step.policy.exemption_days)


def pause(
    row: Deadline, move: str, until: date, *, by: Any, at: datetime, applied_at: datetime, reason: str, kind: str = ""
) -> None:
    """An approved exemption carries the due time to the end of the day `until`, never back, and never past the cap.

    Does nothing where the policy does not let this move pause the clock (domain §4 A6), or where it is due later anyway.
    Applied for (`applied_at`) after the clock had run out, it gives time but takes back no miss: the answer is judged by
    the due time that was missed.
    """
    if not may_pause(row, move):
        return
    wanted = min(end_of_day(until, zone_of(row.zone)), latest(row))
    if wanted <= row.due_at:
        return
    row.exempted_at = at
    if row.judged_due_at == row.due_at and applied_at <= row.due_at:
        row.judged_due_at = wanted
    move_due(row, wanted, DueChange.Cause.PAUSED, by=by, at=at, reason=reason, kind=kind)


def count_anew(record: Any, row: Deadline, move: str, *, by: Any, at: datetime, cause: str, reason: str) -> None:
    """The record's clock gets its whole time once more, from `at` on, never back and never past what the customer was promised.

    Does nothing where the policy does not let this move touch the clock. Whoever answers from now on is judged by the new
    time; what was missed before and entered stays in the ledger.
    """
    if not may_pause(row, move):
        return
    calendar = calendar_for(subjects.of(record).unit(record), row.policy_step)
    wanted = reckon(row.policy_step, at, zone_of(row.zone), calendar).due_at
    if row.customer_due_at is not None:
        wanted = min(wanted, max(row.customer_due_at, row.due_at))
    if wanted <= row.due_at:
        return
    row.judged_due_at = wanted
    move_due(row, wanted, cause, by=by, at=at, reason=reason)


def resume(row: Deadline, *, by: Any, at: datetime, reason: str) -> None:
    """The exemption is ended: what was left when it began runs on from now, and at least the old due time holds."""
    since = row.changes.filter(cause=DueChange.Cause.RESUMED).last()
    pauses = row.changes.filter(cause=DueChange.Cause.PAUSED)
    paused = (pauses.filter(at__gte=since.at) if since else pauses).first()
    if paused is None or row.stopped_at:
        return
    left = max(paused.before - paused.at, timedelta())
    wanted = max(paused.before, at + left)
    anew = row.changes.filter(cause=DueChange.Cause.DISPUTE, at__gte=paused.at).last()
    if anew is not None:
        # Since then another owner has the whole time.
        wanted = max(wanted, anew.after)
    row.exempted_at = None
    wanted = min(wanted, row.due_at)
    if row.judged_due_at == row.due_at:
        row.judged_due_at = wanted
    move_due(row, wanted, DueChange.Cause.RESUMED, by=by, at=at, reason=reason)


def move_due(
    row: Deadline, due_at: datetime, cause: str, *, by: Any, at: datetime, reason: str, kind: str = ""
) -> None:
    """Move the due time, write down that it was moved, and let the ladder begin anew from `at` on."""
    DueChange.objects.create(
        deadline=row, cause=cause, by=by, at=at, before=row.due_at, after=due_at, reason=reason[:500], kind=kind
    )
    if cause in {DueChange.Cause.POLICY, DueChange.Cause.CALENDAR}:
        # Another rule from the beginning, not time that was given: month and judgement go with it.
        row.original_due_at = row.judged_due_at = due_at
    was_late = row.due_at <= at
    row.due_at = due_at
    if was_late and due_at <= at:
        # Late before and after: the ladder goes on where it stands, and nothing is recorded a second time.
        row.next_alarm_at = next_alarm(row) if row.running else None
        row.save()
        return
    row.ladder_from = row.rung
    while row.running and (alarm := next_alarm(row)) is not None and alarm < min(at, due_at):
        row.rung += 1
    row.next_alarm_at = next_alarm(row) if row.running else None
    row.save()


def newest(record: Any) -> dict[str, Deadline]:
    """The newest clock of every step, by step."""
    return {row.step: row for row in sorted(locked(record), key=lambda one: (one.cycle, one.pk))}
