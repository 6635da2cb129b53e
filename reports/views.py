"""The monthly summary: choose, read, drill down, print, publish."""

from typing import Any

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.models import Audit
from closure.models import LedgerEntry
from findings.models import Deadline, Finding
from reports import actions, fonts, pdf
from reports.models import Publication
from reports.months import Month
from reports.rows import behind
from reports.summary import drawings, summary
from workflow import moment

MONTHS = 18
MOST = 500


def _may_read(request: HttpRequest) -> None:
    if not rules.has_perm("reports.view", request.user):
        raise PermissionDenied("reports.view")


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise Http404(str(error)) from error


def index(request: HttpRequest) -> HttpResponse:
    """The months, the newest first, with what is published."""
    _may_read(request)
    published = {one.month: one for one in Publication.objects.select_related("published_by")[:100]}
    months = [
        {"month": str(month), "publication": published.get(str(month))}
        for month in reversed(Month.current().back(MONTHS))
    ]
    return render(request, "reports/index.html", {"months": months})


def show(request: HttpRequest, month: str) -> HttpResponse:
    _may_read(request)
    chosen = _month(month)
    made = summary(chosen)
    context: dict[str, Any] = {
        "summary": made, "f": made.figures, "charts": drawings(made.figures), "month": chosen,
        "may_publish": made.publication is None and rules.has_perm("reports.publish", request.user),
        "pdf_hint": fonts.hint(),
    }
    return render(request, "reports/month.html", context)


def print_pdf(request: HttpRequest, month: str) -> HttpResponse:
    _may_read(request)
    chosen = _month(month)
    try:
        content = pdf.of_summary(summary(chosen))
    except pdf.PdfUnavailable as error:
        return render(request, "reports/no_pdf.html", {"message": str(error)}, status=503)
    name = f"customer-audits-{chosen}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def drill(request: HttpRequest, month: str, figure: str, key: str) -> HttpResponse:
    """The rows behind one figure; for a published report, the rows it was published with."""
    _may_read(request)
    chosen = _month(month)
    if "\x00" in key:
        raise Http404
    publication = Publication.objects.filter(month=str(chosen)).first()
    try:
        rows = behind(chosen, figure, key, moment.now())
    except (KeyError, ValueError) as error:
        raise Http404(str(error)) from error
    if publication is not None:
        rows = rows.model.objects.filter(pk__in=publication.members.get(f"{figure}/{key}", []))
    context = {"month": chosen, "publication": publication, **_shown(rows, request.user)}
    return render(request, "reports/rows.html", context)


def _shown(rows: Any, user: Any) -> dict[str, Any]:
    """The rows in the shape of their own list page."""
    if rows.model is Audit:
        return {"audits": rows.for_list().order_by("number")[:MOST]}
    if rows.model is LedgerEntry:
        return {"entries": rows.visible_to(user).for_list()[:MOST]}
    if rows.model is Deadline:
        numbers = Finding.objects.filter(pk__in=rows.values("finding"))
        return {"findings": numbers.for_list().order_by("number")[:MOST], "now": moment.now()}
    return {"findings": rows.for_list().order_by("number")[:MOST], "now": moment.now()}


@require_POST
def publish(request: HttpRequest, month: str) -> HttpResponse:
    """Freeze the month."""
    if not rules.has_perm("reports.publish", request.user):
        raise PermissionDenied("reports.publish")
    chosen = _month(month)
    if chosen >= Month.current():
        messages.error(request, _("A month is published after its end."))
        return redirect("reports:month", month=month)
    if not request.POST.get("sure"):
        messages.error(request, _("Tick that you have read the figures: publishing cannot be undone."))
        return redirect("reports:month", month=month)
    actions.publish(chosen, by=request.user, words=request.POST.get("words", "").replace("\x00", "")[:5000])
    messages.success(request, _("Published. These figures no longer change."))
    return redirect("reports:month", month=month)
