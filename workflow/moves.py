"""How a move's form is shown and sent, the same for audits and findings, pages and API."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError as FormError
from django.forms import ChoiceField, FileField, ModelMultipleChoiceField, MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from lib.fields import FilesField
from lib.parsing import flat, refused
from lib.row_data import AT_ROW, COUNTS, as_posted, field_of, merged, nested, rearranged, replaced
from lib.storage import kept
from workflow import door
from workflow.errors import GateClosed, StaleState
from workflow.forms import MoveForm
from workflow.labels import move_label
from workflow.once import FIELD, AlreadyDone, Key, api_key, look, once, page_key

Perform = Callable[..., Any]


#: The moves of every kind of record, by its model.
MOVES: "dict[type[Any], Moves]" = {}


@dataclass(frozen=True)
class Moves:
    """The moves of one kind of record as people and programs make them: by name, through its own door."""

    machine: door.Machine[Any]
    perform: Perform

    def __post_init__(self) -> None:
        MOVES[self.machine.model] = self

    def __contains__(self, move: str) -> bool:
        return move in self.machine.moves

    def form(self, move: str) -> type[MoveForm]:
        form: type[MoveForm] = self.machine.moves[move].form
        return form

    def possible(self, subject: Any, move: str) -> bool:
        return door.possible(self.machine, subject, move)


def by_name(machine: door.Machine[Any]) -> Perform:
    """The door of a machine for pages and programs, whose facts come from the move's form. Files among them are stored
    already; when the move is refused they are removed again.
    """

    def perform(pk: int, move: str, *, by: Any, seen: int | None, event_at: Any, **facts: Any) -> Any:
        with kept(facts.get("files", ())):
            return door.perform(machine, pk, machine.moves[move], by=by, seen=seen, event_at=event_at, facts=facts)

    return perform


def buttons(machine: door.Machine[Any], subject: Any, user: Any) -> list[dict[str, Any]]:
    """The possible moves as buttons, another's shown as another's: this person's next step stands out alone."""
    found, has_next = [], False
    for name in door.offered(machine, subject):
        move, mine = machine.moves[name], door.allowed(subject, name, user)
        kind = "grave" if move.grave else "plain"
        if mine and not has_next and not move.aside and door.target(subject, name) != subject.state:
            kind, has_next = "next", True
        found.append({"label": move.label, "mine": mine, "kind": kind, "url": subject.move_url(name)})
    return found


def impossible(subject: Any, move: str) -> StaleState:
    """Why not: somebody moved it on, or the move has nothing to do here as things stand."""
    if not door.fits(subject, move):
        return StaleState()
    return StaleState(_("There is nothing to do with “%(move)s” as things stand.") % {"move": move_label(move)})


def page(request: HttpRequest, subject: Any, move: str, *, moves: Moves, **context: Any) -> HttpResponse:
    """GET shows the form, POST makes the move; what was typed survives every refusal."""
    if move not in moves:
        raise Http404
    if request.method == "POST":
        # Before the permission: whoever lost it to the very move that was made is led to what came of it.
        look(request.user, page_key(request))
    if not door.allowed(subject, move, request.user):
        raise PermissionDenied(move)
    if request.method != "POST":
        if not moves.possible(subject, move):
            raise impossible(subject, move)
        form, status = moves.form(move)(subject=subject, user=request.user), 200
    else:
        form, status = _sent(request, subject, move, moves)
        if status == 409:
            form = _again(request, form, subject, move, moves)
        if status == 200:
            messages.success(request, f"{subject}: {move_label(move)}")
            return redirect(subject.get_absolute_url())
    shown = moves.machine.moves[move]
    context |= {"form": form, "move": shown, "title": shown.label, "subject": subject}
    return render(request, "workflow/move.html", context, status=status)


def _sent(request: HttpRequest, subject: Any, move: str, moves: Moves) -> tuple[MoveForm, int]:
    """The form that was sent and what became of it: the move made (200), or the form shown again with what is wrong (400,
    409) or with a row more or less (also 202: nothing was tried).
    """
    make = partial(moves.form(move), subject=subject, user=request.user)
    data = rearranged(moves.form(move), request.POST)
    if data is not None:
        form = make(data, request.FILES)
        form.as_it_stands()
        return form, 202
    form = make(request.POST, request.FILES)
    return form, _post(request, form, subject, move, moves)


def _again(request: HttpRequest, stale: MoveForm, subject: Any, move: str, moves: Moves) -> MoveForm:
    """The refused form, ready to be sent once more on what the record says now, if the move is still possible."""
    fresh = type(subject)._default_manager.get(pk=subject.pk)
    if not (moves.possible(fresh, move) and door.allowed(fresh, move, request.user)):
        return stale
    data = request.POST.copy()
    data["seen"] = str(fresh.version)
    present = moves.form(move)(subject=fresh, user=request.user)
    for name, field in present.fields.items():
        if field.show_hidden_initial and name not in stale.changed_data:
            # Not touched by this person: what the other one saved stays.
            for key in (stale.add_prefix(name), stale.add_initial_prefix(name)):
                data.setlist(key, as_posted(present[name]))
    for name in present.lists if present.remembers else ():
        theirs = present.row_sets[name].posted
        # Both sides of a list are shown: who sends it again sees what the other one has done to it.
        replaced(name, data, merged(stale.row_sets[name].posted, stale.seen_before(name), theirs))
        data[f"initial-{name}"] = dict(present.remembered())[f"initial-{name}"]
    form = moves.form(move)(data, request.FILES, subject=fresh, user=request.user)
    if form.is_valid():
        form.say([str(StaleState())])
    return form


def _post(request: HttpRequest, form: MoveForm, subject: Any, move: str, moves: Moves) -> int:
    """Try the move; the HTTP status, with what went wrong written on the form."""
    if not form.is_valid():
        return 400
    try:
        carry_out(form, subject, move, request.user, moves.perform, page_key(request))
    except GateClosed as closed:
        form.say(closed.missing)
        return 400
    except StaleState as stale:
        form.say([stale.message])
        return 409
    return 200


def _changes_nothing(form: MoveForm, subject: Any, move: str) -> bool:
    """Whether a move that only changes what is there leaves it as it is (a form sent again after “back”, say)."""
    stays = door.fits(subject, move) and door.target(subject, move) == subject.state
    return form.partial and stays and not set(form.changed_data) - {"seen"}


def carry_out(form: MoveForm, subject: Any, move: str, user: Any, perform: Perform, key: Any) -> Any:
    """Make the move that a valid form describes, once per key. Raises what the door raises, and AlreadyDone."""
    if _changes_nothing(form, subject, move):
        raise GateClosed([_("Nothing is changed.")])
    facts = form.facts()
    with kept(facts.get("files") or ()):
        return once(
            user,
            key,
            lambda: perform(
                subject.pk,
                move,
                by=user,
                seen=form.cleaned_data.get("seen"),
                event_at=form.cleaned_data.get("event_at"),
                **facts,
            ),
        )


# For programs -------------------------------------------------------------------------------------------------------


def described(field: Any, name: str) -> dict[str, Any]:
    """One field as the API describes it: what it is called, what it takes, and what there is to choose from."""
    said: dict[str, Any] = {
        "name": name,
        "required": field.required,
        "label": str(field.label or name),
        "kind": type(field).__name__,
        "help": str(field.help_text or ""),
        "max_length": getattr(field, "max_length", None),
        "several": isinstance(field, MultipleChoiceField | ModelMultipleChoiceField | FilesField),
        "choices": None,
    }
    if hasattr(field, "coded_choices"):
        said["choices"] = field.coded_choices()
    elif isinstance(field, ChoiceField):
        choices = list(field.choices)  # type: ignore[arg-type]
        said["choices"] = [{"value": str(value), "label": str(label)} for value, label in choices if value != ""]
    return said


def describe(moves: Moves, subject: Any, user: Any, names: list[str]) -> list[dict[str, Any]]:
    """What the API says a person may do now, with the fields each move takes."""
    return [
        {
            "move": move,
            "label": str(move_label(move)),
            "fields": described_fields(moves.form(move)(subject=subject, user=user)),
        }
        for move in names
    ]


def described_fields(form: MoveForm) -> list[dict[str, Any]]:
    """The fields of a form and its lists; a list with the fields of its rows."""
    found = [described(field, name) | {"fields": None} for name, field in form.fields.items()]
    for name, rows in form.row_sets.items():
        fields = [described(field, one) for one, field in rows.blank_row.fields.items()]
        found.append(
            {
                "name": name,
                "required": rows.rows.needed or bool(rows.rows.fixed),
                "label": str(rows.rows.label),
                "kind": "Rows",
                "help": "",
                "max_length": None,
                "several": True,
                "choices": None,
                "fields": fields,
            }
        )
    return found


def know(form: Any, data: QueryDict, *also: str) -> None:
    """Refuse a field that the form does not have: a program that misspells one would believe it was taken.

    Raises ValidationError (400) naming each.
    """
    lists = getattr(form, "row_sets", {})
    known = [*form.fields, *lists, *also]
    passed = {"csrfmiddlewaretoken", FIELD, *also, *(f"{name}-{count}" for name in lists for count in COUNTS)}
    wrong = {}
    for key in sorted(key for key in data if key not in passed and field_of(form, key) is None):
        at = AT_ROW.fullmatch(key)
        here = list(lists[at[1]].blank_row.fields) if at and at[1] in lists else known
        wrong[key[:60]] = [_("There is no such field here; there are: %(known)s.") % {"known": ", ".join(here)}]
    if wrong:
        raise ValidationError(nested(wrong, lists))


def coded(form: Any, data: QueryDict) -> QueryDict:
    """The data with keys in place of codes, as the form takes it: what goes in as a code comes out as that code.

    Raises ValidationError (400) naming each field with a code that nobody has.
    """
    data, wrong = data.copy(), {}
    for name in list(data):
        field = field_of(form, name)
        if hasattr(field, "key_of"):
            given = data.getlist(name)
            try:
                data.setlist(name, [field.key_of(value) if value and "\x00" not in value else value for value in given])
            except FormError as error:
                wrong[name] = error.messages
    if wrong:
        raise ValidationError(nested(wrong, getattr(form, "lists", ())))
    return data


def filled(form: MoveForm, data: QueryDict, files: Any) -> QueryDict:
    """For a move that changes what is there: a field that was not sent stays as it is."""
    data = data.copy()
    for name, field in form.fields.items():
        if name not in data and name not in files and not isinstance(field, FileField):
            data.setlist(name, as_posted(form[name]))
    for name, rows in getattr(form, "row_sets", {}).items():
        if not any(key.startswith(f"{name}-") for key in (*data, *files)):
            replaced(name, data, rows.posted)
    return data


def api(request: Request, subject: Any, move: str, *, moves: Moves) -> dict[str, Any]:
    """Make a move over the API. Raises what `api_errors` turns into 403 / 404 / 409 / 400."""
    if move not in moves:
        raise Http404
    key = api_key(request)
    try:
        # Before the permission: whoever lost it to the very move that was made is told that it was made.
        look(request.user, key)
        return said(_made(request, subject, move, moves, key))
    except AlreadyDone:
        return said(type(subject)._default_manager.get(pk=subject.pk))


def _made(request: Request, subject: Any, move: str, moves: Moves, key: Any) -> Any:
    if not door.allowed(subject, move, request.user):
        raise PermissionDenied(move)
    if not moves.possible(subject, move):
        raise impossible(subject, move)
    form = _valid(request, partial(moves.form(move), subject=subject, user=request.user))
    return carry_out(form, subject, move, request.user, moves.perform, key)


def _valid(request: Request, form_of: Callable[..., Any], *also: str) -> Any:
    """The form that a program filled in, valid: known fields (and those of `also`), codes as keys, what was left out as it is
    where the form says so. `form_of(data, files)` makes it; both None: only to be looked at. Raises ValidationError (400).
    """
    blank = form_of(None, None)
    data = flat(request.data, getattr(blank, "lists", None))
    know(blank, data, *also)
    data = coded(blank, data)
    if getattr(blank, "partial", False):
        data = filled(blank, data, request.FILES)
    form = form_of(data, request.FILES)
    if not form.is_valid():
        raise refused(form)
    _no_empty_rows(form)
    return form


def _no_empty_rows(form: Any) -> None:
    """A program that sends a row in which nothing is filled in has left something out. Raises ValidationError (400)."""
    for name, rows in getattr(form, "row_sets", {}).items():
        empty = [n for n, row in enumerate(rows.forms) if row in rows.shown and row not in rows.kept]
        if empty:
            said = {f"{name}-{n}-__all__": [_("Nothing is filled in here.")] for n in empty}
            raise ValidationError(nested(said, form.lists))


def carried_out(
    request: Request, form_of: Callable[..., Any], act: Callable[[Any, Key | None], Any], *also: str
) -> tuple[str, int]:
    """Carry out once what a program sends beside the moves: `form_of` and `also` as in `_valid`, `act(form, key)` does it.

    Returns the number of the record and the status: 201, or 200 when the same request was carried out before. Raises
    ValidationError (400).
    """
    key = api_key(request)
    try:
        look(request.user, key)
        return str(act(_valid(request, form_of, *also), key)), 201
    except AlreadyDone as done:
        return done.sent.number, 200


def said(subject: Any) -> dict[str, Any]:
    """Where the record stands, as every move over the API answers."""
    return {"number": str(subject), "state": subject.state, "version": subject.version}
