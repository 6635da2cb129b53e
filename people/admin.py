"""Accounts and master data of the people floor. Only system administrators reach it, and no business decision is made here.

Who operates is not who decides (domain §5.2): an administrator sets nobody's password, names no deputy, makes no token, reads
no secret of a second factor; what they do change is written down with their name, and whoever it concerns is told.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from people import actions, leaving
from people.models import Appointment, Site, StandingRole, Unit, User
from people.rules import runs_the_system
from workflow.admin import Fields, Fixed, Page, Table

Role = StandingRole.Role


class RoleFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Whoever runs the system holds no other role, and nobody changes their own."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        roles = {data.get("role") for data in kept}
        if roles - {Role.ADMIN} and (Role.ADMIN in roles or self.instance.is_staff or self.instance.is_superuser):
            raise ValidationError(gettext("An administrator holds no other role: who operates is not who decides."))
        if self.has_changed() and getattr(self, "by_pk", None) == self.instance.pk:
            raise ValidationError(gettext("Nobody changes their own roles: ask another administrator."))


class StandingRoleInline(Table[User]):
    model = StandingRole
    extra = 0
    formset = RoleFormSet

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made: Any = super().get_formset(request, obj, **kwargs)
        made.by_pk = request.user.pk
        return made


class NewPersonForm(forms.ModelForm[User]):
    """A new account has no password: the person sets it through the invitation that is sent to the address."""

    class Meta:
        model = User
        fields = ["username", "name", "email"]

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        # Whoever makes accounts does not own their addresses; only where nobody else is there yet, nobody could confirm.
        self.instance.email_confirmed = not actions.somebody_confirms()
        return super().save(commit)


@admin.register(User)
class UserAdmin(Fixed, Fields, DjangoUserAdmin):  # type: ignore[misc]
    fixed = ("username",)
    list_display = ["username", "name", "title", "unit", "level", "is_active"]
    list_filter = ["is_active", "level", "standing_roles__role"]
    search_fields = ["username", "name", "name_en", "email"]
    list_select_related = ["unit"]
    autocomplete_fields = ["unit", "superior"]
    readonly_fields = ["last_login", "date_joined", "email_confirmed"]
    inlines = [StandingRoleInline]
    add_form = NewPersonForm
    actions = ["invite", "remove_second_factor"]
    fieldsets = (
        (None, {"fields": ["username"]}),
        (
            _("Person"),
            {"fields": ["name", "name_en", "title", "level", "unit", "superior", "email", "email_confirmed", "phone"]},
        ),
        (
            _("Account"),
            {
                "fields": [
                    "language",
                    "quiet_from",
                    "quiet_to",
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "last_login",
                    "date_joined",
                ]
            },
        ),
    )
    add_fieldsets = ((None, {"fields": ["username", "name", "email"]}),)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Setting somebody's password would be becoming them."""
        raise PermissionDenied("people.set_password")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History keeps the names; accounts are closed, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        changed = set(form.changed_data) if change else set()
        address = obj.email
        if "email" in changed:
            obj.email = User.objects.values_list("email", flat=True).get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        if "email" in changed:
            actions.change_address(obj, address, by=request.user)
        if "superior" in changed:
            actions.superior_changed(obj, request.user)
        if {"is_staff", "is_superuser"} & changed and runs_the_system(obj):
            self._left(request, obj)
        if "is_active" in changed and not obj.is_active:
            self._left(request, obj)

    def _left(self, request: HttpRequest, person: User) -> None:
        leaving.announce(person, by=request.user)
        for held in leaving.hangs_on(person):
            messages.warning(
                request,
                gettext("%(post)s: %(n)s still to be handed over.") % {"post": held.post.label, "n": len(held.records)},
            )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is StandingRole and formset.has_changed():
            given = [row.role for row in formset.new_objects] + [row.role for row, _names in formset.changed_objects]
            taken = [row.role for row in formset.deleted_objects]
            taken += [
                initial_form.initial["role"]
                for initial_form in formset.initial_forms
                if initial_form.has_changed() and initial_form.instance.pk
            ]
            if Role.ADMIN in given:
                # Whoever runs the system acts for nobody: what hangs on them waits for somebody else.
                self._left(request, form.instance)
            after = actions.roles_held(form.instance)
            before = (after - set(given)) | set(taken)
            actions.note(form.instance, request.user, roles=("、".join(sorted(before)), "、".join(sorted(after))))
            actions.roles_changed(form.instance, given=given, taken=taken, by=request.user)

    @admin.action(description=_("Send an invitation to set a password"))
    def invite(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """The same message as “password forgotten”, to addresses that are the person's own."""
        from people.accounts import invite

        for person in rows.filter(is_active=True):
            if invite(request, person):
                actions.write_down(request.user, person, "invited to set a password")
        messages.success(request, gettext("Sent to the addresses that are confirmed."))

    @admin.action(description=_("Remove the second factor (lost phone)"))
    def remove_second_factor(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """The person can log in with the password again and set up a new one; they are told who did it."""
        from allauth.mfa.models import Authenticator

        by = User.objects.get(pk=str(request.user.pk)).in_both()
        for person in rows:
            if Authenticator.objects.filter(user=person).delete()[0]:
                actions.write_down(request.user, person, "second factor removed")
                actions.tell(
                    [person],
                    "second_factor_removed",
                    f"factor:{person.pk}:{request.user.pk}",
                    "/accounts/2fa/",
                    by=by,
                )


@admin.register(Unit)
class UnitAdmin(Page[Unit]):
    fixed = ("code",)
    list_display = ["code", "name", "kind", "parent", "head", "time_zone"]
    list_filter = ["kind"]
    search_fields = ["code", "name", "name_en"]
    list_select_related = ["parent", "head"]
    autocomplete_fields = ["parent", "head"]


@admin.register(Site)
class SiteAdmin(Page[Site]):
    fixed = ("code",)
    list_display = ["code", "name", "unit", "contact", "owner", "closure_manager"]
    search_fields = ["code", "name", "name_en"]
    list_select_related = ["unit", "contact", "owner", "closure_manager"]
    autocomplete_fields = ["unit", "contact", "owner", "closure_manager"]


@admin.register(Appointment)
class AppointmentAdmin(Page[Appointment]):
    list_display = ["document_number", "user", "unit", "level", "valid_from", "valid_to"]
    list_filter = ["level"]
    search_fields = ["document_number", "user__name"]
    list_select_related = ["user", "unit"]
    autocomplete_fields = ["user", "unit"]
