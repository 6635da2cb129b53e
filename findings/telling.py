"""Whom a move of a finding tells, once its clocks have turned: facts in rows, sentences when they are read."""

from collections.abc import Iterable
from typing import Any

from clocks import actions as clock
from clocks.why import local
from findings import facts
from findings.clocks import in_order
from findings.effects import Facts
from findings.models import Finding
from findings.rules import verifier_id
from findings.states import Step
from lib import moment
from notices import actions as notices
from notices.models import Notice
from people.models import StandingRole, User
from workflow.move import Effect, Moved


def _tell(
    moved: Moved[Finding, Facts],
    kind: str,
    people: Iterable[Any],
    level: str = Notice.Level.INFO,
    topic: str = "",
    url: str = "",
    /,
    **more: Any,
) -> None:
    finding = moved.subject
    facts = {
        "number": finding.number,
        "what": finding.what[:120],
        "site": finding.site.in_both(),
        "by": moved.by.in_both(),
    }
    notices.tell(
        {person for person in people if person is not None and person != moved.by},
        kind,
        f"{finding.number}:{moved.move}:{finding.version}",
        url=url or finding.get_absolute_url(),
        level=level,
        facts=facts | more,
        topic=topic,
    )


def tell_of(
    moved: Moved[Any, Any], kind: str, people: Iterable[Any], record: Any = None, topic: str = "", /, **more: Any
) -> None:
    """Tell of a record beside the finding, the one that was moved or `record`; the key is that record's own."""
    own = record or moved.subject
    finding = own.parent
    facts = {
        "number": own.number,
        "what": finding.what[:120],
        "site": finding.site.in_both(),
        "by": moved.by.in_both(),
        **more,
    }
    notices.tell(
        {person for person in people if person is not None and person != moved.by},
        kind,
        f"{own.number}:{moved.move}:{own.version}",
        url=own.get_absolute_url(),
        facts=facts,
        topic=topic,
    )


def management() -> list[User]:
    return list(User.objects.holding(StandingRole.Role.TOP, StandingRole.Role.PROCESS_OWNER))


def ask_for_decision(moved: Moved[Any, Any], exemption: Any) -> None:
    """Whoever decides on the exemption now: the Leader, or management."""
    people = [exemption.finding.audit.leader] if exemption.waits_for_leader else management()
    tell_of(moved, "exemption_waits", people, exemption, exemption.about)


def tell_applied(moved: Moved[Finding, Facts]) -> None:
    ask_for_decision(moved, moved.made)


def tell_disputed(moved: Moved[Finding, Facts]) -> None:
    """The Leader, or management where the Leader may not decide, has to decide it; who chases it hears of it."""
    dispute, finding = moved.made, moved.subject
    people = [finding.audit.leader, finding.closure_manager, finding.audit.lead_escort]
    if dispute.leader_is_passed_over:
        people += management()
    tell_of(moved, "dispute_raised", people, dispute, ground=dispute.ground, statement=dispute.statement[:200])


def tell_issued(moved: Moved[Finding, Facts]) -> None:
    finding = moved.subject
    level = Notice.Level.RED if finding.grade == "critical" else Notice.Level.INFO
    _tell(
        moved,
        "finding_issued",
        [finding.owner, finding.closure_manager, finding.site.contact, finding.audit.leader],
        level,
        grade=finding.grade,
        observation=finding.is_observation,
        dues=_dues(moved),
    )


def _dues(moved: Moved[Finding, Facts]) -> list[dict[str, Any]]:
    """The owner's clocks that run, with their due times as the plant's wall shows them: what a notice has to say."""
    rows = in_order([row for row in clock.locked(moved.subject) if row.running])
    return [
        {"step": row.step, "due": local(row.due_at, row.zone), "zone": row.zone, "late": row.due_at < moment.now()}
        for row in rows
    ]


def tell_reviewer(step: Step) -> Effect[Finding, Facts]:
    """Whoever verifies hears that this step is answered."""

    def tell(moved: Moved[Finding, Facts]) -> None:
        finding = moved.subject
        leads = verifier_id(finding) != finding.closure_manager_id
        verifier = finding.audit.leader if leads else finding.closure_manager
        _tell(moved, "finding_submitted", [verifier], step=str(step.value))

    return tell


def tell_action_owners(moved: Moved[Finding, Facts]) -> None:
    people = User.objects.filter(pk__in=moved.subject.action_owner_ids).exclude(pk=moved.subject.owner_id or 0)
    _tell(moved, "finding_action", people)


def tell_owner(moved: Moved[Finding, Facts]) -> None:
    reason = next(
        (str(moved.facts[name]) for name in ("reason", "conclusion", "note", "evidence") if moved.facts.get(name)), ""
    )
    _tell(moved, f"finding_{moved.move}", [moved.subject.owner], reason=reason)


def tell_new_owner(moved: Moved[Finding, facts.NewOwner]) -> None:
    """What is owed, until when, and that it is late already where it is."""
    dues = _dues(moved)
    level = Notice.Level.RED if any(due["late"] for due in dues) else Notice.Level.INFO
    _tell(moved, "finding_reassign", [moved.subject.owner], level, reason=moved.facts["reason"], dues=dues)


def tell_new_manager(moved: Moved[Finding, facts.NewManager]) -> None:
    finding = moved.subject
    _tell(
        moved,
        "finding_manager",
        [finding.closure_manager, finding.owner],
        reason=moved.facts["reason"],
        manager=moved.facts["closure_manager"].in_both(),
    )


def tell_new_action_owner(moved: Moved[Finding, facts.NewActionOwner]) -> None:
    action = moved.facts["action"]
    _tell(
        moved,
        "finding_action",
        [moved.facts["owner"]],
        action=action.text,
        due=str(action.due_on),
        reason=moved.facts["reason"],
    )


def tell_action_done(moved: Moved[Finding, facts.ActionReport]) -> None:
    action = moved.facts["action"]
    _tell(moved, "finding_action_done", [moved.subject.owner], action=action.text)


def tell_former_owner(moved: Moved[Finding, facts.NewOwner]) -> None:
    """Whoever had it until now need not wonder where it went."""
    _tell(
        moved,
        "finding_taken",
        [moved.subject.former_owner],
        owner=moved.facts["owner"].in_both(),
        reason=moved.facts["reason"],
    )


def tell_lead_escort(moved: Moved[Finding, Facts]) -> None:
    _tell(moved, f"finding_{moved.move}", [moved.subject.owner, moved.subject.audit.lead_escort], reason="")


def tell_read_across(moved: Moved[Finding, Facts]) -> None:
    """Whoever carries it over to another site, and that site's contact, hear what is to be done there."""
    finding = moved.subject
    if not any(row["applies"] for row in moved.facts.get("read_across", ())):
        return
    for record in finding.read_across.filter(opened_at=moved.at).select_related("owner", "site__contact"):
        record.finding = finding
        people = [record.owner, record.site.contact]
        tell_of(moved, "read_across_opened", people, record, place=record.site.in_both(), note=record.note)
