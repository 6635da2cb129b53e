"""What is done about people: naming a deputy, confirming an address, handing over what hangs on somebody who leaves."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from auditlog.models import LogEntry as Change
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from people.models import Deputy, StandingRole, User
from people.rules import runs_the_system

LONGEST_DEPUTY = timedelta(days=60)
#: How people are told: (people, kind, key, url, facts). The floor that owes notices adds itself.
TELL: list[Callable[[Iterable[User], str, str, str, dict[str, Any]], None]] = []


def tell(people: Iterable[User], kind: str, key: str, url: str = "", **facts: Any) -> None:
    wanted = list(people)
    for hand_on in TELL:
        hand_on(wanted, kind, key, url, facts)


def write_down(by: Any, subject: Any, said: str) -> None:
    """What somebody did to master data or an account, in the administration's log with name and time."""
    LogEntry.objects.log_actions(int(by.pk or 0), [subject], CHANGE, change_message=said, single_object=True)


def may_name_deputy(by: Any, principal: User) -> bool:
    """The absent person, or whoever stands directly above; nobody who runs the system (domain §5.3)."""
    return not runs_the_system(by) and by.pk in {principal.pk, principal.superior_id}


@transaction.atomic
def name_deputy(*, by: Any, principal: User, deputy: User, starts_on: date, ends_on: date, reason: str = "") -> Deputy:
    """Let `deputy` act for `principal` on these days (both included), at most 60; the deputy and the person are told.

    Raises PermissionDenied, or ValidationError for somebody who may not stand in.
    """
    if not may_name_deputy(by, principal):
        raise PermissionDenied("people.name_deputy")
    if runs_the_system(deputy) or not deputy.is_active:
        raise ValidationError({"deputy": _("%(person)s cannot stand in for anybody.") % {"person": deputy}})
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day is before the first.")})
    if ends_on - starts_on > LONGEST_DEPUTY:
        raise ValidationError({"ends_on": _("At most %(days)s days at a time.") % {"days": LONGEST_DEPUTY.days}})
    made = Deputy.objects.create(
        principal=principal, deputy=deputy, starts_on=starts_on, ends_on=ends_on, reason=reason
    )
    write_down(by, principal, f"deputy: {deputy.username} {starts_on} – {ends_on}")
    tell(
        [person for person in (deputy, principal) if person.pk != by.pk],
        "deputy_named",
        f"deputy:{made.pk}",
        "/profile/",
        principal=principal.in_both(),
        deputy=deputy.in_both(),
        first=str(starts_on),
        last=str(ends_on),
        reason=reason,
    )
    return made


@transaction.atomic
def end_deputy(row: Deputy, *, by: Any) -> None:
    """Take the deputy's power back. Raises PermissionDenied."""
    if not may_name_deputy(by, row.principal):
        raise PermissionDenied("people.name_deputy")
    write_down(by, row.principal, f"deputy ended: {row.deputy.username} {row.starts_on} – {row.ends_on}")
    row.delete()


@transaction.atomic
def change_address(person: User, address: str, *, by: Any) -> None:
    """A new e-mail address. Set by somebody else it receives messages, but no password is reset through it until the
    person confirms it: whoever administers addresses does not become their owner.
    """
    before = person.email
    own = by.pk == person.pk
    User.objects.filter(pk=person.pk).update(email=address, email_confirmed=own, email_set_by=by.pk)
    note(person, by, email=(before, address))
    # The log-in's library keeps a list of addresses of its own; none but this one opens the account.
    EmailAddress.objects.filter(user=person).delete()
    write_down(by, person, f"e-mail: {before} → {address}")
    if not own:
        tell(
            [person],
            "address_changed",
            f"address:{person.pk}:{address}",
            "/profile/",
            before=before,
            after=address,
            by=by.in_both(),
        )


def roles_held(person: User) -> frozenset[str]:
    """The standing roles as the rows say them."""
    return frozenset(StandingRole.objects.filter(user=person).values_list("role", flat=True))


def note(person: User, by: Any, **changes: tuple[str, str]) -> None:
    """Write into the person's history what is changed without saving the person: what, before, after."""
    Change.objects.log_create(
        person,
        force_log=True,
        action=Change.Action.UPDATE,
        actor=User.objects.filter(pk=by.pk).first(),
        changes={name: list(pair) for name, pair in changes.items()},
    )


@transaction.atomic
def keep_person(
    person: User,
    changed: set[str],
    *,
    by: Any,
    roles: frozenset[str] | None = None,
    seen: frozenset[str] | None = None,
) -> User:
    """Save an account whose columns are set already; whoever has to know of a new address, superior or role is told. Of the
    `roles` only the difference to those that were `seen` is given and taken; None leaves them. A new account has no password: the
    person sets it through the invitation.
    """
    is_new, address = person.pk is None, person.email
    if is_new:
        person.set_unusable_password()
        # Whoever makes accounts does not own their addresses; only where nobody else is there yet, nobody could confirm.
        person.email_confirmed = not somebody_confirms()
        person.email_set_by_id = by.pk
    elif "email" in changed:
        person.email = User.objects.values_list("email", flat=True).get(pk=person.pk)
    person.save()
    if not is_new and "email" in changed:
        change_address(person, address, by=by)
    if not is_new and "superior" in changed:
        superior_changed(person, by)
    if roles is not None:
        set_roles(person, give=roles - (seen or frozenset()), take=(seen or frozenset()) - roles, by=by)
    return person


@transaction.atomic
def set_roles(person: User, *, give: frozenset[str], take: frozenset[str], by: Any) -> None:
    """Give and take standing roles, with the change in the person's history. Who runs the system from now on acts for nobody:
    what hangs on them is announced.
    """
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
    before = roles_held(person)
    after = (before | give) - take
    if after == before:
        return
    if StandingRole.Role.ADMIN in after and len(after) > 1:
        raise ValidationError(_("An administrator holds no other role: who operates is not who decides."))
    StandingRole.objects.filter(user=person, role__in=before - after).delete()
    StandingRole.objects.bulk_create(StandingRole(user=person, role=role) for role in sorted(after - before))
    note(person, by, roles=("、".join(sorted(before)), "、".join(sorted(after))))
    roles_changed(person, given=sorted(after - before), taken=sorted(before - after), by=by)
    if StandingRole.Role.ADMIN in after - before:
        from people import leaving

        leaving.announce(User.objects.get(pk=person.pk), by=User.objects.get(pk=by.pk))


@transaction.atomic
def reopen(person: User, *, by: Any) -> None:
    """Let somebody who left log in again."""
    person.is_active = True
    person.save()
    write_down(by, person, "account opened again")


def superior_changed(person: User, by: Any) -> None:
    """The superior names deputies and takes over: nobody gets there unseen."""
    tell(
        {*User.objects.holding("process_owner", "system_office"), person} - {by},
        "superior_changed",
        f"superior:{person.pk}:{person.superior_id}",
        person=person.in_both(),
        superior=person.superior.in_both() if person.superior else "",
        by=User.objects.get(pk=by.pk).in_both(),
    )


def roles_changed(person: User, *, given: list[str], taken: list[str], by: Any) -> None:
    """The process owner and the person hear which roles were given and taken."""
    tell(
        {*User.objects.holding("process_owner"), person} - {by},
        "roles_changed",
        f"roles:{person.pk}:{','.join(given + taken)}",
        person=person.in_both(),
        given=given,
        taken=taken,
        by=User.objects.get(pk=by.pk).in_both(),
    )


def somebody_confirms() -> bool:
    """Whether there is anybody of the management-system office, or the process owner, to confirm other people's addresses."""
    return User.objects.holding("system_office", "process_owner").exists()


def may_confirm_address(by: Any, person: User) -> bool:
    """The person, whoever stands directly above, or the management-system office; never who runs the system, and never whoever
    entered the address: setting and confirming it would be becoming the person.
    """
    from people.rules import Role, has_role

    if person.email_set_by_id == by.pk != person.pk:
        return False
    if runs_the_system(by):
        return bool(by.pk == person.pk)
    return by.pk in {person.pk, person.superior_id} or has_role(by, Role.SYSTEM_OFFICE, Role.PROCESS_OWNER)


@transaction.atomic
def confirm_address(person: User, *, by: Any) -> None:
    """From now on a password may be reset through the address. Raises PermissionDenied."""
    if not may_confirm_address(by, person):
        raise PermissionDenied("people.confirm_address")
    User.objects.filter(pk=person.pk).update(email_confirmed=True)
    write_down(by, person, f"e-mail confirmed: {person.email}")
