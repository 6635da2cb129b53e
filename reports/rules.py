"""Who reads reports, who publishes them."""

from typing import Any

import rules
from rules import predicate

from people.models import StandingRole
from people.rules import has_role, reads_group


@predicate
def reads(user: Any) -> bool:
    return reads_group(user)


@predicate
def publishes(user: Any) -> bool:
    return has_role(user, StandingRole.Role.LEADER)


rules.add_perm("reports.view", reads)
rules.add_perm("reports.publish", publishes)
