"""Master data of the people floor. Only system administrators reach it, and no business decision is made here."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils.translation import gettext_lazy as _

from people.models import Appointment, Deputy, Site, StandingRole, Unit, User


class StandingRoleInline(admin.TabularInline[StandingRole, User]):
    model = StandingRole
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["username", "name", "title", "unit", "level", "is_active"]
    list_filter = ["is_active", "level", "standing_roles__role"]
    search_fields = ["username", "name", "name_en", "email"]
    list_select_related = ["unit"]
    autocomplete_fields = ["unit", "superior"]
    inlines = [StandingRoleInline]
    fieldsets = (
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["name", "name_en", "title", "level", "unit", "superior", "email", "phone"]}),
        (_("Account"), {"fields": ["language", "quiet_from", "quiet_to", "is_active", "is_staff", "is_superuser", "last_login", "date_joined"]}),
    )
    add_fieldsets = ((None, {"fields": ["username", "name", "password1", "password2"]}),)


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin[Unit]):
    list_display = ["code", "name", "kind", "parent", "head", "time_zone"]
    list_filter = ["kind"]
    search_fields = ["code", "name", "name_en"]
    list_select_related = ["parent", "head"]
    autocomplete_fields = ["parent", "head"]


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin[Site]):
    list_display = ["code", "name", "unit", "contact", "owner", "closure_manager"]
    search_fields = ["code", "name", "name_en"]
    list_select_related = ["unit", "contact", "owner", "closure_manager"]
    autocomplete_fields = ["unit", "contact", "owner", "closure_manager"]


@admin.register(Appointment)
class AppointmentAdmin(admin.ModelAdmin[Appointment]):
    list_display = ["document_number", "user", "unit", "level", "valid_from", "valid_to"]
    list_filter = ["level"]
    search_fields = ["document_number", "user__name"]
    list_select_related = ["user", "unit"]
    autocomplete_fields = ["user", "unit"]


@admin.register(Deputy)
class DeputyAdmin(admin.ModelAdmin[Deputy]):
    list_display = ["principal", "deputy", "starts_on", "ends_on"]
    list_select_related = ["principal", "deputy"]
    autocomplete_fields = ["principal", "deputy"]
