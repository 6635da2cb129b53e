"""One form per move of an audit."""

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.matrix import proposals_for
from audits.models import Audit
from audits.records import FileKind, Meeting, TeamMember
from lib import moment
from lib.fields import FilesField, PersonChoice, RowField, TextField, area
from lib.rows import RowForm, Rows
from people.models import Appointment, StandingRole, User
from workflow.forms import EventTimeMixin, MoveForm, ReasonForm, remember_what_was_seen


class LeadForm(forms.Form):
    """Passing on a lead: who, and what was heard (1-00)."""

    customer_name = TextField(label=_("Customer"), max_length=120)
    note = TextField(label=_("What was heard: when, what for, from whom"), max_length=2000, widget=area(5))


class AppointForm(MoveForm):
    """The Leader proposed by the matrix, or another one with a reason (1-01)."""

    leader = RowField(User.objects.none(), code="username", label=_("Leader"))
    reason = TextField(
        label=_("Why this Leader"),
        max_length=300,
        required=False,
        widget=area(2),
        help_text=_("Needed when it is not the one the matrix proposes."),
    )

    def prepare(self) -> None:
        self.proposed = proposals_for(self.subject)
        leaders = User.objects.holding(StandingRole.Role.LEADER).select_related("unit")
        self.fields["leader"].queryset = leaders  # type: ignore[attr-defined]
        if self.proposed:
            self.fields["leader"].initial = self.proposed[0].leader.pk
            self.intro = " ".join(proposal.reason for proposal in self.proposed)
        else:
            self.intro = _("The matrix proposes nobody: choose a Leader and say why.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        leader = data.get("leader")
        self.chosen = next((p for p in self.proposed if leader and p.leader.pk == leader.pk), None)
        if leader and self.chosen is None and not data.get("reason") and "reason" not in self.errors:
            said = (
                _("The matrix proposes someone else: say why.")
                if self.proposed
                else _("The matrix proposes nobody: say why.")
            )
            self.add_error("reason", said)
        return data

    def facts(self) -> dict[str, Any]:
        chosen, data = self.chosen, self.cleaned_data
        return {
            "leader": data["leader"],
            "reason": data["reason"],
            "matrix_row": chosen.row if chosen else None,
            "matrix_why": chosen.why if chosen else "",
        }


class ReplaceLeaderForm(ReasonForm):
    """Another Leader for an audit under way: market staff until it begins, afterwards the office or who stands above."""

    leader = RowField(User.objects.none(), code="username", label=_("Leader"))
    field_order = ["leader", "reason"]

    def prepare(self) -> None:
        leaders = User.objects.holding(StandingRole.Role.LEADER).exclude(pk=self.subject.leader_id)
        self.fields["leader"].queryset = leaders.select_related("unit")  # type: ignore[attr-defined]


class ReplaceEscortForm(ReasonForm):
    """Another lead escort for an audit under way."""

    lead_escort = RowField(User.objects.none(), code="username", label=_("Lead escort"))
    field_order = ["lead_escort", "reason"]

    def prepare(self) -> None:
        people = User.objects.holding(StandingRole.Role.ESCORT).exclude(pk=self.subject.lead_escort_id)
        self.fields["lead_escort"].queryset = people.select_related("unit")  # type: ignore[attr-defined]


class MemberRow(RowForm):
    """One duty of one person; someone from outside the appointed network needs a reason (domain §4 A21)."""

    keys = ("duty",)
    user = PersonChoice(label=_("Who"))
    duty = forms.ChoiceField(label=_("Duty"), choices=TeamMember.Duty.choices, initial=TeamMember.Duty.SCRIBE)
    reason = TextField(label=_("Why from outside the network"), max_length=200, required=False)
    field_order = ["user", "duty", "reason"]

    def prepare(self) -> None:
        self.fields["user"].offer_as(self.whole.somebody)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("user") and data["user"] not in self.whole.network and not data.get("reason"):
            self.add_error("reason", _("This person is not appointed to the network: say why they help."))
        return data


class TeamForm(MoveForm):
    """Lead escort and team."""

    partial = True
    lead_escort = RowField(User.objects.none(), code="username", label=_("Lead escort"))
    lists = {"team": Rows(form=MemberRow, label=_("Team"), add=_("Add a person"), blank=2)}

    def prepare(self) -> None:
        self.somebody = PersonChoice(User.objects.at_work().select_related("unit").order_by("name", "pk"))
        escorts = User.objects.holding(StandingRole.Role.ESCORT).select_related("unit")
        self.fields["lead_escort"].queryset = escorts  # type: ignore[attr-defined]
        self.fields["lead_escort"].initial = self.subject.lead_escort_id
        remember_what_was_seen(self)

    @cached_property
    def network(self) -> set[int]:
        """Who is appointed today."""
        today = moment.today()
        appointed = Appointment.objects.filter(valid_from__lte=today, valid_to__gte=today)
        return set(appointed.values_list("user", flat=True))

    def rows_now(self, name: str) -> list[dict[str, Any]]:
        return [
            {"user": member.user_id, "duty": member.duty, "reason": member.outside_pool_reason}
            for member in self.subject.team.all()
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        seen = set()
        for row in self.row_sets["team"].kept:
            duty = (row.cleaned_data.get("user"), row.cleaned_data.get("duty"))
            if duty in seen and all(duty):
                row.add_error("user", _("This person already has this duty."))
            seen.add(duty)
        return data

    def facts(self) -> dict[str, Any]:
        rows = self.cleaned_data["team"]
        users = User.objects.in_bulk([row["user"] for row in rows])
        team = [{**row, "user": users[row["user"]]} for row in rows]
        return {"lead_escort": self.cleaned_data["lead_escort"], "team": team}


class NoticeForm(MoveForm):
    message = TextField(
        label=_("Message to everyone concerned"),
        max_length=2000,
        required=False,
        widget=area(5),
        help_text=_("Self-inspection and its deadline, dress, confidentiality, what may not be shown"),
    )
    intro = _(
        "Goes to the Leader, the team, the contacts of every site and market staff; each is asked to acknowledge."
    )


class MeetingFields(EventTimeMixin):
    minutes = TextField(label=_("Minutes"), max_length=5000, required=False, widget=area(5))
    attendees = TextField(label=_("Attendance"), max_length=2000, required=False, widget=area(2))


class StartForm(MeetingFields, MoveForm):
    """The opening meeting (2-01)."""


class SuddenStartForm(EventTimeMixin, MoveForm):
    lead_escort = RowField(User.objects.none(), code="username", label=_("Lead escort"))
    intro = _("Leader and lead escort suffice. What is missing from the request is filled in before closure begins.")

    def prepare(self) -> None:
        people = User.objects.holding(StandingRole.Role.ESCORT).select_related("unit")
        self.fields["lead_escort"].queryset = people  # type: ignore[attr-defined]
        self.fields["lead_escort"].initial = self.subject.lead_escort_id


class MeetingForm(MeetingFields, MoveForm):
    kind = forms.ChoiceField(label=_("Meeting"), choices=Meeting.Kind.choices)
    minutes = TextField(label=_("Minutes"), max_length=5000, widget=area(5))

    field_order = ["kind", "event_at", "minutes", "attendees"]


class ClosingForm(MeetingFields, MoveForm):
    """The closing meeting (2-06): minutes are mandatory (domain §1.5)."""

    result = forms.ChoiceField(label=_("Result"), choices=Audit.Result.choices, initial=Audit.Result.PENDING)
    score = TextField(label=_("Score / grade"), max_length=40, required=False)
    minutes = TextField(label=_("Minutes"), max_length=5000, widget=area(5))

    field_order = ["event_at", "result", "score", "minutes", "attendees"]


class ResultForm(MoveForm):
    """The customer's result, when it comes: often days after the closing meeting (2-09)."""

    result = forms.ChoiceField(
        label=_("Result"),
        choices=[("", "—"), *(choice for choice in Audit.Result.choices if choice[0] != Audit.Result.PENDING)],
    )
    score = TextField(label=_("Score / grade"), max_length=40, required=False)
    remark = TextField(label=_("Remark"), max_length=500, required=False, widget=area(2))

    def prepare(self) -> None:
        self.fields["score"].initial = self.subject.score


class RetrospectiveForm(MoveForm):
    """The lead escort's look back (4-01)."""

    plan_actual = TextField(label=_("Plan and what really happened"), max_length=2000, widget=area())
    surprises = TextField(label=_("What surprised us"), max_length=2000, required=False, widget=area())
    missed = TextField(label=_("What the self-inspection missed"), max_length=2000, required=False, widget=area())
    lessons = TextField(label=_("Lessons and changes to checklists"), max_length=2000, widget=area())


class PostponeForm(ReasonForm):
    deviation = forms.ChoiceField(label=_("Kind of reason"), choices=Audit.Deviation.choices)

    field_order = ["deviation", "reason"]


class FileForm(forms.Form):
    """Files of the audit, at any time: the notice, the customer's report, signed lists (domain §2.1, §2.5)."""

    kind = forms.ChoiceField(label=_("What it is"), choices=FileKind.choices)
    caption = TextField(label=_("Caption"), max_length=200, required=False)
    files = FilesField(label=_("Files"), required=True)  # type: ignore[assignment]
