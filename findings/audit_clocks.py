"""The clocks of an audit: its team, its notice, its checklist, its findings, its retrospective."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from audits.effects import asked, concerned_after
from audits.models import Audit
from audits.states import BEFORE_THE_DAY, AuditState
from findings.deadlines import Deadline
from findings.kinds import Kind, Part, by, kept, on, register
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
