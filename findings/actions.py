"""The door of a finding: the only caller of its transitions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from audits.models import Audit
from findings import clock, gates
from findings.effects import EFFECTS, add_evidence
from findings.models import Finding, FindingEvent
from findings.rules import verifier_id
from findings.storage import Stored, discard
from people.models import User
from people.rules import principal
from workflow import door, moment
from workflow.errors import GateClosed, StaleState

OWNER_MOVES = {
    "submit_containment", "submit_analysis", "submit_implementation", "answer_observation", "apply_exemption",
}
VERIFIER_MOVES = {"accept_step", "send_back", "close", "check_effect", "confirm_effective"}
LEADER_MOVES = {"reassign", "regrade", "leader_review", "decide_exemption", "review_exemption"}


def _principal(finding: Finding, user: Any, move: str) -> User | None:
    """Who is being stood in for on this kind of move."""
    audit = finding.audit
    if move in OWNER_MOVES:
        return principal(user, finding.owner_id)
    if move in VERIFIER_MOVES:
        return principal(user, verifier_id(finding))
    if move in LEADER_MOVES:
        return principal(user, audit.leader_id)
    if move == "reopen":
        return principal(user, audit.lead_escort_id, verifier_id(finding))
    return principal(user, audit.lead_escort_id, finding.created_by_id)


def _lock_audit(pk: Any) -> None:
    """Audit before finding, the same order everywhere."""
    Audit.objects.select_for_update(no_key=True, of=("self",)).get(findings=pk)


WATCHED = (
    "site", "what", "when", "where", "found_by", "why", "how", "how_much", "customer_words", "customer_grade", "clause",
    "product", "owner", "closure_manager", "grade", "category", "repeat_of",
)
MACHINE = door.Machine(Finding, FindingEvent, "finding", EFFECTS, _principal, gates.missing, WATCHED, after=[clock.turn])
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
    try:
        result: Finding = door.perform(machine, pk, move, by=by, seen=seen, event_at=event_at, facts=facts)
    except BaseException:
        discard(file for file in facts.get("files", ()) if isinstance(file, Stored))
        raise
    return result


def out_of_place(finding: Finding) -> set[str]:
    """Moves that make no sense for this finding now, whoever asks: an observation is answered, the others take three steps."""
    steps = {"submit_containment", "submit_analysis", "submit_implementation", "apply_exemption"}
    found = steps if finding.is_observation else {"answer_observation"}
    found |= {"apply_exemption"} if finding.pending_exemption else {"decide_exemption"}
    if gates.reviewing_exemption(finding):
        found |= {"review_exemption"}
    return found


def available(finding: Finding, user: Any) -> list[str]:
    """The moves this person may make now."""
    wrong = out_of_place(finding)
    return [move for move in door.available(MACHINE, finding, user) if move not in wrong]


@transaction.atomic
def create(audit: Audit, *, by: Any, fields: dict[str, Any], files: Iterable[Stored] = ()) -> Finding:
    """A draft of a finding. Owner and closure manager follow from the place (procedure §4).

    Raises PermissionDenied, or StaleState when the audit is not on site or in closure.
    """
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
        audit=locked, sequence=sequence, number=f"{locked.number}-{sequence:02d}", created_by=by,
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


@transaction.atomic
def attach(finding: Finding, files: Iterable[Stored], *, by: Any, purpose: str, caption: str = "") -> None:
    """More evidence beside a finding that is still open. Raises PermissionDenied."""
    locked: Finding = door.locked(MACHINE, finding.pk)
    if not rules.has_perm("findings.add_evidence", by, locked):
        raise PermissionDenied("findings.add_evidence")
    if not (locked.is_open or locked.state == "draft"):
        raise StaleState
    kept = list(files)
    add_evidence(locked, kept, by=by, purpose=purpose, caption=caption)
    facts = {"files": [file.name for file in kept], "purpose": purpose, "caption": caption}
    door.record(MACHINE, locked, "add_evidence", by=by, source=locked.state, facts=facts)


def whose_turn(finding: Finding) -> list[User]:
    """Who has to act next, for the head of the page."""
    state, audit = finding.state, finding.audit
    if finding.pending_exemption and finding.pending_exemption.waits_for_leader:
        return [audit.leader] if audit.leader else []
    verifier = audit.leader if verifier_id(finding) == audit.leader_id else finding.closure_manager
    person = {
        "draft": audit.lead_escort, "issued": finding.owner, "contained": finding.owner, "analysed": finding.owner,
        "implemented": verifier, "closed": audit.lead_escort,
        "customer_closed": verifier,
    }.get(state)
    return [person] if person else []
