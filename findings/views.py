"""Pages of the findings: list, the finding itself, its moves, its evidence."""

from typing import Any

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.models import Audit
from audits.states import CAPTURING
from findings import actions, forms
from findings.answers import Evidence
from findings.filters import narrow
from findings.gates import missing
from findings.models import Finding
from findings.page import clock_bar, lacks_prelim_cause, root_tree
from findings.states import FindingState as S, Step
from findings.storage import store
from workflow import door, excel, moment, moves
from workflow.errors import StaleState
from workflow.labels import move_label
from workflow.paging import page
from workflow.serving import serve
from workflow.stepper import stepper

PATH = (S.DRAFT, S.ISSUED, S.CONTAINED, S.ANALYSED, S.IMPLEMENTED, S.CLOSED, S.CUSTOMER_CLOSED, S.EFFECTIVE)
OBSERVATION_PATH = (S.DRAFT, S.ISSUED, S.IMPLEMENTED, S.CLOSED, S.CUSTOMER_CLOSED, S.EFFECTIVE)
WIDE_FORMS = {"submit_analysis", "submit_implementation", "submit_containment"}


def listing(request: HttpRequest) -> HttpResponse:
    """All findings one may see, filtered, the newest first."""
    chosen, rows = narrow(request.GET, Finding.objects.visible_to(request.user).for_list(), request)
    shown = page(rows, ("-created_at", "-id"), request.GET.get("after", ""))
    template = "findings/_rows.html" if request.headers.get("HX-Request") else "findings/list.html"
    return render(request, template, {"filter": chosen, "page": shown, "now": moment.now()})


def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as Excel (domain §2.8): the register that goes round."""
    _chosen, rows = narrow(request.GET, Finding.objects.visible_to(request.user).for_list(), request)
    headings = [
        (_("Number"), 20), (_("Audit"), 16), (_("Customer"), 18), (_("Site"), 20), (_("Problem"), 60), (_("Grade"), 10),
        (_("5M1E"), 10), (_("Clause"), 10), (_("Issue owner"), 14), (_("State"), 16), (_("Issued (T0)"), 18),
        (_("Containment"), 18), (_("Root cause"), 18), (_("Closure"), 18), (_("Closed"), 18), (_("Closed by the customer"), 18),
    ]
    found = rows.order_by("-created_at", "-id")[: excel.MOST]
    return excel.download("findings", headings, (_exported(row) for row in found))


def _exported(row: Finding) -> list[Any]:
    due = {one.step: one.due_at for one in row.clock_rows if one.cycle == row.cycle}  # type: ignore[attr-defined]
    return [
        row.number, row.audit.number, row.audit.customer_label, row.site, row.what, row.get_grade_display(),
        row.get_category_display(), row.clause, row.owner, row.get_state_display(), row.issued_at,
        due.get(Step.CONTAIN), due.get(Step.ANALYSE), due.get(Step.CLOSE), row.closed_at, row.customer_closed_at,
    ]


def visible(request: HttpRequest, number: str) -> Finding:
    """The finding, or 404 for someone who may not see it."""
    return get_object_or_404(Finding.objects.visible_to(request.user).for_page(), number=number)


def show(request: HttpRequest, number: str) -> HttpResponse:
    """The finding: its clocks, whose turn it is, what this person may do, and everything delivered."""
    finding = visible(request, number)
    deadlines = list(finding.deadlines.explained().order_by("cycle", "id"))
    evidence = list(finding.evidence.select_related("uploaded_by"))
    events = list(finding.events.select_related("by", "on_behalf_of").order_by("-position"))
    context: dict[str, Any] = {
        "finding": finding,
        "stepper": stepper(
            OBSERVATION_PATH if finding.is_observation else PATH, finding.state, [event.target for event in events]
        ),
        "turn": actions.whose_turn(finding),
        "moves": offered(finding, request.user),
        "blocked": missing(finding, "close", {}) if finding.state == S.IMPLEMENTED else [],
        "clocks": clock_bar(deadlines, moment.now()),
        "lacks_prelim_cause": lacks_prelim_cause(finding, deadlines),
        "tree": root_tree(finding, evidence),
        "containment": finding.current(Step.CONTAIN),
        "implementation": finding.current(Step.CLOSE),
        "evidence": evidence,
        "submissions": finding.submission_rows,
        "exemptions": finding.exemptions.select_related("applied_by", "leader_by", "top_by"),
        "events": events,
        "customer_event": next((event for event in events if event.move == "close_for_customer"), None),
        "may_attach": (finding.is_open or finding.state == S.DRAFT)
        and rules.has_perm("findings.add_evidence", request.user, finding),
        "now": moment.now(),
    }
    return render(request, "findings/page.html", context)


def offered(finding: Finding, user: Any) -> list[dict[str, Any]]:
    """Every move the state allows: those the person may make, and the others, shown as another's."""
    wrong, mine = actions.out_of_place(finding), door.available(actions.MACHINE, finding, user)
    return [
        {"move": name, "label": move_label(name), "mine": name in mine}
        for name in actions.MACHINE.effects
        if door.fits(finding, name) and name not in wrong
    ]


def new(request: HttpRequest, number: str) -> HttpResponse:
    """A new draft in an audit that is under way."""
    audit = get_object_or_404(Audit.objects.visible_to(request.user), number=number)
    if not rules.has_perm("findings.create", request.user, audit):
        raise PermissionDenied("findings.create")
    if audit.state not in CAPTURING:
        raise StaleState(_("Findings are recorded from the audit notice on until the audit is closed."))
    blank = Finding(audit=audit)
    form = forms.ProblemFields(request.POST or None, request.FILES or None, instance=blank)
    if request.method == "POST" and form.is_valid():
        files = [store(upload) for upload in form.cleaned_data["files"]]
        finding = actions.create(audit, by=request.user, fields=form.values(), files=files)
        messages.success(request, _("%(number)s: drafted.") % {"number": finding.number})
        again = "another" in request.POST
        return redirect("findings:new", number=audit.number) if again else redirect(finding)
    status = 400 if request.method == "POST" else 200
    return render(request, "findings/new.html", {"form": form, "audit": audit}, status=status)


def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    if move not in forms.FORMS:
        raise Http404
    finding = visible(request, number)
    template = f"findings/{move}.html" if move in WIDE_FORMS else "findings/move.html"
    return moves.page(request, finding, move, forms=forms.FORMS, perform=actions.perform, template=template)


@require_POST
def issue_many(request: HttpRequest, number: str) -> HttpResponse:
    """Issue the ticked drafts of an audit together (domain §7, case 2)."""
    audit = get_object_or_404(Audit.objects.visible_to(request.user), number=number)
    chosen = [int(pk) for pk in request.POST.getlist("finding") if pk.isdecimal() and len(pk) < 18]
    if not chosen:
        messages.warning(request, _("Tick the drafts to issue first."))
    else:
        issued = actions.issue_many(audit, chosen, by=request.user)
        messages.success(request, _("%(n)s findings issued; their clocks run from now.") % {"n": len(issued)})
    return redirect(audit)


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    finding = visible(request, number)
    if not rules.has_perm("findings.add_evidence", request.user, finding):
        raise PermissionDenied("findings.add_evidence")
    form = forms.EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        context = {"form": form, "title": _("Add evidence"), "subject": finding}
        return render(request, "findings/attach.html", context, status=400)
    data = form.cleaned_data
    actions.attach(
        finding, [store(upload) for upload in data["files"]], by=request.user, purpose=data["purpose"],
        caption=data["caption"],
    )
    messages.success(request, _("Evidence added."))
    return redirect(finding)


def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """A piece of evidence, only for those who may see its finding."""
    evidence = get_object_or_404(
        Evidence, token=token, finding__in=Finding.objects.visible_to(request.user).values("pk")
    )
    return serve(evidence.file, name=evidence.name, content_type=evidence.content_type)


