"""The door of an audit: the only caller of its transitions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, overload

import rules
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attachments import models as attachments
from attachments.models import Attachment
from audits import facts as told, moves, snapshot
from audits.effects import tell_market
from audits.models import Audit, AuditEvent, MatrixRow, MonthCounter
from audits.records import AuditPlace, FileKind
from audits.states import AuditState
from customers.models import AuditKind, Customer, known_customer
from lib import moment
from lib.storage import Stored
from notices import actions as notices
from people import leaving
from people.actions import write_down
from people.models import User
from people.rules import stands_in
from search.index import mark
from workflow import door
from workflow.move import F, Move, Moved

WATCHED = (*snapshot.FIELDS, "leader", "lead_escort", "result", "score")
MACHINE: door.Machine[Audit] = door.Machine(
    Audit, AuditEvent, "audit", moves.MOVES, stands_in, moves.EVENTS, WATCHED, around=("customer", "kind")
)


@overload
def perform(
    pk: int, move: Move[Audit, F], facts: F, /, *, by: Any, seen: int | None = None, event_at: datetime | None = None
) -> Audit: ...


@overload
def perform(
    pk: int, move: str, /, *, by: Any, seen: int | None = None, event_at: datetime | None = None, **facts: Any
) -> Audit: ...


def perform(
    pk: int, move: Any, given: Any = None, /, *, by: Any, seen: int | None = None, event_at: Any = None, **facts: Any
) -> Audit:
    """Make one move of an audit; see `workflow.door.perform` for what may be raised.

    Code names the move as an object and its facts as one; pages and programs, whose facts come from its form, by name.
    """
    made, facts = (move, dict(given)) if isinstance(move, Move) else (moves.MOVES[move], facts)
    with transaction.atomic():
        if name := facts.pop("new_customer", ""):
            facts["fields"] = {**facts["fields"], "customer": enter_customer(name, by=by)}
        return door.perform(MACHINE, pk, made, by=by, seen=seen, event_at=event_at, facts=facts)


def available(audit: Audit, user: Any) -> list[str]:
    """The moves this person may make now: the same on the page and over the API."""
    return door.available(MACHINE, audit, user)


def joined(row: Any, into: Any, by: Any) -> int:
    """Audits of a customer, or of a kind, that turned out to be another say so in their trails; how many."""
    column = {Customer: "customer", AuditKind: "kind"}.get(type(row))
    if column is None:
        return 0
    facts = {"before": row.in_both(), "after": into.in_both(), "column": column}
    audits = list(Audit.objects.select_for_update(no_key=True, of=("self",)).filter(**{column: row}).order_by("pk"))
    for audit in audits:
        setattr(audit, column, into)
        audit.version += 1
        audit.save()
        door.record(MACHINE, audit, "master_data_joined", by=by, source=audit.state, facts=facts)
    return len(audits)


@transaction.atomic
def enter_customer(name: str, *, by: Any) -> Customer:
    """A customer who was not in the list, flagged for whoever keeps the master data. Raises PermissionDenied.

    The code is made of a number; the keeper gives it the one the group uses.
    """
    if not rules.has_perm("audits.enter_customer", by):
        raise PermissionDenied("audits.enter_customer")
    named = Q(name__iexact=name) | Q(name_en__iexact=name) | Q(code__iexact=name)
    known = known_customer(Customer.objects.filter(named))
    if known is not None:
        return known
    last = Customer.objects.select_for_update().filter(code__startswith="NEW-").order_by("-pk").first()
    number = (last.pk if last else 0) + 1
    while Customer.objects.filter(code=f"NEW-{number}").exists():
        number += 1
    made = Customer.objects.create(code=f"NEW-{number}", name=name, to_check=True, entered_by_id=by.pk)
    write_down(by, made, f"entered with a request: {name}")
    notices.tell(
        User.objects.holding("system_office"),
        "customer_new",
        f"customer:{made.pk}",
        url=f"/settings/customers/{made.code}/",
        facts={"customer": made.in_both(), "by": User.objects.get(pk=by.pk).in_both()},
    )
    return made


def _next_number(at: datetime) -> str:
    """CA-YYYYMM-nnn; the month is that of entry, where the group's headquarters are."""
    month = moment.day_of(at).strftime("%Y%m")
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
    tell_market(Moved(audit, "pass_on_lead", "", by, None, audit.created_at, event))
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
    files = rows.pop("files", ())
    drafted = perform(audit.pk, "draft", by=by, fields=fields, **rows)
    if files:
        _keep(drafted, files, by=by, kind=FileKind.NOTICE, caption="")
    return drafted


@transaction.atomic
def attach(
    audit: Audit, files: Iterable[Stored], *, by: Any, kind: str = FileKind.OTHER, caption: str = ""
) -> list[Attachment]:
    """Keep files of the audit, at any time of its life, with an entry in its trail. Raises PermissionDenied."""
    locked: Audit = door.locked(MACHINE, audit.pk)
    if not rules.has_perm("audits.attach", by, locked):
        raise PermissionDenied("audits.attach")
    return _keep(locked, files, by=by, kind=kind, caption=caption)


def _keep(audit: Audit, files: Iterable[Stored], *, by: Any, kind: str, caption: str) -> list[Attachment]:
    given = list(files)
    kept = attachments.keep(audit, given, by=by, kind=kind, caption=caption)
    mark(audit)
    facts = {
        "files": [document.name for document in given],
        "sha256": [document.checked.sha256 for document in given],
        "kind": kind,
        "caption": caption,
    }
    door.record(MACHINE, audit, "add_file", by=by, source=audit.state, facts=facts)
    return kept


def whose_turn(audit: Audit) -> list[User]:
    """The people who can take the audit's next step, for the head of its page; their clocks stand beside them there."""
    return door.turn(MACHINE, audit)


# What needs people, for whoever leaves ------------------------------------------------------------------------------

OVER = (AuditState.ARCHIVED, AuditState.CANCELLED)


def _hand_audit(audit: Audit, to: User, by: Any, reason: str) -> None:
    perform(audit.pk, moves.REPLACE_LEADER, told.NewLeader(leader=to, reason=reason), by=by)


def _hand_escort(audit: Audit, to: User, by: Any, reason: str) -> None:
    perform(audit.pk, moves.REPLACE_LEAD_ESCORT, told.NewLeadEscort(lead_escort=to, reason=reason), by=by)


def _hand_place(place: AuditPlace, to: User, by: Any, reason: str) -> None:
    AuditPlace.objects.filter(pk=place.pk).update(contact=to)
    write_down(by, place.audit, f"contact of {place.site.code} → {to.username} · {reason}")


def _hand_row(column: str) -> Any:
    def hand(row: MatrixRow, to: User, by: Any, reason: str) -> None:
        setattr(row, column, to)
        if row.leader_id == row.deputy_id:
            row.deputy = None
        row.save()
        write_down(by, row, f"{column} → {to.username} · {reason}")

    return hand


leaving.register(
    leaving.Post(
        "leader",
        _("Leader of an audit"),
        lambda person: (
            Audit.objects.filter(leader=person).exclude(state__in=[*OVER, AuditState.DRAFTED]).order_by("pk")
        ),
        lambda: User.objects.holding("leader"),
        _hand_audit,
    )
)
leaving.register(
    leaving.Post(
        "lead_escort",
        _("Lead escort of an audit"),
        lambda person: (
            Audit.objects.filter(lead_escort=person).exclude(state__in=[*OVER, AuditState.REVIEWED]).order_by("pk")
        ),
        lambda: User.objects.holding("escort"),
        _hand_escort,
    )
)
leaving.register(
    leaving.Post(
        "audit_contact",
        _("Contact of a site in an audit"),
        lambda person: (
            AuditPlace.objects.filter(contact=person)
            .exclude(audit__state__in=[*OVER, AuditState.REVIEWED, AuditState.CLOSED])
            .select_related("audit", "site")
        ),
        lambda: User.objects.at_work(),
        _hand_place,
    )
)
leaving.register(
    leaving.Post(
        "matrix_leader",
        _("Leader in the lead-department matrix"),
        lambda person: MatrixRow.objects.filter(leader=person),
        lambda: User.objects.holding("leader"),
        _hand_row("leader"),
    )
)
leaving.register(
    leaving.Post(
        "matrix_deputy",
        _("Deputy in the lead-department matrix"),
        lambda person: MatrixRow.objects.filter(deputy=person),
        lambda: User.objects.holding("leader"),
        _hand_row("deputy"),
    )
)
