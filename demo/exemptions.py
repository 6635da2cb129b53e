"""How an exemption of the demo is decided and reviewed."""

from typing import TYPE_CHECKING, Any

from findings.exemption_moves import MOVES
from findings.exemptions import WAITING, Exemption, ExemptionState

if TYPE_CHECKING:
    from demo.findings import Story


def _move(story: "Story", exemption: Exemption | None, move: str, by: Any, **facts: Any) -> None:
    if exemption is not None and by is not None:
        MOVES.perform(exemption.pk, move, by=story.play.fresh(by), seen=None, event_at=None, **facts)


def decide(story: "Story", who: str, *, reason: str) -> None:
    """The Leader, or after the Leader management, approves what waits."""
    finding = story.row()
    waiting = finding.exemptions.filter(state__in=WAITING).first()
    by = finding.audit.leader if who == "leader" else story.play.users[who]
    _move(story, waiting, "decide_exemption", by, approve=True, reason=reason)


def review(story: "Story") -> None:
    """The 30-day review: it goes on."""
    finding = story.row()
    carrying = finding.exemptions.filter(state=ExemptionState.APPROVED).first()
    if carrying is not None and carrying.in_force:
        reason = "施工按里程碑进行，临时控制有效"
        _move(story, carrying, "review_exemption", finding.audit.leader, go_on=True, reason=reason)
