"""How a finding of the demo is disputed and decided."""

from typing import TYPE_CHECKING

from findings.dispute_moves import MOVES
from findings.disputes import DisputeState
from findings.states import FindingState as S

if TYPE_CHECKING:
    from demo.findings import Story

STATEMENTS = {
    "facts": "审核当时该工位处于换型状态，点检表在班组长处，附照片与当班记录",
    "not_ours": "该设备由动力保障部管理与点检，非本车间责任",
}


def dispute(story: "Story", ground: str) -> None:
    """The owner says with a photo why it is not right."""
    finding = story.row()
    others = [one for one in story.play.colleagues(finding) if one.may_own_findings and one.pk != finding.owner_id]
    proposed = others[0] if others and ground == "not_ours" else None
    story.do(
        "dispute",
        "owner",
        S.ISSUED,
        ground=ground,
        statement=STATEMENTS[ground],
        proposed_owner=proposed,
        duplicate_of=None,
        files=story.files("dispute"),
    )


def decide(story: "Story", outcome: str) -> None:
    """The Leader decides; another owner is whoever was proposed, and without one the finding stands."""
    finding = story.row()
    waiting = finding.disputes.filter(state=DisputeState.RAISED).first()
    if waiting is None or finding.audit.leader is None:
        return
    if outcome == "reassign" and waiting.proposed_owner is None:
        outcome = "reject"
    MOVES.perform(
        waiting.pk,
        "decide_dispute",
        by=story.play.fresh(finding.audit.leader),
        seen=None,
        event_at=None,
        outcome=outcome,
        owner=waiting.proposed_owner if outcome == "reassign" else None,
        reason="现场核实，问题属实" if outcome == "reject" else "设备归口属实，改由归口单位负责",
    )
