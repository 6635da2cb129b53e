"""What a person may say about themselves, who stands in, tokens of programs, handing over."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from lib import moment
from lib.fields import DateField, RowField, TextField, area, form_field
from people import leaving
from people.actions import LONGEST_DEPUTY
from people.models import ApiToken, User
from people.tokens import LONGEST_DAYS


class ProfileForm(forms.ModelForm[User]):
    password = TextField(
        label=_("Your password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Only needed to change the e-mail address."),
    )

    class Meta:
        model = User
        fields = ["language", "theme", "email", "phone", "quiet_from", "quiet_to"]
        formfield_callback = form_field
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    field_order = ["language", "theme", "phone", "quiet_from", "quiet_to", "email", "password"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        own = "email" not in self.changed_data or self.instance.check_password(data.get("password", ""))
        if not own and "email" not in self.errors:
            self.add_error("password", _("Give your password to change the e-mail address."))
        begins, ends = data.get("quiet_from"), data.get("quiet_to")
        if "quiet_from" in self.errors or "quiet_to" in self.errors:
            return data
        if (begins is None) != (ends is None):
            self.add_error(
                "quiet_to" if ends is None else "quiet_from", _("Give both ends of the quiet hours, or none.")
            )
        elif begins is not None and begins == ends:
            self.add_error("quiet_to", _("The quiet hours begin and end at the same time."))
        return data


class DeputyForm(forms.Form):
    """Who stands in while the person, or somebody who reports to them, is away."""

    principal = RowField(User.objects.none(), code="username", label=_("Absent person"))
    deputy = RowField(User.objects.none(), code="username", label=_("Deputy"))
    starts_on = DateField(label=_("From"), earliest=moment.today)
    ends_on = DateField(label=_("To"), earliest=moment.today)
    reason = TextField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = User.objects.at_work().filter(pk=by.pk) | User.objects.at_work().filter(superior=by)
        self.fields["principal"].queryset = own.select_related("unit")  # type: ignore[attr-defined]
        self.fields["principal"].initial = by.pk
        self.fields["principal"].help_text = _("You, or somebody who reports to you.")
        self.fields["deputy"].queryset = User.objects.at_work().select_related("unit")  # type: ignore[attr-defined]
        self.fields["ends_on"].help_text = gettext("At most %(days)s days at a time.") % {"days": LONGEST_DEPUTY.days}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if data.get("deputy") and data.get("deputy") == data.get("principal"):
            self.add_error("deputy", _("Somebody else has to stand in."))
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The last day is before the first."))
        elif starts and ends and ends - starts > LONGEST_DEPUTY:
            self.add_error("ends_on", gettext("At most %(days)s days at a time.") % {"days": LONGEST_DEPUTY.days})
        return data


class TokenForm(forms.Form):
    """A token for a program: what for, what it may do, until when."""

    name = TextField(label=_("What it is for"), max_length=60)
    scope = forms.ChoiceField(label=_("May"), choices=ApiToken.Scope.choices, initial=ApiToken.Scope.READ)
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=LONGEST_DAYS, initial=90)


class HandOverForm(forms.Form):
    """Who takes over what hangs on somebody who leaves; a post left empty stays as it is."""

    reason = TextField(label=_("Reason"), max_length=300, min_length=2, widget=area(2))
    deactivate = forms.BooleanField(
        label=_("Close the account afterwards: the person can no longer log in"), required=False
    )

    def __init__(self, *args: Any, person: User, held: list[leaving.Held], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = held
        for one in held:
            people = one.post.candidates().exclude(pk=person.pk).select_related("unit")
            self.fields[f"to_{one.post.key}"] = RowField(
                people, code="username", required=False, label=f"{one.post.label} ({len(one.records)})"
            )
        self.order_fields([*(f"to_{duty.post.key}" for duty in held), "reason", "deactivate"])

    def successors(self) -> dict[str, User]:
        return {
            duty.post.key: person
            for duty in self.held
            if (person := self.cleaned_data.get(f"to_{duty.post.key}")) is not None
        }


class ConfirmAddressForm(forms.Form):
    """The person says with their password that the address is theirs."""

    password = TextField(label=_("Your password"), strip=False, widget=forms.PasswordInput)
