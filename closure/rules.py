"""Who sees the ledger: the person, the superior, closure managers, Leaders, the lead escort concerned, management."""

from typing import Any

import rules
from rules import predicate

from people.models import StandingRole
from people.rules import MANAGEMENT, has_role, is_one_of, runs_the_system as system

Role = StandingRole.Role


@predicate
def is_listed(user: Any, entry: Any) -> bool:
    """The person only, not a deputy: the ledger is personal data."""
    return bool(entry.person_id == user.pk)


@predicate
def is_superior(user: Any, entry: Any) -> bool:
    return bool(entry.person.superior_id == user.pk) and not system(user)


@predicate
def keeps_the_ledger(user: Any, entry: Any = None) -> bool:
    return has_role(user, Role.CLOSURE, Role.LEADER, *MANAGEMENT)


@predicate
def is_concerned(user: Any, entry: Any) -> bool:
    audit = entry.finding.audit
    return is_one_of(user, entry.finding.closure_manager_id, audit.leader_id, audit.lead_escort_id)


@predicate
def uses_the_desk(user: Any) -> bool:
    return has_role(user, Role.CLOSURE, Role.LEADER, *MANAGEMENT)


rules.add_perm("closure.view_entry", keeps_the_ledger | is_listed | is_superior | is_concerned)
rules.add_perm("closure.keep_ledger", predicate(lambda user: keeps_the_ledger(user), name="keeps_the_whole_ledger"))
rules.add_perm("closure.desk", uses_the_desk)
