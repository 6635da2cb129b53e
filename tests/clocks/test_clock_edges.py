"""What a clock does at its edges: batches, an older notice, a pause that never was, late before and after."""

import gc
from datetime import datetime, time

from audits import actions as audit_actions, clocks as audit_clocks
from calendars.arithmetic import Calendar, Shift
from clocks import actions as clock
from clocks.deadlines import Deadline, DueChange
from clocks.models import Escalation
from clocks.policy import PolicyStep
from clocks.reckoning import reckon
from clocks.sweep import sweep
from lib import moment
from notices.models import Notice
from tests.times import DAY, HOUR
from tests.world import World


def test_a_sweep_in_batches_of_one_ends_with_an_empty_one_and_leaves_the_collector_as_it_was(
    world: World, t0: datetime
) -> None:
    with moment.travel(t0):
        world.finding("issued")
    gc.disable()
    try:
        done = sweep(now=t0 + 2 * DAY, limit=1)
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert done.batches == done.clocks > 1 and done.escalations == Escalation.objects.count()
    assert sweep(now=t0 + 2 * DAY, limit=1).clocks == 0 and gc.isenabled()


def test_acknowledging_the_notice_of_earlier_dates_answers_no_clock(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("notified")
        old = Notice.objects.get(kind="audit_notice", recipient=world.users["teamer"])
    with moment.travel(t0 + HOUR):
        dates = {"planned_start": (t0 + 20 * DAY).date(), "planned_end": (t0 + 21 * DAY).date()}
        more = {"mode": "on_site", "sudden": False, "deviation": "customer", "reason": "客户改期"}
        audit_actions.perform(audit.pk, "reschedule", by=world.user("leader"), **dates, **more)
    asked = Deadline.objects.running().filter(step="acknowledge", part=str(world.users["teamer"].pk))
    assert asked.exists()
    audit_clocks.acknowledged(old, t0 + 2 * HOUR)
    assert asked.exists()
    audit_clocks.acknowledged(
        Notice.objects.filter(kind="audit_notice", recipient=world.users["teamer"]).latest("created_at"), t0 + 2 * HOUR
    )
    assert not asked.exists()


def test_what_was_never_paused_does_not_resume(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        row = Deadline.objects.get(finding=world.finding("issued"), step="close")
    due = row.due_at
    clock.resume(row, by=world.users["leader"], at=t0 + HOUR, reason="没有暂停过")
    row.refresh_from_db()
    assert row.due_at == due and not row.changes.exists()


def test_late_before_and_after_goes_on_where_the_ladder_stands(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    late = t0 + 40 * HOUR
    sweep(now=late)
    row = Deadline.objects.get(finding=finding, step="contain")
    rung, before = row.rung, row.due_at
    assert rung > 0
    clock.move_due(row, t0 + 30 * HOUR, DueChange.Cause.POLICY, by=world.users["admin"], at=late, reason="规则变更")
    row.refresh_from_db()
    assert (row.rung, row.ladder_from, row.due_at) == (rung, 0, t0 + 30 * HOUR) and row.next_alarm_at > late
    assert (row.changes.get().before, row.changes.get().after) == (before, t0 + 30 * HOUR)


def test_a_due_time_on_a_working_day_stays_where_it_is(t0: datetime) -> None:
    calendar = Calendar({n: (Shift(time(8), time(17)),) for n in range(5)})
    zone = moment.zone_of("Asia/Shanghai")
    step = PolicyStep(step="contain", amount=72, unit="hours", off_holidays=True)
    # From a Friday evening to Monday evening, which is worked; from Thursday to Sunday, which moves to Monday.
    assert reckon(step, t0, zone, calendar).due_at == t0 + 3 * DAY
    moved = reckon(step, t0 - DAY, zone, calendar).due_at.astimezone(zone)
    assert (moved.date(), moved.hour, moved.minute) == ((t0 + 3 * DAY).date(), 23, 59)
