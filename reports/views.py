"""The monthly summary: choose, read, drill down, print, publish."""

from typing import Any

import rules
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from audits.models import Audit
from closure.models import LedgerEntry
from reports import actions, bundle, fonts, pdf
from reports.definitions import definitions
from reports.models import Publication
from reports.months import Month
from reports.rows import behind
from reports.summary import drawings, summary
from workflow import moment
from workflow.errors import StaleState
from workflow.fields import TextField, area
from workflow.once import look, once, page_key

MONTHS = 18
MOST = 500


class PublishForm(forms.Form):
    """What the Leader says to a month, and that its figures were read."""

    words = TextField(label=gettext_lazy("Leader's words"), max_length=5000, required=False, widget=area(3))
    sure = forms.BooleanField(
        label=gettext_lazy("I have read the figures; publishing cannot be undone."),
        error_messages={"required": gettext_lazy("Tick that you have read the figures: publishing cannot be undone.")},
    )


def _may_read(request: HttpRequest) -> None:
    if not rules.has_perm("reports.view", request.user):
        raise PermissionDenied("reports.view")


def _keeps_ledger(request: HttpRequest) -> bool:
    return bool(rules.has_perm("closure.keep_ledger", request.user))


def _month(text: str) -> Month:
    try:
        return Month.past_or_present(text)
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
    return _page(request, _month(month), PublishForm())


def _page(request: HttpRequest, chosen: Month, form: PublishForm) -> HttpResponse:
    """The month as it stands, with the form that publishes it: empty, or refused with everything typed still in it."""
    made = summary(chosen, ledger=_keeps_ledger(request))
    context: dict[str, Any] = {
        "summary": made,
        "f": made.figures,
        "charts": drawings(made.figures),
        "month": chosen,
        "says": definitions(),
        "following": chosen.next if chosen < Month.current() else None,
        "may_read_ledger": _keeps_ledger(request),
        "may_publish": made.publication is None
        and rules.has_perm("reports.publish", request.user)
        and (chosen < Month.current() or form.is_bound),
        "pdf_hint": fonts.hint(),
        "form": form,
    }
    return render(request, "reports/month.html", context, status=400 if form.is_bound else 200)


def print_pdf(request: HttpRequest, month: str) -> HttpResponse:
    _may_read(request)
    chosen = _month(month)
    try:
        content = pdf.of_summary(summary(chosen, ledger=_keeps_ledger(request)))
    except pdf.PdfUnavailable as error:
        return render(request, "reports/no_pdf.html", {"message": str(error)}, status=503)
    name = f"customer-audits-{chosen}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def download(request: HttpRequest, month: str) -> HttpResponse:
    """The published month as one document whose SHA-256 is the printed one; `?part=ledger` the part about the ledger."""
    _may_read(request)
    publication = get_object_or_404(Publication.objects.select_related("published_by"), month=str(_month(month)))
    whole: dict[str, Any] = bundle.of(publication)
    name = f"customer-audits-{publication.month}"
    if request.GET.get("part") == "ledger":
        if not _keeps_ledger(request):
            raise PermissionDenied("closure.keep_ledger")
        whole, name = bundle.restricted(publication.figures, publication.members), f"{name}-ledger"
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return HttpResponse(bundle.canonical(whole), content_type="application/json", headers=headers)


def drill(request: HttpRequest, month: str, figure: str, key: str) -> HttpResponse:
    """The rows behind one figure; for a published report, the rows it was published with."""
    _may_read(request)
    chosen = _month(month)
    if figure == "ledger" and not _keeps_ledger(request):
        raise PermissionDenied("closure.keep_ledger")
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
    return {"findings": rows.for_list().order_by("number")[:MOST], "now": moment.now(), "count": rows.count()}


@require_POST
def publish(request: HttpRequest, month: str) -> HttpResponse:
    """Freeze the month."""
    if not rules.has_perm("reports.publish", request.user):
        raise PermissionDenied("reports.publish")
    look(request.user, page_key(request))
    chosen, form = _month(month), PublishForm(request.POST)
    if Publication.objects.filter(month=str(chosen)).exists():
        raise StaleState(_("This month is published already."))
    if form.is_valid() and chosen >= Month.current():
        form.add_error(None, _("A month is published after its end."))
    if not form.is_valid():
        return _page(request, chosen, form)
    url = reverse("reports:month", args=[month])
    words = form.cleaned_data["words"]
    once(request.user, page_key(request), lambda: actions.publish(chosen, by=request.user, words=words), url=url)
    messages.success(request, _("Published. These figures no longer change."))
    return redirect(url)
