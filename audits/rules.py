"""Who may do what with an audit. Rules say who; the graph on the model says when."""

from typing import Any

import rules
from rules import predicate

from people.models import StandingRole
from people.rules import (
    acting_ids,
    has_role,
    is_one_of,
    reads_group,
    runs_the_system,
    stands_in_for_vacant,
)

Role = StandingRole.Role


@predicate
def is_market(user: Any) -> bool:
    return has_role(user, Role.MARKET)


@predicate
def is_contact(user: Any) -> bool:
    return has_role(user, Role.CONTACT)


@predicate
def is_leader(user: Any, audit: Any) -> bool:
    return is_one_of(user, audit.leader_id)


@predicate
def is_lead_escort(user: Any, audit: Any) -> bool:
    return is_one_of(user, audit.lead_escort_id)


@predicate
def is_on_team(user: Any, audit: Any) -> bool:
    return is_one_of(user, audit.leader_id, audit.lead_escort_id) or bool(
        acting_ids(user) & {member.user_id for member in audit.team.all()}
    )


@predicate
def is_site_contact(user: Any, audit: Any) -> bool:
    return bool(acting_ids(user) & {place.contact_id for place in audit.places.all()})


@predicate
def in_own_unit(user: Any, audit: Any) -> bool:
    """Whether an audited site lies at or below the person's own unit (domain §4 A36)."""
    return (
        bool(user.unit_id)
        and not runs_the_system(user)
        and any(user.unit_id in place.site.unit.ancestor_ids() for place in audit.places.all())
    )


@predicate
def stands_over_leader(user: Any, audit: Any) -> bool:
    """The management-system office, management, and whoever stands above a Leader who left."""
    return stands_in_for_vacant(user, audit.leader_id)


@predicate
def stands_over_lead_escort(user: Any, audit: Any) -> bool:
    return stands_in_for_vacant(user, audit.lead_escort_id)


@predicate
def has_not_begun(user: Any, audit: Any) -> bool:
    """Market staff change the Leader until the audit begins (domain §5.2)."""
    return audit.actual_start is None


keeps_master_data = predicate(lambda user: rules.has_perm("people.keep_master_data", user), name="keeps_master_data")
reads_everything = predicate(reads_group, name="reads_everything")
may_see = reads_everything | is_on_team | is_site_contact | in_own_unit

rules.add_perm("audits.pass_on", is_contact | is_market)
rules.add_perm("audits.create", is_market)
rules.add_perm("audits.view", may_see)
rules.add_perm("audits.draft", is_market)
rules.add_perm("audits.revise", is_market | is_leader)
rules.add_perm("audits.appoint_leader", is_market)
rules.add_perm("audits.decline", is_leader)
rules.add_perm("audits.replace_leader", is_leader | (is_market & has_not_begun) | stands_over_leader)
rules.add_perm("audits.replace_lead_escort", is_leader | stands_over_lead_escort)
rules.add_perm("audits.reschedule", is_market | is_leader)
rules.add_perm("audits.record_result", is_lead_escort | is_leader)
rules.add_perm("audits.attach", is_market | is_on_team | is_site_contact)
rules.add_perm("audits.enter_customer", is_market | keeps_master_data)
rules.add_perm("audits.name_team", is_leader)
rules.add_perm("audits.change_team", is_leader)
rules.add_perm("audits.confirm", is_leader)
rules.add_perm("audits.send_notice", is_lead_escort)
rules.add_perm("audits.start", is_lead_escort)
rules.add_perm("audits.start_sudden", is_leader)
rules.add_perm("audits.record_meeting", is_lead_escort | is_on_team)
rules.add_perm("audits.hold_closing", is_lead_escort)
rules.add_perm("audits.begin_closure", is_lead_escort)
rules.add_perm("audits.close", is_lead_escort)
rules.add_perm("audits.review", is_lead_escort)
rules.add_perm("audits.archive", is_leader)
rules.add_perm("audits.postpone", is_market | is_leader)
rules.add_perm("audits.resume", is_market | is_leader)
rules.add_perm("audits.cancel", is_market | is_leader)
