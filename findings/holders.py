"""Who holds what on a finding: whose turn a move is, and whom a deputy stands in for."""

from django.db.models import Q

from audits.holders import named
from findings.models import Finding
from findings.rules import verifier_id
from people.models import User
from workflow.move import Holder


def _verifier(finding: Finding) -> list[User]:
    leads = verifier_id(finding) == finding.audit.leader_id
    return named(finding.audit.leader if leads else finding.closure_manager)


OWNER: Holder[Finding] = Holder(
    ids=lambda finding: (finding.owner_id,),
    people=lambda finding: named(finding.owner),
    held=lambda _user, ids: Q(owner_id__in=ids),
)
#: The closure manager, or the Leader where the closure manager has a hand in it (domain §4 A20).
VERIFIER: Holder[Finding] = Holder(ids=lambda finding: (verifier_id(finding),), people=_verifier)
LEADER: Holder[Finding] = Holder(
    ids=lambda finding: (finding.audit.leader_id,),
    people=lambda finding: named(finding.audit.leader),
    held=lambda _user, ids: Q(audit__leader_id__in=ids),
)
LEAD_ESCORT: Holder[Finding] = Holder(
    ids=lambda finding: (finding.audit.lead_escort_id,),
    people=lambda finding: named(finding.audit.lead_escort),
    held=lambda _user, ids: Q(audit__lead_escort_id__in=ids),
)
#: Whoever wrote the draft down.
AUTHOR: Holder[Finding] = Holder(
    ids=lambda finding: (finding.created_by_id,), people=lambda finding: named(finding.created_by)
)
ACTION_OWNERS: Holder[Finding] = Holder(
    ids=lambda finding: tuple(finding.action_owner_ids),
    people=lambda finding: list(User.objects.filter(pk__in=finding.action_owner_ids)),
)
