"""The reports: choose a period, read, drill down, print, take away as Excel, publish."""

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
from audits.registers import AUDITS
from closure.models import LedgerEntry
from findings.models import FindingEvent
from findings.registers import FINDINGS
from lib import excel, moment
from lib.fields import DateField, TextField, area
from reports import actions, bundle, fonts, pdf
from reports.definitions import definitions
from reports.figures import FIGURES, RESTRICTED, Figure, behind
from reports.models import Publication
from reports.periods import EARLIEST, KINDS, Period
from reports.summary import drawings, summary
from workflow.errors import StaleState
from workflow.once import look, once, page_key

#: How many of each kind the list goes back.
BACK = {"month": 18, "quarter": 8, "half": 4, "year": 5}
MOST = 500


class PublishForm(forms.Form):
    """What the Leader says to a report, and that its figures were read."""

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


def _period(text: str) -> Period:
    try:
        return Period.past_or_present(text)
    except ValueError as error:
        raise Http404(str(error)) from error


class RangeForm(forms.Form):
    """Any days."""

    first = DateField(label=gettext_lazy("From"), latest=moment.today)
    last = DateField(label=gettext_lazy("To"))

    def period(self) -> Period:
        """Raises ValueError with a sentence where the days are none that a report can be about."""
        return Period.past_or_present(f"{self.cleaned_data['first']}..{self.cleaned_data['last']}")


def index(request: HttpRequest) -> HttpResponse:
    """The periods of every length, the newest first, with what is published; and any other days."""
    _may_read(request)
    asked = request.GET if {"first", "last"} & set(request.GET) else None
    form, status = RangeForm(asked), 200
    if form.is_bound:
        try:
            if form.is_valid():
                return redirect("reports:period", form.period())
        except ValueError as error:
            form.add_error(None, str(error))
        status = 400
    published = {
        publication.period: publication for publication in Publication.objects.select_related("published_by")[:100]
    }
    kinds = [
        {
            "key": kind.key,
            "title": kind.title,
            "periods": [
                {"period": period, "publication": published.get(str(period))}
                for period in reversed(Period.current(kind.key).back(BACK[kind.key]))
            ],
        }
        for kind in KINDS.values()
    ]
    return render(request, "reports/index.html", {"kinds": kinds, "form": form}, status=status)


def show(request: HttpRequest, period: str) -> HttpResponse:
    _may_read(request)
    return _page(request, _period(period), PublishForm())


def _page(request: HttpRequest, chosen: Period, form: PublishForm) -> HttpResponse:
    """The period as it stands, with the form that publishes it: empty, or refused with everything typed still in it."""
    made = summary(chosen, ledger=_keeps_ledger(request))
    context: dict[str, Any] = {
        "summary": made,
        "f": made.figures,
        "charts": drawings(made.figures),
        "period": chosen,
        "says": definitions(),
        "previous": chosen.previous if chosen.previous.first.year >= EARLIEST else None,
        "following": chosen.next if chosen.is_over else None,
        "may_read_ledger": _keeps_ledger(request),
        "may_publish": made.publication is None
        and rules.has_perm("reports.publish", request.user)
        and (chosen.may_be_published or form.is_bound),
        "pdf_hint": fonts.hint(),
        "form": form,
    }
    return render(request, "reports/period.html", context, status=400 if form.is_bound else 200)


def print_pdf(request: HttpRequest, period: str) -> HttpResponse:
    _may_read(request)
    chosen = _period(period)
    try:
        content = pdf.of_summary(summary(chosen, ledger=_keeps_ledger(request)))
    except pdf.PdfUnavailable as error:
        return render(request, "reports/no_pdf.html", {"message": str(error)}, status=503)
    name = f"customer-audits-{chosen}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def download(request: HttpRequest, period: str) -> HttpResponse:
    """The published report as one document whose SHA-256 is the printed one; `?part=ledger` the part about the ledger."""
    _may_read(request)
    publication = get_object_or_404(Publication.objects.select_related("published_by"), period=str(_period(period)))
    whole: dict[str, Any] = bundle.of(publication)
    name = f"customer-audits-{publication.period}"
    if request.GET.get("part") == "ledger":
        if not _keeps_ledger(request):
            raise PermissionDenied("closure.keep_ledger")
        whole, name = bundle.restricted(publication.figures, publication.members), f"{name}-ledger"
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return HttpResponse(bundle.canonical(whole), content_type="application/json", headers=headers)


def drill(request: HttpRequest, period: str, figure: str, key: str) -> HttpResponse:
    """The rows behind one figure; for a published report, the rows it was published with."""
    _may_read(request)
    chosen = _period(period)
    if figure in RESTRICTED and not _keeps_ledger(request):
        raise PermissionDenied("closure.keep_ledger")
    publication = Publication.objects.filter(period=str(chosen)).first()
    try:
        rows = behind(chosen, figure, key, moment.now())
    except (KeyError, ValueError) as error:
        raise Http404(str(error)) from error
    if publication is not None:
        rows = rows.model.objects.filter(pk__in=publication.members.get(f"{figure}/{key}", []))
    context = {"period": chosen, "publication": publication, **_shown(rows, request.user)}
    context |= {"of_audits": AUDITS, "of_findings": FINDINGS}
    return render(request, "reports/rows.html", context)


def _shown(rows: Any, user: Any) -> dict[str, Any]:
    """The rows in the shape of their own list page."""
    if rows.model is Audit:
        return {"audits": rows.for_list().order_by("number")[:MOST]}
    if rows.model is FindingEvent:
        closures = rows.select_related("finding__site__unit", "by").order_by("event_at", "pk")
        return {"closures": closures[:MOST], "count": rows.count()}
    if rows.model is LedgerEntry:
        return {"entries": rows.visible_to(user).for_list()[:MOST]}
    return {"findings": rows.for_list().order_by("number")[:MOST], "now": moment.now(), "count": rows.count()}


def export(request: HttpRequest, period: str) -> HttpResponse:
    """Every number of the report as Excel, one line each."""
    _may_read(request)
    chosen = _period(period)
    made = summary(chosen, ledger=_keeps_ledger(request))
    headings = [(_("Figure"), 40), (_("Entry"), 30), (_("Quantity"), 12)]
    lines = [
        line for figure in FIGURES if figure.key in made.figures for line in _lines(figure, made.figures[figure.key])
    ]
    return excel.download(f"customer-audits-{chosen}", headings, lines)


#: What the numbers of a figure that is no list of counts are called.
NUMBERS = {
    "hit": gettext_lazy("In time"),
    "miss": gettext_lazy("Late"),
    "undecided": gettext_lazy("Undecided"),
    "exempted": gettext_lazy("Exempted"),
    "exempted_hit": gettext_lazy("Exempted, in time"),
    "exempted_miss": gettext_lazy("Exempted, late"),
    "rate": "%",
    "total": gettext_lazy("In all"),
    "count": gettext_lazy("Quantity"),
    "mean": gettext_lazy("Mean"),
    "p90": "P90",
}


def _lines(figure: Figure, said: Any) -> list[list[Any]]:
    """The lines of one figure: a number, a record of numbers, or entries with their count or their numbers."""
    if not isinstance(said, dict | list):
        return [[figure.label, "", said]]
    if isinstance(said, dict):
        return [[figure.label, NUMBERS[name], value] for name, value in said.items()]
    lines: list[list[Any]] = []
    for row in said:
        if "count" in row:
            lines.append([figure.label, row["label"], row["count"]])
        else:
            numbers = {name: row[name] for name in NUMBERS if name in row}
            lines += [[figure.label, f"{row['label']} · {NUMBERS[name]}", value] for name, value in numbers.items()]
    return lines


@require_POST
def publish(request: HttpRequest, period: str) -> HttpResponse:
    """Freeze the report."""
    if not rules.has_perm("reports.publish", request.user):
        raise PermissionDenied("reports.publish")
    look(request.user, page_key(request))
    chosen, form = _period(period), PublishForm(request.POST)
    if Publication.objects.filter(period=str(chosen)).exists():
        raise StaleState(_("This report is published already."))
    if form.is_valid() and not chosen.may_be_published:
        form.add_error(None, actions.TOO_EARLY)
    if not form.is_valid():
        return _page(request, chosen, form)
    url = reverse("reports:period", args=[period])
    words = form.cleaned_data["words"]
    once(request.user, page_key(request), lambda: actions.publish(chosen, by=request.user, words=words), url=url)
    messages.success(request, _("Published. These figures no longer change."))
    return redirect(url)
