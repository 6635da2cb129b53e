"""Who a rung tells, resolved when it fires: a constant number of statements for any number of clocks."""

from collections.abc import Iterable
from datetime import datetime

from findings.models import Deadline
from findings.queries import with_hands
from findings.rules import verifier_id
from people.models import Deputy, StandingRole, Unit, User


class Directory:
    """The people that the ladders of a batch may name, loaded once."""

    def __init__(self, deadlines: list[Deadline], now: datetime) -> None:
        owners = {deadline.finding.owner_id for deadline in deadlines if deadline.finding.owner_id}
        self._superior: dict[int, int | None] = {}
        self._unit: dict[int, int | None] = {}
        for pk, superior, unit in User.objects.filter(pk__in=owners).values_list("pk", "superior_id", "unit_id"):
            self._superior[pk], self._unit[pk] = superior, unit
        self._units = {unit.pk: unit for unit in Unit.objects.all()}
        roles = StandingRole.objects.filter(
            role__in=[StandingRole.Role.TOP, StandingRole.Role.PROCESS_OWNER], user__is_active=True
        )
        self._management = sorted(set(roles.values_list("user_id", flat=True)))
        with_hands([deadline.finding for deadline in deadlines])
        self._deputies = dict(Deputy.objects.at(now).order_by("pk").values_list("principal_id", "deputy_id"))

    def _above(self, owner_id: int) -> list[int]:
        """The superior; with none named, the nearest head up the tree who is not the owner."""
        if self._superior.get(owner_id):
            return [int(self._superior[owner_id] or 0)]
        unit = self._units.get(self._unit.get(owner_id) or 0)
        while unit is not None:
            if unit.head_id and unit.head_id != owner_id:
                return [unit.head_id]
            unit = self._units.get(unit.parent_id or 0)
        return self._management

    def _named(self, deadline: Deadline, who: str) -> list[int]:
        finding = deadline.finding
        owner = finding.owner_id or 0
        if who == "owner":
            return [owner] if owner else []
        if who == "superior":
            return self._above(owner)
        if who == "leader":
            leader = finding.audit.leader_id
            return [leader] if leader else self._management
        if who == "closure_manager":
            verifier = verifier_id(finding)
            return [verifier] if verifier else self._management
        return self._management

    def told(self, deadline: Deadline, recipients: Iterable[str]) -> list[int]:
        """The people a rung tells, each once, with the deputy of whoever is away."""
        people: dict[int, None] = {}
        for who in recipients:
            for person in self._named(deadline, who):
                people[person] = None
                if person in self._deputies:
                    people[self._deputies[person]] = None
        return list(people)
