"""The overview of the settings: what an installation needs before the first request can be logged."""

import rules
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from audits.models import MatrixRow
from calendars.models import WorkCalendar
from customers.models import AuditKind, Customer
from masterdata.views import kept
from people.models import Appointment, Site, StandingRole, Unit, User

Role = StandingRole.Role


def index(request: HttpRequest) -> HttpResponse:
    """What is there, and what is still missing until a request can be logged, led and closed, step by step."""
    if not rules.has_perm("people.keep_master_data", request.user):
        raise PermissionDenied("people.keep_master_data")
    tables = kept(request.user)
    rows = _steps({table.key for table in tables})
    context = {
        "rows": rows,
        "missing": [row for row in rows if row["needed"] and not row["count"]],
        "to_check": Customer.objects.filter(to_check=True).select_related("entered_by")[:50],
        "without": AuditKind.objects.in_use().exclude(pk__in=MatrixRow.objects.exclude(kind=None).values("kind")),
        "has_fallback": MatrixRow.objects.filter(kind=None).exists(),
        "tables": tables,
    }
    return render(request, "settings/index.html", context)


def _steps(known: set[str]) -> list[dict[str, object]]:
    """In the order in which an empty installation is filled; `url` only for tables this person keeps."""

    def step(label: str, count: int, table: str, why: str, needed: bool = True) -> dict[str, object]:
        url = reverse("settings:table", args=[table]) if table in known else ""
        new = reverse("settings:new", args=[table]) if table in known else ""
        return {"label": label, "count": count, "url": url, "new": new, "why": why, "needed": needed}

    holding = User.objects.holding
    return [
        step(_("Units"), Unit.objects.in_use().count(), "units", _("the group, its factories and departments")),
        step(_("Market staff"), holding(Role.MARKET).count(), "people", _("log requests")),
        step(_("Leaders"), holding(Role.LEADER).count(), "people", _("lead audits")),
        step(_("Lead escorts"), holding(Role.ESCORT).count(), "people", _("host audits and issue findings")),
        step(_("Closure managers"), holding(Role.CLOSURE).count(), "people", _("review answers and close")),
        step(_("Sites"), Site.objects.in_use().count(), "sites", _("what is audited, and who answers for it")),
        step(_("Customers"), Customer.objects.in_use().count(), "customers", _("who audits us")),
        step(_("Kinds of audit"), AuditKind.objects.in_use().count(), "kinds", _("system, process, product …")),
        step(
            _("Rows of the lead-department matrix"),
            MatrixRow.objects.count(),
            "matrix",
            _("which department leads which kind"),
        ),
        step(_("Appointments"), Appointment.objects.count(), "appointments", _("the network by letter"), False),
        step(
            _("Working calendars"),
            WorkCalendar.objects.count(),
            "",
            _("only where a policy counts working time"),
            False,
        ),
    ]
