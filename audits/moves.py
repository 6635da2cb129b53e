"""The moves of an audit, each told once, in the order of the path (domain §1.1, §1.2, §1.5)."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits import effects, facts, forms, gates, request_forms
from audits.holders import LEAD_ESCORT, LEADER, MARKET
from audits.models import Audit
from audits.records import Meeting
from audits.states import AuditState as S
from workflow.forms import PlainForm, ReasonForm, RemarkForm
from workflow.move import Move, Next

ON_THE_DAY = frozenset({S.ON_SITE, S.CLOSING_HELD})
BY_MARKET = (MARKET, LEADER, LEAD_ESCORT)
BY_LEADER = (LEADER, LEAD_ESCORT)
BY_ESCORT = (LEAD_ESCORT, LEADER)

DRAFT = Move(
    name="draft",
    label=_("Draft the request"),
    form=request_forms.RequestMoveForm,
    facts=facts.Requirement,
    effects=(effects.save_rows, effects.tell_origin),
    acts_for=BY_MARKET,
    next_for=Next((S.LEAD,), MARKET),
    body="audits/_request_fields.html",
    width=12,
)
REVISE = Move(
    name="revise",
    label=_("Change the requirement"),
    form=request_forms.ReviseForm,
    facts=facts.Requirement,
    gates=(gates.revising,),
    effects=(effects.save_rows, effects.keep_version, effects.notify_joined),
    acts_for=BY_MARKET,
    aside=True,
    body="audits/_request_fields.html",
    width=12,
)
RESCHEDULE = Move(
    name="reschedule",
    label=_("Change the dates"),
    form=request_forms.RescheduleForm,
    facts=facts.Reschedule,
    effects=(effects.keep_version, effects.notify_changed),
    acts_for=BY_MARKET,
    aside=True,
)
APPOINT_LEADER = Move(
    name="appoint_leader",
    label=_("Appoint the Leader"),
    form=forms.AppointForm,
    facts=facts.Appointment,
    effects=(effects.tell_leader, effects.notify_joined),
    acts_for=BY_MARKET,
    next_for=Next((S.DRAFTED,), MARKET),
)
REPLACE_LEADER = Move(
    name="replace_leader",
    label=_("Replace the Leader"),
    form=forms.ReplaceLeaderForm,
    facts=facts.NewLeader,
    effects=(effects.tell_leader_replaced, effects.notify_joined),
    acts_for=BY_MARKET,
    sensible=lambda audit: audit.leader_id is not None,
)
DECLINE = Move(
    name="decline",
    label=_("Decline"),
    form=ReasonForm,
    facts=facts.Reason,
    effects=(effects.tell_declined,),
    acts_for=BY_LEADER,
    aside=True,
    grave=True,
)
NAME_TEAM = Move(
    name="name_team",
    label=_("Name lead escort and team"),
    form=forms.TeamForm,
    facts=facts.Team,
    effects=(effects.save_team, effects.tell_team),
    acts_for=BY_LEADER,
    next_for=Next((S.LEADER_APPOINTED,), LEADER),
    body="audits/_team_fields.html",
    width=10,
)
CHANGE_TEAM = Move(
    name="change_team",
    label=_("Change the team"),
    form=forms.TeamForm,
    facts=facts.Team,
    effects=(effects.save_team, effects.tell_team, effects.notify_joined),
    acts_for=BY_LEADER,
    # Confirmed before the team was named (A9): the Leader names it now.
    next_for=Next((S.CONFIRMED,), LEADER, when=lambda audit: audit.lead_escort_id is None, rows=Q(lead_escort=None)),
    body="audits/_team_fields.html",
    width=10,
)
REPLACE_LEAD_ESCORT = Move(
    name="replace_lead_escort",
    label=_("Replace the lead escort"),
    form=forms.ReplaceEscortForm,
    facts=facts.NewLeadEscort,
    effects=(effects.tell_escort_replaced, effects.notify_joined),
    acts_for=BY_LEADER,
    sensible=lambda audit: audit.lead_escort_id is not None,
)
CONFIRM = Move(
    name="confirm",
    label=_("Confirm the requirement"),
    form=RemarkForm,
    facts=facts.Remark,
    gates=(gates.requirement,),
    effects=(effects.keep_version,),
    acts_for=BY_LEADER,
    next_for=Next((S.TEAM_NAMED,), LEADER),
)
SEND_NOTICE = Move(
    name="send_notice",
    label=_("Send the audit notice"),
    form=forms.NoticeForm,
    facts=facts.Message,
    gates=(gates.notice,),
    effects=(effects.send_notice,),
    acts_for=BY_ESCORT,
    next_for=Next((S.CONFIRMED,), LEAD_ESCORT),
    # On the day only a sudden audit sends its notice: it began before anybody could be told.
    sensible=lambda audit: audit.sudden or audit.state not in ON_THE_DAY,
)
START = Move(
    name="start",
    label=_("Open on site"),
    form=forms.StartForm,
    facts=facts.Minutes,
    gates=(gates.begun_after_the_request,),
    effects=(effects.save_meeting(Meeting.Kind.OPENING),),
    acts_for=BY_ESCORT,
    next_for=Next((S.NOTIFIED,), LEAD_ESCORT),
)
START_SUDDEN = Move(
    name="start_sudden",
    label=_("Start the sudden audit"),
    form=forms.SuddenStartForm,
    facts=facts.LeadEscort,
    gates=(gates.begun_after_the_request, gates.sudden),
    effects=(effects.keep_first_version, effects.tell_sudden),
    acts_for=BY_LEADER,
    sensible=lambda audit: audit.sudden,
)
RECORD_MEETING = Move(
    name="record_meeting",
    label=_("Record a meeting"),
    form=forms.MeetingForm,
    facts=facts.Meeting,
    effects=(effects.save_meeting_as_told,),
    acts_for=BY_ESCORT,
)
HOLD_CLOSING = Move(
    name="hold_closing",
    label=_("Record the closing meeting"),
    form=forms.ClosingForm,
    facts=facts.Closing,
    gates=(gates.closed_after_the_opening,),
    effects=(effects.save_meeting(Meeting.Kind.CLOSING), effects.stop_asking),
    acts_for=BY_ESCORT,
    next_for=Next((S.ON_SITE,), LEAD_ESCORT),
)
RECORD_RESULT = Move(
    name="record_result",
    label=_("Record the customer's result"),
    form=forms.ResultForm,
    facts=facts.Result,
    effects=(effects.tell_result,),
    acts_for=BY_ESCORT,
)
BEGIN_CLOSURE = Move(
    name="begin_closure",
    label=_("Begin closure"),
    form=PlainForm,
    facts=facts.Nothing,
    gates=(gates.begin_closure,),
    effects=(effects.tell_moved_on,),
    acts_for=BY_ESCORT,
    next_for=Next((S.CLOSING_HELD,), LEAD_ESCORT),
)
CLOSE = Move(
    name="close",
    label=_("Close"),
    form=RemarkForm,
    facts=facts.Remark,
    gates=(gates.closing,),
    effects=(effects.tell_moved_on,),
    acts_for=BY_ESCORT,
    # It waits for the customer to agree to the last finding, so nobody is asked for it meanwhile.
    next_for=Next((S.IN_CLOSURE,), LEAD_ESCORT, listed=False),
)
REVIEW = Move(
    name="review",
    label=_("Write the retrospective"),
    form=forms.RetrospectiveForm,
    facts=facts.Retrospective,
    gates=(gates.closing,),
    effects=(effects.tell_moved_on,),
    acts_for=BY_ESCORT,
    next_for=Next((S.CLOSED,), LEAD_ESCORT),
)
ARCHIVE = Move(
    name="archive",
    label=_("Archive"),
    form=PlainForm,
    facts=facts.Nothing,
    gates=(gates.closing,),
    acts_for=BY_LEADER,
    next_for=Next((S.REVIEWED,), LEADER),
)
POSTPONE = Move(
    name="postpone",
    label=_("Postpone"),
    form=forms.PostponeForm,
    facts=facts.Postponement,
    effects=(effects.stop_asking, effects.tell_postponed),
    acts_for=BY_MARKET,
    aside=True,
)
RESUME = Move(
    name="resume",
    label=_("Set new dates"),
    form=request_forms.ResumeForm,
    facts=facts.Dates,
    effects=(effects.keep_version, effects.tell_resumed),
    acts_for=BY_MARKET,
    next_for=Next((S.POSTPONED,), MARKET),
)
CANCEL = Move(
    name="cancel",
    label=_("Cancel the audit"),
    form=ReasonForm,
    facts=facts.Reason,
    effects=(effects.stop_asking, effects.tell_cancelled, effects.tell_origin),
    acts_for=BY_MARKET,
    aside=True,
    grave=True,
)

MOVES: dict[str, Move[Audit, Any]] = {
    move.name: move
    for move in (
        DRAFT,
        REVISE,
        RESCHEDULE,
        APPOINT_LEADER,
        REPLACE_LEADER,
        DECLINE,
        NAME_TEAM,
        CHANGE_TEAM,
        REPLACE_LEAD_ESCORT,
        CONFIRM,
        SEND_NOTICE,
        START,
        START_SUDDEN,
        RECORD_MEETING,
        HOLD_CLOSING,
        RECORD_RESULT,
        BEGIN_CLOSURE,
        CLOSE,
        REVIEW,
        ARCHIVE,
        POSTPONE,
        RESUME,
        CANCEL,
    )
}
#: What the trail says beside the moves.
EVENTS = {
    "pass_on_lead": _("Lead passed on"),
    "log_request": _("Request logged"),
    "add_file": _("Files added"),
    "policy_applied": _("Changed policy or calendar applied"),
    "master_data_joined": _("Customer or kind joined with its twin"),
}
