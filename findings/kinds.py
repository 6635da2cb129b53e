"""The kinds of clocks: who owes what, which moves start, answer and stop it. A new kind is one `register` line here, and
a row with its step and ladder in a policy; the engine (`findings.clock`), the sweep, "my work" and the API know no names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from findings.deadlines import Deadline
from findings.models import Finding
from findings.policy import Policy
from workflow.move import Moved

When = Callable[[Moved], bool]
Owes = Callable[[Any, Deadline], int | None]


@dataclass(frozen=True)
class Part:
    """One of several clocks of a kind on one subject: an action, an acknowledgement, an application."""

    key: str = ""
    person_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of clock. `owes` is asked again after every move, so a clock follows a new owner or Leader."""

    step: str
    label: Any
    of: type[Any]
    owes: Owes
    starts: When
    answers: Callable[[Moved, Deadline], bool]
    stops: Callable[[Moved, Deadline], bool] = lambda _moved, _row: False
    opens_again: When = lambda _moved: False
    parts: Callable[[Moved], Iterable[Part]] = lambda _moved: [Part()]
    #: The clock's cycle is the finding's; otherwise every start counts one on.
    per_cycle: bool = False
    #: The customer's own times can tighten it (domain §4 A7).
    customers: bool = False
    #: The move whose form ends it; empty: the page of the finding or audit.
    move: str = ""


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Raises ValueError when the step has one already."""
    if kind.step in KINDS:
        raise ValueError(f"{kind.step} is registered already")
    KINDS[kind.step] = kind
    return kind


def of(subject: Any) -> list[Kind]:
    """The kinds that such a record can have, in the order of registration."""
    return [kind for kind in KINDS.values() if isinstance(subject, kind.of)]


def lacking(policy: Policy) -> list[Kind]:
    """The kinds the policy could have a clock for and has none: nothing starts for them under it."""
    covered = {Policy.Covers.FINDING: Finding, Policy.Covers.AUDIT: Audit}.get(Policy.Covers(policy.covers))
    have = set(policy.steps.values_list("step", flat=True))
    return [kind for kind in KINDS.values() if kind.of is covered and kind.step not in have]


def label(step: str) -> str:
    """What a clock is called; the step itself where its kind is gone."""
    return str(KINDS[step].label) if step in KINDS else step


def on(*moves: str) -> When:
    return lambda moved: moved.move in moves


def by(*moves: str) -> Callable[[Moved, Deadline], bool]:
    return lambda moved, _row: moved.move in moves


def kept(_subject: Any, row: Deadline) -> int | None:
    """Whoever it was started for."""
    return row.owes_id


# Of the engine itself -----------------------------------------------------------------------------------------------

register(
    Kind(
        "canary",
        _("Self-test"),
        type(None),
        lambda _subject, _row: None,
        lambda _moved: False,
        lambda _moved, _row: False,
    )
)

#: Every column that holds a date somebody owes, and the kind that watches it. A test holds this against the models.
DUE_FIELDS = {
    "audits.Audit.checklist_follow_up": "checklist",
    "findings.Countermeasure.due_on": "action",
    "findings.Exemption.new_date": "close",
    "findings.Finding.customer_due_on": "close",
}
