"""What hangs on a person, and handing it over: nobody's duty is ever without somebody who may act (domain §5.3, 8).

Every app says what its records need people for by registering a `Post`; this file knows none of them but its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from people.actions import tell, write_down
from people.models import Site, StandingRole, Unit, User
from people.rules import Role, has_role, runs_the_system


@dataclass(frozen=True)
class Post:
    """One kind of post: where a person stands in it, who may follow, and how it passes on."""

    key: str
    label: Any
    #: The records in which the person holds the post and something is still to come.
    held_by: Callable[[User], Iterable[Any]]
    candidates: Callable[[], Any]
    #: (record, successor, by, reason): through the record's own door. Raises what the door raises.
    hand_over: Callable[[Any, User, Any, str], None]


POSTS: dict[str, Post] = {}


def register(post: Post) -> Post:
    """Make a kind of post known. Raises ValueError when the key is taken."""
    if post.key in POSTS:
        raise ValueError(f"{post.key} is registered already")
    POSTS[post.key] = post
    return post


@dataclass(frozen=True)
class Held:
    """The records of one post that hang on a person."""

    post: Post
    records: list[Any]


def hangs_on(person: User) -> list[Held]:
    """Everything that still needs the person, by post, in the order of registration."""
    found = [Held(post, list(post.held_by(person))) for post in POSTS.values()]
    return [duty for duty in found if duty.records]


def may_hand_over(by: Any, person: User) -> bool:
    """The management-system office, the process owner, and whoever stands directly above; never who runs the system."""
    if runs_the_system(by):
        return False
    return has_role(by, Role.SYSTEM_OFFICE, Role.PROCESS_OWNER, Role.TOP) or by.pk == person.superior_id


@transaction.atomic
def hand_over(person: User, successors: dict[str, User], *, by: Any, reason: str) -> int:
    """Pass every post for which a successor is named on to them: all of it, or nothing. Returns how many records.

    Raises what the records' own doors raise, and ValidationError for a successor who is not to be had.
    """
    count = 0
    for held in hangs_on(person):
        successor = successors.get(held.post.key)
        if successor is None:
            continue
        if not held.post.candidates().filter(pk=successor.pk).exclude(pk=person.pk).exists():
            raise ValidationError({held.post.key: _("%(person)s cannot take this over.") % {"person": successor}})
        for record in held.records:
            held.post.hand_over(record, successor, by, reason)
            count += 1
    write_down(by, person, f"handed over: {count} · {reason}")
    return count


def announce(person: User, *, by: Any) -> None:
    """Tell who may hand over that somebody left and what still hangs on them."""
    held = {str(duty.post.key): len(duty.records) for duty in hangs_on(person)}
    if not held:
        return
    office = User.objects.holding(StandingRole.Role.SYSTEM_OFFICE)
    people = office if office.exists() else User.objects.holding(StandingRole.Role.PROCESS_OWNER, StandingRole.Role.TOP)
    told = {person.pk: person for person in people}
    if person.superior is not None and person.superior.is_active:
        told[person.superior_id or 0] = person.superior
    tell(
        told.values(),
        "person_left",
        f"left:{person.pk}:{person.last_login or ''}",
        f"/people/{person.username}/handover/",
        person=person.in_both(),
        count=sum(held.values()),
        by=by.in_both(),
    )


# The posts of master data -------------------------------------------------------------------------------------------


def _site_post(column: str) -> Callable[[Any, User, Any, str], None]:
    def hand(site: Site, to: User, by: Any, reason: str) -> None:
        before = getattr(site, column)
        setattr(site, column, to)
        site.save()
        write_down(by, site, f"{column}: {before.username} → {to.username} · {reason}")

    return hand


def _unit_head(unit: Unit, to: User, by: Any, reason: str) -> None:
    unit.head = to
    unit.save()
    write_down(by, unit, f"head → {to.username} · {reason}")


def _superior(person: User, to: User, by: Any, reason: str) -> None:
    person.superior = to if to.pk != person.pk else None
    person.clean()
    person.save()
    write_down(by, person, f"superior → {to.username} · {reason}")


register(
    Post(
        "site_contact",
        gettext_lazy("Audited-area contact of a site"),
        lambda person: Site.objects.filter(contact=person),
        lambda: User.objects.at_work(),
        _site_post("contact"),
    )
)
register(
    Post(
        "site_owner",
        gettext_lazy("Answers for a site"),
        lambda person: Site.objects.filter(owner=person),
        lambda: User.objects.engineers(),
        _site_post("owner"),
    )
)
register(
    Post(
        "site_closure",
        gettext_lazy("Closure manager of a site"),
        lambda person: Site.objects.filter(closure_manager=person),
        lambda: User.objects.holding(StandingRole.Role.CLOSURE),
        _site_post("closure_manager"),
    )
)
register(
    Post(
        "unit_head",
        gettext_lazy("Head of a unit"),
        lambda person: Unit.objects.filter(head=person),
        lambda: User.objects.at_work(),
        _unit_head,
    )
)
register(
    Post(
        "superior",
        gettext_lazy("Superior of somebody"),
        lambda person: User.objects.filter(superior=person, is_active=True),
        lambda: User.objects.at_work(),
        _superior,
    )
)
