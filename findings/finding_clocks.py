"""The clocks of a finding: the owner's three, the reviewer's, the Leader's, and those that follow from them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from findings.answers import Countermeasure, Exemption
from findings.deadlines import Deadline
from findings.kinds import Kind, Part, When, by, on, register
from findings.models import Finding
from findings.policy import Policy
from findings.rules import verifier_id
from findings.states import ORDER, FindingState, Step
from workflow.move import Moved

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
