"""The kinds of clocks: who owes what, which moves start, answer and stop it. A new kind is one `register` line here, and
a row with its step and ladder in a policy; the engine (`clocks.actions`), the sweep, "my work" and the API know no names.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from calendars.models import CLOCKS
from clocks import subjects
from clocks.deadlines import Deadline
from clocks.policy import Policy
from workflow.move import Moved

When = Callable[[Moved], bool]
WhenOf = Callable[[Moved, Deadline], bool]


@dataclass(frozen=True)
class Part:
    """One of several clocks of a kind on one record: an action, an acknowledgement."""

    key: str = ""
    person_id: int | None = None
    due_on: date | None = None


def never(_moved: Moved, _row: Deadline) -> bool:
    return False


def never_again(_moved: Moved) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of clock, registered beside the moves it hangs on."""

    #: What policies and rows call it.
    step: str
    label: subjects.Label
    #: The model of the records that have it.
    of: type[Any]
    #: Who has to act. Asked again after every move, so that a clock follows a new owner or Leader.
    owed_by: Callable[[Any, Deadline], int | None]
    starts: When
    answered_by: WhenOf
    stopped_by: WhenOf = never
    #: What was answered counts no more: it was sent back.
    opens_again: When = never_again
    parts: Callable[[Moved], Iterable[Part]] = lambda _moved: [Part()]
    #: The clock's cycle is the record's; otherwise every start counts one on.
    per_cycle: bool = False
    #: From when its time counts, where that is not the move itself (domain §4 A2); never later than the move.
    counts_from: Callable[[Policy, Moved], datetime] = lambda _policy, moved: moved.at
    #: The customer's own time, which can only tighten it (domain §4 A7): (record, start, zone) → moment or None.
    customer_due: Callable[[Any, str, datetime, ZoneInfo], datetime | None] | None = None
    #: For clocks that run to a date somebody gave: the dates as they stand now, by part.
    dates: Callable[[set[str]], Mapping[str, date | None]] | None = None
    #: The moves that may move its due time where the policy says so (domain §4 A6, A31).
    movable_by: tuple[str, ...] = ()
    #: The move whose form ends it; empty: the page of the record.
    move: str = ""
    #: The columns with a date that somebody owes which this clock watches: `app.Model.column`. A test holds them against the models.
    watches: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Raises ValueError when the step has one already."""
    if kind.step in KINDS:
        raise ValueError(f"{kind.step} is registered already")
    KINDS[kind.step] = kind
    CLOCKS.add(kind.step)
    return kind


def of(subject: Any) -> list[Kind]:
    """The kinds that such a record can have, in the order of registration."""
    return [kind for kind in KINDS.values() if isinstance(subject, kind.of)]


def lacking(policy: Policy) -> list[Kind]:
    """The kinds the policy could have a clock for and has none: nothing starts for them under it."""
    covered = {subject.model for subject in subjects.SUBJECTS.values() if subject.policy == policy.covers}
    have = set(policy.steps.values_list("step", flat=True))
    return [kind for kind in KINDS.values() if kind.of in covered and kind.step not in have]


def label(step: str) -> str:
    """What a clock is called; the step itself where its kind is gone."""
    return str(KINDS[step].label) if step in KINDS else step


def on(*moves: str) -> When:
    return lambda moved: moved.move in moves


def by(*moves: str) -> WhenOf:
    return lambda moved, _row: moved.move in moves


def kept(_subject: Any, row: Deadline) -> int | None:
    """Whoever it was started for."""
    return row.owes_id


# Of the engine itself -----------------------------------------------------------------------------------------------

register(
    Kind(
        step="canary",
        label=_("Self-test"),
        of=type(None),
        owed_by=lambda _subject, _row: None,
        starts=lambda _moved: False,
        answered_by=lambda _moved, _row: False,
    )
)


def due_fields() -> dict[str, str]:
    """Every column that holds a date somebody owes, and the clock that watches it."""
    return {column: kind.step for kind in KINDS.values() for column in kind.watches}
