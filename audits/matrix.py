"""Who should lead an audit, and by which row of the matrix (domain §2.2, §4 A14)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audits.models import Audit, MatrixRow
from customers.models import AuditKind, Customer
from lib import moment
from people.models import Deputy, User

#: How a row comes to propose somebody: as it stands, because the one it names is away, or because no other row matches.
ROW, AWAY, FALLBACK = "row", "away", "fallback"


@dataclass(frozen=True)
class Proposal:
    """A proposed Leader, the row that proposes, and how it came to; the sentence is made when it is read."""

    leader: User
    row: MatrixRow
    why: str

    @property
    def reason(self) -> str:
        return words(self.row, self.leader, self.why)


def words(row: MatrixRow, leader: Any, why: str) -> str:
    """Why the row proposes this Leader, in the reader's language."""
    facts = {"row": row, "leader": row.leader, "post": row.leader_post, "proposed": leader}
    if why == AWAY:
        return _("Row “%(row)s” names %(leader)s, who is away; %(proposed)s stands in.") % facts
    if why == FALLBACK:
        return _("No row matches this kind of audit, so %(post)s (%(leader)s) leads it.") % facts
    return _("Row “%(row)s”: %(post)s is %(leader)s.") % facts


def proposals(kind: AuditKind | None, customer: Customer | None, *, on: date | None = None) -> list[Proposal]:
    """Proposed Leaders, best first: the row of this customer and kind, then of the kind, then the fallback row.

    Several rows may match: market staff choose. A Leader who is away is replaced by the row's deputy; one who left, and
    has no deputy in the row, is not proposed.
    """
    day = on or moment.today()
    rows = list(
        MatrixRow.objects.filter(Q(customer=None) | Q(customer=customer), valid_from__lte=day)
        .filter(Q(kind=kind) | Q(kind=None))
        .select_related("kind", "customer", "lead_unit", "leader", "deputy")
    )
    matched = [row for row in rows if row.kind_id is not None] or rows
    matched.sort(key=lambda row: (row.customer_id is None, row.order, row.pk))
    away = dict(Deputy.objects.at(moment.now()).values_list("principal_id", "deputy_id"))
    return [found for row in matched if (found := _proposal(row, away)) is not None]


def proposals_for(audit: Audit) -> list[Proposal]:
    """The proposals for this audit, without those who declined it: nobody is asked twice (A14).

    When all the rows that match have declined, the fallback rows are asked.
    """
    declined = {event.on_behalf_of_id or event.by_id for event in audit.events.all() if event.move == "decline"}
    found = [proposal for proposal in proposals(audit.kind, audit.customer) if proposal.leader.pk not in declined]
    if found or not declined:
        return found
    return [proposal for proposal in proposals(None, audit.customer) if proposal.leader.pk not in declined]


def _proposal(row: MatrixRow, away: dict[int, int]) -> Proposal | None:
    if row.leader_id not in away and row.leader.is_active:
        return Proposal(row.leader, row, FALLBACK if row.kind_id is None else ROW)
    stand_in = row.deputy
    if stand_in is None and row.leader_id in away:
        stand_in = User.objects.filter(pk=away[row.leader_id]).first()
    return Proposal(stand_in, row, AWAY) if stand_in is not None and stand_in.is_active else None
