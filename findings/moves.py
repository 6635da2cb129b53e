"""The moves of a finding, each told once, in the order of the path (domain §1.3, §3)."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from findings import answer_forms, effects, exemption_forms, facts, forms, gates, telling
from findings.analysis_form import AnalysisForm
from findings.answers import Countermeasure
from findings.dispute_forms import DisputeForm, Raised, disputing, is_disputable, make
from findings.disputes import Dispute
from findings.exemptions import Exemption
from findings.holders import ACTION_OWNERS, AUTHOR, LEAD_ESCORT, LEADER, OWNER, VERIFIER
from findings.models import Finding
from findings.problem_form import EditForm
from findings.states import OPEN, FindingState as S, Purpose, Step
from workflow.forms import PlainForm
from workflow.move import Effect, F, Gate, Move, Next, Opening

A = TypeVar("A", bound=facts.Files)
REVIEWED_STATES = frozenset({S.CONTAINED, S.ANALYSED, S.IMPLEMENTED})
BY_ESCORT = (LEAD_ESCORT, AUTHOR)


@dataclass(frozen=True, kw_only=True)
class FindingMove(Move[Finding, F]):
    """A move of a finding: which step it answers, and whether it hints at weak answers while somebody writes."""

    answers: Step | None = None
    hints: bool = False
    above: str = "findings/_about.html"


def _answer(
    name: str,
    label: Promise | str,
    form: Any,
    given: type[A],
    step: Step,
    states: tuple[str, ...],
    *,
    purpose: Purpose,
    gate: Gate[Finding, A],
    body: str = "",
    effect: tuple[Effect[Finding, Any], ...] = (),
    also: tuple[Effect[Finding, Any], ...] = (),
    observation: bool = False,
) -> FindingMove[A]:
    """A move by which the owner answers a step: an immutable revision with its rows, the reviewer told."""
    return FindingMove(
        name=name,
        label=label,
        form=form,
        facts=given,
        gates=(gate,),
        effects=(effects.keep_submission(step), effects.keep_files(purpose), *effect),
        tells=(telling.tell_reviewer(step), *also),
        acts_for=(OWNER,),
        # The step's own clock lists it in my work.
        next_for=Next(states, OWNER, listed=False),
        sensible=lambda finding: finding.is_observation == observation,
        answers=step,
        hints=bool(body),
        body=body,
        width=12 if body else 8,
        above="findings/_about_with_hints.html" if body else "findings/_about.html",
    )


def _awaits_report(finding: Finding) -> bool:
    """Some action of the current analysis is not reported done yet."""
    current = Countermeasure.objects.filter(submission__finding=finding, submission__current=True)
    return not finding.is_observation and bool(finding.action_owner_ids) and current.filter(reports=None).exists()


EDIT = FindingMove(
    name="edit",
    label=_("Edit the draft"),
    form=EditForm,
    facts=facts.Edit,
    effects=(effects.keep_files(Purpose.PROBLEM),),
    acts_for=BY_ESCORT,
    aside=True,
    body="findings/_problem_fields.html",
    width=10,
    above="",
)
ISSUE = FindingMove(
    name="issue",
    label=_("Issue"),
    form=PlainForm,
    facts=facts.Nothing,
    gates=(gates.issuing,),
    tells=(telling.tell_issued,),
    acts_for=BY_ESCORT,
    next_for=Next((S.DRAFT,), LEAD_ESCORT),
    locks_parent=True,
    in_bulk=(),
)
SUBMIT_CONTAINMENT = _answer(
    "submit_containment",
    _("Submit containment"),
    answer_forms.ContainmentForm,
    facts.Containment,
    Step.CONTAIN,
    (S.ISSUED,),
    purpose=Purpose.CONTAIN,
    gate=gates.containing,
    body="findings/_containment_fields.html",
)
SUBMIT_ANALYSIS = _answer(
    "submit_analysis",
    _("Submit root cause and countermeasures"),
    AnalysisForm,
    facts.Analysis,
    Step.ANALYSE,
    (S.CONTAINED,),
    purpose=Purpose.ANALYSE,
    gate=gates.wrong_kind,
    body="findings/_analysis_fields.html",
    also=(telling.tell_action_owners,),
)
COMPLETE_ACTION = FindingMove(
    name="complete_action",
    label=_("Report an action done"),
    form=forms.CompleteActionForm,
    facts=facts.ActionReport,
    gates=(gates.completing,),
    effects=(effects.keep_report, effects.keep_files(Purpose.CLOSE)),
    tells=(telling.tell_action_done,),
    acts_for=(ACTION_OWNERS,),
    sensible=_awaits_report,
)
SUBMIT_IMPLEMENTATION = _answer(
    "submit_implementation",
    _("Submit implementation"),
    answer_forms.ImplementationForm,
    facts.Implementation,
    Step.CLOSE,
    (S.ANALYSED,),
    purpose=Purpose.CLOSE,
    gate=gates.implementing,
    effect=(effects.spread,),
    also=(telling.tell_read_across,),
    body="findings/_implementation_fields.html",
)
ANSWER_OBSERVATION = _answer(
    "answer_observation",
    _("Answer the observation"),
    answer_forms.ObservationForm,
    facts.ObservationAnswer,
    Step.CLOSE,
    (S.ISSUED,),
    purpose=Purpose.CLOSE,
    gate=gates.answering_observation,
    observation=True,
)
ACCEPT_STEP = FindingMove(
    name="accept_step",
    label=_("Accept"),
    form=forms.AcceptForm,
    facts=facts.Acceptance,
    gates=(gates.accepting,),
    effects=(effects.accept_submission,),
    tells=(telling.tell_owner,),
    acts_for=(VERIFIER,),
    sensible=lambda finding: finding.state not in REVIEWED_STATES or bool(finding.awaiting()),
)
SEND_BACK = FindingMove(
    name="send_back",
    label=_("Send back"),
    form=forms.SendBackForm,
    facts=facts.Return,
    gates=(gates.sending_back,),
    effects=(effects.return_submissions,),
    tells=(telling.tell_owner,),
    acts_for=(VERIFIER,),
    sensible=lambda finding: finding.state not in REVIEWED_STATES or bool(finding.reviewable()),
    aside=True,
    grave=True,
)
CLOSE = FindingMove(
    name="close",
    label=_("Close"),
    form=forms.CloseForm,
    facts=facts.Closure,
    gates=(gates.closing,),
    effects=(effects.accept_all,),
    tells=(telling.tell_lead_escort,),
    acts_for=(VERIFIER,),
    # The reviewer's own clock lists it in my work.
    next_for=Next((S.IMPLEMENTED,), VERIFIER, listed=False),
)
CLOSE_FOR_CUSTOMER = FindingMove(
    name="close_for_customer",
    label=_("Close for the customer"),
    form=forms.CustomerCloseForm,
    facts=facts.CustomerClosure,
    gates=(gates.closing_for_customer,),
    effects=(effects.keep_files(Purpose.CUSTOMER),),
    tells=(telling.tell_owner,),
    acts_for=BY_ESCORT,
    next_for=Next((S.CLOSED,), LEAD_ESCORT),
)
CHECK_EFFECT = FindingMove(
    name="check_effect",
    label=_("Record an effectiveness check"),
    form=forms.EffectCheckForm,
    facts=facts.Effect,
    gates=(gates.confirming,),
    effects=(effects.keep_files(Purpose.EFFECT),),
    tells=(telling.tell_owner,),
    acts_for=(VERIFIER,),
)
CONFIRM_EFFECTIVE = FindingMove(
    name="confirm_effective",
    label=_("Confirm effectiveness"),
    form=forms.EffectiveForm,
    facts=facts.Effect,
    gates=(gates.confirming,),
    effects=(effects.keep_files(Purpose.EFFECT),),
    tells=(telling.tell_lead_escort,),
    acts_for=(VERIFIER,),
    # The clocks of effectiveness list it in my work.
    next_for=Next((S.CUSTOMER_CLOSED,), VERIFIER, listed=False),
)
REOPEN = FindingMove(
    name="reopen",
    label=_("Reopen"),
    form=forms.ReopenForm,
    facts=facts.Reopening,
    tells=(telling.tell_lead_escort,),
    acts_for=(LEAD_ESCORT, VERIFIER),
    aside=True,
    grave=True,
    locks_parent=True,
)
WITHDRAW = FindingMove(
    name="withdraw",
    label=_("Withdraw"),
    form=forms.WithdrawForm,
    facts=facts.Withdrawal,
    gates=(gates.withdrawing,),
    effects=(effects.keep_files(Purpose.CUSTOMER),),
    tells=(telling.tell_owner,),
    acts_for=BY_ESCORT,
    aside=True,
    grave=True,
)
REASSIGN = FindingMove(
    name="reassign",
    label=_("Re-assign the owner"),
    form=forms.ReassignForm,
    facts=facts.NewOwner,
    tells=(telling.tell_new_owner, telling.tell_former_owner),
    acts_for=(LEADER,),
    in_bulk=("owner", "reason"),
)
CHANGE_MANAGER = FindingMove(
    name="change_manager",
    label=_("Replace the closure manager"),
    form=forms.ManagerForm,
    facts=facts.NewManager,
    tells=(telling.tell_new_manager,),
    acts_for=(LEADER,),
    in_bulk=("closure_manager", "reason"),
)
REPLACE_ACTION_OWNER = FindingMove(
    name="replace_action_owner",
    label=_("Replace an action owner"),
    form=forms.ActionOwnerForm,
    facts=facts.NewActionOwner,
    gates=(gates.replacing_action_owner,),
    effects=(effects.pass_action_on,),
    tells=(telling.tell_new_action_owner,),
    acts_for=(LEADER,),
    sensible=lambda finding: bool(finding.action_owner_ids),
)
REGRADE = FindingMove(
    name="regrade",
    label=_("Change the grade"),
    form=forms.RegradeForm,
    facts=facts.Regrade,
    tells=(telling.tell_owner,),
    acts_for=(LEADER,),
    in_bulk=("grade", "reason"),
)
LEADER_REVIEW = FindingMove(
    name="leader_review",
    label=_("Record the Leader's review"),
    form=forms.LeaderReviewForm,
    facts=facts.LeaderReview,
    tells=(telling.tell_owner,),
    acts_for=(LEADER,),
    in_bulk=("note",),
)
APPLY_EXEMPTION = FindingMove(
    name="apply_exemption",
    label=_("Apply for an exemption"),
    form=exemption_forms.ExemptionForm,
    facts=exemption_forms.Application,
    gates=(exemption_forms.applying,),
    effects=(effects.keep_files(Purpose.CUSTOMER),),
    tells=(telling.tell_applied,),
    acts_for=(OWNER,),
    sensible=exemption_forms.is_askable,
    opens=Opening((S.ISSUED, S.CONTAINED, S.ANALYSED), "findings.submit", Exemption, exemption_forms.make),
)
DISPUTE = FindingMove(
    name="dispute",
    label=_("Dispute it"),
    form=DisputeForm,
    facts=Raised,
    gates=(disputing,),
    effects=(effects.keep_files(Purpose.DISPUTE),),
    tells=(telling.tell_disputed,),
    acts_for=(OWNER,),
    sensible=is_disputable,
    opens=Opening(tuple(OPEN), "findings.dispute", Dispute, make),
)

MOVES: dict[str, FindingMove[Any]] = {
    move.name: move
    for move in (
        EDIT,
        ISSUE,
        SUBMIT_CONTAINMENT,
        SUBMIT_ANALYSIS,
        COMPLETE_ACTION,
        SUBMIT_IMPLEMENTATION,
        ANSWER_OBSERVATION,
        ACCEPT_STEP,
        SEND_BACK,
        CLOSE,
        CLOSE_FOR_CUSTOMER,
        CHECK_EFFECT,
        CONFIRM_EFFECTIVE,
        REOPEN,
        WITHDRAW,
        REASSIGN,
        CHANGE_MANAGER,
        REPLACE_ACTION_OWNER,
        REGRADE,
        LEADER_REVIEW,
        APPLY_EXEMPTION,
        DISPUTE,
    )
}
#: What the trail says beside the moves.
EVENTS = {
    "create": _("Drafted"),
    "handed_over": _("Handed over"),
    "policy_applied": _("Changed policy or calendar applied"),
    "add_evidence": _("Evidence added"),
}
