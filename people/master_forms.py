"""Forms of the people floor's master data: units, sites, people with their roles, appointments."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, Q
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy as _

from lib.fields import Chips, RowField, form_field
from masterdata.forms import RowForm
from people import actions
from people.models import Appointment, Site, StandingRole, Unit, User
from people.rules import Role, has_role, runs_the_system


def pick(form: Any, **rows: Any) -> None:
    """Offer these rows in fields of a model form, by name; people are known by account, everything else by code."""
    for name, queryset in rows.items():
        column = cast("Field[Any, Any]", form._meta.model._meta.get_field(name))
        code = "username" if queryset.model is User else "code"
        form.fields[name] = RowField(
            queryset, code=code, label=column.verbose_name, required=not column.blank, help_text=column.help_text
        )
        if form.instance.pk:
            form.initial[name] = column.value_from_object(form.instance)


def or_as_it_is(people: Any, now: int | None) -> Any:
    """These people, and whoever it is now: a form that is saved for another reason changes nobody."""
    return User.objects.filter(Q(pk__in=people.values("pk")) | Q(pk=now or 0)).select_related("unit")


class UnitForm(RowForm[Unit]):
    """A unit of the tree; the model refuses one below itself and a zone that does not exist."""

    class Meta:
        model = Unit
        fields = ["code", "name", "name_en", "kind", "parent", "head", "time_zone"]
        formfield_callback = form_field

    def prepare(self) -> None:
        pick(
            self,
            parent=Unit.objects.in_use(self.instance.parent_id),
            head=or_as_it_is(User.objects.at_work(), self.instance.head_id),
        )
        self.fields["parent"].required = self.fields["head"].required = False


class SiteForm(RowForm[Site]):
    class Meta:
        model = Site
        fields = ["code", "name", "name_en", "unit", "contact", "owner", "closure_manager"]
        formfield_callback = form_field

    def prepare(self) -> None:
        pick(
            self,
            unit=Unit.objects.in_use(self.instance.unit_id),
            contact=or_as_it_is(User.objects.at_work(), self.instance.contact_id),
            owner=or_as_it_is(User.objects.engineers(), self.instance.owner_id),
            closure_manager=or_as_it_is(User.objects.holding(Role.CLOSURE), self.instance.closure_manager_id),
        )


class AppointmentForm(RowForm[Appointment]):
    """Somebody appointed by letter to the network of a unit (procedure §3)."""

    class Meta:
        model = Appointment
        fields = ["document_number", "user", "unit", "level", "valid_from", "valid_to"]
        formfield_callback = form_field

    def prepare(self) -> None:
        pick(
            self,
            user=or_as_it_is(User.objects.at_work(), self.instance.user_id),
            unit=Unit.objects.in_use(self.instance.unit_id),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", gettext("The last day is before the first."))
        return data


class PersonForm(RowForm[User]):
    """An account and the person behind it. Roles are given by administrators, to others only; nobody's password is set here."""

    fixed = ("username",)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=StandingRole.Role.choices, required=False, widget=Chips()
    )

    class Meta:
        model = User
        fields = ["username", "name", "name_en", "title", "level", "unit", "superior", "email", "phone", "language"]
        formfield_callback = form_field

    def prepare(self) -> None:
        person = self.instance
        pick(
            self,
            unit=Unit.objects.in_use(person.unit_id),
            superior=or_as_it_is(User.objects.at_work(), person.superior_id).exclude(pk=person.pk or 0),
        )
        self.fields["unit"].required = True
        held = sorted(role.role for role in person.standing_roles.all()) if person.pk else []
        self.initial["roles"] = held
        if not has_role(self.by, Role.ADMIN) or self.by.pk == person.pk:
            del self.fields["roles"]

    def clean_roles(self) -> list[str]:
        roles: list[str] = self.cleaned_data["roles"]
        runs = Role.ADMIN in roles or self.instance.is_staff or self.instance.is_superuser
        if runs and set(roles) - {Role.ADMIN}:
            raise ValidationError(gettext("An administrator holds no other role: who operates is not who decides."))
        return roles

    def _sent(self, name: str) -> list[str]:
        """What the form says its roles were when it was drawn; programs say nothing."""
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def save(self, commit: bool = True) -> User:
        """The account, its roles, and telling whoever has to know. Of the roles only what this person gave or took."""
        roles, seen = None, None
        if "roles" in self.fields:
            roles = frozenset(self.cleaned_data["roles"])
            seen = frozenset(self._sent("initial-roles") or self.initial["roles"])
        return actions.keep_person(self.instance, set(self.changed_data), by=self.by, roles=roles, seen=seen)


def may_edit(user: Any, person: User) -> bool:
    """The account of whoever runs the system is kept by administrators alone."""
    return has_role(user, Role.ADMIN) or not runs_the_system(person)
