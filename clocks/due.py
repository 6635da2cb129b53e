"""The clocks that are due, claimed and read as plain tuples with what is around them."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import DateTimeField, QuerySet

from clocks import subjects
from clocks.deadlines import Deadline, owed_at
from clocks.recipients import Hands
from clocks.subjects import Around, Nothing
from lib.prepared import Given, Prepared


class Due(NamedTuple):
    """What the sweep knows of a clock: its own row, then what is around it."""

    id: int
    step: str
    cycle: int
    zone: str
    started_at: datetime
    due_at: datetime
    answered_at: datetime | None
    stopped_at: datetime | None
    rung: int
    ladder_from: int
    policy_step_id: int
    owes_id: int | None
    subject_type_id: int | None
    subject_id: int | None
    owed_before: list[Any] | None
    around: Around
    #: The hands it is in.
    hands: Hands

    def hands_at(self, at: datetime) -> Hands:
        """The hands it was in at `at`: what was missed is held against whoever owed it then."""
        if not self.owed_before:
            return self.hands
        owed = owed_at(self.owes_id, self.owed_before, at)
        return Hands(owed, self.around.posts(owed))

    @property
    def running(self) -> bool:
        return self.answered_at is None and self.stopped_at is None


def due_by(now: Any) -> "QuerySet[Deadline]":
    return Deadline.objects.filter(next_alarm_at__lte=now)


NOW = Given("now", DateTimeField())
#: One index probe, all that a sweep with nothing to do costs.
ANY_DUE = Prepared(lambda: due_by(NOW).values_list("id")[:1])
CLOCK = Due._fields[:-2]
TYPE, ID, OWES = (CLOCK.index(name) for name in ("subject_type_id", "subject_id", "owes_id"))
NOTHING = Nothing()


@lru_cache(maxsize=8)
def _locked(size: int) -> Prepared:
    """Due clocks, locked; those another sweep holds are passed over."""

    def build() -> "QuerySet[Deadline, Any]":
        rows = due_by(NOW).order_by("next_alarm_at", "id")
        # A database without row locks has one writer at a time: there Django leaves this out.
        rows = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
        return rows.values_list(*CLOCK)[:size]

    return Prepared(build)


def claim(now: datetime, size: int) -> list[Due]:
    """Due clocks, locked, with what is around them.

    That is read by id in statements of its own, one for each kind of record: joined to a thousand clocks, all records ever
    kept would be scanned.
    """
    rows = _locked(size).rows(now=now)
    wanted: dict[int, set[int]] = {}
    for row in rows:
        if row[ID] is not None:
            wanted.setdefault(row[TYPE], set()).add(row[ID])
    around = {(kind, pk): one for kind, ids in wanted.items() for pk, one in _around(kind, ids).items()}
    return [_due(row, around.get((row[TYPE], row[ID]), NOTHING)) for row in rows]


def _due(row: tuple[Any, ...], around: Around) -> Due:
    return Due._make((*row, around, Hands(row[OWES], around.posts(row[OWES]))))


def _around(content_type: int, ids: set[int]) -> Mapping[int, Around]:
    """What is around these records of one kind, by id; nothing where the app that knew them is gone."""
    subject = subjects.of_type(content_type)
    return subject.around(ids) if subject is not None else {}
