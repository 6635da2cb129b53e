"""Who holds what on an audit: whose turn a move is, and whom a deputy stands in for."""

from typing import Any

from django.db.models import Q

from audits.models import Audit
from people.models import StandingRole, User
from people.rules import has_role
from workflow.move import Holder

Role = StandingRole.Role


def _every_lead(user: Any, _ids: frozenset[int]) -> Q | None:
    return Q() if has_role(user, Role.MARKET) else None


def named(*people: User | None) -> list[User]:
    """The first of them that is there, or nobody."""
    return [person for person in people if person is not None][:1]


MARKET: Holder[Audit] = Holder(
    ids=lambda _audit: (),
    people=lambda _audit: list(User.objects.holding(Role.MARKET)[:6]),
    held=_every_lead,
    role=Role.MARKET,
)
LEADER: Holder[Audit] = Holder(
    ids=lambda audit: (audit.leader_id,),
    people=lambda audit: named(audit.leader),
    held=lambda _user, ids: Q(leader_id__in=ids),
)
#: Until one is named, the Leader is asked; only the lead escort finds it in my work, for only they may do it.
LEAD_ESCORT: Holder[Audit] = Holder(
    ids=lambda audit: (audit.lead_escort_id,),
    people=lambda audit: named(audit.lead_escort, audit.leader),
    held=lambda _user, ids: Q(lead_escort_id__in=ids),
)
