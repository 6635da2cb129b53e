"""The pages of the clock policies: versions, clocks, ladders, and what a change would do to running clocks."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import rules
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.forms import BooleanField, BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calendars.models import CalendarDay, WorkCalendar
from clocks import changes, kinds, subjects
from clocks.deadlines import Deadline, DueChange
from clocks.defaults import add, usual
from clocks.forms import (
    AddClockForm,
    ApplyForm,
    InForceForm,
    PolicyForm,
    RungFormSet,
    SpecialDayForm,
    StepFormSet,
)
from clocks.policy import Policy, PolicyRung, PolicyStep, newest, next_version, problems
from clocks.views import CLOSE_BY, require, write_down
from clocks.why import won
from lib import moment
from people.rules import reads_group
from workflow.errors import StaleState
from workflow.once import look, once, page_key
from workflow.templatetags.ui import offset


def policies(request: HttpRequest) -> HttpResponse:
    """Every policy in every version, the one in force first; everyone may read what they are held to."""
    found = Policy.objects.exclude(covers=Policy.SYSTEM).select_related("customer", "kind")
    shown = list(found.order_by("code", "-version"))
    counting = newest(one for one in shown if not one.is_draft and not one.is_to_come)
    rows = [{"policy": one, "in_force": one in counting, "won": won(one)} for one in shown]
    context = {"rows": rows, "may_edit": rules.has_perm("clocks.policies", request.user)}
    return render(request, "clocks/policies.html", context)


def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its switches, its clocks and their ladders."""
    found = get_object_or_404(Policy.objects.select_related("customer", "kind"), pk=pk)
    steps = list(found.steps.prefetch_related("rungs"))
    context = {
        "policy": found,
        "won": won(found),
        "now": moment.now(),
        "steps": [
            {"step": step, "label": kinds.label(step.step), "rungs": _ladder(step), "says": _says(step)}
            for step in steps
        ],
        "may_edit": rules.has_perm("clocks.policies", request.user),
        "problems": problems(found, kinds.label),
        "lacking": [kind.label for kind in kinds.lacking(found)],
        "exemption_top": [subjects.choice_label("exemption", one) for one in found.exemption_top],
    }
    return render(request, "clocks/policy.html", context)


def _says(step: PolicyStep) -> str:
    """What a clock counts beyond its amount: by which hours, until when, and whether days off are spared."""
    said = [step.get_count_display(), step.get_ends_display()] if step.unit != PolicyStep.Unit.DATE else []
    if step.off_holidays:
        said.append(_("never due on a day off"))
    return "".join(_(", ") + one for one in said)


def _when(rung: PolicyRung) -> str:
    """The moment of a rung: a percentage of the time, or minutes from the due time."""
    if rung.percent is not None:
        return _("at %(n)s %% of the time") % {"n": rung.percent}
    return offset(rung.offset_minutes or 0)


def _ladder(step: PolicyStep) -> list[dict[str, Any]]:
    names = subjects.recipients()
    return [
        {"rung": rung, "when": _when(rung), "told": [str(names.get(who, who)) for who in rung.recipients]}
        for rung in step.rungs.all()
    ]


@require_POST
def new_version(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft of the next version (or, with `code`, of a rule of its own), to be edited before it comes into force."""
    require("clocks.policies", request)
    found = get_object_or_404(Policy, pk=pk)
    code = request.POST.get("code", "").strip().upper()
    if code and not re.fullmatch(r"[A-Z0-9-]{2,30}", code):
        messages.error(request, _("A code has 2 to 30 capital letters, digits and dashes."))
        return redirect("clocks:policy", found.pk)
    draft = Policy.objects.filter(code=code or found.code, valid_from=None).first()
    if draft is None:
        draft = next_version(found, code)
        write_down(request, draft, f"drafted from {found.code} v{found.version}")
    return redirect("clocks:edit_policy", draft.pk)


def _draft(request: HttpRequest, pk: int) -> Policy:
    """The draft, or 404 once it is in force: a version that clocks may run under never changes."""
    require("clocks.policies", request)
    return get_object_or_404(Policy, pk=pk, valid_from=None)


def _lock(draft: Policy) -> None:
    """Hold the draft until the transaction ends; 404 when it has come into force meanwhile."""
    get_object_or_404(Policy.objects.select_for_update(), pk=draft.pk, valid_from=None)


def _overtaken(request: HttpRequest, rows: Any, stamp: str) -> bool:
    """Whether the form was filled in over rows that are not there any more, or say something else by now."""
    gone = any(initial_form.instance.pk is None for initial_form in rows.initial_forms)
    return gone or request.POST.get("stamp", stamp) != stamp


def _stamp(*rows: Any) -> str:
    """What these rows say now, in one word: a form sends along what it was drawn from."""
    said = json.dumps([list(row.values()) for row in rows], cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _rows(formset: Any) -> str:
    """The very rows that a draft kept in the browser belongs to: written over others it would change what nobody touched."""
    return "-".join(str(initial_form.instance.pk) for initial_form in formset.initial_forms)


def _typed(rows: Any, present: Any) -> list[tuple[str, str, str]]:
    """What was typed over rows that changed and says something else than they do now: (row, field, value)."""
    now = {str(form.instance.pk): form for form in present.initial_forms}
    found = []
    for number, form in enumerate(rows.forms):
        standing = now.get(str(form["id"].value())) or dict(enumerate(present.forms)).get(number)
        for name in (field for field in form.fields if field not in {"id", "DELETE", rows.fk.name}):
            said = _said(form[name])
            if said and (standing is None or name not in standing.fields or said != _said(standing[name])):
                found.append((getattr(standing, "label", "") or str(number + 1), str(form.fields[name].label), said))
    return found


def _said(bound: BoundField) -> str:
    """A field's value in words."""
    value, choices = bound.value(), dict(getattr(bound.field, "choices", ()))
    if isinstance(bound.field, BooleanField):
        return str(_("yes") if value else _("no"))
    values = value if isinstance(value, list) else [value]
    return "、".join(str(choices.get(value, value)) for value in values if value not in {None, ""})


def _saved(request: HttpRequest, act: Callable[[], Policy], url: str) -> HttpResponse:
    """Carry it out once, however often the form is sent, and go on to `url`."""
    once(request.user, page_key(request), act, url=url)
    messages.success(request, _("Saved."))
    return redirect(url)


def edit_policy(request: HttpRequest, pk: int) -> HttpResponse:
    look(request.user, page_key(request))
    draft = _draft(request, pk)
    form = PolicyForm(request.POST or None, instance=draft)
    steps = StepFormSet(request.POST or None, instance=draft)

    def now() -> str:
        return _stamp(Policy.objects.filter(pk=draft.pk), draft.steps.order_by("pk"))

    stamp = now()
    status, typed = 200, []
    if request.method == "POST":
        if _overtaken(request, steps, stamp):
            fresh = StepFormSet(instance=draft)
            typed, steps, status = _typed(steps, fresh), fresh, 409
        elif form.is_valid() and steps.is_valid():
            edited = [*form.changed_data, *(str(step.label) for step in steps if step.has_changed())]

            def act() -> Policy:
                _lock(draft)
                if now() != stamp:
                    raise StaleState
                form.save()
                steps.save()
                if edited:
                    write_down(request, draft, f"edited: {', '.join(edited)}")
                return draft

            return _saved(request, act, reverse("clocks:changes", args=[draft.pk]))
        else:
            status = 400
    context = {"policy": draft, "form": form, "steps": steps, "add": AddClockForm(policy=draft)}
    context |= {"status": status, "typed": typed, "rows": _rows(steps), "stamp": stamp}
    return render(request, "clocks/policy_edit.html", context, status=status)


@require_POST
def add_clock(request: HttpRequest, pk: int) -> HttpResponse:
    """One more kind of clock in a draft, with the usual time and ladder."""
    draft = _draft(request, pk)
    form = AddClockForm(request.POST, policy=draft)
    if not form.is_valid():
        messages.error(request, _("Choose a clock that the policy does not have yet."))
        return redirect("clocks:edit_policy", draft.pk)
    with transaction.atomic():
        _lock(draft)
        step, _made = add(draft, usual(form.cleaned_data["step"]), PolicyStep, PolicyRung)
        write_down(request, draft, f"clock added: {kinds.label(step.step)}")
    messages.success(request, _("Added with the usual time and ladder: change them as you need."))
    return redirect("clocks:edit_policy", draft.pk)


def edit_ladder(request: HttpRequest, pk: int) -> HttpResponse:
    """The ladder of one clock of a draft."""
    look(request.user, page_key(request))
    step = get_object_or_404(PolicyStep.objects.select_related("policy"), pk=pk)
    _draft(request, step.policy_id)
    rungs = RungFormSet(request.POST or None, instance=step)

    def now() -> str:
        return _stamp(step.rungs.order_by("pk"))

    stamp = now()
    status, typed = 200, []
    if request.method == "POST":
        if _overtaken(request, rungs, stamp):
            fresh = RungFormSet(instance=step)
            typed, rungs, status = _typed(rungs, fresh), fresh, 409
        elif rungs.is_valid():

            def act() -> Policy:
                _lock(step.policy)
                if now() != stamp:
                    raise StaleState
                rungs.save()
                write_down(request, step.policy, f"ladder edited: {kinds.label(step.step)}")
                return step.policy

            return _saved(request, act, reverse("clocks:policy", args=[step.policy_id]))
        else:
            status = 400
    context = {"step": step, "label": kinds.label(step.step), "rungs": rungs}
    context |= {"status": status, "typed": typed, "rows": _rows(rungs), "stamp": stamp}
    return render(request, "clocks/ladder_edit.html", context, status=status)


def policy_changes(request: HttpRequest, pk: int, when: InForceForm | None = None) -> HttpResponse:
    """What the policy would change in running clocks; bring it into force, and apply it where chosen."""
    require("clocks.policies", request)
    found = get_object_or_404(Policy, pk=pk)
    return _changes(
        request,
        changes.by_policy(found),
        DueChange.Cause.POLICY,
        {
            "policy": found,
            "problems": problems(found, kinds.label),
            "title": f"{found} v{found.version}",
            "when": when or InForceForm(),
        },
    )


def calendar_changes(request: HttpRequest, code: str) -> HttpResponse:
    """What the calendar as it stands would change in running clocks."""
    require("clocks.policies", request)
    found = get_object_or_404(WorkCalendar, code=code)
    return _changes(
        request, changes.by_calendar(found), DueChange.Cause.CALENDAR, {"calendar": found, "title": str(found)}
    )


def special_day(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a holiday or a day worked after all: first what it would change, then saved; applied only where chosen."""
    require("calendars.edit", request)
    found = get_object_or_404(WorkCalendar, code=code)
    form = SpecialDayForm(request.POST or None, instance=CalendarDay(calendar=found))
    context: dict[str, Any] = {"calendar": found, "form": form}
    if request.method != "POST" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "clocks/special_day.html", context, status=status)
    if request.POST.get("sure") == "1":
        write_down(request, found, f"special day: {form.save()}")
        messages.success(request, _("Saved. Running clocks keep their due times until you apply the change."))
        return redirect("clocks:calendar_changes", found.code)
    seen = changes.preview(form.save, lambda: changes.by_calendar(WorkCalendar.objects.get(pk=found.pk)))
    context["rows"] = [{"change": one, "label": kinds.label(one.clock.step)} for one in seen[:200]]
    context["linked"] = reads_group(request.user)
    return render(request, "clocks/special_day.html", context | {"count": len(seen), "looked": True})


def _changes(request: HttpRequest, found: list[changes.Change], cause: str, context: dict[str, Any]) -> HttpResponse:
    policy, when = context.get("policy"), context.get("when")
    dated = when is not None and when.is_bound
    form = ApplyForm(None if dated else request.POST or None, offered=[one.clock.pk for one in found])
    if form.is_bound and policy is not None and (policy.is_draft or policy.is_to_come):
        raise PermissionDenied(_("Put the policy in force before you apply it."))
    if form.is_bound and form.is_valid():
        chosen = {int(pk) for pk in form.cleaned_data["clocks"]}
        count = changes.apply(
            [one for one in found if one.clock.pk in chosen],
            cause=cause,
            by=request.user,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("Applied to %(n)s clocks.") % {"n": count})
        return redirect(request.path)
    rows = [{"change": one, "label": kinds.label(one.clock.step)} for one in found]
    shown = {
        "linked": reads_group(request.user),
        "rows": rows[:500],
        "count": len(rows),
        "form": form,
        "ticked": set(request.POST.getlist("clocks")),
        "most": len(rows) == changes.MOST,
    }
    return render(request, "clocks/changes.html", context | shown, status=400 if form.is_bound or dated else 200)


@require_POST
def put_in_force(request: HttpRequest, pk: int) -> HttpResponse:
    """From the named time on (or at once) new clocks start under this version; running ones keep theirs."""
    draft = _draft(request, pk)
    form = InForceForm(request.POST)
    if not form.is_valid():
        return policy_changes(request, pk, form)
    with transaction.atomic():
        _lock(draft)
        if found := problems(draft, kinds.label):
            for sentence in found:
                messages.error(request, sentence)
            return redirect("clocks:policy", draft.pk)
        draft.valid_from = form.cleaned_data["valid_from"]
        draft.save(update_fields=["valid_from"])
        write_down(request, draft, f"in force from {draft.valid_from.isoformat()}")
    later = Policy.objects.filter(code=draft.code, valid_from__gt=draft.valid_from).order_by("valid_from").first()
    if later is not None:
        messages.warning(request, _("Version %(n)s is to come and will take its place.") % {"n": later.version})
    if draft.is_to_come:
        messages.success(request, _("Counts from the time named; until then it can be taken back."))
    else:
        messages.success(request, _("In force from now on. Running clocks keep the version they started under."))
    return redirect("clocks:changes", draft.pk)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a version whose time has not come a draft again; too late when it is about to come, or clocks run under it."""
    require("clocks.policies", request)
    get_object_or_404(Policy, pk=pk, valid_from__isnull=False)
    with transaction.atomic():
        found = Policy.objects.select_for_update().get(pk=pk)
        near = found.valid_from is None or found.valid_from <= moment.now() + CLOSE_BY
        if near or Deadline.objects.filter(policy_step__policy=found).exists():
            messages.error(request, _("Too late: the policy counts already, or will within a minute."))
            return redirect("clocks:policy", found.pk)
        found.valid_from = None
        found.save(update_fields=["valid_from"])
        write_down(request, found, "taken back")
    messages.success(request, _("A draft again."))
    return redirect("clocks:edit_policy", found.pk)
