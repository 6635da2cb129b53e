"""The clock engine: arithmetic, ladder, sweep, explanation."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import strategies as st

from clocks.deadlines import Deadline
from clocks.models import Escalation, Heartbeat
from clocks.policy import Policy, PolicyRung, PolicyStep, choose, rung_time
from clocks.sweep import sweep
from clocks.why import why
from closure.ledger import record_returns
from closure.models import LedgerEntry
from findings.states import ORDER
from lib import moment
from notices.models import Delivery, Notice
from tests.times import HOUR
from tests.world import deputise

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def clock_of(finding, step):
    return Deadline.objects.select_related("policy_step__policy", "started_by").get(finding=finding, step=step, cycle=1)


def test_the_three_clocks_start_together_at_t0(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    found = {one.step: (one.started_at, one.due_at) for one in finding.deadlines.filter(step__in=ORDER)}
    assert found == {
        "contain": (t0, t0 + 24 * HOUR),
        "analyse": (t0, t0 + 48 * HOUR),
        "close": (t0, datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC)),
    }


def test_the_plant_time_zone_ends_the_day(world, t0) -> None:
    world.units["F1D"].time_zone = "America/New_York"
    world.units["F1D"].save()
    with moment.travel(t0):
        finding = world.finding("issued")
    # 18:00 in Shanghai is 05:00 in New York; the clocks there change on the 8th.
    assert clock_of(finding, "close").due_at == datetime(2026, 3, 12, 3, 59, 59, tzinfo=UTC)


def test_a_customer_profile_only_tightens(world, t0) -> None:
    world.customer.contain_hours, world.customer.analyse_hours = 12, 72
    world.customer.save()
    with moment.travel(t0):
        finding = world.finding("issued")
    assert clock_of(finding, "contain").due_at == t0 + 12 * HOUR
    assert clock_of(finding, "analyse").due_at == t0 + 48 * HOUR
    assert "取两者中较早" in why(clock_of(finding, "contain")).words


def test_an_observation_has_the_five_days_only(world) -> None:
    finding = world.finding("issued", grade="observation")
    assert [one.step for one in finding.deadlines.all()] == ["close"]
    assert finding.deadlines.get().policy_step.policy.code == "2485-OBS"


def test_a_running_clock_keeps_its_policy_version(world, t0) -> None:
    with moment.travel(t0):
        old = world.finding("issued")
    newer = Policy.objects.create(code="2485", version=2, name="更严", valid_from=t0 + HOUR)
    PolicyStep.objects.create(policy=newer, step="contain", amount=8, unit="hours")
    with moment.travel(t0 + 2 * HOUR):
        new = world.finding("issued")
    assert clock_of(old, "contain").due_at == t0 + 24 * HOUR
    assert clock_of(new, "contain").due_at == t0 + 10 * HOUR
    assert why(clock_of(new, "contain")).version == 2


def test_the_most_specific_policy_wins(world, t0) -> None:
    Policy.objects.create(code="CU", name="客户规则", valid_from=t0, customer=world.customer)
    chosen = choose(covers="finding", customer_id=world.customer.pk, grade="minor", source="on_site", at=t0)
    assert chosen.code == "CU"
    assert choose(covers="finding", customer_id=None, grade="minor", source="self", at=t0).code == "2485-SELF"


def test_no_policy_in_force_is_said_plainly(world) -> None:
    with pytest.raises(LookupError):
        choose(covers="finding", customer_id=None, grade="minor", source="on_site", at=datetime(2001, 1, 1, tzinfo=UTC))


def test_the_ladder_climbs_and_the_last_rung_repeats(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    due = t0 + 24 * HOUR

    def told(name: str) -> int:
        return Notice.objects.filter(kind="clock", recipient=world.users[name], key__contains=":contain:").count()

    for at, people in (
        (due - 5 * HOUR, ()),
        (due - 4 * HOUR, ("owner",)),
        (due, ("owner", "closure")),
        (due + 4 * HOUR, ("owner", "superior")),
        (due + 24 * HOUR, ("owner", "superior", "leader")),
        # Management reads of it in its weekly summary, not at two in the morning.
        (due + 72 * HOUR, ("owner", "superior", "leader")),
    ):
        before = {name: told(name) for name in world.users}
        sweep(now=at)
        assert {name for name in world.users if told(name) > before[name]} == set(people), at
    for week in (1, 2, 3):
        assert Escalation.objects.filter(deadline__finding=finding, deadline__step="contain").count() == 4 + week
        sweep(now=due + 72 * HOUR + timedelta(weeks=week))
    assert clock_of(finding, "contain").next_alarm_at is not None


def test_sweeping_twice_does_nothing_twice(world, t0) -> None:
    with moment.travel(t0):
        world.finding("issued")
    first = sweep(now=t0 + 24 * HOUR)
    counted = (
        Escalation.objects.count(),
        Notice.objects.count(),
        LedgerEntry.objects.count(),
        Delivery.objects.count(),
    )
    second = sweep(now=t0 + 24 * HOUR)
    assert (first.clocks, second.clocks) == (1, 0)
    assert counted == (
        Escalation.objects.count(),
        Notice.objects.count(),
        LedgerEntry.objects.count(),
        Delivery.objects.count(),
    )


def test_after_an_outage_every_rung_is_recorded_at_its_true_time_and_each_person_is_told_once(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    due = t0 + 24 * HOUR
    sweep(now=due + 100 * HOUR)
    rungs = Escalation.objects.filter(deadline__finding=finding, deadline__step="contain").order_by("rung")
    assert [one.breached_at - due for one in rungs] == [-4 * HOUR, 0 * HOUR, 4 * HOUR, 24 * HOUR, 72 * HOUR]
    assert {one.fired_at for one in rungs} == {due + 100 * HOUR}
    mine = Notice.objects.filter(kind="clock", recipient=world.users["owner"], key__contains=":contain:")
    assert mine.count() == 1 and mine.get().level == "red"
    assert LedgerEntry.objects.get(finding=finding, rule="late_contain").breached_at == due


def test_an_answered_clock_is_silent(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 10 * HOUR):
        world.contain(finding)
    sweep(now=t0 + 40 * HOUR)
    assert not Escalation.objects.filter(deadline__finding=finding, deadline__step="contain").exists()


def test_a_breach_while_the_worker_was_down_is_recorded_although_the_answer_came_meanwhile(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 30 * HOUR):
        world.contain(finding)
    sweep(now=t0 + 60 * HOUR)
    rungs = Escalation.objects.filter(deadline__finding=finding, deadline__step="contain").order_by("rung")
    assert [one.breached_at - t0 for one in rungs] == [20 * HOUR, 24 * HOUR, 28 * HOUR]
    assert [one.told for one in rungs] == [[], [], []]
    assert LedgerEntry.objects.filter(finding=finding, rule="late_contain").count() == 1
    assert not Notice.objects.filter(kind="clock", key__contains=":contain:").exists()
    assert clock_of(finding, "contain").next_alarm_at is None


def test_the_reviewers_own_clock_runs_and_falls_on_the_closure_manager(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("contained")
    review = Deadline.objects.get(finding=finding, step="review")
    assert review.due_at == t0 + 24 * HOUR
    sweep(now=t0 + 24 * HOUR)
    late = Notice.objects.filter(kind="clock", key__contains=":review:")
    assert {notice.recipient for notice in late} == {world.users["closure"]}
    entry = LedgerEntry.objects.get(deadline=review)
    assert (entry.rule, entry.person, entry.breached_at) == ("late_review", world.users["closure"], t0 + 24 * HOUR)
    with moment.travel(t0 + 25 * HOUR):
        world.do(finding, "accept_step", "closure", step="contain")
    review.refresh_from_db()
    assert review.answered_at == t0 + 25 * HOUR and review.next_alarm_at is None


def test_the_absent_owner_and_the_deputy_are_both_told(world, t0) -> None:
    with moment.travel(t0 + 20 * HOUR):
        deputise(world, "owner", "actor")
    with moment.travel(t0):
        world.finding("issued")
    sweep(now=t0 + 20 * HOUR)
    assert set(Notice.objects.filter(kind="clock").values_list("recipient__username", flat=True)) == {"owner", "actor"}
    stand_in = Notice.objects.get(kind="clock", recipient=world.users["actor"])
    assert stand_in.facts["for"] == world.users["owner"].name
    told = Escalation.objects.get().told
    assert told == [{"id": world.users["owner"].pk}, {"id": world.users["actor"].pk, "for": world.users["owner"].pk}]


def test_a_vacant_superior_is_replaced_by_the_head_above(world, t0) -> None:
    world.users["owner"].superior = None
    world.users["owner"].save()
    world.units["F1"].head = world.users["office"]
    world.units["F1"].save()
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + 28 * HOUR)
    rung = Escalation.objects.get(deadline__finding=finding, deadline__step="contain", rung=2)
    assert world.users["office"].pk in {one["id"] for one in rung.told}


def test_self_inspection_findings_stay_outside_accountability(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued", source="self")
    sweep(now=t0 + timedelta(days=20))
    assert Escalation.objects.filter(deadline__finding=finding).exists()
    assert not LedgerEntry.objects.filter(finding=finding).exists()


def test_the_sweep_makes_the_same_number_of_statements_for_1_and_300_clocks(world, t0) -> None:
    with moment.travel(t0):
        world.finding("issued")
    sweep(now=t0)  # the heartbeat's row is there from now on
    with CaptureQueriesContext(connection) as one:
        assert sweep(now=t0 + 24 * HOUR).clocks == 1
    template = Deadline.objects.get(step="contain")
    finding = template.subject
    for n in range(300):
        Deadline(
            subject=finding,
            owes=finding.owner,
            step="contain",
            cycle=n + 100,
            policy_step=template.policy_step,
            zone=template.zone,
            started_at=t0,
            started_by=template.started_by,
            base_due_at=t0 + 24 * HOUR,
            due_at=t0 + 24 * HOUR,
            original_due_at=t0 + 24 * HOUR,
            judged_due_at=t0 + 24 * HOUR,
            next_alarm_at=t0 + 20 * HOUR,
        ).save()
    with CaptureQueriesContext(connection) as many:
        assert sweep(now=t0 + 24 * HOUR).clocks == 300
    # probe, people, units, roles, deputies, claim, steps, escalations, notices, deliveries, ledger, advance; savepoints
    if connection.vendor == "postgresql":
        assert len(many) == len(one)
    else:
        # SQLite takes 999 values in one statement, so Django splits the inserts; the kinds of statement are the same.
        kinds = [
            {query["sql"][:40] for query in captured if "SAVEPOINT" not in query["sql"]} for captured in (one, many)
        ]
        assert kinds[0] == kinds[1]


def test_the_idle_sweep_is_one_probe(world, t0, django_assert_num_queries) -> None:
    Heartbeat.objects.create(job="sweep", at=t0)
    # savepoint, probe, release, heartbeat: read, write inside its own savepoint
    with CaptureQueriesContext(connection) as captured:
        sweep(now=t0)
    assert sum("clocks_deadline" in query["sql"] for query in captured) == 1


def test_two_returns_enter_the_ledger_once(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("contained")
        for _time in range(2):
            world.do(finding, "send_back", "closure", step="contain", reason="不够")
            world.contain(finding)
    assert record_returns(now=t0 + HOUR) == 1
    assert record_returns(now=t0 + 2 * HOUR) == 0
    entry = LedgerEntry.objects.get(rule="returned")
    assert (entry.person, entry.facts) == (world.users["owner"], {"times": 2})


def test_the_command_prints_json_and_dry_run_changes_nothing(world, t0) -> None:
    with moment.travel(t0):
        world.finding("issued")
    out = StringIO()
    at = (t0 + 24 * HOUR).isoformat()
    call_command("sweep", "--now", at, "--dry-run", stdout=out)
    assert json.loads(out.getvalue())["clocks"] == 1
    assert not Escalation.objects.exists()
    out = StringIO()
    call_command("sweep", "--now", at, stdout=out)
    said = json.loads(out.getvalue())
    assert (said["clocks"], said["escalations"], said["ledger"]) == (1, 2, 1)
    with pytest.raises(CommandError, match="not an ISO time"):
        call_command("sweep", "--now", "tomorrow")


def test_why_is_said_in_both_languages(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    row = clock_of(finding, "contain")
    assert why(row).words == (
        "依据“2485原则”第1版（适用于没有专门规则的全部），临时对策：自2026-03-06 18:00（由某escort发起）起24小时（自然时间），"
        "应于2026-03-07 18:00（Asia/Shanghai）完成。"
    )
    with translation.override("en"):
        assert why(row).words == (
            "Policy “2485 rule” version 1 (holds for everything that has no rule of its own), Containment: 24 hours by the "
            "wall clock from 2026-03-06 18:00, started by 某escort, gives 2026-03-07 18:00 (Asia/Shanghai)."
        )


def test_no_rung_waits_for_a_percentage_that_a_longer_time_carried_past_it() -> None:
    ladder = [PolicyRung(position=1, percent=150), PolicyRung(position=2, offset_minutes=1440, repeat_minutes=60)]
    start, day = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)
    assert [rung_time(ladder, start, start + day, n) for n in (0, 1)] == [start + 1.5 * day, start + 2 * day]
    assert [rung_time(ladder, start, start + 30 * day, n) for n in (0, 1)] == [start + 31 * day] * 2


def test_rung_times_past_the_ladder_repeat_the_last() -> None:
    assert rung_time([], datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), 0) is None


def test_what_the_sweep_tells_carries_the_time_it_told_it(world, t0) -> None:
    with moment.travel(t0):
        world.finding("issued")
    sweep(now=t0 + 20 * HOUR)
    assert Notice.objects.filter(kind="clock").first().created_at == t0 + 20 * HOUR
