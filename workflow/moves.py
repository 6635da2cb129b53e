"""How a move's form is shown and sent, the same for audits and findings, pages and API."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from workflow import door
from workflow.errors import GateClosed, StaleState
from workflow.forms import MoveForm
from workflow.labels import move_label

Forms = Mapping[str, type[MoveForm]]
Perform = Callable[..., Any]


def page(
    request: HttpRequest, subject: Any, move: str, *, forms: Forms, perform: Perform, template: str, **context: Any
) -> HttpResponse:
    """GET shows the form, POST makes the move; what was typed survives every refusal."""
    if not door.allowed(subject, move, request.user):
        raise PermissionDenied(move)
    if request.method != "POST":
        if not door.fits(subject, move):
            raise StaleState
        form, status = forms[move](subject=subject, user=request.user), 200
    else:
        form = forms[move](request.POST, request.FILES, subject=subject, user=request.user)
        status = _post(form, subject, move, request.user, perform)
        if status == 409:
            form = _again(request, form, subject, move, forms)
        if status == 200:
            messages.success(request, f"{subject}: {move_label(move)}")
            return redirect(subject.get_absolute_url())
    context |= {"form": form, "move": move, "title": move_label(move), "subject": subject}
    return render(request, template, context, status=status)


def _again(request: HttpRequest, stale: MoveForm, subject: Any, move: str, forms: Forms) -> MoveForm:
    """The refused form, ready to be sent once more on what the record says now, if the move is still possible."""
    fresh = type(subject)._default_manager.get(pk=subject.pk)
    if not (door.fits(fresh, move) and door.allowed(fresh, move, request.user)):
        return stale
    data = request.POST.copy()
    data["seen"] = str(fresh.version)
    present = forms[move](subject=fresh, user=request.user)
    for name, field in present.fields.items():
        if field.show_hidden_initial and name not in stale.changed_data:
            # Not touched by this person: what the other one saved stays.
            for key in (stale.add_prefix(name), stale.add_initial_prefix(name)):
                data.setlist(key, _as_posted(present[name]))
    form = forms[move](data, request.FILES, subject=fresh, user=request.user)
    if form.is_valid():
        form.say([str(StaleState())])
    return form


def _as_posted(bound: BoundField) -> list[str]:
    """The field's present value as a browser would send it."""
    value = bound.value()
    if isinstance(bound.field.widget, CheckboxInput):
        return ["on"] if value else []
    values = value if isinstance(value, list | tuple) else [value]
    return [str(bound.field.prepare_value(one)) for one in values if one is not None]


def _post(form: MoveForm, subject: Any, move: str, user: Any, perform: Perform) -> int:
    """Try the move; the HTTP status, with what went wrong written on the form."""
    if not form.is_valid():
        return 400
    try:
        perform(
            subject.pk, move, by=user, seen=form.cleaned_data.get("seen"),
            event_at=form.cleaned_data.get("event_at"), **form.facts(),
        )
    except GateClosed as closed:
        form.say(closed.missing)
        return 400
    except StaleState as stale:
        form.say([stale.message])
        return 409
    return 200


def describe(forms: Forms, subject: Any, user: Any, moves: list[str]) -> list[dict[str, Any]]:
    """What the API says a person may do now, with the fields each move takes."""
    return [
        {
            "move": move,
            "label": str(move_label(move)),
            "fields": [
                {"name": name, "required": field.required, "label": str(field.label or name),
                 "kind": type(field).__name__}
                for name, field in forms[move](subject=subject, user=user).fields.items()
            ],
        }
        for move in moves
    ]


def api(request: Request, subject: Any, move: str, *, forms: Forms, perform: Perform) -> dict[str, Any]:
    """Make a move over the API. Raises what `api_errors` turns into 403 / 404 / 409 / 400."""
    from django.http import Http404

    if move not in forms:
        raise Http404
    if not door.allowed(subject, move, request.user):
        raise PermissionDenied(move)
    if not door.fits(subject, move):
        raise StaleState
    form = forms[move](flat(request.data), request.FILES, subject=subject, user=request.user)
    if not form.is_valid():
        raise refused(form)
    moved = perform(
        subject.pk, move, by=request.user, seen=form.cleaned_data.get("seen"),
        event_at=form.cleaned_data.get("event_at"), **form.facts(),
    )
    return {"number": str(moved), "state": moved.state, "version": moved.version}


def refused(form: Any) -> serializers.ValidationError:
    """The form's errors as the API names them."""
    return serializers.ValidationError({name: [str(e) for e in errors] for name, errors in form.errors.items()})


def flat(data: Any) -> Any:
    """JSON as a form reads it: a list becomes several values, everything else one string."""
    from django.http import QueryDict

    if isinstance(data, QueryDict):
        return data
    if not isinstance(data, dict):
        raise serializers.ValidationError({"detail": ["A JSON object is expected."]})
    flat = QueryDict(mutable=True)
    for name, value in data.items():
        values = value if isinstance(value, list) else [value]
        if any(isinstance(one, dict | list) for one in values):
            raise serializers.ValidationError({str(name): ["A plain value or a list of plain values is expected."]})
        flat.setlist(str(name), [_text(str(name), one) for one in values])
    return flat




def _text(name: str, value: Any) -> str:
    """The value as text; half a character, which JSON can carry and no database can keep, is refused."""
    text = "" if value is None else str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise serializers.ValidationError({name: [_("This is not readable text.")]}) from error
    return text
