"""The clocks of a finding or audit, and a finding whose owner asks for an exemption: shared by the tests of the engine."""

from datetime import datetime, timedelta
from typing import Any

from audits import actions as audit_actions
from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.subjects import around_them
from findings.models import Finding
from lib import moment
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clocks(subject: Any, step: str) -> list[Deadline]:
    """The clocks of this kind on the record and on what stands beside it."""
    own = type(subject)._default_manager.filter(pk=subject.pk)
    return list(Deadline.objects.filter(around_them(type(subject), own), step=step).order_by("id"))


def only(subject: Any, step: str) -> Deadline:
    found = clocks(subject, step)
    assert len(found) == 1, found
    return found[0]


def as_person(world: World, audit: Audit, move: str, who: str, **facts: Any) -> Audit:
    return audit_actions.perform(audit.pk, move, by=world.user(who), **facts)


def exempted(world: World, t0: datetime, **changes: Any) -> Finding:
    with moment.travel(t0):
        finding = world.finding("analysed")
    facts = {
        "reason": "building",
        "explanation": "x",
        "interim_control": "x",
        "milestones": "x",
        "new_date": (t0 + 60 * DAY).date(),
    }
    with moment.travel(t0 + 60 * HOUR):
        return world.do(finding, "apply_exemption", "owner", **(facts | changes))
