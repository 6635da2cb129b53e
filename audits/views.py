"""Pages of the audits: list, plan, lead, request, the audit itself, its moves and files."""

from datetime import timedelta
from typing import Any

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from attachments.models import Attachment
from audits import actions, forms
from audits.effects import current_notices, notice_rows
from audits.filters import narrow
from audits.matrix import proposals_for, words
from audits.models import Audit
from audits.plan import month_named, rows as plan_rows
from audits.registers import AUDITS, PLAN
from audits.request_forms import NewRequestForm
from audits.snapshot import in_words
from audits.states import ACKNOWLEDGING, PATH, AuditState
from lib import moment
from lib.listing import listing as list_context
from lib.register import download
from lib.row_data import rearranged
from lib.stepper import stepper
from lib.storage import kept, store_all
from questions import views as questions
from workflow import moves
from workflow.once import look, once, page_key
from workflow.trail import explain

MOVES = moves.Moves(actions.MACHINE, actions.perform)


def listing(request: HttpRequest) -> HttpResponse:
    """All audits one may see, filtered, the newest first."""
    visible = Audit.objects.visible_to(request.user).for_list()
    chosen, rows = narrow(request.GET, visible)
    template = "audits/_rows.html" if request.headers.get("HX-Request") else "audits/list.html"
    context = list_context(request, AUDITS, chosen, rows) | {
        "may_create": rules.has_perm("audits.create", request.user),
        "may_pass_on": rules.has_perm("audits.pass_on", request.user),
    }
    return render(request, template, context)


def plan(request: HttpRequest) -> HttpResponse:
    """Plan and actual, month by month."""
    first, last = month_named(request.GET.get("month", ""))
    context = {
        "first": first,
        "previous": (first - timedelta(days=1)).replace(day=1),
        "following": last + timedelta(days=1),
        "rows": plan_rows(request.user, first, last),
        "register": PLAN,
    }
    return render(request, "audits/plan.html", context)


def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as Excel or CSV."""
    _chosen, rows = narrow(request.GET, Audit.objects.visible_to(request.user).for_list())
    return download(AUDITS, rows, request.GET)


def export_plan(request: HttpRequest) -> HttpResponseBase:
    """Plan and actual of a month as Excel or CSV."""
    first, last = month_named(request.GET.get("month", ""))
    return download(PLAN, plan_rows(request.user, first, last), request.GET, name=f"plan-{first:%Y-%m}")


def lead(request: HttpRequest) -> HttpResponse:
    """Pass on a lead; below, only what became of the ones passed on before."""
    if not rules.has_perm("audits.pass_on", request.user):
        raise PermissionDenied("audits.pass_on")
    form = forms.LeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = once(
            request.user,
            page_key(request),
            lambda: actions.pass_on_lead(by=request.user, **form.cleaned_data),
            # Whoever passes on a lead sees what became of it here, not its page.
            url=reverse("audits:lead"),
        )
        messages.success(request, _("%(number)s: passed on to market staff.") % {"number": made.number})
        return redirect("audits:lead")
    status = 400 if request.method == "POST" else 200
    own = Audit.objects.filter(passed_on_by_id=request.user.pk).for_list().order_by("-created_at")[:20]
    return render(request, "audits/lead.html", {"form": form, "own": own}, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """A new request (1-01)."""
    if not rules.has_perm("audits.create", request.user):
        raise PermissionDenied("audits.create")
    look(request.user, page_key(request))
    if (data := rearranged(NewRequestForm, request.POST)) is not None:
        form = NewRequestForm(data, request.FILES)
        form.as_it_stands()
        return render(request, "audits/new.html", {"form": form}, status=202)
    form = NewRequestForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        audit = log_request(request.user, form, page_key(request))
        messages.success(
            request, _("%(number)s: the request is logged. Now appoint the Leader.") % {"number": audit.number}
        )
        return redirect(audit)
    status = 400 if request.method == "POST" else 200
    return render(request, "audits/new.html", {"form": form}, status=status)


def log_request(user: Any, form: NewRequestForm, key: Any) -> Audit:
    """Log what the form says, once per key, with the customer's notice; shared by page and API."""
    data = form.cleaned_data
    files = store_all(((upload, "") for upload in data["notice_file"]), folder="audits")
    with kept(files):
        return once(
            user,
            key,
            lambda: actions.log_request(
                by=user,
                received_at=data["received_at"],
                sudden=data["sudden"],
                files=files,
                **form.split(),
            ),
        )


def visible(request: HttpRequest, number: str) -> Audit:
    """The audit, or 404 for someone who may not see it."""
    return get_object_or_404(Audit.objects.visible_to(request.user).for_page(), number=number)


def show(request: HttpRequest, number: str) -> HttpResponse:
    """The audit: where it stands, whose turn it is, what this person may do, and everything recorded."""
    audit = visible(request, number)
    findings = audit.findings.visible_to(request.user).for_list().order_by("sequence")
    events = list(audit.events.select_related("by", "on_behalf_of").order_by("-position"))
    context: dict[str, Any] = {
        "audit": audit,
        # A request that came straight from the customer was never a lead.
        "stepper": stepper(PATH, audit.state, [event.target for event in events if event.move != "log_request"]),
        "turn": actions.whose_turn(audit),
        "moves": moves.buttons(actions.MACHINE, audit, request.user),
        "proposals": proposals_for(audit) if audit.state == AuditState.DRAFTED else [],
        "leader_reason": leader_reason(audit),
        "findings": (rows := list(findings)),
        "has_drafts": any(row.state == "draft" for row in rows),
        "versions": [
            {"version": version, "changes": in_words(version.changes)}
            for version in audit.versions.select_related("by")
        ],
        "events": events,
        "event_changes": explain(events),
        "meetings": audit.meetings.select_related("recorded_by"),
        "files": audit.files.select_related("uploaded_by"),
        "may_record": rules.has_perm("findings.create", request.user, audit),
        "may_issue": rules.has_perm("audits.hold_closing", request.user, audit),
        "may_attach": rules.has_perm("audits.attach", request.user, audit),
        "file_form": forms.FileForm(),
        "now": moment.now(),
        **receipts(audit, request.user, events),
    }
    context |= questions.context(audit, request.user)
    return render(request, "audits/page.html", context)


def leader_reason(audit: Audit) -> str:
    """Why this Leader: what was typed, else what the matrix says, in the reader's language."""
    if audit.leader_reason or audit.matrix_row is None or audit.leader is None:
        return audit.leader_reason
    return words(audit.matrix_row, audit.leader, audit.matrix_why)


def receipts(audit: Audit, user: Any, events: list[Any]) -> dict[str, Any]:
    """The notice that counts now with its text and its receipts; older ones apart."""
    current = list(current_notices(audit).select_related("recipient").order_by("created_at", "id"))
    known = {notice.pk for notice in current}
    older = [
        notice
        for notice in notice_rows(audit).select_related("recipient").order_by("-created_at", "id")
        if notice.pk not in known
    ]
    own = next((notice for notice in current if notice.recipient_id == user.pk and notice.answered_at is None), None)
    sent = next((event for event in events if event.move == "send_notice"), None)
    return {
        "receipts": current,
        "older_receipts": older,
        "notice_event": sent,
        "own_receipt": own if audit.state in ACKNOWLEDGING else None,
    }


def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    return moves.page(request, visible(request, number), move, moves=MOVES)


@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """A question or an answer beside the audit, by whoever sees it."""
    return questions.ask(request, visible(request, number))


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    """Files of the audit: the notice, the customer's report, signed lists."""
    audit = visible(request, number)
    if not rules.has_perm("audits.attach", request.user, audit):
        raise PermissionDenied("audits.attach")
    form = forms.FileForm(request.POST, request.FILES)
    if not form.is_valid():
        context = {"form": form, "title": _("Add files"), "subject": audit}
        return render(request, "findings/attach.html", context, status=400)
    keep_files(audit, request.user, form, page_key(request))
    messages.success(request, _("Files added."))
    return redirect(audit)


def keep_files(audit: Audit, user: Any, form: forms.FileForm, key: Any) -> list[Attachment]:
    """Store and keep the files of the form, once per key; shared by page and API."""
    look(user, key)
    data = form.cleaned_data
    files = store_all(((upload, "") for upload in data["files"]), folder="audits")
    made: list[Attachment] = []

    def act() -> Audit:
        made.extend(actions.attach(audit, files, by=user, kind=data["kind"], caption=data["caption"]))
        return audit

    with kept(files):
        once(user, key, act)
    return made
