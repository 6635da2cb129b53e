"""Who a person is: the small predicates the other floors combine. Everything asked often is remembered on the user."""

from collections.abc import Callable
from typing import Any

import rules
from django.utils.functional import SimpleLazyObject

from lib import moment
from people.models import Deputy, StandingRole, Unit, User
from workflow.move import Move

Role = StandingRole.Role
#: These read the whole group's audits and findings (domain §4 A36).
GROUP_WIDE = frozenset({Role.MARKET, Role.LEADER, Role.CLOSURE, Role.SYSTEM_OFFICE, Role.TOP, Role.PROCESS_OWNER})
MANAGEMENT = frozenset({Role.TOP, Role.PROCESS_OWNER})


def roles_of(user: Any) -> frozenset[str]:
    """The standing roles of the person; none for someone not logged in.

    Who operates is not who decides (domain §5.2): whoever runs the system holds no other role, whatever the rows say.
    """
    if not user.is_authenticated:
        return frozenset()
    kept = real(user).__dict__.get("_roles")
    if kept is None:
        kept = frozenset(StandingRole.objects.filter(user_id=user.pk).values_list("role", flat=True))
        if user.is_superuser:
            # The first account of an empty installation is made by a command and holds no row: it runs the system.
            kept = frozenset({Role.ADMIN})
        elif user.is_staff or Role.ADMIN in kept:
            kept = kept & {Role.ADMIN}
        real(user).__dict__["_roles"] = kept
    return kept


def runs_the_system(user: Any) -> bool:
    """Whether the person administers the product: then they decide nothing and stand in for nobody."""
    return bool(user.is_authenticated and (user.is_staff or user.is_superuser or Role.ADMIN in roles_of(user)))


def real(user: Any) -> Any:
    """The user behind a lazy request.user."""
    if isinstance(user, SimpleLazyObject):
        str(user)
        return user.__dict__["_wrapped"]
    return user


def acting_ids(user: Any) -> frozenset[int]:
    """The person and everyone they stand in for today; nobody for whoever runs the system."""
    if not user.is_authenticated:
        return frozenset()
    kept = real(user).__dict__.get("_acting")
    if kept is None and runs_the_system(user):
        kept = real(user).__dict__["_acting"] = frozenset()
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


def stands_in(subject: Any, user: Any, move: Move[Any, Any]) -> User | None:
    """Whom the user stands in for on this move; nobody where a standing role of their own lets them make it."""
    if any(holder.role and has_role(user, holder.role) for holder in move.acts_for):
        return None
    return principal(user, *(pk for holder in move.acts_for for pk in holder.ids(subject)))


def above(person_id: int) -> list[int]:
    """Who stands above somebody who left: the nearest superior who is here, else the nearest other head up the tree of
    units, else management. The same people whom a ladder tells of a vacant post.
    """
    person = User.objects.select_related("unit").filter(pk=person_id).first()
    seen, step = {person_id}, person.superior if person else None
    while step is not None and step.pk not in seen:
        if step.is_active:
            return [step.pk]
        seen.add(step.pk)
        step = step.superior
    ids = person.unit.ancestor_ids()[::-1] if person and person.unit else []
    heads = {unit.pk: unit.head for unit in Unit.objects.filter(pk__in=ids).select_related("head")}
    for pk in ids:
        head = heads.get(pk)
        if head is not None and head.is_active and head.pk != person_id:
            return [head.pk]
    return list(User.objects.holding(*MANAGEMENT).values_list("pk", flat=True))


def stands_in_for_vacant(user: Any, *people: int | None) -> bool:
    """Whether one of the posts is vacant (its holder left, or nobody was named) and the user stands above it."""
    if not user.is_authenticated or runs_the_system(user):
        return False
    if has_role(user, *MANAGEMENT, Role.SYSTEM_OFFICE):
        return True
    gone = User.objects.filter(pk__in=[person for person in people if person], is_active=False).values_list(
        "pk", flat=True
    )
    return any(user.pk in above(pk) for pk in gone)


def who(permission: str) -> Callable[[Any, Any], bool]:
    """A permission as django-fsm calls it. Asks `rules` alone: being a superuser opens nothing."""
    return lambda subject, user: bool(rules.has_perm(permission, user, subject))


@rules.predicate
def _keeps_master_data(user: Any) -> bool:
    """The management-system office answers for the master data; the administrator may enter it (domain §5.1)."""
    return has_role(user, Role.SYSTEM_OFFICE, Role.ADMIN, *MANAGEMENT)


@rules.predicate
def _keeps_accounts(user: Any) -> bool:
    """People join through the system office or an administrator; roles are the administrator's alone (§5.2)."""
    return has_role(user, Role.SYSTEM_OFFICE, Role.ADMIN)


rules.add_perm("people.keep_master_data", _keeps_master_data)
rules.add_perm("people.keep_accounts", _keeps_accounts)
