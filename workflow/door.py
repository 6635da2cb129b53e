"""The one door for every change of state; `audits.actions` and `findings.actions` each open it for their model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import rules
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.utils.functional import Promise
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from lib import moment
from workflow import labels
from workflow.errors import GateClosed, StaleState
from workflow.fsm import Child, Stateful
from workflow.move import Effect, F, Move, Moved, Opening
from workflow.trail import TrailEvent, code_of, plain, seal

S = TypeVar("S", bound=Stateful)


#: The machine of every model that has one.
MACHINES: dict[type[Model], "Machine[Any]"] = {}
#: The machines of the small records beside a kind of record, by its model.
CHILDREN: dict[type[Model], list["Machine[Any]"]] = {}


@dataclass(frozen=True)
class Machine(Generic[S]):
    """A model with its moves, its trail and what every move does."""

    model: type[S]
    event: type[TrailEvent]
    subject_field: str
    #: By name, in the order of the path.
    moves: Mapping[str, Move[S, Any]]
    #: Who is being stood in for when somebody acts as a deputy on a move, or None.
    principal: Callable[[S, Any, Move[S, Any]], Any]
    #: What is written into the trail beside the moves, by name, with its label.
    events: Mapping[str, Promise] = field(default_factory=dict)
    #: Columns whose old value is kept in the trail when a move changes them (domain §5.3).
    watched: tuple[str, ...] = ()
    #: Related rows that gates, effects and notices read: they come with the record, in the one statement that reads it.
    around: tuple[str, ...] = ()
    #: Takes the lock of the record above, for the moves that ask for it (audit before finding).
    lock_parent: Callable[[Any], None] = lambda _pk: None
    #: The machine of the record beside which these stand (`workflow.fsm.Child`): locked first, and its trail tells of them.
    beside: "Machine[Any] | None" = None
    #: Moves of that record which end these where they still wait for somebody: parent's move → own move.
    ended_by: Mapping[str, str] = field(default_factory=dict)
    #: Moves of that record that act on the clocks of these too: what every move of their own does is done after them as well.
    heeds: tuple[str, ...] = ()
    #: States in which nothing happens to it any more, whatever its parent does.
    over: tuple[str, ...] = ()
    #: Moves that its trail may tell of from the time when they were its own; today a record beside it makes them.
    former: frozenset[str] = frozenset()
    #: What every move does after its own effects; floors above add theirs (the clocks of an audit).
    after: list[Effect[S, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        labels.know({name: move.label for name, move in self.moves.items()})
        labels.know(self.events)
        MACHINES[self.model] = self
        if self.beside is not None:
            CHILDREN.setdefault(self.beside.model, []).append(self)


def machine_of(model: type[Model]) -> "Machine[Any] | None":
    """The machine of these records; None where they have no states."""
    return MACHINES.get(model)


def children(record: Any) -> "list[Machine[Any]]":
    """The machines of the small records that may stand beside this one."""
    return CHILDREN.get(type(record), [])


def _opening(subject: Any, move: str) -> Opening[Any] | None:
    machine = MACHINES.get(type(subject))
    known = machine.moves.get(move) if machine else None
    return known.opens if known else None


def _transition(subject: Any, move: str) -> Any:
    method = getattr(type(subject), move)
    return next(iter(method._django_fsm.transitions.values()))


def fits(subject: Any, move: str) -> bool:
    """Whether the graph lets `move` happen in the state the record is in."""
    opening = _opening(subject, move)
    if opening is not None:
        return subject.state in opening.states
    return subject.state in getattr(type(subject), move)._django_fsm.transitions


def target(subject: Any, move: str) -> Any:
    """The state the move leads to from where the record is; its own where the move keeps it (None as one of several)."""
    if _opening(subject, move) is not None:
        return subject.state
    found = getattr(type(subject), move)._django_fsm.transitions[subject.state].target
    return subject.state if found is None else found


def allowed(subject: Any, move: str, user: Any) -> bool:
    """Whether the rules let `user` make `move`, whatever the state."""
    opening = _opening(subject, move)
    if opening is not None:
        return bool(rules.has_perm(opening.permission, user, subject))
    return bool(_transition(subject, move).permission(subject, user))


def possible(machine: Machine[S], subject: S, move: str) -> bool:
    """Whether the state lets it happen and it makes sense for this record, whoever asks."""
    return fits(subject, move) and machine.moves[move].sensible(subject)


def offered(machine: Machine[S], subject: S) -> list[str]:
    """The moves that are possible now, in the order of the path."""
    return [move for move in machine.moves if possible(machine, subject, move)]


def available(machine: Machine[S], subject: S, user: Any) -> list[str]:
    """Those of them that the person may make: the same on the page and over the API."""
    return [move for move in offered(machine, subject) if allowed(subject, move, user)]


def next_move(machine: Machine[S], subject: S) -> Move[S, Any] | None:
    """The next step of the path, if there is one, with the post whose turn it is in `next_for`."""
    for move in machine.moves.values():
        step = move.next_for
        if step is not None and subject.state in step.states and step.when(subject) and move.sensible(subject):
            return move
    return None


def turn(machine: Machine[S], subject: S) -> list[Any]:
    """The people who take the next step of the path; nobody at its end."""
    move = next_move(machine, subject)
    return move.next_for.holder.people(subject) if move is not None and move.next_for is not None else []


def locked(machine: Machine[S], pk: Any, *, with_parent: bool = False) -> S:
    """The record with the rows around it, its own row locked until the transaction ends.

    Locked first and read afterwards: one statement that did both and had to wait would join the rows as they were before.
    Raises DoesNotExist.
    """
    if with_parent:
        machine.lock_parent(pk)
    rows = machine.model._default_manager
    rows.select_for_update(no_key=True).values_list("pk").get(pk=pk)
    return rows.select_related(*machine.around).get(pk=pk)


def record(
    machine: Machine[S],
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
    """Write one event at the end of the record's trail, or of its parent's. `at` is the moment of the move, so that both say the same."""
    at = at or moment.now()
    about, home = (subject.about, subject.parent) if isinstance(subject, Child) else ("", subject)
    last = machine.event._default_manager.filter(**{machine.subject_field: home}).order_by("-position").first()
    event = machine.event(
        **{machine.subject_field: home},
        about=about,
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


def _watch(machine: Machine[S], subject: Any) -> dict[str, Any]:
    """The watched columns as they stand; of related rows only their keys, which costs no statement."""
    fields = (subject._meta.get_field(name) for name in machine.watched)
    return {field.name: getattr(subject, field.attname) for field in fields}


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


def lacking(move: Move[S, F], subject: S, facts: F, at: datetime) -> list[str]:
    """What the procedure still demands before the move, one sentence per thing."""
    return [sentence for gate in move.gates for sentence in gate(subject, facts, at)]


def perform(
    machine: Machine[S], pk: Any, move: Move[S, F], *, by: Any, seen: int | None, event_at: datetime | None, facts: F
) -> S:
    """Make one move: lock, check, apply, save, write the trail, run the effects, all in one transaction.

    `seen` is the version the person looked at; `event_at` (aware) is when it really happened, for back-filling.
    Raises StaleState (state or version moved on), PermissionDenied (a person who may not) or GateClosed (something
    the procedure demands is missing); then nothing has been written.
    """
    with transaction.atomic():
        subject = claimed(machine, pk, with_parent=move.locks_parent)
        if seen is not None and seen != subject.version:
            # Before the permission: whoever lost it to the move that came first is told what happened.
            raise StaleState
        if not allowed(subject, move.name, by):
            raise PermissionDenied(move.name)
        principal = machine.principal(subject, by, move)
        _make(machine, subject, move, by=by, principal=principal, event_at=event_at, facts=facts)
    return subject


def follow(moved: Moved[Any, Any], machine: Machine[S], subject: S, move: Move[S, F], facts: F) -> None:
    """A move that follows from another: in its transaction, in its maker's name and at its moment, on a record locked already.

    Whether it may be made was asked of the move it follows from. Raises StaleState or GateClosed: then neither is made.
    """
    _make(machine, subject, move, by=moved.by, principal=moved.on_behalf_of, event_at=moved.at, facts=facts)


def claimed(machine: Machine[S], pk: Any, *, with_parent: bool = False) -> S:
    """The record, locked; one beside another after that one, which it then shares with everything the move does.

    Raises DoesNotExist.
    """
    if machine.beside is None:
        return locked(machine, pk, with_parent=with_parent)
    parent_id = machine.model._default_manager.values_list(machine.subject_field, flat=True).get(pk=pk)
    return beside(machine, pk, locked(machine.beside, parent_id, with_parent=with_parent))


def beside(machine: Machine[S], pk: Any, parent: Any) -> S:
    """The record beside this parent, which is locked already; it shares the parent's instance."""
    subject = locked(machine, pk)
    setattr(subject, machine.subject_field, parent)
    return subject


def _make(
    machine: Machine[S],
    subject: S,
    move: Move[S, F],
    *,
    by: Any,
    principal: Any,
    event_at: datetime | None,
    facts: F,
) -> None:
    if not fits(subject, move.name):
        raise StaleState
    source, at = subject.state, moment.now()
    if missing := lacking(move, subject, facts, event_at or at):
        raise GateClosed(missing)
    before = _watch(machine, subject)
    made = None
    try:
        if move.opens is not None:
            made = move.opens.make(subject, by, event_at or at, facts)
            made.save(force_insert=True)
        else:
            getattr(subject, move.name)(by=by, at=event_at or at, **facts)
        subject.version += 1
        subject.save()
    except (TransitionNotAllowed, ConcurrentTransition) as error:
        raise StaleState from error
    changed = _changes(subject, before, _watch(machine, subject))
    said: Mapping[str, Any] = {**facts, "changed": changed} if changed else facts
    entry = {"by": by, "source": source, "on_behalf_of": principal, "event_at": event_at, "at": at}
    record(machine, subject, move.name, facts=said, **entry)
    moved = Moved(subject, move.name, source, by, principal, event_at or at, facts, made)
    for effect in (*move.effects, *machine.after):
        effect(moved)
    if made is not None:
        begin(moved, made)
    for child in children(subject):
        if move.name in child.ended_by or move.name in child.heeds:
            _pass_on(moved, child)
    for tell in move.tells:
        tell(moved)


def open_beside(moved: Moved[Any, Any], made: Any) -> None:
    """A record beside the subject that an effect of the move opens, besides what the move itself does; the move's own event tells
    of it.
    """
    made.save(force_insert=True)
    begin(moved, made)


def begin(moved: Moved[Any, Any], made: Any) -> None:
    """What its own machine does after every move, for a record that was just opened: its clocks start."""
    _let_know(moved, made, "")


def _let_know(moved: Moved[Any, Any], subject: Any, source: str) -> None:
    """Do for a record beside the one that was moved what its own machine does after every move."""
    told = Moved(subject, moved.move, source, moved.by, moved.on_behalf_of, moved.at, moved.facts)
    for effect in MACHINES[type(subject)].after:
        effect(told)


def _pass_on(moved: Moved[Any, Any], child: Machine[Any]) -> None:
    """The records beside it that still wait are ended with it; the clocks of the others heed it."""
    rows = child.model._default_manager.filter(**{child.subject_field: moved.subject}).exclude(state__in=child.over)
    ending = child.moves[child.ended_by[moved.move]] if moved.move in child.ended_by else None
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        subject = beside(child, pk, moved.subject)
        if ending is not None and fits(subject, ending.name):
            follow(moved, child, subject, ending, {})
        elif moved.move in child.heeds:
            _let_know(moved, subject, moved.source)
