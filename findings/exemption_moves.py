"""What can be done with an exemption once it is applied for: a machine beside the finding's (domain §4 A6)."""

from django.utils.translation import gettext_lazy as _

from clocks import actions as clocks
from clocks.actions import resume
from clocks.deadlines import Deadline
from clocks.kinds import KINDS
from clocks.why import local
from findings import actions, beside, facts, telling
from findings.exemption_forms import DecideForm, Decision, ExemptionReviewForm, Review, reviewing
from findings.exemptions import Exemption, ExemptionState as S
from findings.holders import LEADER
from findings.models import Finding, FindingEvent
from findings.states import Step
from notices import actions as notices
from people.rules import stands_in
from workflow import door
from workflow.move import Holder, Move, Moved
from workflow.moves import Moves, by_name


def carry(moved: Moved[Exemption, Decision]) -> None:
    """The last approval moves the five days; one that carried the round until now is replaced."""
    exemption = moved.subject
    exemption.finding.forget()
    if exemption.state != S.APPROVED:
        return
    earlier = exemption.finding.exemptions.filter(cycle=exemption.cycle, state=S.APPROVED).exclude(pk=exemption.pk)
    for pk in earlier.order_by("pk").values_list("pk", flat=True):
        door.follow(moved, MACHINE, door.beside(MACHINE, pk, exemption.finding), REPLACE, facts.Nothing())
    for row in _carried(exemption.finding):
        clocks.pause(
            row,
            moved.move,
            exemption.new_date,
            by=moved.by,
            at=moved.at,
            applied_at=exemption.applied_at,
            reason=exemption.explanation,
            kind=exemption.reason,
        )


def _carried(finding: Finding) -> list[Deadline]:
    """What an exemption may carry, the five days and the countermeasures within them, of the round under way; answered or
    not, for what is answered may come back.
    """
    rows = clocks.locked(finding)
    since = max(row.started_at for row in rows if row.step == Step.CLOSE)
    return [
        row
        for row in rows
        if "decide_exemption" in KINDS[row.step].movable_by and not row.stopped_at and row.started_at >= since
    ]


def end(moved: Moved[Exemption, Review]) -> None:
    """The 30-day review found that the reason is gone: the clock runs on."""
    if moved.facts["go_on"]:
        return
    for row in _carried(moved.subject.finding):
        resume(row, by=moved.by, at=moved.at, reason=moved.facts["reason"])


def tell_deciders(moved: Moved[Exemption, Decision]) -> None:
    """Whoever was asked before has decided; management is asked next, or the owner hears the outcome."""
    exemption = moved.subject
    notices.void(exemption.about)
    if exemption.state == S.ENDORSED:
        telling.ask_for_decision(moved, exemption)
        return
    people = [exemption.finding.owner, exemption.finding.closure_manager]
    telling.tell_of(moved, "exemption_decided", people, state=exemption.state)


def tell_reviewed(moved: Moved[Exemption, Review]) -> None:
    """The owner and whoever chases it hear the outcome and the due time that now holds."""
    finding = moved.subject.finding
    row = clocks.newest(finding)[Step.CLOSE]
    telling.tell_of(
        moved,
        "finding_review_exemption",
        [finding.owner, finding.closure_manager],
        go_on=moved.facts["go_on"],
        reason=moved.facts["reason"],
        due=local(row.due_at, row.zone),
    )


_LEADER: Holder[Exemption] = beside.holder(LEADER)
DECIDE: Move[Exemption, Decision] = Move(
    name="decide_exemption",
    label=_("Decide the exemption"),
    form=DecideForm,
    facts=Decision,
    effects=(carry,),
    tells=(tell_deciders,),
    acts_for=(_LEADER,),
    above="findings/_about_child.html",
)
REVIEW: Move[Exemption, Review] = Move(
    name="review_exemption",
    label=_("Review the exemption"),
    form=ExemptionReviewForm,
    facts=Review,
    gates=(reviewing,),
    effects=(end,),
    tells=(tell_reviewed,),
    acts_for=(_LEADER,),
    sensible=lambda exemption: exemption.in_force,
    above="findings/_about_child.html",
)
REPLACE: Move[Exemption, facts.Nothing] = beside.follows(
    "replace_exemption", _("The exemption is replaced by a later one")
)
LAPSE: Move[Exemption, facts.Nothing] = beside.follows("lapse_exemption", _("The application lapses"))

MACHINE: door.Machine[Exemption] = door.Machine(
    Exemption,
    FindingEvent,
    "finding",
    {move.name: move for move in (DECIDE, REVIEW, REPLACE, LAPSE)},
    stands_in,
    around=("finding__audit", "finding__site", "applied_by", "leader_by", "top_by"),
    beside=actions.MACHINE,
    # An application nobody decided ends with the round it was made in.
    ended_by={"withdraw": LAPSE.name, "close": LAPSE.name, "reopen": LAPSE.name},
    over=(S.REFUSED, S.ENDED, S.REPLACED, S.LAPSED),
    heeds=("submit_implementation", "send_back", "close", "reopen", "withdraw", "reassign"),
    after=[clocks.turn],
)
MOVES = Moves(MACHINE, by_name(MACHINE))
