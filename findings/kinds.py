"""The kinds of clocks: who owes what, which moves start, answer and stop it. A new kind is one `register` line here, and
a row with its step and ladder in a policy; the engine (`findings.clock`), the sweep, "my work" and the API know no names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.effects import asked, concerned_after
from audits.models import Audit
from audits.states import BEFORE_THE_DAY, AuditState
from findings.answers import Countermeasure, Exemption
from findings.models import Deadline, Finding
from findings.policy import Policy
from findings.rules import verifier_id
from findings.states import ORDER, FindingState, Step
from workflow.move import Moved

When = Callable[[Moved], bool]
Owes = Callable[[Any, Deadline], int | None]


@dataclass(frozen=True)
class Part:
    """One of several clocks of a kind on one subject: an action, an acknowledgement, an application."""

    key: str = ""
    person_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of clock. `owes` is asked again after every move, so a clock follows a new owner or Leader."""

    step: str
    label: Any
    of: type[Any]
    owes: Owes
    starts: When
    answers: Callable[[Moved, Deadline], bool]
    stops: Callable[[Moved, Deadline], bool] = lambda _moved, _row: False
    opens_again: When = lambda _moved: False
    parts: Callable[[Moved], Iterable[Part]] = lambda _moved: [Part()]
    #: The clock's cycle is the finding's; otherwise every start counts one on.
    per_cycle: bool = False
    #: The customer's own times can tighten it (domain §4 A7).
    customers: bool = False
    #: The move whose form ends it; empty: the page of the finding or audit.
    move: str = ""


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Raises ValueError when the step has one already."""
    if kind.step in KINDS:
        raise ValueError(f"{kind.step} is registered already")
    KINDS[kind.step] = kind
    return kind


def of(subject: Any) -> list[Kind]:
    """The kinds that such a record can have, in the order of registration."""
    return [kind for kind in KINDS.values() if isinstance(subject, kind.of)]


def lacking(policy: Policy) -> list[Kind]:
    """The kinds the policy could have a clock for and has none: nothing starts for them under it."""
    covered = {Policy.Covers.FINDING: Finding, Policy.Covers.AUDIT: Audit}.get(Policy.Covers(policy.covers))
    have = set(policy.steps.values_list("step", flat=True))
    return [kind for kind in KINDS.values() if kind.of is covered and kind.step not in have]


def label(step: str) -> str:
    """What a clock is called; the step itself where its kind is gone."""
    return str(KINDS[step].label) if step in KINDS else step


def on(*moves: str) -> When:
    return lambda moved: moved.move in moves


def by(*moves: str) -> Callable[[Moved, Deadline], bool]:
    return lambda moved, _row: moved.move in moves


def kept(_subject: Any, row: Deadline) -> int | None:
    """Whoever it was started for."""
    return row.owes_id


# Of a finding: the owner's three, the reviewer's, the Leader's ------------------------------------------------------


def _owner(finding: Any, _row: Deadline) -> int | None:
    return finding.owner_id


def _leader(finding: Any, _row: Deadline) -> int | None:
    return finding.audit.leader_id


def _lead_escort(finding: Any, _row: Deadline) -> int | None:
    return finding.audit.lead_escort_id


def _verifier(finding: Any, _row: Deadline) -> int | None:
    return verifier_id(finding)


def _begins_anew(moved: Moved) -> bool:
    """Issued, or reopened from the containment on."""
    return moved.move == "issue" or (moved.move == "reopen" and moved.subject.state == FindingState.ISSUED)


def _sent_back_to(*steps: str) -> When:
    return lambda moved: moved.move == "send_back" and moved.facts["step"] in steps


CLOSE_ENDS = {
    Policy.Ends.SUBMITTED: {"submit_implementation", "answer_observation"},
    Policy.Ends.CLOSED: {"close"},
    Policy.Ends.CUSTOMER: {"close_for_customer"},
}


def _closure_ends(moved: Moved, row: Deadline) -> bool:
    return moved.move in CLOSE_ENDS[Policy.Ends(row.policy_step.policy.close_ends)]


def _nothing_waits(moved: Moved, _row: Deadline) -> bool:
    """The reviewer has answered once no submission waits for a verdict."""
    if moved.move not in {"accept_step", "send_back", "close"}:
        return False
    return not any(one.pending for one in moved.subject.submission_rows)


SUBMITS = ("submit_containment", "submit_analysis", "submit_implementation", "answer_observation")

register(
    Kind(
        Step.CONTAIN,
        Step.CONTAIN.label,
        Finding,
        _owner,
        _begins_anew,
        by("submit_containment"),
        by("withdraw"),
        _sent_back_to(Step.CONTAIN),
        per_cycle=True,
        customers=True,
        move="submit_containment",
    )
)
register(
    Kind(
        Step.ANALYSE,
        Step.ANALYSE.label,
        Finding,
        _owner,
        _begins_anew,
        by("submit_analysis"),
        by("withdraw"),
        _sent_back_to(*ORDER[:2]),
        per_cycle=True,
        customers=True,
        move="submit_analysis",
    )
)
register(
    Kind(
        Step.CLOSE,
        Step.CLOSE.label,
        Finding,
        _owner,
        on("issue", "reopen"),
        _closure_ends,
        by("withdraw", "reopen"),
        _sent_back_to(*ORDER),
        per_cycle=True,
        customers=True,
        move="submit_implementation",
    )
)
register(
    Kind(
        Step.REVIEW,
        Step.REVIEW.label,
        Finding,
        _verifier,
        on(*SUBMITS),
        _nothing_waits,
        by("withdraw"),
    )
)
register(
    Kind(
        "leader_review",
        _("Leader's review"),
        Finding,
        _leader,
        _begins_anew,
        by("leader_review", "regrade", "reassign"),
        by("withdraw", "close"),
        move="leader_review",
    )
)


# Of a finding: actions, exemption, effectiveness, the customer ------------------------------------------------------


def _actions(moved: Moved) -> Iterable[Part]:
    """Every countermeasure of the analysis just submitted, with its own date."""
    rows = Countermeasure.objects.filter(submission__finding=moved.subject, submission__current=True)
    return [Part(str(row.pk), row.owner_id, row.due_on) for row in rows.order_by("pk")]


def _analysis_falls(moved: Moved, _row: Deadline) -> bool:
    return moved.move in {"withdraw", "submit_analysis"} or _sent_back_to(*ORDER[:2])(moved)


def _application(moved: Moved) -> Iterable[Part]:
    return [Part(str(row.pk)) for row in moved.subject.exemptions.filter(outcome="")]


def _decider(finding: Any, row: Deadline) -> int | None:
    """The Leader; once the Leader has approved (or may not decide), whoever of management the ladder then names."""
    asked = finding.pending_exemption
    return finding.audit.leader_id if asked is None or asked.waits_for_leader else None


def _decided(moved: Moved, row: Deadline) -> bool:
    return moved.move == "decide_exemption" and moved.subject.pending_exemption is None


def _exempted(moved: Moved) -> bool:
    """An exemption was approved, goes on after its review, or still holds when the implementation comes back."""
    if moved.move == "review_exemption":
        return bool(moved.facts["go_on"])
    approved = moved.subject.exemptions.filter(cycle=moved.subject.cycle, outcome=Exemption.Outcome.APPROVED)
    return moved.move in {"decide_exemption", "send_back"} and approved.exists()


def _action_owner(finding: Any, row: Deadline) -> int | None:
    """Whoever has the countermeasure now."""
    owner: int | None = finding.action_owner_by_id.get(int(row.part))
    return row.owes_id if owner is None else owner


def _action_done(moved: Moved, row: Deadline) -> bool:
    """Its owner reported it done with proof, or the whole implementation was submitted."""
    if moved.move == "complete_action":
        return row.part == str(moved.facts["action"].pk)
    return moved.move == "submit_implementation"


register(
    Kind(
        "action",
        _("Countermeasure"),
        Finding,
        _action_owner,
        on("submit_analysis"),
        _action_done,
        _analysis_falls,
        _sent_back_to(Step.CLOSE),
        parts=_actions,
        move="complete_action",
    )
)
register(
    Kind(
        "exemption",
        _("Decision on the exemption"),
        Finding,
        _decider,
        on("apply_exemption"),
        _decided,
        by("close", "reopen", "withdraw"),
        parts=_application,
        move="decide_exemption",
    )
)
register(
    Kind(
        "exemption_review",
        _("Review of the exemption"),
        Finding,
        _leader,
        _exempted,
        by("review_exemption"),
        by("submit_implementation", "close", "reopen", "withdraw"),
        move="review_exemption",
    )
)


def _observed(window: str) -> Callable[[Moved, Deadline], bool]:
    """A check over a longer time answers for the shorter ones too."""

    def answered(moved: Moved, _row: Deadline) -> bool:
        said = str(moved.facts.get("window", ""))
        return moved.move in {"check_effect", "confirm_effective"} and (
            not said.isdecimal() or int(said) >= int(window)
        )

    return answered


for _window, _label in (
    ("30", _("Effectiveness after 30 days")),
    ("60", _("Effectiveness after 60 days")),
    ("90", _("Effectiveness after 90 days")),
):
    register(
        Kind(
            f"effect_{_window}",
            _label,
            Finding,
            _verifier,
            on("close_for_customer"),
            _observed(_window),
            by("confirm_effective", "reopen"),
            move="check_effect",
        )
    )
register(
    Kind(
        "customer",
        _("Customer's agreement"),
        Finding,
        _lead_escort,
        on("close"),
        by("close_for_customer"),
        by("reopen"),
        move="close_for_customer",
    )
)


# Of an audit --------------------------------------------------------------------------------------------------------


def _to_acknowledge(moved: Moved) -> Iterable[Part]:
    """Everyone whom the notice asks for an answer and who has not given it; who is asked already is not asked twice."""
    return [Part(str(pk), pk) for pk in asked(moved)]


#: Moves that may bring in someone the notice has not reached.
JOINING = ("change_team", "revise", "appoint_leader", "replace_leader", "replace_lead_escort")
#: Moves that send the notice to everyone anew.
ANEW = ("send_notice", "reschedule")


def _not_asked_any_more(moved: Moved, row: Deadline) -> bool:
    """The audit begins or pauses, or the person is not concerned any more."""
    if moved.move in JOINING:
        return row.owes_id not in concerned_after(moved)
    return moved.move in {"start", "begin_closure", "postpone", "cancel"}


def _checklist(moved: Moved) -> Iterable[Part]:
    """Until the day of the audit, when the checklist is not there and a date to ask again was agreed."""
    audit = moved.subject
    if (
        audit.checklist != Audit.Checklist.NOT_GIVEN
        or not audit.checklist_follow_up
        or audit.state not in BEFORE_THE_DAY
    ):
        return []
    return [Part(str(audit.checklist_follow_up), moved.by.pk, audit.checklist_follow_up)]


def _checklist_came(moved: Moved, _row: Deadline) -> bool:
    return moved.move == "revise" and moved.subject.checklist == Audit.Checklist.GIVEN


def _checklist_overtaken(moved: Moved, row: Deadline) -> bool:
    """The audit begins or pauses, or another date was agreed."""
    if moved.move != "revise":
        return moved.move in {"start", "start_sudden", "postpone", "cancel"}
    return row.part != str(moved.subject.checklist_follow_up)


def _team_is_owed(moved: Moved) -> bool:
    """A Leader was appointed, or the audit goes on after a pause with its team still to be named."""
    return moved.move == "appoint_leader" or (
        moved.move == "resume" and moved.subject.state == AuditState.LEADER_APPOINTED
    )


register(
    Kind(
        "name_team",
        _("Naming the team"),
        Audit,
        lambda audit, _row: audit.leader_id,
        _team_is_owed,
        by("name_team", "change_team", "start_sudden"),
        by("decline", "send_notice", "start", "postpone", "cancel"),
        move="name_team",
    )
)
register(
    Kind(
        "acknowledge",
        _("Acknowledging the notice"),
        Audit,
        kept,
        on(*ANEW, *JOINING),
        lambda _moved, _row: False,
        _not_asked_any_more,
        parts=_to_acknowledge,
    )
)
register(
    Kind(
        "checklist",
        _("Asking again for the checklist"),
        Audit,
        kept,
        on("draft", "revise", "resume"),
        _checklist_came,
        _checklist_overtaken,
        parts=_checklist,
    )
)
register(
    Kind(
        "issue",
        _("Issuing the findings"),
        Audit,
        lambda audit, _row: audit.lead_escort_id,
        on("hold_closing"),
        by("begin_closure"),
        move="begin_closure",
    )
)
register(
    Kind(
        "retrospective",
        _("Retrospective"),
        Audit,
        lambda audit, _row: audit.lead_escort_id,
        on("close"),
        by("review"),
        move="review",
    )
)


# Of the engine itself -----------------------------------------------------------------------------------------------

register(
    Kind(
        "canary",
        _("Self-test"),
        type(None),
        lambda _subject, _row: None,
        lambda _moved: False,
        lambda _moved, _row: False,
    )
)

#: Every column that holds a date somebody owes, and the kind that watches it. A test holds this against the models.
DUE_FIELDS = {
    "audits.Audit.checklist_follow_up": "checklist",
    "findings.Countermeasure.due_on": "action",
    "findings.Exemption.new_date": "close",
    "findings.Finding.customer_due_on": "close",
}
