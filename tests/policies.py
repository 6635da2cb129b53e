"""Findings under changed policies: what the tests of the engine share."""

from datetime import datetime, time, timedelta
from typing import Any

from calendars.models import PlantCalendar, Shift, WorkCalendar
from clocks.deadlines import Deadline
from clocks.policy import Policy, PolicyStep
from findings.models import Finding
from lib import moment
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def issue(world: World, t0: datetime, **changes: Any) -> Finding:
    with moment.travel(t0):
        return world.finding("issued", **changes)


def row(finding: Finding, step: str) -> Deadline:
    return Deadline.objects.explained().get(finding=finding, step=step)


def alter_policy(**values: Any) -> None:
    Policy.objects.filter(code="2485").update(**values)


def alter_step(step: str, **values: Any) -> None:
    PolicyStep.objects.filter(policy__code="2485", step=step).update(**values)


def day_shift(world: World) -> WorkCalendar:
    made = WorkCalendar.objects.create(code="W", name="白班")
    for weekday in range(5):
        Shift.objects.create(calendar=made, weekday=weekday, begins=time(8), ends=time(17), breaks="12:00-13:00")
    PlantCalendar.objects.create(unit=world.units["F1"], calendar=made)
    return made


def due(world: World, t0: datetime, step: str, **fields: Any) -> datetime:
    return row(issue(world, t0, **fields), step).due_at
