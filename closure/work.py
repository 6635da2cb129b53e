"""My work: one list of what waits for a person, the shortest time first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audits.actions import MACHINE as AUDITS
from audits.models import Audit
from audits.states import ACKNOWLEDGING
from clocks import subjects
from clocks.deadlines import Deadline
from clocks.kinds import KINDS, label
from findings.actions import MACHINE as FINDINGS
from findings.disputes import Dispute, DisputeState
from findings.exemptions import Exemption
from findings.holders import OWNER
from findings.models import Finding
from findings.read_across import ReadAcross
from findings.states import ORDER, FindingState, Step
from notices.models import Notice
from people.rules import MANAGEMENT, acting_ids, has_role
from workflow import door
from workflow.fsm import Child
from workflow.labels import move_label

MOST = 100


@dataclass(frozen=True)
class Task:
    """One thing to do: what about, which form ends it, until when (None: no clock)."""

    title: str
    about: str
    label: str
    url: str
    due_at: datetime | None = None


def tasks(user: Any, now: datetime) -> list[Task]:
    """Everything that waits for the user or whom they stand in for; a constant number of statements."""
    ids = acting_ids(user)
    found: dict[str, Task] = {}
    # Clocks first, the shortest time first: what has no clock of its own is added where its form is not listed yet.
    for task in (
        *_owed(user, ids),
        *_escorting(user, ids),
        *_audits(user, ids),
        *_decisions(user, ids),
        *_receipts(user),
    ):
        found.setdefault(task.url, task)
    return sorted(found.values(), key=lambda task: (task.due_at is None, task.due_at or now, task.title))


def _owed(user: Any, ids: frozenset[int]) -> list[Task]:
    """Whatever runs against these people: one task per form that ends it, with the clock that ends first."""
    rows = Deadline.objects.running().filter(owes_id__in=ids, subject_id__isnull=False)
    found: dict[str, Task] = {}
    for row in rows.with_subjects().order_by("due_at", "id")[: MOST * 4]:
        stands_in = row.owes_id != user.pk
        if stands_in and isinstance(row.subject, Child) and not door.allowed(row.subject, KINDS[row.step].move, user):
            # The owner who stands in for the Leader does not decide their own.
            continue
        task = _task(row)
        found.setdefault(task.url, task)
    return list(found.values())[:MOST]


def _task(row: Deadline) -> Task:
    record: Any = row.subject
    subject, move = subjects.of(record), KINDS[row.step].move if row.step in KINDS else ""
    if row.step == "action" and record.state != FindingState.ANALYSED:
        move = ""
    if row.step in ORDER:
        # The answer that is next on the path, of whatever step: it stops this clock or leads to it.
        upcoming = door.next_move(FINDINGS, record)
        move = upcoming.name if upcoming is not None and OWNER in upcoming.acts_for else ""
    title, about, url = subject.number_of(record), subject.about(record), subject.url(record)
    if move:
        return Task(title, about, str(move_label(move)), record.move_url(move), row.due_at)
    labels = {Step.REVIEW: _("Review what was submitted"), "acknowledge": _("Acknowledge the audit notice")}
    return Task(title, about, labels.get(row.step) or label(row.step), url, row.due_at)


def _next(machine: door.Machine[Any], user: Any, ids: frozenset[int]) -> Q:
    """The records of this machine whose next step is this person's, and is listed without a clock of its own."""
    mine = Q(pk__in=[])
    for move in machine.moves.values():
        step = move.next_for
        held = step.holder.held(user, ids) if step is not None and step.listed else None
        if step is not None and held is not None:
            mine |= held & step.rows & Q(state__in=step.states)
    return mine


def _escorting(user: Any, ids: frozenset[int]) -> list[Task]:
    """Drafts to issue and internally closed findings that wait for the customer."""
    rows = Finding.objects.filter(_next(FINDINGS, user, ids)).order_by("created_at", "id")
    return [_upcoming(FINDINGS, row, row.what) for row in rows[:MOST]]


def _audits(user: Any, ids: frozenset[int]) -> list[Task]:
    rows = Audit.objects.filter(_next(AUDITS, user, ids)).select_related("customer").order_by("planned_start", "id")
    return [_upcoming(AUDITS, row, f"{row.customer_label} {row.planned_start or ''}") for row in rows[:MOST]]


def _upcoming(machine: door.Machine[Any], subject: Any, about: str) -> Task:
    """The next step of a record that was found by `_next`: there is one."""
    move: Any = door.next_move(machine, subject)
    return Task(subject.number, about, str(move.label), subject.move_url(move.name))


def _unowned_read_across() -> QuerySet[Any]:
    """Done at another site, where reviewer and Leader both have a hand in it: management's to verify."""
    clocks = Deadline.objects.of(ReadAcross).running().filter(step="read_across_review", owes=None)
    return ReadAcross.objects.filter(pk__in=clocks.values("subject_id"))


#: What waits for a decision beside a finding: which records, which move decides, what they say.
DECISIONS: tuple[tuple[Callable[[], QuerySet[Any]], str, str], ...] = (
    (Exemption.objects.waiting, "decide_exemption", "explanation"),
    (lambda: Dispute.objects.filter(state=DisputeState.RAISED), "decide_dispute", "statement"),
    (_unowned_read_across, "verify_read_across", "result"),
)


def _decisions(user: Any, ids: frozenset[int]) -> list[Task]:
    """Exemptions and disputes that wait for the person, each with the time its decision is due."""
    mine = Q() if has_role(user, *MANAGEMENT) else Q(finding__audit__leader_id__in=ids)
    found = []
    for waiting, move, says in DECISIONS:
        asked = waiting().filter(mine).select_related("finding__audit").order_by("pk")
        rows = [row for row in asked[:MOST] if door.allowed(row, move, user)]
        clocks = Deadline.objects.of(asked.model).running().filter(subject_id__in=[row.pk for row in rows])
        due = dict(clocks.values_list("subject_id", "due_at"))
        label = str(move_label(move))
        found += [Task(row.number, getattr(row, says), label, row.move_url(move), due.get(row.pk)) for row in rows]
    return found


def _receipts(user: Any) -> list[Task]:
    """Audit notices not acknowledged; once the audit has gone on the question is over."""
    asked = Notice.objects.filter(recipient_id=user.pk, needs_answer=True, answered_at=None).order_by(
        "created_at", "id"
    )
    rows = {str(row.facts.get("number", "")): row for row in asked[:MOST]}
    if not rows:
        return []
    audits = Audit.objects.filter(number__in=rows, state__in=ACKNOWLEDGING).select_related("customer")
    return [
        Task(audit.number, audit.customer_label, _("Acknowledge the audit notice"), rows[audit.number].url)
        for audit in audits
    ]
