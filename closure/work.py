"""My work: one list of what waits for a person, the shortest time first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audits.models import Audit
from audits.states import ACKNOWLEDGING, AuditState
from findings.answers import Exemption
from findings.kinds import KINDS, label
from findings.models import Deadline, Finding
from findings.states import ORDER, FindingState, Step
from notices.models import Notice
from people.models import StandingRole
from people.rules import MANAGEMENT, acting_ids, has_role
from workflow.labels import move_label

MOST = 100
NEXT_MOVE = {
    "issued": "submit_containment",
    "contained": "submit_analysis",
    "analysed": "submit_implementation",
}
LEADER_MOVES = {
    AuditState.LEADER_APPOINTED: "name_team",
    AuditState.TEAM_NAMED: "confirm",
    AuditState.REVIEWED: "archive",
}
ESCORT_MOVES = {
    AuditState.CONFIRMED: "send_notice",
    AuditState.NOTIFIED: "start",
    AuditState.ON_SITE: "hold_closing",
    AuditState.CLOSING_HELD: "begin_closure",
    AuditState.CLOSED: "review",
}
MARKET_MOVES = {AuditState.LEAD: "draft", AuditState.DRAFTED: "appoint_leader", AuditState.POSTPONED: "resume"}


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
    for task in (*_owed(ids), *_escorting(ids), *_audits(user, ids), *_decisions(user, ids), *_receipts(user)):
        found.setdefault(task.url, task)
    return sorted(found.values(), key=lambda task: (task.due_at is None, task.due_at or now, task.title))


def _move_url(subject: Any, move: str) -> str:
    return f"{subject.get_absolute_url()}moves/{move}/"


def _owed(ids: frozenset[int]) -> list[Task]:
    """Whatever runs against these people: one task per form that ends it, with the clock that ends first."""
    rows = Deadline.objects.running().filter(owes_id__in=ids, audit__isnull=False)
    found: dict[str, Task] = {}
    for row in rows.select_related("finding", "audit__customer").order_by("due_at", "id")[: MOST * 4]:
        task = _task(row)
        found.setdefault(task.url, task)
    return list(found.values())[:MOST]


def _task(row: Deadline) -> Task:
    subject, move = row.subject, KINDS[row.step].move if row.step in KINDS else ""
    if row.step == "action" and subject.state != FindingState.ANALYSED:
        move = ""
    if row.step in ORDER:
        move = "answer_observation" if subject.is_observation else NEXT_MOVE.get(subject.state, "")
    about = row.finding.what if row.finding else f"{subject.customer_label} {subject.planned_start or ''}"
    if move:
        return Task(subject.number, about, str(move_label(move)), _move_url(subject, move), row.due_at)
    labels = {Step.REVIEW: _("Review what was submitted"), "acknowledge": _("Acknowledge the audit notice")}
    return Task(subject.number, about, labels.get(row.step) or label(row.step), subject.get_absolute_url(), row.due_at)


def _escorting(ids: frozenset[int]) -> list[Task]:
    """Drafts to issue and internally closed findings that wait for the customer."""
    rows = Finding.objects.filter(
        audit__lead_escort_id__in=ids, state__in=[FindingState.DRAFT, FindingState.CLOSED]
    ).order_by("created_at", "id")
    moves = {FindingState.DRAFT: "issue", FindingState.CLOSED: "close_for_customer"}
    found = []
    for row in rows[:MOST]:
        move = moves[FindingState(row.state)]
        found.append(Task(row.number, row.what, str(move_label(move)), _move_url(row, move)))
    return found


def _audits(user: Any, ids: frozenset[int]) -> list[Task]:
    unstaffed = Q(leader_id__in=ids, state=AuditState.CONFIRMED, lead_escort=None)
    mine = (
        unstaffed
        | Q(leader_id__in=ids, state__in=list(LEADER_MOVES))
        | Q(lead_escort_id__in=ids, state__in=list(ESCORT_MOVES))
    )
    if has_role(user, StandingRole.Role.MARKET):
        mine |= Q(state__in=list(MARKET_MOVES))
    found = []
    for audit in Audit.objects.filter(mine).select_related("customer").order_by("planned_start", "id")[:MOST]:
        state = AuditState(audit.state)
        move = MARKET_MOVES.get(state) or LEADER_MOVES.get(state) or ESCORT_MOVES[state]
        if state == AuditState.CONFIRMED and audit.lead_escort_id is None:
            move = "change_team"
        about = f"{audit.customer_label} {audit.planned_start or ''}"
        found.append(Task(audit.number, about, str(move_label(move)), _move_url(audit, move)))
    return found


def _decisions(user: Any, ids: frozenset[int]) -> list[Task]:
    """Exemptions that wait for the person, each with the time its decision is due."""
    waiting = Q(finding__audit__leader_id__in=ids)
    if has_role(user, *MANAGEMENT):
        waiting = Q()
    asked = Exemption.objects.filter(waiting, outcome="").select_related("finding__audit").order_by("applied_at", "id")
    rows = [row for row in asked[:MOST] if _decides(user, ids, row)]
    clocks = Deadline.objects.running().filter(step="exemption", finding__in=[row.finding_id for row in rows])
    due = dict(clocks.values_list("finding_id", "due_at")) if rows else {}
    return [
        Task(
            row.finding.number,
            row.explanation,
            str(move_label("decide_exemption")),
            _move_url(row.finding, "decide_exemption"),
            due.get(row.finding_id),
        )
        for row in rows
    ]


def _decides(user: Any, ids: frozenset[int], row: Exemption) -> bool:
    if user.pk in {row.finding.owner_id, row.applied_by_id}:
        return False
    return row.finding.audit.leader_id in ids if row.waits_for_leader else has_role(user, *MANAGEMENT)


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
        Task(one.number, one.customer_label, _("Acknowledge the audit notice"), rows[one.number].url) for one in audits
    ]
