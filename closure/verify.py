"""Whether the records still say what their trails say: the chain alone cannot know what was changed beside it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from audits.actions import MACHINE as AUDITS
from audits.models import Audit
from clocks.actions import zone_of
from clocks.deadlines import Deadline, DueChange
from clocks.policy import PolicyStep
from clocks.reckoning import reckon
from closure.models import LedgerEntry
from findings.actions import MACHINE as FINDINGS
from findings.answers import Verdict
from findings.effects import ROWS
from findings.models import Finding
from findings.moves import MOVES
from lib import moment
from workflow import door
from workflow.door import Machine
from workflow.trail import TrailEvent, broken

BATCH = 200
#: A move and its event were written a few milliseconds apart before they shared one moment.
NEAR = timedelta(seconds=2)
#: Which move gives a record its times: column → moves.
FINDING_TIMES = {"issued_at": ("issue",), "closed_at": ("close",), "customer_closed_at": ("close_for_customer",)}
AUDIT_TIMES = {"actual_start": ("start", "start_sudden"), "actual_end": ("hold_closing",), "closed_at": ("close",)}
#: A reopening takes these back.
REOPENED = ("closed_at", "customer_closed_at")


def faults() -> Iterator[str]:
    """One sentence per thing that does not fit: trails, records, clocks, answers, verdicts, ledger."""
    audits = Audit.objects.prefetch_related("events", "deadlines__changes", "deadlines__policy_step").order_by("pk")
    for audit in audits.iterator(chunk_size=BATCH):
        events = _ordered(audit)
        yield from _trail(AUDITS, audit, events)
        yield from _times(audit, events, AUDIT_TIMES)
        yield from _clocks(audit, events, audit.deadlines.all())
    beside = [
        f"{_beside(child)}__deadlines__{rows}"
        for child in door.CHILDREN.get(Finding, [])
        for rows in ("changes", "policy_step")
    ]
    findings = (
        Finding.objects.select_related("audit")
        .prefetch_related("events", "submissions__verdicts", "deadlines__changes", "deadlines__policy_step", *beside)
        .order_by("pk")
    )
    for finding in findings.iterator(chunk_size=BATCH):
        events = _ordered(finding)
        yield from _trail(FINDINGS, finding, events)
        yield from _times(finding, events, FINDING_TIMES)
        yield from _clocks(finding, events, finding.deadlines.all())
        yield from _answers(finding, events)
        yield from _verdicts(finding, events)
    yield from _ledger()


def _near(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= NEAR


def _among(at: datetime, moments: list[datetime]) -> bool:
    """Whether `at` is one of the moments, which are in order."""
    place = bisect_left(moments, at - NEAR)
    return place < len(moments) and moments[place] <= at + NEAR


def _ordered(subject: Any) -> list[TrailEvent]:
    return sorted(subject.events.all(), key=lambda event: event.position)


def _trail(machine: Machine[Any], subject: Any, events: list[TrailEvent]) -> Iterator[str]:
    """The chain, that there is one at all, and that it ends where the record stands."""
    if not events:
        yield f"{subject}: no trail at all"
        return
    yield from (f"{subject}: {fault}" for fault in broken(events))
    own = [event for event in events if not event.about]
    moves = sum(event.move in machine.moves or event.move in machine.former for event in own)
    if moves != subject.version:
        yield f"{subject}: {subject.version} moves were made, the trail has {moves}"
    if own and own[-1].target != subject.state:
        yield f"{subject}: stands at {subject.state}, the trail ends at {own[-1].target}"
    for child in door.children(subject):
        for record in getattr(subject, _beside(child)).all():
            yield from _child(child, record, [event for event in events if event.about == record.about])
            yield from _clocks(record, events, record.deadlines.all())


def _beside(child: Machine[Any]) -> str:
    """What the parent calls its records of this kind."""
    return str(child.model._meta.get_field(child.subject_field).remote_field.get_accessor_name())


def _child(machine: Machine[Any], record: Any, events: list[TrailEvent]) -> Iterator[str]:
    """A small record beside it: every move it made is told in its parent's trail, which ends where it stands."""
    moves = sum(event.move in machine.moves for event in events)
    if moves != record.version:
        yield f"{record}: {record.version} moves were made, the trail has {moves}"
    if events and events[-1].target != record.state:
        yield f"{record}: stands at {record.state}, the trail ends at {events[-1].target}"


def _times(subject: Any, events: list[TrailEvent], wanted: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The times on the record are those of the moves that gave them."""
    for column, moves in wanted.items():
        said: datetime | None = None
        for event in events:
            if event.move in moves:
                said = event.event_at
            elif event.move == "reopen" and column in REOPENED:
                said = None
        if not _near(getattr(subject, column), said):
            yield f"{subject}: {column} is {getattr(subject, column)}, the trail says {said}"


def _clocks(subject: Any, events: list[TrailEvent], rows: Iterable[Deadline]) -> Iterator[str]:
    """Each clock starts with something that happened, and is due when its policy and its changes say."""
    found = {event.event_at for event in events} | {event.at for event in events}
    if isinstance(subject, Finding) and subject.audit.actual_end:
        # A policy may count from the closing meeting (domain §4 A2).
        found.add(subject.audit.actual_end)
    happened = sorted(found)
    for row in rows:
        name = f"{subject}, clock {row.step} {row.cycle}"
        if not _among(row.started_at, happened):
            yield f"{name}: started at {row.started_at}, when nothing happened"
        yield from (f"{name}: {fault}" for fault in _due(row))
        # A receipt is given in the inbox and stands on the notice, not in the trail.
        if row.step != "acknowledge" and row.answered_at and not _among(row.answered_at, happened):
            yield f"{name}: answered at {row.answered_at}, when nothing happened"


def _due(row: Deadline) -> Iterator[str]:
    changes = sorted(row.changes.all(), key=lambda change: (change.at, change.pk))
    due = changes[-1].after if changes else row.original_due_at
    if row.judged_due_at not in {row.due_at, row.original_due_at, *(change.before for change in changes)}:
        yield f"judged by {row.judged_due_at}, when it was never due"
    if row.due_at != due:
        yield f"due at {row.due_at}, its changes say {due}"
    # A changed policy or calendar counts anew with what held at that moment; without one the start decides.
    recounted = any(change.cause in {DueChange.Cause.POLICY, DueChange.Cause.CALENDAR} for change in changes)
    began = changes[0].before if recounted else row.original_due_at
    for before, after in zip([began, *(change.after for change in changes)], changes, strict=False):
        if after.before != before:
            yield f"a change from {after.before}, when it was due at {before}"
    if recounted:
        return
    first = min(row.base_due_at, row.customer_due_at or row.base_due_at)
    if row.original_due_at != first:
        yield f"first due at {row.original_due_at}, policy and customer say {first}"
    step = row.policy_step
    wall = step.count == PolicyStep.Count.WALL and not step.off_holidays and step.unit != PolicyStep.Unit.DATE
    if wall and row.base_due_at != (base := reckon(step, row.started_at, zone_of(row.zone)).due_at):
        yield f"counted to {row.base_due_at}, the policy gives {base}"


def _step(move: str) -> str:
    """The step of the path that a move answers, or nothing."""
    made = MOVES.get(move)
    return made.answers.value if made is not None and made.answers is not None else ""


def _answers(finding: Finding, events: list[TrailEvent]) -> Iterator[str]:
    """Every revision is a move of the trail with the same words, and every such move left one."""
    rows = sorted(finding.submissions.all(), key=lambda row: (row.step, row.revision))
    moves = [(_step(event.move), event) for event in events if _step(event.move)]
    moves.sort(key=lambda pair: (pair[0], pair[1].position))
    said = [(step, event.by_id) for step, event in moves]
    if said != [(row.step, row.by_id) for row in rows]:
        yield f"{finding}: {len(rows)} answers are recorded, {len(moves)} in the trail, or by others"
        return
    for (_answered, event), row in zip(moves, rows, strict=True):
        if not _near(event.event_at, row.submitted_at):
            yield f"{finding}: answer {row.step} {row.revision} is of {row.submitted_at}, the trail says {event.event_at}"
        told = {name: value for name, value in event.facts.items() if name not in ROWS and name != "changed"}
        changed = sorted(name for name in told.keys() | row.data.keys() if told.get(name) != row.data.get(name))
        if changed:
            yield f"{finding}: answer {row.step} {row.revision} says something else in {', '.join(changed)}"


def _verdicts(finding: Finding, events: list[TrailEvent]) -> Iterator[str]:
    """Every return and every acceptance is a move of the trail, and every such move left one."""
    verdicts = [verdict for submission in finding.submissions.all() for verdict in submission.verdicts.all()]
    returned = sorted(
        (verdict for verdict in verdicts if verdict.outcome == Verdict.Outcome.RETURNED), key=lambda one: one.at
    )
    sent_back = [event for event in events if event.move == "send_back"]
    fits = len(returned) == len(sent_back) and all(
        _near(one.at, event.event_at) and (one.by_id, one.reason) == (event.by_id, event.facts.get("reason", ""))
        for one, event in zip(returned, sent_back, strict=True)
    )
    if not fits:
        yield f"{finding}: {len(returned)} returns are recorded, {len(sent_back)} in the trail, or others"
    accepted = [verdict for verdict in verdicts if verdict.outcome == Verdict.Outcome.ACCEPTED]
    may = [event for event in events if event.move in {"accept_step", "close"}]
    told = all(
        any(_near(verdict.at, event.event_at) and verdict.by_id == event.by_id for event in may) for verdict in accepted
    )
    left = all(
        any(_near(verdict.at, event.event_at) for verdict in accepted) for event in may if event.move == "accept_step"
    )
    if not (told and left):
        yield f"{finding}: the acceptances are not those of the trail"


def _ledger() -> Iterator[str]:
    """An entry stands for a clock that was due then and was owed by that person."""
    entries = (
        LedgerEntry.objects.exclude(deadline=None)
        .select_related("deadline")
        .prefetch_related("deadline__changes", "deadline__policy_step__rungs")
    )
    for entry in entries.order_by("pk").iterator(chunk_size=BATCH):
        row = entry.deadline
        assert row is not None  # the filter above
        due = {row.due_at, row.original_due_at, row.judged_due_at} | {change.before for change in row.changes.all()}
        if entry.month != moment.day_of(entry.breached_at, zone_of(row.zone)).strftime("%Y-%m"):
            yield f"ledger {entry.number}: counted in {entry.month}, breached at {entry.breached_at}"
        at_due = any(
            rung.ledger and not rung.offset_minutes and rung.percent is None for rung in row.policy_step.rungs.all()
        )
        if entry.breached_at not in due and at_due:
            yield f"ledger {entry.number}: breached at {entry.breached_at}, when its clock was not due"
        owed = {row.owes_id} | {person for _until, person in row.owed_before or []}
        if entry.person_id not in owed:
            yield f"ledger {entry.number}: names somebody who never owed the clock"
