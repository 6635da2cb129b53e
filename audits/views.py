"""Pages of the audits: list, lead, request, the audit itself, its moves."""

from datetime import date, datetime, timedelta
from typing import Any

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from audits import actions, forms
from audits.effects import notice_rows
from audits.filters import narrow
from audits.matrix import proposals
from audits.models import Audit, AuditFile
from audits.plan import rows as plan_rows
from audits.snapshot import label
from audits.states import PATH, AuditState
from workflow import door, excel, moment, moves
from workflow.labels import move_label
from workflow.paging import page
from workflow.serving import serve
from workflow.stepper import stepper


def listing(request: HttpRequest) -> HttpResponse:
    """All audits one may see, filtered, the newest first."""
    visible = Audit.objects.visible_to(request.user).for_list()
    chosen, rows = narrow(request.GET, visible)
    shown = page(rows, ("-created_at", "-id"), request.GET.get("after", ""))
    template = "audits/_rows.html" if request.headers.get("HX-Request") else "audits/list.html"
    context = {
        "filter": chosen, "page": shown,
        "may_create": rules.has_perm("audits.create", request.user),
        "may_pass_on": rules.has_perm("audits.pass_on", request.user),
    }
    return render(request, template, context)


def plan(request: HttpRequest) -> HttpResponse:
    """Plan and actual, month by month."""
    first, last = _month(request.GET.get("month", ""))
    context = {
        "first": first, "previous": (first - timedelta(days=1)).replace(day=1), "following": last + timedelta(days=1),
        "rows": plan_rows(request.user, first, last),
    }
    return render(request, "audits/plan.html", context)


def export_plan(request: HttpRequest) -> HttpResponse:
    """Plan and actual of a month as Excel."""
    first, last = _month(request.GET.get("month", ""))
    headings = [
        (_("Number"), 16), (_("Sudden"), 8), (_("Customer"), 18), (_("Kind of audit"), 18), (_("Sites"), 40),
        (_("First planned"), 14), (_("Planned"), 14), (_("Actual"), 14), (_("Deviation"), 10),
        (_("Reason for the deviation"), 20), (_("Leader"), 14), (_("Lead escort"), 14), (_("State"), 14), (_("Result"), 14),
    ]
    rows = (
        [
            row.audit.number, row.audit.sudden, row.audit.customer_label, row.audit.kind,
            "、".join(str(place.site) for place in row.audit.places.all()), row.planned, row.now_planned, row.actual,
            row.deviation, row.audit.get_deviation_display(), row.audit.leader, row.audit.lead_escort,
            row.audit.get_state_display(), row.audit.get_result_display(),
        ]
        for row in plan_rows(request.user, first, last)
    )
    return excel.download(f"plan-{first:%Y-%m}", headings, rows)


def _month(text: str) -> tuple[date, date]:
    """First and last day of the month; the present one when the text is none."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        first = timezone.localdate().replace(day=1)
    first = min(max(first, date(2000, 1, 1)), date(2100, 1, 1))
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def lead(request: HttpRequest) -> HttpResponse:
    """Pass on a lead; below, only what became of the ones passed on before."""
    if not rules.has_perm("audits.pass_on", request.user):
        raise PermissionDenied("audits.pass_on")
    form = forms.LeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        audit = actions.pass_on_lead(by=request.user, **form.cleaned_data)
        messages.success(request, _("%(number)s: passed on to market staff.") % {"number": audit.number})
        return redirect("audits:lead")
    status = 400 if request.method == "POST" else 200
    own = Audit.objects.filter(passed_on_by_id=request.user.pk).for_list().order_by("-created_at")[:20]
    return render(request, "audits/lead.html", {"form": form, "own": own}, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """A new request (1-01)."""
    if not rules.has_perm("audits.create", request.user):
        raise PermissionDenied("audits.create")
    form = forms.NewRequestForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        audit = actions.log_request(
            by=request.user, received_at=form.cleaned_data["received_at"], sudden=form.cleaned_data["sudden"],
            **form.split(),
        )
        if form.cleaned_data["notice_file"]:
            actions.attach(audit, form.cleaned_data["notice_file"], by=request.user)
        messages.success(request, _("%(number)s: the request is logged. Now appoint the Leader.")
                         % {"number": audit.number})
        return redirect(audit)
    status = 400 if request.method == "POST" else 200
    return render(request, "audits/new.html", {"form": form}, status=status)


def visible(request: HttpRequest, number: str) -> Audit:
    """The audit, or 404 for someone who may not see it."""
    return get_object_or_404(Audit.objects.visible_to(request.user).for_page(), number=number)


def show(request: HttpRequest, number: str) -> HttpResponse:
    """The audit: where it stands, whose turn it is, what this person may do, and everything recorded."""
    audit = visible(request, number)
    receipts = notice_rows(audit).select_related("recipient")
    findings = audit.findings.visible_to(request.user).for_list().order_by("sequence")
    context: dict[str, Any] = {
        "audit": audit,
        "stepper": stepper(PATH, audit.state, [event.target for event in audit.events.all()]),
        "turn": actions.whose_turn(audit),
        "moves": offered(audit, request.user),
        "proposals": proposals(audit.kind, audit.customer) if audit.state == AuditState.DRAFTED else [],
        "receipts": receipts,
        "own_receipt": next((one for one in receipts if one.recipient_id == request.user.pk), None),
        "findings": (rows := list(findings)),
        "has_drafts": any(row.state == "draft" for row in rows),
        "versions": [
            {"version": version, "changes": [{**change, "label": label(change["field"])} for change in version.changes]}
            for version in audit.versions.select_related("by")
        ],
        "events": audit.events.select_related("by", "on_behalf_of").order_by("-position"),
        "meetings": audit.meetings.select_related("recorded_by"),
        "may_record": rules.has_perm("findings.create", request.user, audit),
        "may_issue": rules.has_perm("audits.hold_closing", request.user, audit),
        "now": moment.now(),
    }
    return render(request, "audits/page.html", context)


def offered(audit: Audit, user: Any) -> list[dict[str, Any]]:
    """Every move the state allows: those the person may make, and the others with the reason why not."""
    mine = set(actions.available(audit, user))
    found = []
    for name in actions.MACHINE.effects:
        if not door.fits(audit, name) or (name == "start_sudden" and not audit.sudden):
            continue
        found.append({"move": name, "label": move_label(name), "mine": name in mine})
    return found


def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    if move not in forms.FORMS:
        raise Http404
    return moves.page(
        request, visible(request, number), move, forms=forms.FORMS, perform=actions.perform,
        template="audits/move.html",
    )


def file(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """A file of the audit, for those who may see the audit."""
    kept = get_object_or_404(AuditFile, pk=pk, audit=visible(request, number))
    return serve(kept.file, name=kept.name, content_type=kept.content_type)
