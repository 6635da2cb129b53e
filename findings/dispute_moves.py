"""What can be done with a dispute once it is raised: a machine beside the finding's (domain §4 A31)."""

from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from attachments import models as attachments
from clocks import actions as clocks
from clocks.deadlines import DueChange
from findings import actions, beside, facts, moves, telling
from findings.dispute_forms import DecideDisputeForm, Decision
from findings.disputes import Dispute, DisputeState as S
from findings.holders import LEADER, OWNER
from findings.models import FindingEvent
from findings.states import ORDER, Purpose
from people.rules import stands_in
from workflow import door
from workflow.forms import ReasonForm
from workflow.move import Holder, Move, Moved
from workflow.moves import Moves, by_name


def settle(moved: Moved[Dispute, Decision]) -> None:
    """What was decided is done to the finding at once, in the decider's name; then another owner gets the whole time."""
    dispute, said = moved.subject, moved.facts
    files = said.get("files", [])
    if said["outcome"] == Dispute.Outcome.WITHDRAW:
        given = facts.Withdrawal(reason=said["reason"], files=files)
        door.follow(moved, actions.MACHINE, dispute.finding, moves.WITHDRAW, given)
        return
    attachments.keep(dispute.finding, files, by=moved.by, kind=Purpose.DISPUTE, beside=dispute)
    if said["outcome"] == Dispute.Outcome.REASSIGN and said["owner"] is not None:
        _count_anew(moved)
        owner = facts.NewOwner(owner=said["owner"], reason=said["reason"])
        door.follow(moved, actions.MACHINE, dispute.finding, moves.REASSIGN, owner)


def _count_anew(moved: Moved[Dispute, Decision]) -> None:
    """Another owner gets the whole time, from the decision on, where the policy says so; what was missed meanwhile is not a miss."""
    dispute = moved.subject
    for row in clocks.locked(dispute.finding):
        # Answered or not: what is answered may come back.
        if not row.stopped_at and row.step in ORDER and row.cycle == dispute.finding.cycle:
            clocks.count_anew(
                dispute.finding,
                row,
                moved.move,
                by=moved.by,
                at=moved.at,
                cause=DueChange.Cause.DISPUTE,
                reason=moved.facts["reason"],
            )


def tell_decided(moved: Moved[Dispute, Decision]) -> None:
    dispute = moved.subject
    finding = dispute.finding
    people = [dispute.raised_by, finding.owner, finding.closure_manager, finding.audit.lead_escort]
    telling.tell_of(moved, "dispute_decided", people, outcome=dispute.outcome, reason=moved.facts["reason"])


class TakenBack(TypedDict):
    reason: str


_LEADER: Holder[Dispute] = beside.holder(LEADER)
_OWNER: Holder[Dispute] = beside.holder(OWNER)
DECIDE: Move[Dispute, Decision] = Move(
    name="decide_dispute",
    label=_("Decide the dispute"),
    form=DecideDisputeForm,
    facts=Decision,
    effects=(settle,),
    tells=(tell_decided,),
    acts_for=(_LEADER,),
    locks_parent=True,
    above="findings/_about_child.html",
)
TAKE_BACK: Move[Dispute, TakenBack] = Move(
    name="take_back_dispute",
    label=_("Take the dispute back"),
    form=ReasonForm,
    facts=TakenBack,
    acts_for=(_OWNER,),
    aside=True,
)
LAPSE: Move[Dispute, facts.Nothing] = beside.follows("lapse_dispute", _("The dispute lapses"))


OVERTAKE: Move[Dispute, facts.Nothing] = beside.follows(
    "overtake_dispute", _("The dispute is overtaken: another owner answers")
)


MACHINE: door.Machine[Dispute] = door.Machine(
    Dispute,
    FindingEvent,
    "finding",
    {move.name: move for move in (DECIDE, TAKE_BACK, LAPSE, OVERTAKE)},
    stands_in,
    around=("finding__audit", "finding__site", "raised_by", "proposed_owner"),
    beside=actions.MACHINE,
    # Whatever else ends the round the dispute was about ends it too.
    ended_by={"withdraw": LAPSE.name, "close": LAPSE.name, "reassign": OVERTAKE.name},
    over=(S.UPHELD, S.REJECTED, S.TAKEN_BACK, S.LAPSED),
    after=[clocks.turn],
)
MOVES = Moves(MACHINE, by_name(MACHINE))
