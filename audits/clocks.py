"""The clocks of an audit: its team, its notice, its checklist, its findings, its retrospective."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.effects import asked, concerned_after, current_notices
from audits.models import Audit
from audits.states import BEFORE_THE_DAY, AuditState
from clocks import actions as clocks
from clocks.deadlines import Deadline
from clocks.kinds import Kind, Part, by, kept, on, register
from workflow.move import Moved

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
        step="name_team",
        label=_("Naming the team"),
        of=Audit,
        owed_by=lambda audit, _row: audit.leader_id,
        starts=_team_is_owed,
        answered_by=by("name_team", "change_team", "start_sudden"),
        stopped_by=by("decline", "send_notice", "start", "postpone", "cancel"),
        move="name_team",
    )
)
register(
    Kind(
        step="acknowledge",
        label=_("Acknowledging the notice"),
        of=Audit,
        owed_by=kept,
        starts=on(*ANEW, *JOINING),
        answered_by=lambda _moved, _row: False,
        stopped_by=_not_asked_any_more,
        parts=_to_acknowledge,
    )
)
register(
    Kind(
        step="checklist",
        label=_("Asking again for the checklist"),
        watches=("audits.Audit.checklist_follow_up",),
        of=Audit,
        owed_by=kept,
        starts=on("draft", "revise", "resume"),
        answered_by=_checklist_came,
        stopped_by=_checklist_overtaken,
        parts=_checklist,
    )
)
register(
    Kind(
        step="issue",
        label=_("Issuing the findings"),
        of=Audit,
        owed_by=lambda audit, _row: audit.lead_escort_id,
        starts=on("hold_closing"),
        answered_by=by("begin_closure"),
        move="begin_closure",
    )
)
register(
    Kind(
        step="retrospective",
        label=_("Retrospective"),
        of=Audit,
        owed_by=lambda audit, _row: audit.lead_escort_id,
        starts=on("close"),
        answered_by=by("review"),
        move="review",
    )
)


def acknowledged(notice: Any, at: datetime) -> None:
    """The audit notice was acknowledged: that person's clock is answered; not by the notice of an earlier date."""
    audit = Audit.objects.filter(number=notice.facts.get("number", "")).first()
    if audit is None or not current_notices(audit).filter(pk=notice.pk).exists():
        return
    rows = Deadline.objects.on(audit).running().filter(step="acknowledge", part=str(notice.recipient_id))
    for row in rows.select_for_update(no_key=True, of=("self",)):
        clocks.answer(row, at)
