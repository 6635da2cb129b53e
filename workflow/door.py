"""The one door for every change of state; `audits.actions` and `findings.actions` each open it for their model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from workflow import moment
from workflow.errors import GateClosed, StaleState
from workflow.fsm import Stateful
from workflow.trail import TrailEvent, code_of, plain, seal

Effect = Callable[..., None]


@dataclass(frozen=True)
class Step:
    """What an effect may know: the record after the move, who moved it, when, and the facts given."""

    subject: Any
    move: str
    source: str
    by: Any
    on_behalf_of: Any
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Machine:
    """A model with its moves, its trail and its effects."""

    model: type[Stateful]
    event: type[TrailEvent]
    subject_field: str
    effects: Mapping[str, tuple[Effect, ...]]
    #: Who is being stood in for when `by` acts as a deputy, or None.
    principal: Callable[[Any, Any, str], Any]
    #: One sentence per thing the procedure still demands before the move; the last argument is when it happened.
    missing: Callable[[Any, str, Mapping[str, Any], datetime], list[str]] = lambda _subject, _move, _facts, _at: []
    #: Columns whose old value is kept in the trail when a move changes them (domain §5.3).
    watched: tuple[str, ...] = ()
    #: Related rows that gates, effects and notices read: they come with the record, in the one statement that reads it.
    around: tuple[str, ...] = ()
    #: Takes the locks that come before the record's own row (audit before finding).
    lock_before: Callable[[Any], None] = lambda _pk: None
    #: What every move does after its own effects; floors above add theirs (the clocks of an audit).
    after: list[Effect] = field(default_factory=list)
    #: Whom a move tells, last of all: only now everything stands that the notice speaks of.
    tells: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)


def _transition(subject: Any, move: str) -> Any:
    method = getattr(type(subject), move)
    return next(iter(method._django_fsm.transitions.values()))


def fits(subject: Any, move: str) -> bool:
    """Whether the graph lets `move` happen in the state the record is in."""
    return subject.state in getattr(type(subject), move)._django_fsm.transitions


def target(subject: Any, move: str) -> Any:
    """The state the move leads to from where the record is; its own where the move keeps it (None as one of several)."""
    found = getattr(type(subject), move)._django_fsm.transitions[subject.state].target
    return subject.state if found is None else found


def allowed(subject: Any, move: str, user: Any) -> bool:
    """Whether the rules let `user` make `move`, whatever the state."""
    return bool(_transition(subject, move).permission(subject, user))


def available(machine: Machine, subject: Any, user: Any) -> list[str]:
    """The moves that the state allows and the person may make, in the order of the effects table."""
    return [move for move in machine.effects if fits(subject, move) and allowed(subject, move, user)]


def locked(machine: Machine, pk: Any) -> Any:
    """The record with the rows around it, its own row locked until the transaction ends.

    Locked first and read afterwards: one statement that did both and had to wait would join the rows as they were before.
    Raises DoesNotExist.
    """
    machine.lock_before(pk)
    rows = machine.model._default_manager
    rows.select_for_update(no_key=True).values_list("pk").get(pk=pk)
    return rows.select_related(*machine.around).get(pk=pk)


def record(
    machine: Machine,
    subject: Any,
    move: str,
    *,
    by: Any,
    source: str,
    on_behalf_of: Any = None,
    facts: Mapping[str, Any] | None = None,
    event_at: datetime | None = None,
    at: datetime | None = None,
) -> TrailEvent:
    """Write one event at the end of the record's trail. `at` is the moment of the move, so that both say the same."""
    at = at or moment.now()
    last = machine.event._default_manager.filter(**{machine.subject_field: subject}).order_by("-position").first()
    event = machine.event(
        **{machine.subject_field: subject},
        move=move,
        source=source,
        target=subject.state,
        by=by,
        on_behalf_of=on_behalf_of,
        at=at,
        event_at=event_at or at,
        facts=plain({name: _said(value) for name, value in (facts or {}).items()}),
    )
    seal(event, last).save(force_insert=True)
    return event


def _watch(machine: Machine, subject: Any) -> dict[str, Any]:
    """The watched columns as they stand; of related rows only their keys, which costs no statement."""
    fields = (subject._meta.get_field(name) for name in machine.watched)
    return {one.name: getattr(subject, one.attname) for one in fields}


def _changes(subject: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a move changed, as old and new fact: related rows by their codes, never by what they are called today."""
    found = {}
    for name in (one for one in before if before[one] != after[one]):
        related = subject._meta.get_field(name).related_model
        pair: tuple[Any, ...] = (before[name], after[name])
        if related is not None:
            rows = related._default_manager.in_bulk([one for one in pair if one is not None])
            pair = tuple(code_of(rows[one]) if one in rows else "" for one in pair)
        found[name] = ["" if one is None else str(one) for one in pair]
    return found


def _said(value: Any) -> Any:
    """How a fact is written down in the trail."""
    if isinstance(value, Model):
        return code_of(value)
    if isinstance(value, list | tuple | set):
        return [_said(item) for item in value]
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    if hasattr(value, "read"):
        return str(getattr(value, "name", "file"))
    return value


def perform(
    machine: Machine, pk: Any, move: str, *, by: Any, seen: int | None, event_at: datetime | None, facts: dict[str, Any]
) -> Any:
    """Make one move: lock, check, apply, save, write the trail, run the effects, all in one transaction.

    `seen` is the version the person looked at; `event_at` (aware) is when it really happened, for back-filling.
    Raises StaleState (state or version moved on), PermissionDenied (a person who may not) or GateClosed (something
    the procedure demands is missing); then nothing has been written.
    """
    with transaction.atomic():
        subject = locked(machine, pk)
        if seen is not None and seen != subject.version:
            # Before the permission: whoever lost it to the move that came first is told what happened.
            raise StaleState
        if not allowed(subject, move, by):
            raise PermissionDenied(move)
        if not fits(subject, move):
            raise StaleState
        source, at = subject.state, moment.now()
        if missing := machine.missing(subject, move, facts, event_at or at):
            raise GateClosed(missing)
        before = _watch(machine, subject)
        principal = machine.principal(subject, by, move)
        try:
            getattr(subject, move)(by=by, at=event_at or at, **facts)
            subject.version += 1
            subject.save()
        except (TransitionNotAllowed, ConcurrentTransition) as error:
            raise StaleState from error
        changed = _changes(subject, before, _watch(machine, subject))
        said = {**facts, "changed": changed} if changed else facts
        record(
            machine, subject, move, by=by, source=source, on_behalf_of=principal, facts=said, event_at=event_at, at=at
        )
        step = Step(subject, move, source, by, principal, event_at or at, facts)
        for effect in (*machine.effects[move], *machine.after, *machine.tells.get(move, ())):
            effect(step)
    return subject
