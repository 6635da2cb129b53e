"""The door of a finding: the only caller of its transitions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload

import rules
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from attachments import models as attachments
from audits.models import Audit
from clocks import actions as clock, kinds, subjects
from clocks.deadlines import Deadline, DeadlineQuerySet
from findings import facts as told, gates, moves
from findings.answers import Countermeasure
from findings.models import Finding, FindingEvent
from findings.states import OPEN, FindingState, Purpose
from lib import moment
from lib.storage import Stored, kept
from people import leaving
from people.models import User
from people.rules import MANAGEMENT, stands_in
from search.index import mark
from workflow import door
from workflow.errors import GateClosed, StaleState
from workflow.move import F, Move


def _lock_audit(pk: Any) -> None:
    """Audit before finding, the same order everywhere."""
    own = Finding.objects.filter(pk=pk).values("audit")
    Audit.objects.select_for_update(no_key=True).values_list("pk").get(pk__in=own)


WATCHED = (
    "site",
    "what",
    "when",
    "where",
    "found_by",
    "why",
    "how",
    "how_much",
    "customer_words",
    "customer_grade",
    "clause",
    "product",
    "owner",
    "closure_manager",
    "grade",
    "category",
    "repeat_of",
    "source",
    "customer_number",
    "customer_due_on",
)
MACHINE: door.Machine[Finding] = door.Machine(
    Finding,
    FindingEvent,
    "finding",
    moves.MOVES,
    stands_in,
    moves.EVENTS,
    WATCHED,
    around=("audit__customer", "site__unit"),
    lock_parent=_lock_audit,
    former=frozenset({"decide_exemption", "review_exemption"}),
    after=[clock.turn],
)


@overload
def perform(
    pk: int, move: Move[Finding, F], facts: F, /, *, by: Any, seen: int | None = None, event_at: datetime | None = None
) -> Finding: ...


@overload
def perform(
    pk: int, move: str, /, *, by: Any, seen: int | None = None, event_at: datetime | None = None, **facts: Any
) -> Finding: ...


def perform(
    pk: int, move: Any, given: Any = None, /, *, by: Any, seen: int | None = None, event_at: Any = None, **facts: Any
) -> Finding:
    """Make one move of a finding; see `workflow.door.perform` for what may be raised.

    Code names the move as an object and its facts as one; pages and programs, whose facts come from its form, by name. Files
    among the facts are already stored; when the move is refused they are removed again.
    """
    made, facts = (move, dict(given)) if isinstance(move, Move) else (moves.MOVES[move], facts)
    with kept(facts.get("files", ())):
        return door.perform(MACHINE, pk, made, by=by, seen=seen, event_at=event_at, facts=facts)


def available(finding: Finding, user: Any) -> list[str]:
    """The moves this person may make now: the same on the page and over the API."""
    return door.available(MACHINE, finding, user)


def create(audit: Audit, *, by: Any, fields: dict[str, Any], files: Iterable[Stored] = ()) -> Finding:
    """A draft of a finding. Owner and closure manager follow from the place (procedure §4).

    Raises PermissionDenied, or StaleState when the audit is not on site or in closure; then the files are removed again.
    """
    given = list(files)
    with kept(given):
        return _create(audit, by=by, fields=fields, files=given)


@transaction.atomic
def _create(audit: Audit, *, by: Any, fields: dict[str, Any], files: list[Stored]) -> Finding:
    locked = Audit.objects.select_for_update(no_key=True, of=("self",)).get(pk=audit.pk)
    if not rules.has_perm("findings.create", by, locked):
        raise PermissionDenied("findings.create")
    if locked.state not in gates.CAPTURING:
        raise StaleState
    sequence = (locked.findings.aggregate(last=Max("sequence"))["last"] or 0) + 1
    site = fields["site"]
    defaults = {"owner": site.owner, "closure_manager": site.closure_manager}
    finding = Finding.objects.create(
        **(defaults | {name: value for name, value in fields.items() if value is not None}),
        audit=locked,
        sequence=sequence,
        number=f"{locked.number}-{sequence:02d}",
        created_by=by,
        created_at=moment.now(),
    )
    attachments.keep(finding, files, by=by, kind=Purpose.PROBLEM)
    door.record(MACHINE, finding, "create", by=by, source="", facts={"what": finding.what})
    return finding


@transaction.atomic
def issue_many(audit: Audit, pks: Iterable[int], *, by: Any) -> list[Finding]:
    """Issue many drafts of one audit together: all, or none with every obstacle named.

    Raises GateClosed with one sentence per finding that is not ready.
    """
    at, issued, obstacles = moment.now(), [], []
    for finding in Finding.objects.filter(audit=audit, pk__in=pks, state="draft").order_by("pk"):
        try:
            with moment.travel(at):
                issued.append(perform(finding.pk, moves.ISSUE, told.Nothing(), by=by))
        except GateClosed as closed:
            obstacles += [f"{finding.number}: {sentence}" for sentence in closed.missing]
    if obstacles:
        raise GateClosed(obstacles)
    return issued


def attach(finding: Finding, files: Iterable[Stored], *, by: Any, purpose: str, caption: str = "") -> None:
    """More evidence beside a finding that is still open; a file may be tied to one of its actions.

    Raises PermissionDenied, or StaleState when the finding is closed. Then the stored files are removed again.
    """
    given = list(files)
    with kept(given):
        _attach(finding, given, by=by, purpose=purpose, caption=caption)


@transaction.atomic
def _attach(finding: Finding, given: list[Stored], *, by: Any, purpose: str, caption: str) -> None:
    locked: Finding = door.locked(MACHINE, finding.pk)
    if not rules.has_perm("findings.add_evidence", by, locked):
        raise PermissionDenied("findings.add_evidence")
    if not (locked.is_open or locked.state == "draft"):
        raise StaleState
    attachments.keep(locked, given, by=by, kind=purpose, caption=caption)
    mark(locked)
    facts = {
        "files": [file.name for file in given],
        "sha256": [file.checked.sha256 for file in given],
        "about": [file.about for file in given],
        "purpose": purpose,
        "caption": caption,
    }
    door.record(MACHINE, locked, "add_evidence", by=by, source=locked.state, facts=facts)


#: Clocks that management answers where the Leader may not decide.
DECIDED_ABOVE = ("exemption", "dispute", "read_across_review")


@dataclass(frozen=True)
class Turn:
    """Somebody who owes something: what, and until when (None: no clock)."""

    person: User
    what: str
    due_at: datetime | None


def clocks_of(finding: Finding) -> DeadlineQuerySet:
    """The clocks of the finding and of what stands beside it, with whoever owes them."""
    own = subjects.of_model(Finding)
    beside = [
        subject.clocks_of(**{subject.parent_field: finding.pk})
        for subject in subjects.SUBJECTS.values()
        if subject.parent is own
    ]
    # One branch after the other, each by its index: joined by OR they make PostgreSQL read every clock there ever was.
    first, *others = [
        Deadline.objects.filter(clocks).order_by().values("pk") for clocks in (own.clocks_of(pk=finding.pk), *beside)
    ]
    return Deadline.objects.filter(pk__in=first.union(*others, all=True)).select_related("owes")


def whose_turn(finding: Finding, deadlines: Iterable[Deadline] | None = None) -> list[Turn]:
    """Everybody who owes something now, the shortest time first, each once; where no clock runs, who takes the next step.

    `deadlines`: all of `clocks_of`, where they are read already.
    """
    found: dict[int, Turn] = {}
    running = [one for one in (clocks_of(finding) if deadlines is None else deadlines) if one.running]
    for row in sorted(running, key=lambda one: one.due_at):
        people = (
            [row.owes] if row.owes else list(User.objects.holding(*MANAGEMENT)) if row.step in DECIDED_ABOVE else []
        )
        for person in people:
            found.setdefault(person.pk, Turn(person, kinds.label(row.step), row.due_at))
    own = ContentType.objects.get_for_model(Finding).pk
    if not any(row.subject_type_id == own for row in running):
        # What stands beside it has clocks; the finding's own next step has none, and is not forgotten for that.
        for person in door.turn(MACHINE, finding):
            found.setdefault(person.pk, Turn(person, "", None))
    return list(found.values())


# What needs people, for whoever leaves ------------------------------------------------------------------------------


def _hand_draft(finding: Finding, column: str, to: User, by: Any, reason: str) -> None:
    """Nothing is issued yet: the draft simply names somebody else."""
    Finding.objects.filter(pk=finding.pk).update(**{column: to})
    door.record(MACHINE, finding, "handed_over", by=by, source=finding.state, facts={column: to, "reason": reason})


def _hand_finding(finding: Finding, to: User, by: Any, reason: str) -> None:
    if finding.state == FindingState.DRAFT:
        _hand_draft(finding, "owner", to, by, reason)
    else:
        perform(finding.pk, moves.REASSIGN, told.NewOwner(owner=to, reason=reason), by=by)


def _hand_closure(finding: Finding, to: User, by: Any, reason: str) -> None:
    if finding.state == FindingState.DRAFT:
        _hand_draft(finding, "closure_manager", to, by, reason)
    else:
        perform(finding.pk, moves.CHANGE_MANAGER, told.NewManager(closure_manager=to, reason=reason), by=by)


def _hand_action(action: Countermeasure, to: User, by: Any, reason: str) -> None:
    given = told.NewActionOwner(action=action, owner=to, reason=reason)
    perform(action.submission.finding_id, moves.REPLACE_ACTION_OWNER, given, by=by)


leaving.register(
    leaving.Post(
        "owner",
        _("Issue owner"),
        lambda person: Finding.objects.filter(owner=person, state__in=["draft", *OPEN]).order_by("pk"),
        lambda: User.objects.engineers(),
        _hand_finding,
    )
)
leaving.register(
    leaving.Post(
        "closure_manager",
        _("Closure manager"),
        lambda person: Finding.objects.filter(
            closure_manager=person, state__in=["draft", *OPEN, "closed", "customer_closed"]
        ).order_by("pk"),
        lambda: User.objects.holding("closure"),
        _hand_closure,
    )
)
leaving.register(
    leaving.Post(
        "action_owner",
        _("Action owner"),
        lambda person: (
            Countermeasure.objects.filter(
                owner=person, submission__current=True, submission__finding__state__in=["analysed", "implemented"]
            )
            .select_related("submission__finding")
            .order_by("pk")
        ),
        lambda: User.objects.at_work(),
        _hand_action,
    )
)
