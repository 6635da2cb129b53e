"""Forms of the engine's pages: a policy's draft, its ladders, applying a change."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendars.models import CalendarDay
from clocks import kinds, subjects
from clocks.policy import Policy, PolicyRung, PolicyStep
from lib import moment
from lib.fields import DateTimeField, TextField, area, form_field
from workflow.labels import move_label


class ChoiceOf(forms.ChoiceField):
    """One of a policy's values that the app of its records names; or all of them."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", "---------"), *subjects.choices(name)], required=False, **kwargs)


class PolicyForm(forms.ModelForm[Policy]):
    grade = ChoiceOf("grade", label=_("Only for grade"))
    source = ChoiceOf("source", label=_("Only for source"))
    exemption_top = forms.MultipleChoiceField(
        label=_("Exemptions that management decides too"),
        choices=lambda: subjects.choices("exemption"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Policy
        fields = [
            "name",
            "name_en",
            "customer",
            "kind",
            "grade",
            "source",
            "origin",
            "prelim_cause",
            "close_ends",
            "dispute_hours",
            "exemption_days",
            "exemption_renewals",
            "exemption_top",
        ]
        formfield_callback = form_field


class StepForm(forms.ModelForm[PolicyStep]):
    moved_by = forms.MultipleChoiceField(
        label=_("What may move its due time"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PolicyStep
        fields = ["amount", "unit", "count", "ends", "off_holidays"]
        formfield_callback = form_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = kinds.label(self.instance.step)
        kind = kinds.KINDS.get(self.instance.step)
        if kind is None or not kind.movable_by:
            del self.fields["moved_by"]
            return
        self.fields["moved_by"].choices = [(move, move_label(move)) for move in kind.movable_by]  # type: ignore[attr-defined]
        self.fields["moved_by"].initial = self.instance.moved_by or []

    def save(self, commit: bool = True) -> PolicyStep:
        if "moved_by" in self.fields:
            self.instance.moved_by = self.cleaned_data["moved_by"]
        return super().save(commit)


#: Minutes: a rung further away, or one that comes again sooner, is a slip of the pen.
FURTHEST, SHORTEST = 365 * 24 * 60, 5


class RungForm(forms.ModelForm[PolicyRung]):
    recipients = forms.MultipleChoiceField(
        label=_("Who is told"),
        choices=lambda: list(subjects.recipients().items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = PolicyRung
        fields = ["offset_minutes", "percent", "recipients", "level", "ledger", "repeat_minutes"]
        formfield_callback = form_field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("offset_minutes") is None) == (data.get("percent") is None) and not self.errors:
            self.add_error("offset_minutes", _("Give either minutes from the due time or a percentage."))
        if abs(data.get("offset_minutes") or 0) > FURTHEST:
            self.add_error("offset_minutes", _("At most a year before or after the due time."))
        repeat = data.get("repeat_minutes")
        if repeat is not None and not SHORTEST <= repeat <= FURTHEST:
            self.add_error("repeat_minutes", _("From five minutes to a year."))
            del data["repeat_minutes"]
        return data


class _Rungs(forms.BaseInlineFormSet[PolicyRung, PolicyStep, RungForm]):
    def save(self, commit: bool = True) -> Any:
        """Renumber in the order of the form, so that a new rung may stand anywhere."""
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        rungs = [form.save(commit=False) for form in kept]
        self.instance.rungs.all().delete()
        for position, rung in enumerate(rungs, 1):
            rung.pk, rung.step, rung.position = None, self.instance, position
        return PolicyRung.objects.bulk_create(rungs)


class _Steps(forms.BaseInlineFormSet[Policy, PolicyStep, StepForm]):
    def add_fields(self, form: Any, index: Any) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("No such clock under this policy")


StepFormSet = forms.inlineformset_factory(Policy, PolicyStep, form=StepForm, formset=_Steps, extra=0)
RungFormSet = forms.inlineformset_factory(PolicyStep, PolicyRung, form=RungForm, formset=_Rungs, extra=1)


class AddClockForm(forms.Form):
    """One more kind of clock for a draft; it comes with the usual time and ladder, to be changed afterwards."""

    step = forms.ChoiceField(label=_("Add a clock"))

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [(kind.step, kind.label) for kind in kinds.lacking(policy)]  # type: ignore[attr-defined]


LONGEST_WAIT = timedelta(days=5 * 365)


class InForceForm(forms.Form):
    """From when a draft counts."""

    valid_from = DateTimeField(label=_("Valid from"), required=False, help_text=_("Empty: at once."))

    def clean_valid_from(self) -> datetime:
        day: datetime | None = self.cleaned_data["valid_from"]
        if day is not None and day <= moment.now():
            raise forms.ValidationError(_("This time has passed. Leave it empty, and the policy counts at once."))
        if day is not None and day > moment.now() + LONGEST_WAIT:
            raise forms.ValidationError(_("That is more than five years away."))
        return day or moment.now()


class SpecialDayForm(forms.ModelForm[CalendarDay]):
    class Meta:
        model = CalendarDay
        fields = ["day", "working", "like_weekday", "name"]
        formfield_callback = form_field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("day")
        same = CalendarDay.objects.filter(calendar=self.instance.calendar, day=day).first() if day else None
        if same is not None:
            self.add_error("day", _("This day is entered already: %(name)s.") % {"name": same.name})
        weekday = data.get("like_weekday")
        if (
            data.get("working")
            and weekday is not None
            and not self.instance.calendar.shifts.filter(weekday=weekday).exists()
        ):
            self.add_error("like_weekday", _("This weekday has no shifts: choose one whose shifts are worked."))
        return data


class ApplyForm(forms.Form):
    """Which clocks take the change, and why."""

    clocks = forms.MultipleChoiceField(
        label=_("Clocks"),
        required=True,
        error_messages={
            "invalid_choice": _("A clock that was ticked has changed meanwhile: look again."),
            "required": _("Tick a clock."),
        },
    )
    reason = TextField(label=_("Reason"), min_length=2, max_length=300, widget=area(2))

    def __init__(self, *args: Any, offered: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clocks"].choices = [(str(pk), str(pk)) for pk in offered]  # type: ignore[attr-defined]
