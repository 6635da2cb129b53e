"""The clocks of a finding: the owner's three, the reviewer's, the Leader's, and those that follow from them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from calendars.arithmetic import DAY, end_of_day
from clocks import actions as clocks
from clocks.deadlines import Deadline
from clocks.kinds import Kind, Part, When, by, on, register
from clocks.policy import Policy
from findings.answers import Countermeasure
from findings.disputes import Dispute
from findings.exemptions import Exemption, ExemptionState
from findings.models import Finding
from findings.read_across import ReadAcross
from findings.rules import read_across_verifier_id, verifier_id
from findings.states import ORDER, FindingState, Step
from workflow import door
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
    return not any(submission.pending for submission in moved.subject.submission_rows)


def _customer_due(finding: Finding, step: str, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The customer's own date for the step: its profile, or for closing the date asked for this finding (A7)."""
    customer = finding.audit.customer
    found: list[datetime] = []
    hours = {Step.CONTAIN: "contain_hours", Step.ANALYSE: "analyse_hours"}.get(Step(step))
    if customer is not None and hours and getattr(customer, hours):
        found.append(start.astimezone(UTC) + timedelta(hours=getattr(customer, hours)))
    if customer is not None and step == Step.CLOSE and customer.close_days:
        found.append(end_of_day(start.astimezone(zone).date() + customer.close_days * DAY, zone))
    asked = finding.customer_due_on
    if step == Step.CLOSE and asked and end_of_day(asked, zone) > start:
        found.append(end_of_day(asked, zone))
    return min(found, default=None)


def _origin(policy: Policy, moved: Moved) -> datetime:
    """From when the owner's clocks count (domain §4 A2)."""
    if moved.move != "issue":
        return moved.at
    recorded, closing = moved.subject.created_at, moved.subject.audit.actual_end
    begins = {Policy.Origin.RECORDED: recorded, Policy.Origin.CLOSING: closing}.get(Policy.Origin(policy.origin))
    return begins or moved.at


SUBMITS = ("submit_containment", "submit_analysis", "submit_implementation", "answer_observation")

register(
    Kind(
        step=Step.CONTAIN,
        label=Step.CONTAIN.label,
        of=Finding,
        owed_by=_owner,
        starts=_begins_anew,
        answered_by=by("submit_containment"),
        stopped_by=by("withdraw"),
        opens_again=_sent_back_to(Step.CONTAIN),
        per_cycle=True,
        counts_from=_origin,
        customer_due=_customer_due,
        movable_by=("decide_dispute",),
        move="submit_containment",
    )
)
register(
    Kind(
        step=Step.ANALYSE,
        label=Step.ANALYSE.label,
        of=Finding,
        owed_by=_owner,
        starts=_begins_anew,
        answered_by=by("submit_analysis"),
        stopped_by=by("withdraw"),
        opens_again=_sent_back_to(*ORDER[:2]),
        per_cycle=True,
        counts_from=_origin,
        customer_due=_customer_due,
        movable_by=("decide_dispute",),
        move="submit_analysis",
    )
)
register(
    Kind(
        step=Step.CLOSE,
        label=Step.CLOSE.label,
        movable_by=("decide_exemption", "decide_dispute"),
        watches=("findings.Exemption.new_date", "findings.Finding.customer_due_on"),
        of=Finding,
        owed_by=_owner,
        starts=on("issue", "reopen"),
        answered_by=_closure_ends,
        stopped_by=by("withdraw", "reopen"),
        opens_again=_sent_back_to(*ORDER),
        per_cycle=True,
        counts_from=_origin,
        customer_due=_customer_due,
        move="submit_implementation",
    )
)
register(
    Kind(
        step=Step.REVIEW,
        label=Step.REVIEW.label,
        of=Finding,
        owed_by=_verifier,
        starts=on(*SUBMITS),
        answered_by=_nothing_waits,
        stopped_by=by("withdraw"),
    )
)
register(
    Kind(
        step="leader_review",
        label=_("Leader's review"),
        of=Finding,
        owed_by=_leader,
        starts=_begins_anew,
        answered_by=by("leader_review", "regrade", "reassign"),
        stopped_by=by("withdraw", "close"),
        move="leader_review",
    )
)


# Of a finding: actions, effectiveness, the customer ------------------------------------------------------


def _actions(moved: Moved) -> Iterable[Part]:
    """Every countermeasure of the analysis just submitted, with its own date."""
    rows = Countermeasure.objects.filter(submission__finding=moved.subject, submission__current=True)
    return [Part(str(row.pk), row.owner_id, row.due_on) for row in rows.order_by("pk")]


def _planned(parts: set[str]) -> Mapping[str, date | None]:
    rows = Countermeasure.objects.filter(pk__in=parts).values_list("pk", "due_on")
    return {str(pk): due_on for pk, due_on in rows}


def _analysis_falls(moved: Moved, _row: Deadline) -> bool:
    return moved.move in {"withdraw", "submit_analysis"} or _sent_back_to(*ORDER[:2])(moved)


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
        step="action",
        label=_("Countermeasure"),
        movable_by=("decide_exemption",),
        dates=_planned,
        watches=("findings.Countermeasure.due_on",),
        of=Finding,
        owed_by=_action_owner,
        starts=on("submit_analysis"),
        answered_by=_action_done,
        stopped_by=_analysis_falls,
        opens_again=_sent_back_to(Step.CLOSE),
        parts=_actions,
        move="complete_action",
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
            step=f"effect_{_window}",
            label=_label,
            of=Finding,
            owed_by=_verifier,
            starts=on("close_for_customer"),
            answered_by=_observed(_window),
            stopped_by=by("confirm_effective", "reopen"),
            move="check_effect",
        )
    )
register(
    Kind(
        step="customer",
        label=_("Customer's agreement"),
        of=Finding,
        owed_by=_lead_escort,
        starts=on("close"),
        answered_by=by("close_for_customer"),
        stopped_by=by("reopen"),
        move="close_for_customer",
    )
)


# Of what stands beside a finding ------------------------------------------------------------------------------------


def _decider(exemption: Any, _row: Deadline) -> int | None:
    """The Leader; once the Leader has approved (or may not decide), whoever of management the ladder then names."""
    return exemption.finding.audit.leader_id if exemption.waits_for_leader else None


def _decided(moved: Moved, _row: Deadline) -> bool:
    return moved.move == "decide_exemption" and moved.subject.state != ExemptionState.ENDORSED


def _exempted(moved: Moved) -> bool:
    """An exemption was approved, goes on after its review, or still holds when the implementation comes back."""
    return moved.move in {"decide_exemption", "review_exemption", "send_back"} and moved.subject.in_force


register(
    Kind(
        step="exemption",
        label=_("Decision on the exemption"),
        of=Exemption,
        owed_by=_decider,
        starts=on("apply_exemption"),
        answered_by=_decided,
        stopped_by=by("lapse_exemption"),
        move="decide_exemption",
    )
)
register(
    Kind(
        step="exemption_review",
        label=_("Review of the exemption"),
        of=Exemption,
        owed_by=lambda exemption, _row: exemption.finding.audit.leader_id,
        starts=_exempted,
        answered_by=by("review_exemption"),
        stopped_by=by("submit_implementation", "close", "reopen", "withdraw", "replace_exemption"),
        move="review_exemption",
    )
)
register(
    Kind(
        step="dispute",
        label=_("Decision on the dispute"),
        of=Dispute,
        owed_by=lambda dispute, _row: None if dispute.leader_is_passed_over else dispute.finding.audit.leader_id,
        starts=on("dispute"),
        answered_by=by("decide_dispute"),
        stopped_by=by("take_back_dispute", "lapse_dispute", "overtake_dispute"),
        move="decide_dispute",
    )
)


register(
    Kind(
        step="read_across",
        label=_("Read-across"),
        of=ReadAcross,
        owed_by=lambda record, _row: record.owner_id,
        # Opened by the implementation that decides it (findings.read_across_moves.spread).
        starts=on("submit_implementation"),
        answered_by=by("complete_read_across"),
        stopped_by=by("drop_read_across"),
        opens_again=lambda moved: moved.move == "verify_read_across" and not moved.facts["accept"],
        move="complete_read_across",
    )
)
register(
    Kind(
        step="read_across_review",
        label=_("Verification of the read-across"),
        of=ReadAcross,
        owed_by=lambda record, _row: read_across_verifier_id(record),
        starts=on("complete_read_across"),
        answered_by=by("verify_read_across"),
        stopped_by=by("drop_read_across"),
        move="verify_read_across",
    )
)


# What the pages and the notices ask --------------------------------------------------------------------------------


def in_order(rows: list[Deadline]) -> list[Deadline]:
    """The owner's clocks of the newest cycle, in the order of the steps."""
    newest = {row.step: row for row in sorted(rows, key=lambda one: (one.cycle, one.pk))}
    return [newest[step] for step in ORDER if step in newest]


# What an audit's moves do to the clocks of its findings ----------------------------------------------------------------


def follow_audit(moved: Moved) -> None:
    """A new Leader or lead escort takes over the clocks of the audit's findings too."""
    if moved.move in {
        "change_team",
        "name_team",
        "start_sudden",
        "appoint_leader",
        "replace_leader",
        "replace_lead_escort",
    }:
        # Locked before their clocks, as by their own moves: one that waits reads the audit with its new people.
        for finding in moved.subject.findings.select_for_update(no_key=True, of=("self",)).order_by("pk"):
            finding.audit = moved.subject
            clocks.follow(finding, clocks.locked(finding), moved.at)
        for child in door.CHILDREN[Finding]:
            _follow_beside(child.model, moved)


def _follow_beside(model: Any, moved: Moved) -> None:
    """The same for what stands beside the findings and still has a clock that runs."""
    running = Deadline.objects.of(model).running().values("subject_id")
    rows: Any = model._default_manager.filter(finding__audit=moved.subject, pk__in=running).order_by("finding", "pk")
    for record in rows.select_for_update(no_key=True, of=("self",)).select_related("finding"):
        record.finding.audit = moved.subject
        clocks.follow(record, clocks.locked(record), moved.at)
