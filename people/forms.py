"""What a person may say about themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people.models import Deputy, User


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["language", "email", "phone", "quiet_from", "quiet_to"]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("quiet_from"), data.get("quiet_to")
        if "quiet_from" in self.errors or "quiet_to" in self.errors:
            return data
        if (begins is None) != (ends is None):
            self.add_error("quiet_to" if ends is None else "quiet_from", _("Give both ends of the quiet hours, or none."))
        elif begins is not None and begins == ends:
            self.add_error("quiet_to", _("The quiet hours begin and end at the same time."))
        return data


class DeputyForm(forms.ModelForm[Deputy]):
    """Who stands in while the person is away."""

    def __init__(self, *args: Any, principal: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.principal = principal
        self.fields["deputy"].queryset = User.objects.filter(is_active=True).exclude(pk=principal.pk)  # type: ignore[attr-defined]

    class Meta:
        model = Deputy
        fields = ["deputy", "starts_on", "ends_on", "reason"]
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}),
            "ends_on": forms.DateInput(attrs={"type": "date"}),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The last day is before the first."))
        return data
