"""My work, the closure desk and the ledger."""

from datetime import timedelta
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from closure.filters import narrow
from closure.models import LedgerEntry
from closure.work import tasks
from findings.models import Deadline, Finding
from findings.states import OPEN, ORDER, Step
from findings.why import why
from people.rules import acting_ids, reads_group
from workflow import excel, moment
from workflow.paging import page


def work(request: HttpRequest) -> HttpResponse:
    """The first page of everyone: what waits for me, the shortest time first; management also sees the figures."""
    now = moment.now()
    context: dict[str, Any] = {"tasks": tasks(request.user, now), "now": now}
    if reads_group(request.user):
        context["figures"] = _figures(now)
    return render(request, "closure/work.html", context)


def _figures(now: Any) -> dict[str, int]:
    running = Deadline.objects.running().filter(finding__state__in=OPEN)
    return {
        "open": Finding.objects.filter(state__in=OPEN).count(),
        "overdue": Finding.objects.open().overdue(now).count(),
        "reviews": running.filter(step=Step.REVIEW).count(),
        "today": running.filter(step__in=ORDER, due_at__gte=now, due_at__lte=now + timedelta(hours=24)).count(),
    }


def desk(request: HttpRequest) -> HttpResponse:
    """What a closure manager reviews, chases and watches."""
    if not rules.has_perm("closure.desk", request.user):
        raise PermissionDenied("closure.desk")
    now, ids = moment.now(), acting_ids(request.user)
    clocks = Deadline.objects.running().filter(finding__isnull=False).select_related(
        "owes", "finding__site", "finding__audit__customer"
    )
    own = request.GET.get("all") != "1"
    if own and Finding.objects.filter(closure_manager_id__in=ids).exists():
        clocks = clocks.filter(finding__closure_manager_id__in=ids)
    else:
        own = False
    context = {
        "reviews": clocks.filter(step=Step.REVIEW).order_by("due_at", "id")[:100],
        "late": clocks.exclude(step=Step.REVIEW).filter(due_at__lt=now).order_by("due_at", "id")[:100],
        "soon": clocks.exclude(step=Step.REVIEW).filter(due_at__gte=now).order_by("due_at", "id")[:100],
        "own": own,
        "now": now,
    }
    return render(request, "closure/desk.html", context)


def export_ledger(request: HttpRequest) -> HttpResponse:
    """The ledger as Excel, as far as the person may see it."""
    _chosen, rows = narrow(request.GET, LedgerEntry.objects.visible_to(request.user).for_list())
    headings = [
        (_("Ledger number"), 30), (_("Person"), 14), (_("Unit"), 20), (_("Finding"), 20), (_("Customer"), 18),
        (_("Rule"), 24), (_("Month"), 10), (_("Breached"), 18), (_("Recorded"), 18),
    ]
    found = rows.order_by("-breached_at", "-id")[: excel.MOST]
    return excel.download("ledger", headings, (
        [row.number, row.person, row.unit, row.finding.number, row.finding.audit.customer_label, row.get_rule_display(),
         row.month, row.breached_at, row.recorded_at]
        for row in found
    ))


def ledger(request: HttpRequest) -> HttpResponse:
    """The blacklist ledger, as far as the person may see it (domain §2.9); each entry with the trace of its clock."""
    visible = LedgerEntry.objects.visible_to(request.user).for_list()
    chosen, rows = narrow(request.GET, visible.explained())
    shown = page(rows, ("-breached_at", "-id"), request.GET.get("after", ""))
    entries = [{"entry": entry, "why": why(entry.deadline) if entry.deadline else None} for entry in shown]
    template = "closure/_ledger_rows.html" if request.headers.get("HX-Request") else "closure/ledger.html"
    return render(request, template, {"filter": chosen, "entries": entries, "page": shown})
