"""Who a rung tells, resolved when it fires: a constant number of statements for any number of clocks."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import DateField

from clocks.subjects import EVERYWHERE, Posts
from lib.moment import day_of
from lib.prepared import Given, Prepared
from people.models import Deputy, StandingRole, Unit, User

Role = StandingRole.Role

PEOPLE = Prepared(lambda: User.objects.values_list("pk", "superior_id", "unit_id", "is_active", "standing_roles__role"))
UNITS = Prepared(lambda: Unit.objects.values_list("pk", "head_id", "parent_id"))
DEPUTIES = Prepared(
    lambda: (
        Deputy.objects.on(Given("day", DateField()))
        .filter(deputy__is_active=True)
        .order_by("pk")
        .values_list("principal_id", "deputy_id", "principal__name")
    )
)


class Hands(NamedTuple):
    """The people around one clock: who owes it, and who holds which post beside it."""

    owes: int | None
    posts: Posts = ()

    def at(self, post: str) -> int | None:
        return next((person for name, person in self.posts if name == post), None)


class Told(NamedTuple):
    """Someone a rung tells, and whom they stand in for."""

    person: int
    stands_in_for: int | None = None


class Directory:
    """The people that ladders may name, loaded once a sweep. Whoever left is a vacant post: the one above is told."""

    def __init__(self, now: datetime) -> None:
        self._all: dict[int, tuple[int | None, int | None]] = {}
        self._people: set[int] = set()
        held: dict[str, set[int]] = {}
        for pk, superior, unit, active, role in PEOPLE.rows():
            self._all[pk] = (superior, unit)
            if active:
                self._people.add(pk)
                held.setdefault(role, set()).add(pk)
        self._process_owners = sorted(held.get(Role.PROCESS_OWNER, set()))
        self._management = sorted(held.get(Role.TOP, set()) | held.get(Role.PROCESS_OWNER, set()))
        rows = DEPUTIES.rows(day=day_of(now))
        self._deputies = {principal: deputy for principal, deputy, _name in rows}
        #: What the absent are called.
        self.absent = {principal: name for principal, _deputy, name in rows}
        self._resolved: dict[tuple[Hands, tuple[str, ...]], tuple[Told, ...]] = {}

    @cached_property
    def _units(self) -> dict[int, tuple[int | None, int | None]]:
        """Head and parent of every unit; asked for only when somebody has no superior."""
        return {pk: (head, parent) for pk, head, parent in UNITS.rows()}

    def _above(self, person: int | None) -> list[int]:
        """The superior; with none there, the nearest head up the tree who is someone else; in the end management."""
        seen: set[int] = {person or 0}
        superior, unit = self._all.get(person or 0, (None, None))
        while superior and superior not in seen:
            if superior in self._people:
                return [superior]
            seen.add(superior)
            superior = self._all[superior][0]
        passed: set[int] = set()
        while unit is not None and unit not in passed:
            head, parent = self._units[unit]
            if head and head in self._people and head != person:
                return [head]
            passed.add(unit)
            unit = parent
        return self._management

    def _post(self, person: int | None) -> list[int]:
        """Whoever holds the post; when it is vacant the one above."""
        return [person] if person in self._people else self._above(person)

    def _named(self, hands: Hands, who: str) -> list[int]:
        if who == "owner":
            return self._post(hands.owes)
        if who == "superior":
            return self._above(hands.owes)
        if who == "process_owner":
            return self._process_owners or self._management
        return self._management if who in EVERYWHERE else self._post(hands.at(who))

    def _holder(self, hands: Hands, who: str) -> int | None:
        """Whose post it is, whether or not they are here."""
        return hands.owes if who == "owner" else hands.at(who)

    def told(self, hands: Hands, recipients: Iterable[str]) -> tuple[Told, ...]:
        """The people a rung tells, each once; for whoever is away, or left, the deputy too."""
        key = (hands, tuple(recipients))
        if key not in self._resolved:
            people: dict[int, Told] = {}
            for who in key[1]:
                left = self._holder(hands, who)
                if left is not None and left not in self._people and left in self._deputies:
                    people.setdefault(self._deputies[left], Told(self._deputies[left], left))
                for person in self._named(hands, who):
                    people.setdefault(person, Told(person))
                    if person in self._deputies:
                        people.setdefault(self._deputies[person], Told(self._deputies[person], person))
            self._resolved[key] = tuple(people.values())
        return self._resolved[key]
