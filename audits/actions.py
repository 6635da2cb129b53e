"""The door of an audit: the only caller of its transitions."""

from datetime import datetime
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import transaction

from audits import gates
from audits.effects import EFFECTS, tell_market
from audits.models import Audit, AuditEvent, AuditFile, MonthCounter
from people.models import User
from people.rules import has_role, principal
from workflow import door, moment
from workflow.files import check, unguessable

MARKET_MOVES = {"draft", "revise", "appoint_leader", "postpone", "resume", "cancel"}
LEADER_MOVES = MARKET_MOVES | {"decline", "name_team", "change_team", "confirm", "start_sudden", "archive"}


def _principal(audit: Audit, user: Any, move: str) -> User | None:
    """Who is being stood in for: nobody where market staff act, the Leader on the Leader's moves, else the lead escort."""
    if move in MARKET_MOVES and has_role(user, "market"):
        return None
    first, second = audit.leader_id, audit.lead_escort_id
    return principal(user, *((first, second) if move in LEADER_MOVES else (second, first)))


WATCHED = (
    "customer", "kind", "mode", "sudden", "planned_start", "planned_end", "scope", "agenda", "departments", "headcount",
    "checklist", "criteria", "product", "division", "customer_contact", "special_demands", "logistics", "leader",
    "lead_escort", "result",
)
MACHINE = door.Machine(Audit, AuditEvent, "audit", EFFECTS, _principal, gates.missing, WATCHED)


def perform(
    pk: int, move: str, *, by: Any, seen: int | None = None, event_at: datetime | None = None, **facts: Any
) -> Audit:
    """Make one move of an audit; see `workflow.door.perform` for what may be raised."""
    result: Audit = door.perform(MACHINE, pk, move, by=by, seen=seen, event_at=event_at, facts=facts)
    return result


def available(audit: Audit, user: Any) -> list[str]:
    return door.available(MACHINE, audit, user)


def _next_number(at: datetime) -> str:
    """CA-YYYYMM-nnn; the month is that of entry."""
    month = at.strftime("%Y%m")
    MonthCounter.objects.get_or_create(month=month)
    counter = MonthCounter.objects.select_for_update().get(month=month)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"CA-{month}-{counter.last:03d}"


def _open(by: Any, origin: str, received_at: datetime | None, **fields: Any) -> Audit:
    at = moment.now()
    return Audit.objects.create(
        number=_next_number(at), origin=origin, received_at=received_at or at, created_at=at, **fields
    )


@transaction.atomic
def pass_on_lead(*, by: Any, customer_name: str, note: str) -> Audit:
    """A lead from someone in touch with the customer (1-00). Raises PermissionDenied."""
    if not rules.has_perm("audits.pass_on", by):
        raise PermissionDenied("audits.pass_on")
    audit = _open(by, Audit.Origin.LEAD, None, customer_name=customer_name, lead_note=note, passed_on_by=by)
    event = {"customer_name": customer_name}
    door.record(MACHINE, audit, "pass_on_lead", by=by, source="", facts=event)
    tell_market(door.Step(audit, "pass_on_lead", "", by, None, audit.created_at, event))
    return audit


@transaction.atomic
def log_request(
    *, by: Any, fields: dict[str, Any], received_at: datetime | None = None, sudden: bool = False, **rows: Any
) -> Audit:
    """A new request (1-01), drafted. Raises PermissionDenied."""
    if not rules.has_perm("audits.create", by):
        raise PermissionDenied("audits.create")
    audit = _open(by, Audit.Origin.CUSTOMER, received_at, sudden=sudden)
    door.record(MACHINE, audit, "log_request", by=by, source="", event_at=received_at)
    return perform(audit.pk, "draft", by=by, fields=fields, **rows)


def attach(audit: Audit, upload: Any, *, by: Any) -> AuditFile:
    """Keep a file of the audit, such as the customer's notice. Raises ValidationError for a file that is refused."""
    checked = check(upload)
    kept = AuditFile(
        audit=audit, name=checked.original_name, content_type=checked.content_type, size=checked.size,
        sha256=checked.sha256, uploaded_by=by, uploaded_at=moment.now(),
    )
    kept.file.save(unguessable("audits", checked), upload, save=False)
    kept.save()
    return kept


def whose_turn(audit: Audit) -> list[User]:
    """The people who can take the audit's next step, for the head of its page."""
    from audits.states import AuditState as S

    if audit.state in {S.LEAD, S.DRAFTED, S.POSTPONED}:
        return list(User.objects.holding("market")[:6])
    leads = {S.LEADER_APPOINTED, S.TEAM_NAMED, S.REVIEWED}
    if audit.state in {S.ARCHIVED, S.CANCELLED}:
        return []
    person = audit.leader if audit.state in leads else audit.lead_escort or audit.leader
    return [person] if person else []
