"""The clocks that are due, claimed and read as plain tuples with what is around them."""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import DateTimeField, QuerySet

from audits.models import Audit
from closure.recipients import Hands
from findings.deadlines import Deadline, owed_at
from findings.models import Finding
from workflow.prepared import Among, Given, Prepared


class Due(NamedTuple):
    """What the sweep knows of a clock: its own row, then what its finding and its audit add."""

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
    finding_id: int | None
    audit_id: int | None
    owed_before: list[Any] | None
    finding: str | None = None
    state: str | None = None
    what: str | None = None
    closure_manager_id: int | None = None
    unit_id: int | None = None
    site: str | None = None
    site_en: str | None = None
    audit: str | None = None
    leader_id: int | None = None
    lead_escort_id: int | None = None
    customer: str | None = None
    customer_en: str | None = None

    @property
    def hands(self) -> Hands:
        return Hands(self.owes_id, self.leader_id, self.lead_escort_id, self.closure_manager_id)

    def hands_at(self, at: datetime) -> Hands:
        """The hands it was in at `at`: what was missed is held against whoever owed it then."""
        if not self.owed_before:
            return self.hands
        return self.hands._replace(owes=owed_at(self.owes_id, self.owed_before, at))

    @property
    def running(self) -> bool:
        return self.answered_at is None and self.stopped_at is None


def due_by(now: Any) -> "QuerySet[Deadline]":
    return Deadline.objects.filter(next_alarm_at__lte=now)


NOW = Given("now", DateTimeField())
#: One index probe, all that a sweep with nothing to do costs.
ANY_DUE = Prepared(lambda: due_by(NOW).values_list("id")[:1])
CLOCK = Due._fields[: Due._fields.index("finding")]
AUDIT = ("number", "leader_id", "lead_escort_id", "customer__name", "customer__name_en")
FINDING = (
    "number",
    "state",
    "what",
    "closure_manager_id",
    "site__unit_id",
    "site__name",
    "site__name_en",
    *(f"audit__{name}" for name in AUDIT),
)
NO_FINDING = (None,) * (len(FINDING) - len(AUDIT))
FINDINGS = Prepared(lambda: Finding.objects.filter(Among("pk", "ids")).order_by().values_list("pk", *FINDING))
AUDITS = Prepared(lambda: Audit.objects.filter(Among("pk", "ids")).order_by().values_list("pk", *AUDIT))


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

    That is read by id in statements of its own: joined to a thousand clocks, all findings ever recorded would be scanned.
    """
    rows = _locked(size).rows(now=now)
    of_finding, of_audit = CLOCK.index("finding_id"), CLOCK.index("audit_id")
    findings = _around(FINDINGS, {row[of_finding] for row in rows})
    audits = _around(AUDITS, {row[of_audit] for row in rows if not row[of_finding]})
    return [
        Due(*row, *(findings[row[of_finding]] if row[of_finding] else NO_FINDING + audits.get(row[of_audit], ())))
        for row in rows
    ]


def _around(query: Prepared, ids: set[int | None]) -> dict[int | None, tuple[Any, ...]]:
    """The rows of these ids, by id; no statement when there are none."""
    wanted = ids - {None}
    return {row[0]: row[1:] for row in query.rows(ids=wanted)} if wanted else {}
