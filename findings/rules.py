"""Who may do what with a finding (domain §5.2, §5.3). Rules say who; the graph on the model says when."""

from typing import Any

import rules
from rules import predicate

from audits.rules import is_on_team as on_audit_team, is_site_contact as contact_of_audit
from people.models import StandingRole
from people.rules import (
    MANAGEMENT,
    acting_ids,
    has_role,
    is_one_of,
    reads_group,
    runs_the_system,
    stands_in_for_vacant,
)

Role = StandingRole.Role


@predicate
def is_owner(user: Any, finding: Any) -> bool:
    """The owner, or a deputy who could be one: nobody below engineer answers (procedure §4)."""
    return bool(user.is_authenticated and user.may_own_findings) and is_one_of(user, finding.owner_id)


@predicate
def is_action_owner(user: Any, finding: Any) -> bool:
    return bool(acting_ids(user) & finding.action_owner_ids)


@predicate
def is_closure_manager(user: Any, finding: Any) -> bool:
    return is_one_of(user, finding.closure_manager_id)


@predicate
def has_a_hand_in_it(user: Any, finding: Any) -> bool:
    """Owner, action owner, or whoever wrote a current answer: they never verify it (domain §5.3), whatever they hold."""
    return user.pk in {finding.owner_id, *finding.action_owner_ids, *finding.answerer_ids}


@predicate
def is_leader(user: Any, finding: Any) -> bool:
    return is_one_of(user, finding.audit.leader_id)


@predicate
def is_lead_escort(user: Any, finding: Any) -> bool:
    return is_one_of(user, finding.audit.lead_escort_id)


@predicate
def is_on_team(user: Any, finding: Any) -> bool:
    return bool(on_audit_team(user, finding.audit))


@predicate
def is_site_contact(user: Any, finding: Any) -> bool:
    return is_one_of(user, finding.site.contact_id)


@predicate
def wrote_it(user: Any, finding: Any) -> bool:
    return bool(finding.created_by_id == user.pk) and not runs_the_system(user)


@predicate
def in_own_unit(user: Any, finding: Any) -> bool:
    return bool(user.unit_id) and not runs_the_system(user) and user.unit_id in finding.site.unit.ancestor_ids()


@predicate
def closure_manager_is_involved(user: Any, finding: Any) -> bool:
    """The closure manager owns the finding or an action, or answered it, so the Leader verifies (domain §4 A20)."""
    return finding.closure_manager_id in {finding.owner_id, *finding.action_owner_ids, *finding.answerer_ids}


@predicate
def may_decide_exemption(user: Any, exemption: Any) -> bool:
    """Leader first, then management for money and moves; a Leader who owns the finding is passed over (§5.3)."""
    if user.pk in {exemption.finding.owner_id, exemption.applied_by_id}:
        return False
    if exemption.waits_for_leader:
        return is_one_of(user, exemption.finding.audit.leader_id)
    return has_role(user, *MANAGEMENT)


@predicate
def leads_what_it_stands_beside(user: Any, record: Any) -> bool:
    return is_one_of(user, record.finding.audit.leader_id)


@predicate
def may_record(user: Any, audit: Any) -> bool:
    """Team and site contacts write down findings; only the lead escort issues them."""
    return bool(on_audit_team(user, audit) or contact_of_audit(user, audit))


@predicate
def stands_over_vacant_post(user: Any, finding: Any) -> bool:
    """The management-system office, management, and whoever stands above the owner, manager or Leader who left."""
    return stands_in_for_vacant(user, finding.owner_id, finding.closure_manager_id, finding.audit.leader_id)


@predicate
def stands_over_action_owner(user: Any, finding: Any) -> bool:
    return stands_in_for_vacant(user, *finding.action_owner_ids)


@predicate
def may_decide_dispute(user: Any, dispute: Any) -> bool:
    """The Leader; management where the Leader owns the finding or raised the dispute (§5.3). Never the owner or who raised it."""
    if user.pk in {dispute.finding.owner_id, dispute.raised_by_id}:
        return False
    if dispute.leader_is_passed_over:
        return has_role(user, *MANAGEMENT)
    return is_one_of(user, dispute.finding.audit.leader_id)


@predicate
def raised_it(user: Any, dispute: Any) -> bool:
    return is_one_of(user, dispute.raised_by_id, dispute.finding.owner_id)


@predicate
def nobody(user: Any) -> bool:
    """What only follows from other moves is made by nobody."""
    return False


@predicate
def does_read_across(user: Any, record: Any) -> bool:
    """Whoever was named for it, or the contact of that site."""
    return is_one_of(user, record.owner_id) or is_one_of(user, record.site.contact_id)


@predicate
def verifies_read_across(user: Any, record: Any) -> bool:
    """Who verifies the finding, unless they did it or have a hand in the answer (§5.3): then the Leader, then management."""
    if user.pk in {record.owner_id, record.done_by_id} or has_a_hand_in_it(user, record.finding):
        return False
    verifier = read_across_verifier_id(record)
    return is_one_of(user, verifier) if verifier else has_role(user, *MANAGEMENT)


@predicate
def stands_over_read_across(user: Any, record: Any) -> bool:
    """The finding's owner and the Leader, and whoever stands above somebody who left."""
    if is_one_of(user, record.finding.owner_id, record.finding.audit.leader_id):
        return True
    # Only where somebody left, or for those who always may, is it asked who stands above: a table of rows costs nothing.
    over = has_role(user, *MANAGEMENT, Role.SYSTEM_OFFICE) or not record.owner.is_active
    return over and stands_in_for_vacant(user, record.owner_id)


@predicate
def has_read_across(user: Any, finding: Any) -> bool:
    return bool(acting_ids(user) & finding.read_across_ids)


reads_everything = predicate(reads_group, name="reads_everything")
verifies = (is_closure_manager & ~closure_manager_is_involved) | (is_leader & closure_manager_is_involved)
may_verify = verifies & ~has_a_hand_in_it
may_see = (
    reads_everything
    | is_on_team
    | is_owner
    | is_action_owner
    | is_closure_manager
    | is_site_contact
    | has_read_across
    | wrote_it
    | in_own_unit
)

rules.add_perm("findings.create", may_record)
rules.add_perm("findings.view", may_see)
rules.add_perm("findings.edit", is_lead_escort | wrote_it)
rules.add_perm("findings.add_evidence", is_owner | is_action_owner | is_on_team | is_site_contact | is_closure_manager)
rules.add_perm("findings.issue", is_lead_escort)
rules.add_perm("findings.submit", is_owner)
rules.add_perm("findings.verify", may_verify)
rules.add_perm("findings.close_for_customer", is_lead_escort)
rules.add_perm("findings.reopen", is_lead_escort | may_verify)
rules.add_perm("findings.withdraw", is_lead_escort)
rules.add_perm("findings.lead", is_leader)
rules.add_perm("findings.decide_exemption", may_decide_exemption)
rules.add_perm("findings.review_exemption", leads_what_it_stands_beside)
rules.add_perm("findings.dispute", is_owner)
rules.add_perm("findings.decide_dispute", may_decide_dispute)
rules.add_perm("findings.take_back_dispute", raised_it)
rules.add_perm("findings.complete_read_across", does_read_across)
rules.add_perm("findings.verify_read_across", verifies_read_across)
rules.add_perm("findings.replace_read_across_owner", stands_over_read_across)
rules.add_perm("findings.follow", nobody)
rules.add_perm("findings.replace", is_leader | stands_over_vacant_post)
rules.add_perm(
    "findings.replace_action_owner", is_owner | is_leader | stands_over_vacant_post | stands_over_action_owner
)
rules.add_perm("findings.complete_action", is_action_owner)


def verifier_id(finding: Any) -> int | None:
    """Who verifies: the closure manager, or the Leader where the closure manager has a hand in it."""
    stand_in = closure_manager_is_involved(None, finding)
    found: int | None = finding.audit.leader_id if stand_in else finding.closure_manager_id
    return found


def read_across_verifier_id(record: Any) -> int | None:
    """Who verifies what was done at another site; None: management, where reviewer and Leader both have a hand in it."""
    finding = record.finding
    did = {record.owner_id, record.done_by_id, finding.owner_id, *finding.action_owner_ids, *finding.answerer_ids}
    return next(
        (
            candidate
            for candidate in (verifier_id(finding), finding.audit.leader_id)
            if candidate and candidate not in did
        ),
        None,
    )
