"""Pages of the findings: list, the finding itself, its moves, its revisions, its evidence."""

from typing import Any

import rules
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.models import Audit
from audits.states import CAPTURING
from clocks import subjects
from clocks.bars import Bar, bar
from clocks.deadlines import Deadline
from findings import actions, forms
from findings.answers import Countermeasure, Submission
from findings.gates import closing
from findings.models import Finding
from findings.moves import MOVES as OF_FINDING
from findings.page import clock_bar, due_day, facts_for, lacks_prelim_cause, returned, root_tree
from findings.problem_form import ProblemFields
from findings.read_across import ReadAcross, ReadAcrossState
from findings.revisions import revision
from findings.states import FindingState as S, Step
from lib import moment
from lib.stepper import stepper
from lib.storage import kept, store_all
from questions import views as questions
from workflow import children, moves
from workflow.errors import StaleState
from workflow.once import look, once, page_key
from workflow.trail import explain

PATH = (S.DRAFT, S.ISSUED, S.CONTAINED, S.ANALYSED, S.IMPLEMENTED, S.CLOSED, S.CUSTOMER_CLOSED, S.EFFECTIVE)
OBSERVATION_PATH = (S.DRAFT, S.ISSUED, S.IMPLEMENTED, S.CLOSED, S.CUSTOMER_CLOSED, S.EFFECTIVE)
MOVES = moves.Moves(actions.MACHINE, actions.perform)


def visible(request: HttpRequest, number: str) -> Finding:
    """The finding, or 404 for someone who may not see it."""
    return get_object_or_404(Finding.objects.visible_to(request.user).for_page(), number=number)


def show(request: HttpRequest, number: str) -> HttpResponse:
    """The finding: its clocks, whose turn it is, what this person may do, and everything delivered."""
    finding = visible(request, number)
    prefetch_related_objects(finding.submission_rows, "by", "on_behalf_of", "verdicts__by")
    everything = list(actions.clocks_of(finding).explained().order_by("cycle", "id"))
    kind = ContentType.objects.get_for_model(Finding)
    deadlines = [row for row in everything if row.subject_type_id == kind.pk]
    evidence = list(finding.evidence.select_related("uploaded_by"))
    events = list(finding.events.select_related("by", "on_behalf_of").order_by("-position"))
    facts = facts_for(events, request.user)
    for event in events:
        event.facts = facts[event.pk]
    repeat = finding.repeat_of
    context: dict[str, Any] = {
        "finding": finding,
        "stepper": stepper(
            OBSERVATION_PATH if finding.is_observation else PATH,
            finding.state,
            [event.target for event in events if not event.about],
        ),
        "turn": actions.whose_turn(finding, everything),
        "moves": moves.buttons(actions.MACHINE, finding, request.user),
        **_beside(finding, request.user),
        "bars_beside": _bars_beside(everything),
        "blocked": closing(finding, {}, moment.now()) if finding.state == S.IMPLEMENTED else [],
        "clocks": clock_bar(deadlines, moment.now()),
        "lacks_prelim_cause": lacks_prelim_cause(finding, deadlines),
        "tree": root_tree(finding, evidence, due_day(finding, deadlines)),
        "due_day": due_day(finding, deadlines),
        "returned": returned(finding),
        "containment": finding.current(Step.CONTAIN),
        "analysis": finding.current(Step.ANALYSE),
        "implementation": finding.current(Step.CLOSE),
        "evidence": evidence,
        "submissions": finding.submission_rows,
        "events": events,
        "event_changes": explain(events),
        "repeat_of": repeat if repeat and rules.has_perm("findings.view", request.user, repeat) else None,
        "attach_form": forms.EvidenceForm(finding=finding) if _may_attach(request, finding) else None,
        "now": moment.now(),
        "zone": finding.site.unit.zone().key,
        **_said(events),
        **questions.context(finding, request.user),
    }
    return render(request, "findings/page.html", context)


def _beside(finding: Finding, user: Any) -> dict[str, Any]:
    """The small records: read-across as one table, how much of it is verified, the others as cards."""
    cards = children.cards(finding, user)
    across = [card for card in cards if isinstance(card.record, ReadAcross)]
    counted = [card.record.state for card in across if card.record.state != ReadAcrossState.DROPPED]
    return {
        "cards": [card for card in cards if card not in across],
        "read_across": sorted(across, key=lambda card: card.record.pk),
        "read_across_verified": counted.count(ReadAcrossState.VERIFIED),
        "read_across_all": len(counted),
    }


def _bars_beside(rows: list[Deadline]) -> dict[str, list[Bar]]:
    """The clocks of what stands beside the finding, by what the trail calls it, such as "dispute:12"."""
    now, found = moment.now(), dict[str, list[Bar]]()
    for row in rows:
        subject = subjects.of_type(row.subject_type_id or 0)
        if subject is not None and subject.model is not Finding:
            found.setdefault(f"{subject.key}:{row.subject_id}", []).append(bar(row, now))
    return found


def _said(events: list[Any]) -> dict[str, Any]:
    """What somebody wrote in a move and others have to be able to read: the newest of each kind, effect checks all."""

    def last(move: str) -> Any:
        return next((event for event in events if event.move == move), None)

    return {
        "customer_event": last("close_for_customer"),
        "withdraw_event": last("withdraw"),
        "review_event": last("leader_review"),
        "close_event": last("close"),
        "effect_events": [event for event in events if event.move in {"check_effect", "confirm_effective"}],
    }


def _may_attach(request: HttpRequest, finding: Finding) -> bool:
    there = finding.is_open or finding.state == S.DRAFT
    return there and rules.has_perm("findings.add_evidence", request.user, finding)


def record(request: HttpRequest) -> HttpResponse:
    """Where to record a finding: the audits under way in which this person may; with only one, straight to its form."""
    under_way = Audit.objects.visible_to(request.user).filter(state__in=CAPTURING).for_list()
    mine = [
        audit
        for audit in under_way.order_by("-planned_start", "-id")[:100]
        if rules.has_perm("findings.create", request.user, audit)
    ]
    if len(mine) == 1 and "all" not in request.GET:
        return redirect("findings:new", number=mine[0].number)
    return render(request, "findings/record.html", {"audits": mine})


def new(request: HttpRequest, number: str) -> HttpResponse:
    """A new draft in an audit that is under way."""
    audit = get_object_or_404(Audit.objects.visible_to(request.user), number=number)
    if not rules.has_perm("findings.create", request.user, audit):
        raise PermissionDenied("findings.create")
    if audit.state not in CAPTURING:
        raise StaleState(_("Findings are recorded from the audit notice on until the audit is closed."))
    look(request.user, page_key(request))
    form = ProblemFields(request.POST or None, request.FILES or None, instance=Finding(audit=audit), user=request.user)
    if request.method == "POST" and form.is_valid():
        finding = draft(audit, request.user, form, page_key(request))
        messages.success(request, _("%(number)s: drafted.") % {"number": finding.number})
        again = "another" in request.POST
        return redirect("findings:new", number=audit.number) if again else redirect(finding)
    status = 400 if request.method == "POST" else 200
    return render(request, "findings/new.html", {"form": form, "audit": audit}, status=status)


def draft(audit: Audit, user: Any, form: ProblemFields, key: Any) -> Finding:
    """Draft what the form says, once per key, with its photos; shared by page and API."""
    files = store_all((upload, "") for upload in form.cleaned_data["files"])
    with kept(files):
        return once(user, key, lambda: actions.create(audit, by=user, fields=form.values(), files=files))


def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    finding = visible(request, number)
    step = OF_FINDING[move].answers if move in OF_FINDING else None
    before = finding.current(step) if step else None
    response = moves.page(request, finding, move, moves=MOVES, returned=[before] if before and before.returned else [])
    if move == "submit_analysis" and response.status_code == 302:
        _warn_of_late_actions(request, finding)
    return response


def _warn_of_late_actions(request: HttpRequest, finding: Finding) -> None:
    """A countermeasure planned after the closure is due is taken, and said at once, with what to do about it."""
    day = due_day(finding, list(finding.deadlines.order_by("cycle", "id")))
    actions_ = Countermeasure.objects.filter(submission__finding=finding, submission__current=True)
    late = [] if day is None else list(actions_.filter(due_on__gt=day).values_list("position", flat=True))
    if late:
        said = _("Planned after the closure is due on %(day)s: countermeasure %(which)s.") % {
            "day": day,
            "which": "、".join(map(str, late)),
        }
        url = reverse("findings:move", args=[finding.number, "apply_exemption"])
        messages.warning(request, format_html('{} <a href="{}">{}</a>', said, url, _("Apply for an exemption")))


def child_move(request: HttpRequest, number: str, place: str, pk: int, move: str) -> HttpResponse:
    """A move of a small record beside the finding, such as the decision on a dispute."""
    return children.page(request, visible(request, number), place, pk, move)


def show_revision(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One revision of an answer as it was submitted, and what it changed against the one before."""
    finding = visible(request, number)
    found = get_object_or_404(Submission.objects.select_related("by", "on_behalf_of"), pk=pk, finding=finding)
    context = {"finding": finding, "submission": found, "zone": finding.site.unit.zone().key, **revision(found)}
    return render(request, "findings/revision.html", context)


@require_POST
def issue_many(request: HttpRequest, number: str) -> HttpResponse:
    """Issue the ticked drafts of an audit together (domain §7, case 2)."""
    audit = get_object_or_404(Audit.objects.visible_to(request.user), number=number)
    chosen = [int(pk) for pk in request.POST.getlist("finding") if pk.isdecimal() and pk.isascii() and len(pk) < 18]
    if not chosen:
        messages.warning(request, _("Tick the drafts to issue first."))
    else:
        issued = actions.issue_many(audit, chosen, by=request.user)
        messages.success(request, _("%(n)s findings issued; their clocks run from now.") % {"n": len(issued)})
    return redirect(audit)


@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """A question or an answer beside the finding, by whoever sees it."""
    return questions.ask(request, visible(request, number))


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    finding = visible(request, number)
    if not rules.has_perm("findings.add_evidence", request.user, finding):
        raise PermissionDenied("findings.add_evidence")
    look(request.user, page_key(request))
    form = forms.EvidenceForm(request.POST, request.FILES, finding=finding)
    if not form.is_valid():
        context = {"form": form, "title": _("Add evidence"), "subject": finding}
        return render(request, "findings/attach.html", context, status=400)
    add(finding, request.user, form, page_key(request))
    messages.success(request, _("Evidence added."))
    return redirect(finding)


def add(finding: Finding, user: Any, form: forms.EvidenceForm, key: Any) -> None:
    """Add the evidence of the form, once per key; shared by page and API."""
    data, files = form.cleaned_data, form.store()

    def act() -> Finding:
        actions.attach(finding, files, by=user, purpose=data["purpose"], caption=data["caption"])
        return finding

    with kept(files):
        once(user, key, act)
