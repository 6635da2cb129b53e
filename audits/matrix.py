"""Who should lead an audit, and by which row of the matrix (domain §2.2, §4 A14)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audits.models import AuditKind, Customer, MatrixRow
from people.models import Deputy, User
from workflow import moment


@dataclass(frozen=True)
class Proposal:
    """A proposed Leader, the row that proposes, and the reason in words."""

    leader: User
    row: MatrixRow
    reason: str


def _words(row: MatrixRow, leader: Any, absent: bool) -> str:
    facts = {"row": row, "leader": row.leader, "post": row.leader_post, "proposed": leader}
    if absent:
        return _("Row “%(row)s” names %(leader)s, who is away; %(proposed)s stands in.") % facts
    if row.kind is None:
        return _("No row matches this kind of audit, so %(post)s (%(leader)s) leads it.") % facts
    return _("Row “%(row)s”: %(post)s is %(leader)s.") % facts


def proposals(kind: AuditKind | None, customer: Customer | None, *, on: date | None = None) -> list[Proposal]:
    """Proposed Leaders, best first: the row of this customer and kind, then of the kind, then the fallback row.

    Several rows may match: market staff choose. A Leader who is away is replaced by the row's deputy.
    """
    day = on or moment.now().date()
    rows = list(
        MatrixRow.objects.filter(Q(customer=None) | Q(customer=customer), valid_from__lte=day)
        .filter(Q(kind=kind) | Q(kind=None))
        .select_related("kind", "customer", "lead_unit", "leader", "deputy")
    )
    matched = [row for row in rows if row.kind_id is not None] or rows
    matched.sort(key=lambda row: (row.customer_id is None, row.order, row.pk))
    away = dict(Deputy.objects.at(moment.now()).values_list("principal_id", "deputy_id"))
    return [_proposal(row, away) for row in matched]


def _proposal(row: MatrixRow, away: dict[int, int]) -> Proposal:
    if row.leader_id not in away:
        return Proposal(row.leader, row, _words(row, row.leader, False))
    stand_in = row.deputy or User.objects.get(pk=away[row.leader_id])
    return Proposal(stand_in, row, _words(row, stand_in, True))
