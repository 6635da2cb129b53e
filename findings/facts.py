"""The facts that the moves of a finding take: what a form gives, a transition accepts and the effects read."""

from datetime import date
from typing import Any, NotRequired, TypedDict

from findings.answers import Countermeasure
from findings.models import Finding
from lib.storage import Stored
from people.models import User


class Nothing(TypedDict):
    """The decision alone."""


class Files(TypedDict):
    """Photos and documents, already stored; the door removes them again when the move is refused."""

    files: NotRequired[list[Stored]]


class Reason(TypedDict):
    reason: str


class Edit(Files):
    fields: dict[str, Any]


class Containment(Files):
    """D0 and D3; one row of `scope` for each place where the same may lie (domain §3.3)."""

    action: str
    done_by: str
    done_at: str
    effect: str
    scope: list[dict[str, Any]]
    prelim_cause: NotRequired[str]
    removal: NotRequired[str]


class Analysis(Files):
    """D4 and D5: the legs with their rungs and roots, the countermeasures, the category of why it was made (§3.4, §3.5)."""

    place: str
    thing: str
    facts_seen: str
    legs: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    category: str


class Implementation(Files):
    """D6 and D7: every action done, documents old to new, read-across decided (§3.6)."""

    summary: str
    results: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    read_across: list[dict[str, Any]]


class ObservationAnswer(Files):
    adopt: bool
    answer: str
    done_by_date: NotRequired[date | None]


class Acceptance(TypedDict):
    step: str
    reason: NotRequired[str]


class Return(TypedDict):
    step: str
    reason: str


class Closure(TypedDict):
    verified_how: str
    conclusion: str


class CustomerClosure(Files):
    silence: bool
    statement: str
    accepted_on: NotRequired[date | None]


class Effect(Files):
    window: str
    evidence: str


class Reopening(TypedDict):
    cause: str
    back_to: str
    reason: str


class Withdrawal(Files):
    reason: str


class ActionReport(Files):
    action: Countermeasure
    done_on: date
    remark: NotRequired[str]


class NewOwner(TypedDict):
    owner: User
    reason: str


class NewManager(TypedDict):
    closure_manager: User
    reason: str


class NewActionOwner(TypedDict):
    action: Countermeasure
    owner: User
    reason: str


class Regrade(TypedDict):
    grade: str
    reason: str


class LeaderReview(TypedDict):
    note: str
    repeat_of: NotRequired[Finding | None]
