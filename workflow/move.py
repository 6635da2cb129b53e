"""A move of a state machine as one object: everything that is known about it beside the graph and the rules.

The graph (from which state to which) stands on the model, who may do it in `rules.py`. Labels, buttons, forms, pages, the API and
its schema, deputies, *my work* and the tests read the rest from here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q
from django.utils.functional import Promise

#: The record that is moved, and the facts a move takes (a TypedDict). Covariant: an effect that needs only a reason serves
#: every move whose facts have one.
S = TypeVar("S")
F = TypeVar("F", bound=Mapping[str, object])
S_co = TypeVar("S_co", covariant=True)
F_co = TypeVar("F_co", bound=Mapping[str, object], covariant=True)


@dataclass(frozen=True)
class Moved(Generic[S_co, F_co]):
    """What an effect may know: the record after the move, who moved it, when (aware), and the facts given."""

    subject: S_co
    move: str
    source: str
    by: Any
    on_behalf_of: Any
    at: datetime
    facts: F_co
    #: The record beside it that the move opened (see `Opening`).
    made: Any = None


Effect = Callable[[Moved[S, F]], None]
#: One sentence for each thing still missing: (record before the move, facts, when it happened).
Gate = Callable[[S, F, datetime], list[str]]


def nobody(_user: Any, _ids: frozenset[int]) -> Q | None:
    return None


@dataclass(frozen=True)
class Holder(Generic[S]):
    """A post that somebody holds on a record (its Leader, its owner), or everywhere by a standing role (market staff)."""

    #: The people of the record who hold it, by id; a deputy of theirs may stand in.
    ids: Callable[[S], tuple[int | None, ...]]
    #: The same as rows, for the head of the record's page: whose turn it is.
    people: Callable[[S], list[Any]]
    #: The records on which this person, or somebody they stand in for (`ids`), holds the post; None: on none.
    held: Callable[[Any, frozenset[int]], Q | None] = nobody
    #: The standing role that holds it everywhere: whoever has it acts in their own name.
    role: str = ""


@dataclass(frozen=True)
class Next(Generic[S]):
    """In these states the move is the next step of the path, and this holder's to take."""

    states: tuple[str, ...]
    holder: Holder[S]
    #: Only where this holds: as a predicate, and as the same question to the database.
    when: Callable[[S], bool] = lambda _subject: True
    rows: Q = field(default_factory=Q)
    #: Whether my work lists it by itself; otherwise a clock of its own does, or it waits for others.
    listed: bool = True


@dataclass(frozen=True)
class Opening(Generic[S]):
    """The move opens a small record beside this one: a dispute, an exemption. The record itself keeps its state.

    Where and by whom that may be done is said here, for the graph of the record knows nothing of it.
    """

    #: In which states of the record it may be opened.
    states: tuple[str, ...]
    #: The permission, asked with the record.
    permission: str
    model: type[Any]
    #: The new record, not yet saved: (record, who, when, facts).
    make: Callable[[S, Any, datetime, Mapping[str, Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Move(Generic[S, F]):
    """One move. Gates are asked before it, effects write rows after it, `tells` owes notices once its clocks have turned."""

    name: str
    #: What its button says.
    label: Promise | str
    #: The form that people and programs fill in (a `workflow.forms.MoveForm`).
    form: Any
    #: The facts it takes, as a TypedDict: what the form gives, the transition accepts and the effects read.
    facts: type[F]
    gates: tuple[Gate[S, F], ...] = ()
    effects: tuple[Effect[S, F], ...] = ()
    tells: tuple[Effect[S, F], ...] = ()
    #: Whom a deputy may stand in for on this move, the most obvious first.
    acts_for: tuple[Holder[S], ...] = ()
    next_for: Next[S] | None = None
    #: Whether it makes any sense for this record as it is, whoever asks.
    sensible: Callable[[S], bool] = lambda _subject: True
    #: It leads away from the path: never the one thing to do now.
    aside: bool = False
    #: It takes something away from somebody, and looks like it.
    grave: bool = False
    #: The fields that are filled in once when it is made for many records together; None: each by itself only.
    in_bulk: tuple[str, ...] | None = None
    #: It and the moves of the record above decide on each other: that one is locked first.
    locks_parent: bool = False
    #: The template of the form's fields, where they are not simply listed; its width in columns of twelve.
    body: str = ""
    width: int = 8
    #: What is shown above the form.
    above: str = ""
    #: Where it is no transition of the record but opens another beside it.
    opens: Opening[S] | None = None

    def __str__(self) -> str:
        return self.name
