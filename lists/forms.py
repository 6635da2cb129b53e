"""A view to be kept: its name, and with whom it is shared."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.fields import TextField
from lib.listing import LONGEST_QUERY, sane
from lists.models import SavedView
from lists.registry import KEPT
from people.models import StandingRole, Unit
from people.rules import roles_of


class SavedViewForm(forms.Form):
    """`query` is the address of the list as it stands; a name that is there already is that view, kept anew."""

    register = forms.ChoiceField(label=_("List"))
    name = TextField(label=_("Name of the view"), max_length=40)
    query = TextField(label=_("Address"), required=False, max_length=LONGEST_QUERY, widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("Shared with a role"), required=False)
    unit = forms.ChoiceField(label=_("Shared with a unit"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["register"].choices = [(name, kept.register.title) for name, kept in KEPT.items()]  # type: ignore[attr-defined]
        own = roles_of(user)
        roles = [(role, label) for role, label in StandingRole.Role.choices if role in own]
        self.fields["role"].choices = [("", "—"), *roles]  # type: ignore[attr-defined]
        units = Unit.objects.filter(pk__in=user.unit.ancestor_ids() if user.unit_id else [])
        self.units = {unit.code: unit for unit in units}
        self.fields["unit"].choices = [("", "—"), *self.units.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kept = KEPT.get(data.get("register", ""))
        self.sane = sane(kept.register, kept.filters, data.get("query", "")) if kept else ""
        if len(self.sane) > LONGEST_QUERY:
            self.add_error("query", _("This view narrows by more than can be kept: use fewer words."))
        if data.get("role") and data.get("unit"):
            self.add_error("unit", _("Share it with a role or with a unit, not with both."))
        return data

    def save(self) -> SavedView:
        """Keep the view under its name."""
        data = self.cleaned_data
        view, _made = SavedView.objects.update_or_create(
            register=data["register"],
            owner_id=self.user.pk,
            name=data["name"],
            defaults={
                "query": self.sane,
                "role": data["role"],
                "unit": self.units.get(data["unit"]),
            },
        )
        return view
