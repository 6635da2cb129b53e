"""Who keeps the calendars: the system administrator."""

from typing import Any

import rules
from rules import predicate

from people.models import StandingRole
from people.rules import has_role


@predicate
def keeps_the_calendars(user: Any) -> bool:
    return has_role(user, StandingRole.Role.ADMIN)


rules.add_perm("calendars.edit", keeps_the_calendars)
