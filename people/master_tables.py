"""The people floor's master data as pages: units, sites, people, appointments."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from lib.register import Column, Register
from masterdata.columns import CODE, NAME, NAME_EN, RETIRED
from masterdata.registry import WORDS, Table, register
from people import master_forms
from people.models import Appointment, Site, StandingRole, Unit, User

KEEPERS = "people.keep_master_data"
#: What a person says about themselves, and what is nobody's business.
UNLOGGED = (
    *("pinyin", "twin", "password", "last_login", "theme", "date_joined"),
    *("language", "quiet_from", "quiet_to", "email_set_by"),
)


def _said(one: Any) -> str:
    return str(one) if one else ""


UNITS: Register[Unit] = Register(
    "units",
    _("Units"),
    (
        CODE,
        NAME,
        NAME_EN,
        Column(key="kind", label=_("Kind"), value=lambda row: row.get_kind_display(), order="kind"),
        Column(
            key="parent", label=_("Belongs to"), value=lambda row: _said(row.parent), order="parent__name", card="foot"
        ),
        Column(key="head", label=_("Head"), value=lambda row: _said(row.head), order="head__name", card="foot"),
        Column(key="time_zone", label=_("Time zone"), value=lambda row: row.time_zone, order="time_zone"),
        RETIRED,
    ),
    order=("code", "id"),
    empty=_("No unit yet"),
    hint=_("Begin with the group, then branch companies, factories and departments, each below the one it belongs to."),
)
SITES: Register[Site] = Register(
    "sites",
    _("Sites"),
    (
        CODE,
        NAME,
        NAME_EN,
        Column(key="unit", label=_("Unit"), value=lambda row: _said(row.unit), order="unit__name", card="foot"),
        Column(key="contact", label=_("Audited-area contact"), value=lambda row: _said(row.contact), card="foot"),
        Column(key="owner", label=_("Answers for it"), value=lambda row: _said(row.owner), card="foot"),
        Column(key="closure_manager", label=_("Closure manager"), value=lambda row: _said(row.closure_manager)),
        RETIRED,
    ),
    order=("code", "id"),
    empty=_("No site yet"),
    hint=_("A site is a place that can be audited; whoever answers for it owns the findings there."),
)
PEOPLE: Register[User] = Register(
    "people",
    _("People"),
    (
        Column(
            key="username",
            label=_("Account"),
            value=lambda row: row.username,
            order="username",
            cell="settings/_cell_person.html",
            card="head",
        ),
        Column(key="name", label=_("Name"), value=lambda row: row.name, order="name", card="text"),
        Column(key="title", label=_("Position"), value=lambda row: row.title, order="title", card="foot"),
        Column(key="unit", label=_("Unit"), value=lambda row: _said(row.unit), order="unit__name", card="foot"),
        Column(key="level", label=_("Level"), value=lambda row: row.get_level_display(), order="level"),
        Column(key="superior", label=_("Superior"), value=lambda row: _said(row.superior), order="superior__name"),
        Column(
            key="roles",
            label=_("Roles"),
            value=lambda row: "、".join(str(role.get_role_display()) for role in row.standing_roles.all()),
            width=30,
        ),
        Column(key="email", label=_("E-mail"), value=lambda row: row.email, on_page=False, width=30),
        Column(key="phone", label=_("Phone"), value=lambda row: row.phone, on_page=False),
    ),
    order=("username", "id"),
    empty=_("Nobody yet"),
    hint=_("Everyone who works with audits has an account; roles say what they may do everywhere."),
)
APPOINTMENTS: Register[Appointment] = Register(
    "appointments",
    _("Appointments"),
    (
        Column(
            key="document_number",
            label=_("Appointment letter no."),
            value=lambda row: row.document_number,
            order="document_number",
            cell="settings/_cell_key.html",
            card="head",
        ),
        Column(key="user", label=_("Person"), value=lambda row: _said(row.user), order="user__name", card="text"),
        Column(key="unit", label=_("Unit"), value=lambda row: _said(row.unit), order="unit__name", card="foot"),
        Column(key="level", label=_("Level"), value=lambda row: row.get_level_display(), order="level"),
        Column(key="valid_from", label=_("Valid from"), value=lambda row: row.valid_from, order="valid_from"),
        Column(key="valid_to", label=_("Valid to"), value=lambda row: row.valid_to, order="valid_to", card="foot"),
    ),
    order=("-valid_from", "-id"),
    empty=_("No appointment yet"),
    hint=_("Lead escorts and teams come from the appointed network; whoever is outside it needs a reason."),
)

WORDS.update(StandingRole.Role.choices)
register(
    Table(
        register=UNITS,
        model=Unit,
        rows=lambda: Unit.objects.select_related("parent", "head"),
        form=master_forms.UnitForm,
        new=_("New unit"),
        permission=KEEPERS,
        unlogged=("pinyin", "path"),
    )
)
register(
    Table(
        register=SITES,
        model=Site,
        rows=lambda: Site.objects.select_related("unit", "contact", "owner", "closure_manager"),
        form=master_forms.SiteForm,
        new=_("New site"),
        permission=KEEPERS,
    )
)
register(
    Table(
        register=PEOPLE,
        model=User,
        rows=lambda: User.objects.all().select_related("unit", "superior").prefetch_related("standing_roles"),
        form=master_forms.PersonForm,
        new=_("New person"),
        permission="people.keep_accounts",
        code="username",
        search=("username", "name", "name_en", "pinyin", "title", "unit__name"),
        retires=False,
        unlogged=UNLOGGED,
        in_use=(("is_active", True),),
        deletes=False,
        may_edit=master_forms.may_edit,
        beside="settings/_person.html",
    )
)
register(
    Table(
        register=APPOINTMENTS,
        model=Appointment,
        rows=lambda: Appointment.objects.select_related("user", "unit"),
        form=master_forms.AppointmentForm,
        new=_("New appointment"),
        permission=KEEPERS,
        code="pk",
        search=("document_number", "user__name", "user__username"),
        retires=False,
        in_use=(),
    )
)
