"""One move for many records: the form is filled in once, every record goes through the door by itself, with its own trail;
what was refused is named with its reason, and nothing else is held up by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid5

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from workflow import door
from workflow.errors import GateClosed, StaleState
from workflow.forms import MoveForm
from workflow.moves import Moves, carry_out, impossible
from workflow.once import AlreadyDone, Key, look, page_key

#: So many at once.
MOST = 200


@dataclass(frozen=True)
class Choice:
    """A move that can be made for many, and for how many of the chosen it is possible."""

    name: str
    label: Promise | str
    number: int
    grave: bool


@dataclass
class Outcome:
    """What became of it, record by record."""

    done: list[Any] = field(default_factory=list)
    #: Record and sentences.
    refused: list[tuple[Any, list[str]]] = field(default_factory=list)


def choices(moves: Moves, subjects: Sequence[Any], user: Any) -> list[Choice]:
    """The moves that make sense for many and that this person may make for at least one of the chosen."""
    found = []
    for name, move in moves.machine.moves.items():
        if move.in_bulk is None:
            continue
        number = sum(moves.possible(subject, name) and door.allowed(subject, name, user) for subject in subjects)
        if number:
            found.append(Choice(name, move.label, number, move.grave))
    return found


def form_for(moves: Moves, subject: Any, move: str, user: Any, data: QueryDict | None = None) -> MoveForm:
    """The move's form with the fields that are the same for all records."""
    form = moves.form(move)(data, subject=subject, user=user)
    asked = {"seen", *(moves.machine.moves[move].in_bulk or ())}
    for name in set(form.fields) - asked:
        del form.fields[name]
    return form


def act(request: HttpRequest, subjects: Sequence[Any], move: str, moves: Moves) -> Outcome:
    """Make the move for each of the records, one door after the other. `seen-<record>` says which version was looked at."""
    outcome, key = Outcome(), page_key(request)
    for subject in subjects:
        said = _one(request, subject, move, moves, key)
        if said:
            outcome.refused.append((subject, said))
        else:
            outcome.done.append(subject)
    return outcome


def _one(request: HttpRequest, subject: Any, move: str, moves: Moves, key: Key | None) -> list[str]:
    """Make it for one record; why not, in sentences, or nothing."""
    data = request.POST.copy()
    data["seen"] = request.POST.get(f"seen-{subject}", str(subject.version))
    own = Key(uuid5(key.key, str(subject))) if key else None
    try:
        # Before the permission: whoever sent it twice is told that it is done.
        look(request.user, own)
        if not door.allowed(subject, move, request.user):
            return [_("You may not do this here.")]
        if not moves.possible(subject, move):
            raise impossible(subject, move)
        form = form_for(moves, subject, move, request.user, data)
        if not form.is_valid():
            return [_said(form, name, error) for name, errors in form.errors.items() for error in errors]
        carry_out(form, subject, move, request.user, moves.perform, own)
    except AlreadyDone:
        return []
    except GateClosed as closed:
        return [str(sentence) for sentence in closed.missing]
    except StaleState as stale:
        return [str(stale.message)]
    except PermissionDenied:
        return [_("You may not do this here.")]
    return []


def _said(form: MoveForm, name: str, error: Any) -> str:
    return f"{form.fields[name].label}: {error}" if name in form.fields else str(error)
