"""Plan and actual of a month."""

from datetime import timedelta

from django.utils import timezone

from audits import actions
from audits.models import Audit
from audits.plan import rows
from lib import moment


def test_a_postponed_audit_shows_its_first_plan_the_deviation_and_the_reason(world, t0, login) -> None:
    with moment.travel(t0):
        audit = world.audit("postponed")
        first = audit.planned_start
        actions.perform(
            audit.pk,
            "resume",
            by=world.user("market"),
            planned_start=first + timedelta(days=5),
            planned_end=first + timedelta(days=5),
        )
    (row,) = rows(world.user("leader"), first.replace(day=1), first)
    assert (row.planned, row.now_planned, row.actual, row.deviation) == (first, first + timedelta(days=5), None, 5)
    page = login("leader").get(f"/audits/plan/?month={first:%Y-%m}").content.decode()
    assert "5天" in page and "客户改期" in page


def test_a_sudden_audit_has_an_empty_plan_column(world, t0) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        Audit.objects.filter(pk=audit.pk).update(sudden=True, first_planned_start=None)
        today = timezone.localdate(t0)
    (row,) = rows(world.user("leader"), today, today)
    assert (row.planned, row.actual, row.deviation) == (None, today, None)


def test_everyone_sees_the_audits_they_may_see(world, t0) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
    day = timezone.localdate(t0)
    assert [row.audit for row in rows(world.user("escort"), day, day)] == [audit]
    assert rows(world.user("stranger"), day, day) == []
