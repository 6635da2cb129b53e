"""The door of a finding: the only caller of its transitions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from findings import clock, gates, kinds
from findings.answers import Countermeasure
from findings.effects import EFFECTS, TELLS, add_evidence
from findings.models import Deadline, Finding, FindingEvent
from findings.rules import verifier_id
from findings.states import OPEN
from people import leaving
from people.models import User
from people.rules import MANAGEMENT, principal
from workflow import door, moment
from workflow.errors import GateClosed, StaleState
from workflow.storage import Stored, kept

OWNER_MOVES = {
    "submit_containment",
    "submit_analysis",
    "submit_implementation",
    "answer_observation",
    "apply_exemption",
}
VERIFIER_MOVES = {"accept_step", "send_back", "close", "check_effect", "confirm_effective"}
LEADER_MOVES = {
    "reassign",
    "regrade",
    "leader_review",
    "decide_exemption",
    "review_exemption",
    "change_manager",
    "replace_action_owner",
}


def _principal(finding: Finding, user: Any, move: str) -> User | None:
    """Who is being stood in for on this kind of move."""
    audit = finding.audit
    if move in OWNER_MOVES:
        return principal(user, finding.owner_id)
    if move in VERIFIER_MOVES:
        return principal(user, verifier_id(finding))
    if move in LEADER_MOVES:
        return principal(user, audit.leader_id)
    if move == "complete_action":
        return principal(user, *finding.action_owner_ids)
    if move == "reopen":
        return principal(user, audit.lead_escort_id, verifier_id(finding))
    return principal(user, audit.lead_escort_id, finding.created_by_id)


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
AROUND = ("audit__customer", "site__unit")
MACHINE = door.Machine(
    Finding,
    FindingEvent,
    "finding",
    EFFECTS,
    _principal,
    gates.missing,
    WATCHED,
    around=AROUND,
    after=[clock.turn],
    tells=TELLS,
)
#: These moves and the audit's own decide on each other, so they take the audit's lock first.
WITH_AUDIT = replace(MACHINE, lock_before=_lock_audit)
AUDIT_FIRST = {"issue", "reopen"}


def perform(
    pk: int, move: str, *, by: Any, seen: int | None = None, event_at: datetime | None = None, **facts: Any
) -> Finding:
    """Make one move of a finding; see `workflow.door.perform` for what may be raised.

    Files among the facts are already stored; when the move is refused they are removed again.
    """
    machine = WITH_AUDIT if move in AUDIT_FIRST else MACHINE
    with kept(facts.get("files", ())):
        result: Finding = door.perform(machine, pk, move, by=by, seen=seen, event_at=event_at, facts=facts)
    return result


def out_of_place(finding: Finding) -> set[str]:
    """Moves that make no sense for this finding now, whoever asks: an observation is answered, the others take three steps."""
    steps = {"submit_containment", "submit_analysis", "submit_implementation", "apply_exemption"}
    found = (steps | {"complete_action"}) if finding.is_observation else {"answer_observation"}
    found |= {"apply_exemption"} if finding.pending_exemption else {"decide_exemption"}
    if finding.state in {"contained", "analysed", "implemented"}:
        found |= set() if finding.awaiting() else {"accept_step"}
        found |= set() if finding.reviewable() else {"send_back"}
    if not finding.action_owner_ids:
        found |= {"replace_action_owner", "complete_action"}
    elif not Countermeasure.objects.filter(
        submission__finding=finding, submission__current=True, reports=None
    ).exists():
        found |= {"complete_action"}
    if gates.reviewing_exemption(finding):
        found |= {"review_exemption"}
    return found


def available(finding: Finding, user: Any) -> list[str]:
    """The moves this person may make now."""
    wrong = out_of_place(finding)
    return [move for move in door.available(MACHINE, finding, user) if move not in wrong]


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
    add_evidence(finding, files, by=by, purpose="problem")
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
                issued.append(perform(finding.pk, "issue", by=by))
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
    add_evidence(locked, given, by=by, purpose=purpose, caption=caption)
    facts = {
        "files": [file.name for file in given],
        "sha256": [file.checked.sha256 for file in given],
        "actions": [file.action_id for file in given],
        "purpose": purpose,
        "caption": caption,
    }
    door.record(MACHINE, locked, "add_evidence", by=by, source=locked.state, facts=facts)


@dataclass(frozen=True)
class Turn:
    """Somebody who owes something: what, and until when (None: no clock)."""

    person: User
    what: str
    due_at: datetime | None


def whose_turn(finding: Finding, deadlines: Iterable[Deadline]) -> list[Turn]:
    """Everybody who owes something now, the shortest time first, each once; where no clock runs, who takes the next step.

    The finding's clocks come with `owes` loaded.
    """
    found: dict[int, Turn] = {}
    for row in sorted((one for one in deadlines if one.running), key=lambda one: one.due_at):
        people = [row.owes] if row.owes else list(User.objects.holding(*MANAGEMENT)) if row.step == "exemption" else []
        for person in people:
            found.setdefault(person.pk, Turn(person, kinds.label(row.step), row.due_at))
    return list(found.values()) or [Turn(person, "", None) for person in _next(finding)]


def _next(finding: Finding) -> list[User]:
    """Who takes the next step of the path."""
    audit = finding.audit
    verifier = audit.leader if verifier_id(finding) == audit.leader_id else finding.closure_manager
    person = {
        "draft": audit.lead_escort,
        "issued": finding.owner,
        "contained": finding.owner,
        "analysed": finding.owner,
        "implemented": verifier,
        "closed": audit.lead_escort,
        "customer_closed": verifier,
    }.get(finding.state)
    return [person] if person else []


# What needs people, for whoever leaves ------------------------------------------------------------------------------


def _hand(move: str, column: str) -> Any:
    def hand(finding: Finding, to: User, by: Any, reason: str) -> None:
        if finding.state == "draft":
            # Nothing is issued yet: the draft simply names somebody else.
            Finding.objects.filter(pk=finding.pk).update(**{column: to})
            door.record(
                MACHINE, finding, "handed_over", by=by, source=finding.state, facts={column: to, "reason": reason}
            )
            return
        facts: dict[str, Any] = {column: to, "reason": reason}
        perform(finding.pk, move, by=by, **facts)

    return hand


def _hand_action(action: Countermeasure, to: User, by: Any, reason: str) -> None:
    perform(action.submission.finding_id, "replace_action_owner", by=by, action=action, owner=to, reason=reason)


leaving.register(
    leaving.Post(
        "owner",
        _("Issue owner"),
        lambda person: Finding.objects.filter(owner=person, state__in=["draft", *OPEN]).order_by("pk"),
        lambda: User.objects.engineers(),
        _hand("reassign", "owner"),
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
        _hand("change_manager", "closure_manager"),
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
