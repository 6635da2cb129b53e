"""Who a person is: the small predicates the other floors combine. Everything asked often is remembered on the user."""

from collections.abc import Callable
from typing import Any

import rules
from django.utils.functional import SimpleLazyObject

from people.models import Deputy, StandingRole, User
from workflow import moment

Role = StandingRole.Role
#: These read the whole group's audits and findings (domain §4 A36).
GROUP_WIDE = frozenset({Role.MARKET, Role.LEADER, Role.CLOSURE, Role.SYSTEM_OFFICE, Role.TOP, Role.PROCESS_OWNER})
MANAGEMENT = frozenset({Role.TOP, Role.PROCESS_OWNER})


def roles_of(user: Any) -> frozenset[str]:
    """The standing roles of the person; none for someone not logged in."""
    if not user.is_authenticated:
        return frozenset()
    kept = real(user).__dict__.get("_roles")
    if kept is None:
        kept = frozenset(StandingRole.objects.filter(user_id=user.pk).values_list("role", flat=True))
        real(user).__dict__["_roles"] = kept
    return kept


def real(user: Any) -> Any:
    """The user behind a lazy request.user."""
    if isinstance(user, SimpleLazyObject):
        str(user)
        return user.__dict__["_wrapped"]
    return user


def acting_ids(user: Any) -> frozenset[int]:
    """The person and everyone they stand in for today."""
    if not user.is_authenticated:
        return frozenset()
    kept = real(user).__dict__.get("_acting")
    if kept is None:
        principals = Deputy.objects.at(moment.now()).filter(deputy_id=user.pk).values_list("principal_id", flat=True)
        kept = frozenset({user.pk, *principals})
        real(user).__dict__["_acting"] = kept
    return kept


def has_role(user: Any, *roles: str) -> bool:
    return bool(roles_of(user) & set(roles))


def is_one_of(user: Any, *people: int | None) -> bool:
    """Whether the user is, or stands in for, one of the people."""
    return bool(acting_ids(user) & {person for person in people if person})


def reads_group(user: Any) -> bool:
    return bool(roles_of(user) & GROUP_WIDE)


def principal(user: Any, *people: int | None) -> User | None:
    """Whom the user stands in for among `people`; None when they act in their own name."""
    wanted = [person for person in people if person]
    if user.pk in wanted:
        return None
    stood_for = acting_ids(user) & set(wanted)
    return User.objects.get(pk=min(stood_for)) if stood_for else None


def who(permission: str) -> Callable[[Any, Any], bool]:
    """A permission as django-fsm calls it. Asks `rules` alone: being a superuser opens nothing."""
    return lambda subject, user: bool(rules.has_perm(permission, user, subject))
