"""One form per move of an audit."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from audits.matrix import proposals
from audits.models import Audit, AuditKind, Customer, Meeting, TeamMember
from people.models import Appointment, Site, StandingRole, User
from workflow import moment
from workflow.files import check
from workflow.forms import (
    DateInput,
    DateTimeInput,
    EventTimeMixin,
    Lines,
    MoveForm,
    PlainForm,
    ReasonForm,
    RemarkForm,
    SeveralRows,
    remember_what_was_seen,
)

TEAM_ROWS = 6


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class LeadForm(forms.Form):
    """Passing on a lead: who, and what was heard (1-00)."""

    customer_name = forms.CharField(label=_("Customer"), max_length=120)
    note = forms.CharField(label=_("What was heard: when, what for, from whom"), max_length=2000, widget=_area(5))


class RequestFields(forms.Form):
    """The service-requirement form (domain §2.1). Market staff draft it; the Leader completes it."""

    customer = forms.ModelChoiceField(Customer.objects.all(), label=_("Customer"))
    kind = forms.ModelChoiceField(AuditKind.objects.all(), label=_("Kind of audit"))
    mode = forms.ChoiceField(choices=Audit.Mode.choices, label=_("Mode"), initial=Audit.Mode.ON_SITE)
    regular = forms.BooleanField(label=_("Regular audit"), required=False, initial=True)
    sudden = forms.BooleanField(
        label=_("Sudden audit"), required=False,
        help_text=_("The customer comes today or tomorrow: Leader and lead escort suffice, the rest is filled in later."),
    )
    planned_start = forms.DateField(label=_("Planned from"), widget=DateInput)
    planned_end = forms.DateField(label=_("Planned to"), widget=DateInput)
    sites = SeveralRows(Site.objects.select_related("unit"), label=_("Audited sites"), required=False)
    departments = forms.CharField(label=_("Audited departments"), max_length=300, required=False)
    scope = forms.CharField(label=_("Audit scope"), max_length=3000, required=False, widget=_area())
    agenda = forms.CharField(label=_("Audit schedule"), max_length=5000, required=False, widget=_area(4))
    headcount = forms.IntegerField(label=_("Number of auditors"), min_value=1, max_value=200, required=False)
    auditors = Lines(
        label=_("Customer's auditors"), required=False, columns=("name", "position", "speciality", "language"),
        longest=40, help_text=_("One per line: name, position, speciality, language"),
    )
    checklist = forms.ChoiceField(
        label=_("Checklist"), choices=[("", "—"), *Audit.Checklist.choices], required=False
    )
    checklist_follow_up = forms.DateField(
        label=_("Ask again for the checklist on"), widget=DateInput, required=False,
        help_text=_("Needed when the customer gave none."),
    )
    documents = Lines(label=_("Document list"), required=False, help_text=_("One document per line"))
    division = forms.CharField(label=_("Customer's division / project"), max_length=120, required=False)
    product = forms.CharField(label=_("Product / model"), max_length=120, required=False)
    customer_contact = forms.CharField(label=_("Customer's contact"), max_length=200, required=False)
    criteria = forms.CharField(label=_("Standard or customer document"), max_length=200, required=False)
    special_demands = forms.CharField(label=_("Special demands"), max_length=3000, required=False, widget=_area())
    logistics = forms.CharField(
        label=_("Logistics"), max_length=3000, required=False, widget=_area(),
        help_text=_("Pick-up, lodging, meals, meeting room, gate registration, protective clothing"),
    )

    ROWS = ("sites", "auditors", "documents")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("planned_start"), data.get("planned_end")
        if start and end and end < start:
            self.add_error("planned_end", _("The last day is before the first."))
        if data.get("checklist") == Audit.Checklist.NOT_GIVEN and not data.get("checklist_follow_up"):
            self.add_error("checklist_follow_up", _("Say when the customer is asked again for the checklist."))
        return data

    def split(self) -> dict[str, Any]:
        """The columns of the audit under `fields`, the rows below it under their own names."""
        names = RequestFields.base_fields
        data = {name: self.cleaned_data[name] for name in names}
        rows = {name: list(data.pop(name)) for name in self.ROWS}
        return {"fields": data, **rows}


class NewRequestForm(RequestFields):
    """A new request, with the customer's notice and, for a call at nine and a visit at two, the sudden flag."""

    received_at = forms.DateTimeField(label=_("Request received"), widget=DateTimeInput, required=False)
    notice_file = forms.FileField(label=_("Customer's notice"), required=False)

    field_order = ["sudden", "received_at", "notice_file"]

    def clean_received_at(self) -> Any:
        at = self.cleaned_data["received_at"]
        if at and at > moment.now():
            raise ValidationError(gettext("This lies in the future."))
        return at

    def clean_notice_file(self) -> Any:
        upload = self.cleaned_data["notice_file"]
        if upload:
            check(upload)
        return upload


class RequestMoveForm(RequestFields, MoveForm):
    """Drafting or changing the requirement of an audit that exists."""

    def prepare(self) -> None:
        audit = self.subject
        for name in self.base_fields:
            if name not in {"seen", *self.ROWS}:
                self.fields[name].initial = getattr(audit, name)
        self.fields["sites"].initial = [place.site_id for place in audit.places.all()]
        self.fields["auditors"].initial = "\n".join(
            ", ".join([a.name, a.position, a.speciality, a.language]).rstrip(", ") for a in audit.auditors.all()
        )
        self.fields["documents"].initial = "\n".join(d.item for d in audit.documents.all())
        remember_what_was_seen(self)

    def facts(self) -> dict[str, Any]:
        return self.split()


class AppointForm(MoveForm):
    """The Leader proposed by the matrix, or another one with a reason (1-01)."""

    leader = forms.ModelChoiceField(User.objects.none(), label=_("Leader"))
    reason = forms.CharField(label=_("Why this Leader"), max_length=300, required=False, widget=_area(2),
                             help_text=_("Needed when it is not the one the matrix proposes."))

    def prepare(self) -> None:
        self.proposed = proposals(self.subject.kind, self.subject.customer)
        self.fields["leader"].queryset = User.objects.holding(StandingRole.Role.LEADER)  # type: ignore[attr-defined]
        if self.proposed:
            self.fields["leader"].initial = self.proposed[0].leader.pk
            self.intro = " ".join(proposal.reason for proposal in self.proposed)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        leader = data.get("leader")
        self.chosen = next((p for p in self.proposed if leader and p.leader.pk == leader.pk), None)
        if leader and self.chosen is None and not data.get("reason"):
            self.add_error("reason", _("The matrix proposes someone else: say why."))
        return data

    def facts(self) -> dict[str, Any]:
        chosen, data = self.chosen, self.cleaned_data
        return {
            "leader": data["leader"],
            "reason": data["reason"] or (chosen.reason if chosen else ""),
            "matrix_row": chosen.row if chosen else None,
        }


class TeamForm(MoveForm):
    """Lead escort and team; someone from outside the appointed network needs a reason (domain §4 A21)."""

    lead_escort = forms.ModelChoiceField(User.objects.none(), label=_("Lead escort"))

    def prepare(self) -> None:
        people = User.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["lead_escort"].queryset = User.objects.holding(StandingRole.Role.ESCORT)  # type: ignore[attr-defined]
        self.fields["lead_escort"].initial = self.subject.lead_escort_id
        team = list(self.subject.team.all())
        choices = [("", "—"), *((person.pk, str(person)) for person in people)]
        for row in range(1, TEAM_ROWS + 1):
            member = team[row - 1] if row <= len(team) else None
            self.fields[f"member{row}"] = forms.TypedChoiceField(
                label=_("Member %(n)s") % {"n": row}, choices=choices, coerce=int, empty_value=None, required=False,
                initial=member.user_id if member else "",
            )
            self.fields[f"duty{row}"] = forms.ChoiceField(
                label=_("Duty"), choices=TeamMember.Duty.choices, required=False,
                initial=member.duty if member else TeamMember.Duty.SCRIBE,
            )
            self.fields[f"reason{row}"] = forms.CharField(
                label=_("Why from outside the network"), max_length=200, required=False,
                initial=member.outside_pool_reason if member else "",
            )
        remember_what_was_seen(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = moment.now().date()
        pool = set(Appointment.objects.filter(valid_from__lte=today, valid_to__gte=today).values_list("user", flat=True))
        self.rows: list[dict[str, Any]] = []
        for row in range(1, TEAM_ROWS + 1):
            person = data.get(f"member{row}")
            if not person:
                continue
            reason, duty = data.get(f"reason{row}", ""), data.get(f"duty{row}") or TeamMember.Duty.SCRIBE
            if person not in pool and not reason:
                self.add_error(f"reason{row}", _("This person is not appointed to the network: say why they help."))
            if any(one["pk"] == person and one["duty"] == duty for one in self.rows):
                self.add_error(f"member{row}", _("This person already has this duty."))
            self.rows.append({"pk": person, "duty": duty, "reason": reason})
        return data

    def facts(self) -> dict[str, Any]:
        users = User.objects.in_bulk([row["pk"] for row in self.rows])
        team = [{"user": users[row["pk"]], "duty": row["duty"], "reason": row["reason"]} for row in self.rows]
        return {"lead_escort": self.cleaned_data["lead_escort"], "team": team}


class NoticeForm(MoveForm):
    message = forms.CharField(
        label=_("Message to everyone concerned"), max_length=2000, required=False, widget=_area(5),
        help_text=_("Self-inspection and its deadline, dress, confidentiality, what may not be shown"),
    )
    intro = _("Goes to the Leader, the team, the contacts of every site and market staff; each is asked to acknowledge.")


class MeetingFields(EventTimeMixin):
    minutes = forms.CharField(label=_("Minutes"), max_length=5000, required=False, widget=_area(5))
    attendees = forms.CharField(label=_("Attendance"), max_length=2000, required=False, widget=_area(2))


class StartForm(MeetingFields, MoveForm):
    """The opening meeting (2-01)."""


class SuddenStartForm(EventTimeMixin, MoveForm):
    lead_escort = forms.ModelChoiceField(User.objects.none(), label=_("Lead escort"))
    intro = _("Leader and lead escort suffice. What is missing from the request is filled in before closure begins.")

    def prepare(self) -> None:
        self.fields["lead_escort"].queryset = User.objects.holding(StandingRole.Role.ESCORT)  # type: ignore[attr-defined]
        self.fields["lead_escort"].initial = self.subject.lead_escort_id


class MeetingForm(MeetingFields, MoveForm):
    kind = forms.ChoiceField(label=_("Meeting"), choices=Meeting.Kind.choices)
    minutes = forms.CharField(label=_("Minutes"), max_length=5000, widget=_area(5))

    field_order = ["kind", "event_at", "minutes", "attendees"]


class ClosingForm(MeetingFields, MoveForm):
    """The closing meeting (2-06): minutes are mandatory (domain §1.5)."""

    result = forms.ChoiceField(label=_("Result"), choices=Audit.Result.choices, initial=Audit.Result.PENDING)
    score = forms.CharField(label=_("Score / grade"), max_length=40, required=False)
    minutes = forms.CharField(label=_("Minutes"), max_length=5000, widget=_area(5))

    field_order = ["event_at", "result", "score", "minutes", "attendees"]


class RetrospectiveForm(MoveForm):
    """The lead escort's look back (4-01)."""

    plan_actual = forms.CharField(label=_("Plan and what really happened"), max_length=2000, widget=_area())
    surprises = forms.CharField(label=_("What surprised us"), max_length=2000, required=False, widget=_area())
    missed = forms.CharField(
        label=_("What the self-inspection missed"), max_length=2000, required=False, widget=_area()
    )
    lessons = forms.CharField(label=_("Lessons and changes to checklists"), max_length=2000, widget=_area())


class PostponeForm(ReasonForm):
    deviation = forms.ChoiceField(label=_("Kind of reason"), choices=Audit.Deviation.choices)

    field_order = ["deviation", "reason"]


class ResumeForm(MoveForm):
    planned_start = forms.DateField(label=_("Planned from"), widget=DateInput)
    planned_end = forms.DateField(label=_("Planned to"), widget=DateInput)

    def clean_planned_end(self) -> date:
        start, end = self.cleaned_data.get("planned_start"), self.cleaned_data["planned_end"]
        if start and end < start:
            raise ValidationError(gettext("The last day is before the first."))
        return end


FORMS: dict[str, type[MoveForm]] = {
    "draft": RequestMoveForm,
    "revise": RequestMoveForm,
    "appoint_leader": AppointForm,
    "decline": ReasonForm,
    "name_team": TeamForm,
    "change_team": TeamForm,
    "confirm": RemarkForm,
    "send_notice": NoticeForm,
    "start": StartForm,
    "start_sudden": SuddenStartForm,
    "record_meeting": MeetingForm,
    "hold_closing": ClosingForm,
    "begin_closure": PlainForm,
    "close": RemarkForm,
    "review": RetrospectiveForm,
    "archive": PlainForm,
    "postpone": PostponeForm,
    "resume": ResumeForm,
    "cancel": ReasonForm,
}
