"""Who watches the engine, and who keeps its policies."""

from typing import Any

import rules
from rules import predicate

from people.models import StandingRole
from people.rules import has_role

Role = StandingRole.Role


@predicate
def runs_the_system(user: Any) -> bool:
    return has_role(user, Role.ADMIN)


@predicate
def keeps_the_policies(user: Any) -> bool:
    """The process owner answers for the rules; the administrator enters them."""
    return has_role(user, Role.ADMIN, Role.PROCESS_OWNER)


rules.add_perm("clocks.engine", runs_the_system)
rules.add_perm("clocks.policies", keeps_the_policies)
