"""The sweep: what has become due, recorded and owed, exactly once.

Each batch is one transaction with a constant number of statements: claim due clocks (SKIP LOCKED), escalations unique on
(clock, cycle, rung), notices unique on (recipient, kind, key), ledger rows unique on their number, advance the clocks.
Killed anywhere, either all of it or nothing has happened; run twice, late, or side by side, nothing happens twice.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from closure.models import Escalation, Heartbeat, LedgerEntry
from closure.recipients import Directory
from findings import clock
from findings.models import Deadline
from findings.policy import PolicyRung, PolicyStep, rung_at, rung_time
from notices import actions as notices
from workflow import moment
from workflow.bulk import insert_missing

LEDGER_RULES = {
    "contain": LedgerEntry.Rule.LATE_CONTAIN, "analyse": LedgerEntry.Rule.LATE_ANALYSE,
    "close": LedgerEntry.Rule.LATE_CLOSE,
}


#: What the sweep reads of a clock and its finding; the texts of audits and findings stay where they are.
COLUMNS = (
    "step", "cycle", "zone", "started_at", "due_at", "answered_at", "stopped_at", "rung", "ladder_from", "next_alarm_at",
    "finding__number", "finding__state", "finding__what", "finding__owner", "finding__closure_manager",
    "finding__audit__state", "finding__audit__leader", "finding__site__name", "finding__site__name_en",
    "finding__site__unit", "policy_step",
)
ADVANCE = """
UPDATE findings_deadline AS clock SET rung = new.rung, next_alarm_at = new.alarm
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS new(id, rung, alarm) WHERE clock.id = new.id
"""


@dataclass
class Counts:
    """What a sweep did."""

    clocks: int = 0
    escalations: int = 0
    notices: int = 0
    ledger: int = 0
    batches: int = 0

    def __iadd__(self, other: "Counts") -> "Counts":
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


@dataclass
class Firing:
    """What one clock's missed rungs amount to."""

    deadline: Deadline
    rungs: list[tuple[int, PolicyRung, datetime]] = field(default_factory=list)

    @property
    def highest(self) -> tuple[int, PolicyRung, datetime]:
        return self.rungs[-1]


def sweep(*, now: datetime | None = None, dry_run: bool = False, limit: int | None = None) -> Counts:
    """Fire every rung that is due at `now` (aware; default: the present). With `dry_run` only count."""
    at, size, total = now or moment.now(), limit or settings.SWEEP_BATCH, Counts()
    if dry_run:
        return Counts(clocks=_due(at).count())
    while True:
        done = _batch(at, size)
        total += done
        if done.clocks < size:
            break
    Heartbeat.objects.update_or_create(job="sweep", defaults={"at": at, "counts": asdict(total)})
    return total


def _due(now: datetime) -> Any:
    return Deadline.objects.filter(next_alarm_at__lte=now)


def _claim(now: datetime, size: int) -> list[Deadline]:
    """Due clocks, locked; those another sweep holds are passed over."""
    rows = _due(now).order_by("next_alarm_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    found = list(rows.select_related("finding__audit", "finding__site").only(*COLUMNS)[:size])
    used = {deadline.policy_step_id for deadline in found}
    # One object per policy step, shared by all its clocks; a prefetch would make one per clock.
    steps = PolicyStep.objects.filter(pk__in=used).select_related("policy").prefetch_related("rungs").in_bulk()
    for deadline in found:
        deadline.policy_step = steps[deadline.policy_step_id]
    return found


def _batch(now: datetime, size: int) -> Counts:
    with transaction.atomic():
        deadlines = _claim(now, size)
        if not deadlines:
            return Counts()
        directory = Directory(deadlines, now)
        steps = {deadline.policy_step_id: deadline.policy_step for deadline in deadlines}
        ladders = {pk: clock.rungs_of(step) for pk, step in steps.items()}
        firings = [_fire(deadline, now, ladders[deadline.policy_step_id]) for deadline in deadlines]
        escalations = [row for firing in firings for row in _escalations(firing, directory, now)]
        insert_missing(escalations)
        told = notices.write((owed for firing in firings for owed in _owed(firing, directory, now)), at=now)
        entries = [row for firing in firings for row in _entries(firing, now)]
        insert_missing(entries)
        _advance(deadlines, size)
    return Counts(len(deadlines), len(escalations), told, len(entries), 1)


def _advance(deadlines: list[Deadline], size: int) -> None:
    """Write the new rungs back in one statement; PostgreSQL takes them as arrays, far faster than a case per row."""
    if connection.vendor != "postgresql":
        Deadline.objects.bulk_update(deadlines, ["rung", "next_alarm_at"], batch_size=size)
        return
    columns = zip(*((one.pk, one.rung, one.next_alarm_at) for one in deadlines), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [list(column) for column in columns])


def _fire(deadline: Deadline, now: datetime, ladder: list[PolicyRung]) -> Firing:
    """Every rung missed up to `now` (or up to the answer), with its true time; the clock is advanced past them."""
    firing = Firing(deadline)
    until = min(now, deadline.answered_at or now)
    index = deadline.rung - deadline.ladder_from
    at = rung_time(ladder, deadline.due_at, index)
    while at is not None and at <= until:
        firing.rungs.append((index + deadline.ladder_from, rung_at(ladder, index), at))
        index += 1
        at = rung_time(ladder, deadline.due_at, index)
    deadline.rung, deadline.next_alarm_at = index + deadline.ladder_from, at if deadline.running else None
    return firing


def _escalations(firing: Firing, directory: Directory, now: datetime) -> Iterable[Escalation]:
    deadline = firing.deadline
    for number, rung, at in firing.rungs:
        yield Escalation(
            deadline=deadline, cycle=deadline.cycle, rung=number, level=rung.level, breached_at=at, fired_at=now,
            told=directory.told(deadline, rung.recipients),
        )


def _owed(firing: Firing, directory: Directory, now: datetime) -> Iterable[notices.Owed]:
    """One notice per person for the highest rung; whoever only a lower missed rung names hears of it too.

    A clock answered meanwhile is recorded, but nobody is woken for it any more.
    """
    if not firing.rungs or not firing.deadline.running:
        return
    deadline = firing.deadline
    finding = deadline.finding
    number, highest, _at = firing.highest
    people = {
        person: None for _number, rung, _time in firing.rungs for person in directory.told(deadline, rung.recipients)
    }
    facts = {
        "number": finding.number, "what": finding.what[:120], "step": deadline.step, "site": str(finding.site.name),
        "due": clock.local(deadline.due_at, deadline.zone), "late": now > deadline.due_at,
    }
    for person in people:
        yield notices.Owed(
            person, "clock", f"{finding.pk}:{deadline.step}:{deadline.cycle}:{number}",
            f"/findings/{finding.number}/", highest.level, facts,
        )


def _entries(firing: Firing, now: datetime) -> Iterable[LedgerEntry]:
    """Ledger rows where a rung says so; the trace of the clock goes with them."""
    deadline = firing.deadline
    finding = deadline.finding
    for number, rung, at in firing.rungs:
        if rung.ledger and deadline.step in LEDGER_RULES and finding.owner_id:
            yield LedgerEntry(
                number=f"{finding.number}-{deadline.step}-{deadline.cycle}-{number}", person_id=finding.owner_id,
                unit_id=finding.site.unit_id, finding=finding, deadline=deadline, rule=LEDGER_RULES[deadline.step],
                month=at.astimezone(ZoneInfo(deadline.zone)).strftime("%Y-%m"), breached_at=at, recorded_at=now,
                facts={
                    "policy": deadline.policy_step.policy.code, "version": deadline.policy_step.policy.version,
                    "started": clock.local(deadline.started_at, deadline.zone),
                    "due": clock.local(deadline.due_at, deadline.zone), "zone": deadline.zone,
                },
            )
