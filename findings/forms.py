"""One form per move of a finding."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from findings.analysis_form import AnalysisForm
from findings.answer_forms import ContainmentForm, ImplementationForm, ObservationForm
from findings.answers import Evidence, Exemption
from findings.file_fields import FilesField, FilesMixin, area
from findings.models import Finding
from findings.states import FindingState, Grade, Step
from findings.storage import store
from findings.why import local
from people.models import Site, User
from workflow import moment
from workflow.forms import DateInput, MoveForm, PlainForm, ReasonForm, remember_what_was_seen

#: How far back a finding may be named as the earlier occurrence (domain §3.7).
REPEAT_DAYS = 365
PROBLEM_FIELDS = (
    "source", "site", "what", "when", "where", "found_by", "why", "how", "how_much", "customer_words",
    "customer_grade", "grade", "clause", "product", "customer_number", "customer_due_on", "owner", "closure_manager",
    "repeat_of",
)


class ProblemFields(forms.ModelForm[Finding]):
    """5W2H with the procedure's own prompts (procedure §3), the customer's words beside ours."""

    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    class Meta:
        model = Finding
        fields = list(PROBLEM_FIELDS)
        widgets = {
            "what": area(), "why": area(2), "how": area(2), "customer_words": area(2), "customer_due_on": DateInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audit = self.instance.audit
        audited = Site.objects.filter(audited__audit=audit).distinct()
        self.fields["site"].queryset = audited if audited.exists() else Site.objects.all()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = User.objects.engineers()  # type: ignore[attr-defined]
        self.fields["closure_manager"].queryset = User.objects.holding("closure")  # type: ignore[attr-defined]
        year_ago = moment.now() - timedelta(days=REPEAT_DAYS)
        earlier = Finding.objects.filter(audit__customer=audit.customer, created_at__gte=year_ago)
        self.fields["repeat_of"].queryset = earlier.exclude(pk=self.instance.pk).order_by("-created_at")  # type: ignore[attr-defined]
        for name in ("owner", "closure_manager"):
            self.fields[name].required = False
        self.fields["owner"].help_text = _("Empty: whoever answers for the place.")
        self.fields["closure_manager"].help_text = _("Empty: the closure manager of the place.")

    def values(self) -> dict[str, Any]:
        """The columns; empty owner and closure manager follow from the place."""
        data = {name: self.cleaned_data[name] for name in PROBLEM_FIELDS}
        site = data["site"]
        if "site" in self.changed_data:
            # Found there, owned there (procedure §4), unless someone else was chosen together with the place.
            for name in ("owner", "closure_manager"):
                data[name] = data[name] if name in self.changed_data else None
        data["owner"] = data["owner"] or site.owner
        data["closure_manager"] = data["closure_manager"] or site.closure_manager
        return data


class EditForm(ProblemFields):
    """The move form of a draft; it speaks MoveForm's language on top of the model form."""

    intro: Any = ""
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, subject: Finding, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, instance=subject, **kwargs)
        self.subject, self.user = subject, user
        self.fields["seen"].initial = subject.version
        remember_what_was_seen(self)

    def facts(self) -> dict[str, Any]:
        return {"fields": self.values(), "files": [store(upload) for upload in self.cleaned_data["files"]]}

    def say(self, errors: list[str]) -> None:
        self.add_error(None, errors)


class _StepForm(MoveForm):
    """A verdict on one step."""

    step = forms.ChoiceField(label=_("Step"))
    only_pending = False

    def prepare(self) -> None:
        steps = self.subject.awaiting() if self.only_pending else self.subject.reviewable()
        self.fields["step"].choices = [(step, Step(step).label) for step in steps]  # type: ignore[attr-defined]
        self.fields["step"].initial = steps[-1] if steps else None


class SendBackForm(_StepForm, ReasonForm):
    field_order = ["step", "reason"]
    intro = _("The due time does not move. The owner sees the reason and submits a new revision.")


class AcceptForm(_StepForm):
    only_pending = True
    reason = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=area(2))


class CloseForm(MoveForm):
    verified_how = forms.ChoiceField(
        label=_("How it was verified"),
        choices=[("on_site", _("On the spot")), ("records", _("By records")), ("audit", _("By re-audit"))],
    )
    conclusion = forms.CharField(label=_("What you saw"), max_length=2000, widget=area())


class CustomerCloseForm(FilesMixin):
    """The customer's proof, or silence accepted knowingly (domain §3.6)."""

    silence = forms.BooleanField(
        label=_("The customer is silent, and I accept that knowingly"), required=False
    )
    accepted_on = forms.DateField(label=_("Customer accepted on"), widget=DateInput, required=False)
    statement = forms.CharField(label=_("What the customer said, or how often they were asked"), max_length=2000,
                                widget=area())
    files = FilesField(label=_("Customer's statement"))  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("silence") and not data.get("files") and "files" not in self.errors:
            self.add_error("files", _("Attach the customer's statement, or accept the silence knowingly."))
        return data


class EffectiveForm(MoveForm):
    window = forms.ChoiceField(
        label=_("Observed for"),
        choices=[("30", _("30 days")), ("60", _("60 days")), ("90", _("90 days")), ("lots", _("3 lots in a row"))],
    )
    evidence = forms.CharField(label=_("What shows that it holds"), max_length=2000, widget=area())


class EffectCheckForm(EffectiveForm):
    """A check on the way: the fix holds so far."""

    intro = _("The finding stays open for the longer windows; confirm the effectiveness with the last one.")
    field_order = ["window", "evidence"]

    def prepare(self) -> None:
        windows = [one for one in self.fields["window"].choices if str(one[0]).isdecimal()]  # type: ignore[attr-defined]
        self.fields["window"].choices = windows  # type: ignore[attr-defined]


class LeaderReviewForm(MoveForm):
    """The Leader has looked at it: grade right, repeat or not (procedure §4, 2-08)."""

    note = forms.CharField(label=_("What you saw"), max_length=1000, widget=area(2))
    repeat_of = forms.ModelChoiceField(Finding.objects.none(), label=_("Repeat of"), required=False)
    intro = _("Confirms the grade as it stands. Regrading or re-assigning counts as a review too.")

    def prepare(self) -> None:
        year_ago = moment.now() - timedelta(days=REPEAT_DAYS)
        earlier = Finding.objects.filter(audit__customer=self.subject.audit.customer, created_at__gte=year_ago)
        found = earlier.exclude(pk=self.subject.pk).order_by("-created_at")
        self.fields["repeat_of"].queryset = found  # type: ignore[attr-defined]
        self.fields["repeat_of"].initial = self.subject.repeat_of_id


class ExemptionReviewForm(ReasonForm):
    go_on = forms.TypedChoiceField(
        label=_("Decision"), choices=[("", "—"), ("1", _("The exemption goes on")), ("0", _("End it: the clock runs on"))],
        coerce=lambda value: value == "1", empty_value=None,
    )
    field_order = ["go_on", "reason"]


class ReopenForm(ReasonForm):
    cause = forms.ChoiceField(
        label=_("Cause"), choices=[("customer", _("The customer refuses")), ("recurrence", _("It happened again"))]
    )
    back_to = forms.ChoiceField(
        label=_("What has to be done again"),
        choices=[
            (FindingState.ISSUED, _("Everything, from the containment on")),
            (FindingState.ANALYSED, _("The implementation only")),
        ],
    )
    field_order = ["cause", "back_to", "reason"]
    intro = _("New clocks start now; the old ones keep what happened.")


class WithdrawForm(FilesMixin, ReasonForm):
    files = FilesField(label=_("Customer's proof"))  # type: ignore[assignment]
    intro = _("Once issued, only with the customer's proof; a draft needs none.")

    def prepare(self) -> None:
        self.fields["files"].required = self.subject.state != FindingState.DRAFT


class ReassignForm(ReasonForm):
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Issue owner"))
    field_order = ["owner", "reason"]
    intro = _("The clocks run on unchanged.")

    def prepare(self) -> None:
        people = User.objects.engineers().exclude(pk=self.subject.owner_id)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class RegradeForm(ReasonForm):
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices)
    field_order = ["grade", "reason"]
    intro = _("The clocks run on unchanged; the customer's own grade stays as it is.")

    def prepare(self) -> None:
        # An observation has other clocks, so a nonconformity cannot become one under way, nor the reverse.
        kept = [Grade.OBSERVATION] if self.subject.is_observation else [g for g in Grade if g != Grade.OBSERVATION]
        self.fields["grade"].choices = [(g.value, g.label) for g in kept]  # type: ignore[attr-defined]
        self.fields["grade"].initial = self.subject.grade


class ExemptionForm(MoveForm):
    """What cannot be solved in five days (domain §4 A6): 24 h and 48 h still hold."""

    reason = forms.ChoiceField(label=_("Kind"), choices=Exemption.Reason.choices)
    explanation = forms.CharField(label=_("Why it cannot be done in five days"), max_length=2000, widget=area())
    interim_control = forms.CharField(label=_("Interim control until then"), max_length=2000, widget=area())
    milestones = forms.CharField(label=_("Milestones"), max_length=2000, widget=area())
    new_date = forms.DateField(label=_("New date"), widget=DateInput)

    def clean_new_date(self) -> Any:
        day = self.cleaned_data["new_date"]
        if not 0 < (day - moment.now().date()).days <= 730:
            raise ValidationError(gettext("Give a date after today and within two years."))
        return day


class DecideForm(ReasonForm):
    approve = forms.TypedChoiceField(
        label=_("Decision"), choices=[("", "—"), ("1", _("Approve")), ("0", _("Refuse"))], coerce=lambda value: value == "1",
        empty_value=None,
    )
    field_order = ["approve", "reason"]

    def prepare(self) -> None:
        """What is asked for beside what holds now."""
        asked = self.subject.pending_exemption
        row = self.subject.deadlines.filter(step=Step.CLOSE).order_by("cycle").last()
        if asked is None or row is None:
            return
        said = gettext("Asked for until %(new)s; due now: %(due)s.") % {
            "new": asked.new_date, "due": local(row.due_at, row.zone)
        }
        if row.customer_due_at:
            said += " " + gettext("The customer wants it by %(day)s.") % {"day": local(row.customer_due_at, row.zone)}
        self.intro = said


class EvidenceForm(forms.Form):
    """Evidence beside a finding; the customer's statement comes with the move that needs it."""

    purpose = forms.ChoiceField(
        label=_("What it shows"), choices=[one for one in Evidence.Purpose.choices if one[0] != Evidence.Purpose.CUSTOMER]
    )
    caption = forms.CharField(label=_("Caption"), max_length=200, required=False)
    files = FilesField(label=_("Photos and documents"), required=True)  # type: ignore[assignment]


FORMS: dict[str, Any] = {
    "edit": EditForm,
    "issue": PlainForm,
    "submit_containment": ContainmentForm,
    "submit_analysis": AnalysisForm,
    "submit_implementation": ImplementationForm,
    "answer_observation": ObservationForm,
    "accept_step": AcceptForm,
    "send_back": SendBackForm,
    "close": CloseForm,
    "close_for_customer": CustomerCloseForm,
    "check_effect": EffectCheckForm,
    "confirm_effective": EffectiveForm,
    "reopen": ReopenForm,
    "withdraw": WithdrawForm,
    "reassign": ReassignForm,
    "regrade": RegradeForm,
    "leader_review": LeaderReviewForm,
    "apply_exemption": ExemptionForm,
    "decide_exemption": DecideForm,
    "review_exemption": ExemptionReviewForm,
}
