"""The facts that the moves of an audit take: what a form gives, a transition accepts and the effects read."""

from datetime import date
from typing import Any, NotRequired, TypedDict

from audits.models import MatrixRow
from people.models import Site, User


class Nothing(TypedDict):
    """The decision alone."""


class Remark(TypedDict):
    remark: NotRequired[str]


class Reason(TypedDict):
    reason: str


class Requirement(TypedDict):
    """Columns of the audit under `fields`; the rows below it only where they are given."""

    fields: dict[str, Any]
    sites: NotRequired[list[Site]]
    auditors: NotRequired[list[dict[str, str]]]
    documents: NotRequired[list[str]]


class Dates(TypedDict):
    planned_start: date
    planned_end: date


class Reschedule(Dates):
    mode: NotRequired[str]
    sudden: NotRequired[bool]
    deviation: str
    reason: str


class Appointment(TypedDict):
    leader: User
    reason: str
    matrix_row: NotRequired[MatrixRow | None]
    matrix_why: NotRequired[str]


class NewLeader(TypedDict):
    leader: User
    reason: str


class NewLeadEscort(TypedDict):
    lead_escort: User
    reason: str


class Member(TypedDict):
    user: User
    duty: str
    reason: str


class Team(TypedDict):
    lead_escort: User
    team: NotRequired[list[Member]]


class LeadEscort(TypedDict):
    lead_escort: User


class Message(TypedDict):
    message: NotRequired[str]


class Minutes(TypedDict):
    minutes: NotRequired[str]
    attendees: NotRequired[str]


class Meeting(Minutes):
    kind: str


class Closing(Minutes):
    result: str
    score: NotRequired[str]


class Result(TypedDict):
    result: str
    score: NotRequired[str]
    remark: NotRequired[str]


class Retrospective(TypedDict):
    plan_actual: str
    surprises: NotRequired[str]
    missed: NotRequired[str]
    lessons: str


class Postponement(TypedDict):
    deviation: str
    reason: str
