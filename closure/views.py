"""My work, the closure desk and the ledger."""

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clocks.deadlines import Deadline
from clocks.registers import CLOCKS
from clocks.subjects import around_them
from clocks.why import why
from closure.filters import narrow
from closure.models import LedgerEntry
from closure.registers import LEDGER
from closure.story import in_words, stories
from closure.work import tasks
from customers.models import AuditKind
from findings.models import Finding
from findings.states import ORDER, Step
from lib import moment
from lib.listing import listing as list_context
from lib.register import Sorting, download, turn
from notices.models import Notice
from people.rules import acting_ids, reads_group

#: So many rows of each list the desk shows at first.
FIRST_LOOK = 15


def work(request: HttpRequest) -> HttpResponse:
    """The first page of everyone: what waits for me, the shortest time first; management also sees the figures."""
    now = moment.now()
    context: dict[str, Any] = {"tasks": tasks(request.user, now), "now": now}
    if reads_group(request.user):
        context["figures"] = _figures(now)
    if rules.has_perm("people.keep_master_data", request.user):
        # An empty installation: nobody can log a request before there is anything to choose.
        context["begin"] = not AuditKind.objects.exists()
    return render(request, "closure/work.html", context)


def counts(request: HttpRequest) -> JsonResponse:
    """The numbers beside the entries of the menu, asked for by the page's script: what waits for the person, how much of
    it is late, what they have to review, what they have not read.
    """
    now, ids = moment.now(), acting_ids(request.user)
    mine = tasks(request.user, now)
    numbers = {
        "tasks": len(mine),
        "late": sum(task.due_at is not None and task.due_at < now for task in mine),
        "unread": Notice.objects.filter(recipient_id=request.user.pk, read_at=None).order_by()[:100].count(),
    }
    if rules.has_perm("closure.desk", request.user):
        numbers["reviews"] = desk_lists(ids, now, own=_own(request, ids))["reviews"].count()
    return JsonResponse(numbers, headers={"Cache-Control": "no-store"})


def _figures(now: Any) -> dict[str, int]:
    """Each is the length of the list its tile opens."""
    found = Finding.objects.open()
    return {
        "open": found.count(),
        "overdue": found.overdue(now).count(),
        "reviews": found.waiting_for_review().count(),
        "today": found.due_soon(now).count(),
    }


def desk(request: HttpRequest) -> HttpResponse:
    """What a closure manager reviews, chases and watches; what they owe themselves is on their own page."""
    if not rules.has_perm("closure.desk", request.user):
        raise PermissionDenied("closure.desk")
    now, ids = moment.now(), acting_ids(request.user)
    own = _own(request, ids)
    lists = desk_lists(ids, now, own=own)
    which = request.GET.get("list", "")
    if which and which not in lists:
        raise Http404
    titles = {
        "reviews": _("To review"),
        "late": _("Overdue findings: chase"),
        "other": _("Other late duties"),
        "soon": _("Running"),
    }
    sections, by = [], Sorting[Deadline]()
    for name in [which] if which else lists:
        rows, total = lists[name], lists[name].count()
        shown, by = turn(rows, CLOCKS, request.GET if which else {}, 50 if which else FIRST_LOOK)
        sections.append({"name": name, "title": titles[name], "page": shown, "total": total})
    mine = Deadline.objects.running().filter(
        around_them(Finding, Finding.objects.all()), owes_id__in=ids, due_at__lt=now
    )
    context = {
        "sections": sections,
        "which": which,
        "own": own,
        "now": now,
        "mine": mine.exclude(step=Step.REVIEW).count(),
        "register": CLOCKS,
        "sorting": by,
    }
    return render(request, "closure/desk.html", context)


def _own(request: HttpRequest, ids: frozenset[int]) -> bool:
    """Whether the desk shows the person's own findings only: there are some, and they did not ask for everyone's."""
    return request.GET.get("all") != "1" and Finding.objects.filter(closure_manager_id__in=ids).exists()


def desk_lists(ids: frozenset[int], now: Any, *, own: bool) -> dict[str, Any]:
    """The desk's lists as querysets of clocks: reviews; overdue findings, each with its oldest clock; late duties of
    others; what still runs. What the person owes is chased by nobody here but themselves.
    """
    findings = Finding.objects.filter(closure_manager_id__in=ids) if own else Finding.objects.all()
    clocks = Deadline.objects.running().filter(around_them(Finding, findings)).select_related("owes").with_subjects()
    others = clocks.exclude(Q(owes_id__in=ids))
    late = others.filter(due_at__lt=now)
    older = (
        Deadline.objects.of(Finding)
        .running()
        .filter(subject_id=OuterRef("subject_id"), step__in=ORDER, due_at__lt=now)
        .exclude(owes_id__in=ids)
        .filter(Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk")))
    )
    return {
        "reviews": clocks.filter(step=Step.REVIEW),
        "late": late.filter(step__in=ORDER).filter(~Exists(older)),
        "other": late.exclude(step__in=[*ORDER, Step.REVIEW]),
        "soon": others.exclude(step=Step.REVIEW).filter(due_at__gte=now),
    }


def export_desk(request: HttpRequest, which: str) -> HttpResponseBase:
    """One list of the desk as Excel or CSV; times as the plant's wall shows them."""
    if not rules.has_perm("closure.desk", request.user):
        raise PermissionDenied("closure.desk")
    ids = acting_ids(request.user)
    lists = desk_lists(ids, moment.now(), own=_own(request, ids))
    if which not in lists:
        raise Http404
    return download(CLOCKS, lists[which], request.GET, name=f"clocks-{which}")


def export_ledger(request: HttpRequest) -> HttpResponseBase:
    """The ledger as Excel or CSV, as far as the person may see it; times as the plant's wall shows them."""
    _chosen, rows = narrow(request.GET, LedgerEntry.objects.visible_to(request.user).for_list())
    return download(LEDGER, rows, request.GET)


def ledger(request: HttpRequest) -> HttpResponse:
    """The blacklist ledger, as far as the person may see it (domain §2.9); each entry with the trace of its clock."""
    visible = LedgerEntry.objects.visible_to(request.user).for_list()
    chosen, rows = narrow(request.GET, visible.explained())
    context = list_context(request, LEDGER, chosen, rows)
    shown = context["page"]
    told = stories(shown)
    template = "closure/_ledger_rows.html" if request.headers.get("HX-Request") else "closure/ledger.html"
    context |= {
        "whys": {entry.pk: why(entry.deadline) for entry in shown if entry.deadline},
        "told": {entry.pk: in_words(told.get(entry.pk, []), entry.unit.zone().key) for entry in shown},
    }
    return render(request, template, context)
