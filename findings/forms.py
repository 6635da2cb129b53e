"""One form per move of a finding."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from findings.answers import Countermeasure
from findings.file_fields import FilesMixin
from findings.models import Finding
from findings.problem_form import earlier_findings
from findings.states import VERIFIED_HOW, WINDOWS, FindingState, Grade, Purpose, Step
from lib import moment
from lib.fields import DateField, FilesField, RowField, TextField, area
from lib.storage import store_all
from people.models import User
from people.rules import acting_ids
from workflow.forms import MoveForm, ReasonForm
from workflow.trail import about


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
    reason = TextField(label=_("Remark"), max_length=500, required=False, widget=area(2))


class CloseForm(MoveForm):
    verified_how = forms.ChoiceField(
        label=_("How it was verified"),
        choices=VERIFIED_HOW,
    )
    conclusion = TextField(label=_("What you saw"), max_length=2000, widget=area())


class CustomerCloseForm(FilesMixin):
    """The customer's proof, or silence accepted knowingly (domain §3.6)."""

    silence = forms.BooleanField(label=_("The customer is silent, and I accept that knowingly"), required=False)
    accepted_on = DateField(label=_("Customer accepted on"), required=False, latest=moment.today)
    statement = TextField(
        label=_("What the customer said, or how often they were asked"), max_length=2000, widget=area()
    )
    files = FilesField(label=_("Customer's statement"))  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("silence") and not data.get("files") and "files" not in self.errors:
            self.add_error("files", _("Attach the customer's statement, or accept the silence knowingly."))
        accepted, closed = data.get("accepted_on"), self.subject.closed_at
        if accepted and closed and accepted < (since := moment.day_of(closed, self.subject.site.unit.zone())):
            said = gettext("The customer cannot have accepted before the internal closure on %(day)s.") % {"day": since}
            self.add_error("accepted_on", said)
        return data


class EffectiveForm(FilesMixin):
    window = forms.ChoiceField(
        label=_("Observed for"),
        choices=WINDOWS,
    )
    evidence = TextField(label=_("What shows that it holds"), max_length=2000, widget=area())
    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]


class EffectCheckForm(EffectiveForm):
    """A check on the way: the fix holds so far."""

    intro = _("The finding stays open for the longer windows; confirm the effectiveness with the last one.")
    field_order = ["window", "evidence", "files"]

    def prepare(self) -> None:
        windows = [choice for choice in self.fields["window"].choices if str(choice[0]).isdecimal()]  # type: ignore[attr-defined]
        self.fields["window"].choices = windows  # type: ignore[attr-defined]


class LeaderReviewForm(MoveForm):
    """The Leader has looked at it: grade right, repeat or not (procedure §4, 2-08)."""

    note = TextField(label=_("What you saw"), max_length=1000, widget=area(2))
    repeat_of = RowField(Finding.objects.none(), code="number", label=_("Repeat of"), required=False)
    intro = _("Confirms the grade as it stands. Regrading or re-assigning counts as a review too.")

    def prepare(self) -> None:
        found = earlier_findings(self.subject.audit, self.subject, self.user)
        self.fields["repeat_of"].queryset = found  # type: ignore[attr-defined]
        self.fields["repeat_of"].initial = self.subject.repeat_of_id


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


def other_owners(finding: Finding) -> QuerySet[User]:
    """Who else may answer for the finding."""
    return User.objects.engineers().exclude(pk=finding.owner_id or 0).select_related("unit")


class ReassignForm(ReasonForm):
    owner = RowField(User.objects.none(), code="username", label=_("Issue owner"))
    field_order = ["owner", "reason"]
    intro = _("The clocks run on unchanged.")

    def prepare(self) -> None:
        self.fields["owner"].queryset = other_owners(self.subject)  # type: ignore[attr-defined]


class ManagerForm(ReasonForm):
    """Another closure manager, in every state that still needs one."""

    closure_manager = RowField(User.objects.none(), code="username", label=_("Closure manager"))
    field_order = ["closure_manager", "reason"]

    def prepare(self) -> None:
        people = User.objects.holding("closure").exclude(pk=self.subject.closure_manager_id)
        self.fields["closure_manager"].queryset = people.select_related("unit")  # type: ignore[attr-defined]


def _actions(finding: Finding) -> Any:
    return Countermeasure.objects.filter(submission__finding=finding, submission__current=True).order_by("position")


class _ActionField(forms.TypedChoiceField):
    """One of the countermeasures, by its number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **kwargs)

    def offer(self, actions: list[Countermeasure]) -> None:
        self.choices = [("", "—"), *((action.position, f"{action.position}. {action.text[:60]}") for action in actions)]


class _ActionForm(MoveForm):
    action = _ActionField(label=_("Action"))

    def prepare(self) -> None:
        self.actions = list(self.offered())
        self.fields["action"].offer(self.actions)  # type: ignore[attr-defined]
        if len(self.actions) == 1:
            self.fields["action"].initial = self.actions[0].position

    def offered(self) -> Any:
        return _actions(self.subject)

    def clean_action(self) -> Countermeasure:
        wanted = self.cleaned_data["action"]
        return next(action for action in self.actions if action.position == wanted)


class ActionOwnerForm(_ActionForm, ReasonForm):
    """Another owner for one action; what was submitted stays as it is."""

    owner = RowField(User.objects.none(), code="username", label=_("Action owner"))
    field_order = ["action", "owner", "reason"]

    def prepare(self) -> None:
        super().prepare()
        self.fields["owner"].queryset = User.objects.at_work().select_related("unit")  # type: ignore[attr-defined]


class CompleteActionForm(_ActionForm, FilesMixin):
    """The action's owner says that it is done, with the proof (domain §4 A19)."""

    done_on = DateField(label=_("Done on"), latest=moment.today)
    remark = TextField(label=_("Remark"), max_length=500, required=False, widget=area(2))
    files = FilesField(label=_("Evidence"))  # type: ignore[assignment]
    field_order = ["action", "done_on", "files", "remark"]
    intro = _("Answers your clock for this action; the issue owner then submits the whole implementation.")

    def offered(self) -> Any:
        ids = acting_ids(self.user)
        return _actions(self.subject).filter(owner_id__in=ids, reports=None)

    def clean_done_on(self) -> Any:
        day, since = self.cleaned_data["done_on"], moment.day_of(self.subject.created_at)
        if day < since:
            raise ValidationError(gettext("Not before %(day)s, when the finding was recorded.") % {"day": since})
        return day

    def facts(self) -> dict[str, Any]:
        facts = MoveForm.facts(self)
        action = facts["action"]
        facts["files"] = store_all((upload, about(action)) for upload in facts["files"])
        return facts


class RegradeForm(ReasonForm):
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices)
    field_order = ["grade", "reason"]
    intro = _("The clocks run on unchanged; the customer's own grade stays as it is.")

    def prepare(self) -> None:
        # An observation has other clocks, so a nonconformity cannot become one under way, nor the reverse.
        kept = [Grade.OBSERVATION] if self.subject.is_observation else [g for g in Grade if g != Grade.OBSERVATION]
        self.fields["grade"].choices = [(g.value, g.label) for g in kept]  # type: ignore[attr-defined]
        self.fields["grade"].initial = self.subject.grade


class EvidenceForm(forms.Form):
    """Evidence beside a finding; the customer's statement comes with the move that needs it."""

    purpose = forms.ChoiceField(
        label=_("What it shows"),
        choices=[choice for choice in Purpose.choices if choice[0] not in {Purpose.CUSTOMER, Purpose.DISPUTE}],
    )
    action = _ActionField(label=_("Proof of the action"), required=False)
    caption = TextField(label=_("Caption"), max_length=200, required=False)
    files = FilesField(label=_("Photos and documents"), required=True)  # type: ignore[assignment]

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actions = list(_actions(finding))
        self.fields["purpose"].initial = Purpose.CLOSE if self.actions else Purpose.CONTAIN
        if self.actions:
            self.fields["action"].offer(self.actions)  # type: ignore[attr-defined]
        else:
            del self.fields["action"]

    def store(self) -> list[Any]:
        """The files, stored, each tied to the action that was chosen."""
        position = self.cleaned_data.get("action")
        action = next((about(action) for action in self.actions if action.position == position), "")
        return store_all((upload, action) for upload in self.cleaned_data["files"])
