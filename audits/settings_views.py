"""Master data as pages: what an installation needs before the first request can be logged."""

from typing import Any

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.models import MatrixRow
from audits.settings_forms import CustomerForm, KindForm, MatrixForm
from customers.models import AuditKind, Customer
from lib.fields import UNPRINTABLE
from lib.paging import page
from people.actions import write_down
from people.models import Site, StandingRole, Unit, User
from workflow.once import look, once, page_key

Role = StandingRole.Role


def _ask(request: HttpRequest) -> None:
    if not rules.has_perm("audits.keep_master_data", request.user):
        raise PermissionDenied("audits.keep_master_data")


def index(request: HttpRequest) -> HttpResponse:
    """What is there, and what is still missing until a request can be logged, led and closed."""
    _ask(request)
    wanted = [
        (_("Units"), Unit.objects.count(), "admin:people_unit_changelist", True),
        (_("Sites"), Site.objects.count(), "admin:people_site_changelist", True),
        (_("Market staff"), User.objects.holding(Role.MARKET).count(), "admin:people_user_changelist", True),
        (_("Leaders"), User.objects.holding(Role.LEADER).count(), "admin:people_user_changelist", True),
        (_("Lead escorts"), User.objects.holding(Role.ESCORT).count(), "admin:people_user_changelist", True),
        (_("Closure managers"), User.objects.holding(Role.CLOSURE).count(), "admin:people_user_changelist", True),
        (_("Customers"), Customer.objects.count(), "settings:customers", False),
        (_("Kinds of audit"), AuditKind.objects.count(), "settings:kinds", False),
        (_("Rows of the lead-department matrix"), MatrixRow.objects.count(), "settings:matrix", False),
    ]
    rows = [
        {"label": label, "count": count, "url": url, "by_admin": by_admin} for label, count, url, by_admin in wanted
    ]
    context = {
        "rows": rows,
        "missing": [row for row in rows if not row["count"]],
        "to_check": Customer.objects.filter(to_check=True).select_related("entered_by")[:50],
    }
    return render(request, "settings/index.html", context)


def _searched(request: HttpRequest, rows: Any) -> tuple[str, Any]:
    text = UNPRINTABLE.sub("", request.GET.get("q", "")).strip()[:100]
    found = Q(code__icontains=text) | Q(name__icontains=text) | Q(name_en__icontains=text)
    return text, rows.filter(found) if text else rows


def customers(request: HttpRequest) -> HttpResponse:
    _ask(request)
    text, rows = _searched(request, Customer.objects.select_related("entered_by"))
    if request.GET.get("to_check") == "1":
        rows = rows.filter(to_check=True)
    shown = page(rows, ("code", "id"), request.GET.get("after", ""))
    return render(request, "settings/customers.html", {"page": shown, "q": text, "total": rows.order_by().count()})


def kinds(request: HttpRequest) -> HttpResponse:
    _ask(request)
    text, rows = _searched(request, AuditKind.objects.all())
    shown = page(rows, ("code", "id"), request.GET.get("after", ""))
    return render(request, "settings/kinds.html", {"page": shown, "q": text, "total": rows.order_by().count()})


def matrix(request: HttpRequest) -> HttpResponse:
    """《客户稽查项目与主导部门对应一览表》."""
    _ask(request)
    rows = MatrixRow.objects.select_related("kind", "customer", "lead_unit", "leader", "deputy")
    shown = page(rows, ("order", "id"), request.GET.get("after", ""))
    without = AuditKind.objects.exclude(pk__in=MatrixRow.objects.exclude(kind=None).values("kind"))
    context = {
        "page": shown,
        "without": without,
        "has_fallback": MatrixRow.objects.filter(kind=None).exists(),
        "kinds": AuditKind.objects.exists(),
    }
    return render(request, "settings/matrix.html", context)


def _edit(request: HttpRequest, form_class: Any, instance: Any, *, back: str, title: str) -> HttpResponse:
    """One form for a row that is new or there already; what was changed is written down with the name of who did it."""
    _ask(request)
    look(request.user, page_key(request))
    form = form_class(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():

        def act() -> Any:
            saved = form.save()
            write_down(request.user, saved, ", ".join(form.changed_data) or "saved")
            return saved

        once(request.user, page_key(request), act, url=reverse(back))
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {"form": form, "title": title, "back": back, "instance": instance}
    return render(request, "settings/edit.html", context, status=400 if form.is_bound else 200)


def edit_customer(request: HttpRequest, code: str = "") -> HttpResponse:
    found = get_object_or_404(Customer, code=code) if code else None
    return _edit(request, CustomerForm, found, back="settings:customers", title=str(found or _("New customer")))


def edit_kind(request: HttpRequest, code: str = "") -> HttpResponse:
    found = get_object_or_404(AuditKind, code=code) if code else None
    return _edit(request, KindForm, found, back="settings:kinds", title=str(found or _("New kind of audit")))


def edit_row(request: HttpRequest, pk: int = 0) -> HttpResponse:
    found = get_object_or_404(MatrixRow, pk=pk) if pk else None
    return _edit(request, MatrixForm, found, back="settings:matrix", title=str(found or _("New row of the matrix")))


@require_POST
def delete_row(request: HttpRequest, pk: int) -> HttpResponse:
    """A row is taken out; audits it was used for keep their Leader."""
    _ask(request)
    found = get_object_or_404(MatrixRow, pk=pk)
    write_down(request.user, found, f"deleted: {found}")
    found.delete()
    messages.success(request, _("Taken out."))
    return redirect("settings:matrix")
