"""All clocks on one engine: every kind from its start to its end, a new kind by one line, every due date watched."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from clocks import kinds
from clocks.deadlines import Deadline
from clocks.kinds import KINDS, Kind, by, due_fields, on, register
from clocks.models import Escalation
from clocks.policy import Policy, PolicyRung, PolicyStep, problems
from clocks.sweep import sweep
from clocks.why import why
from closure.work import tasks
from findings.models import Finding
from lib import moment
from notices.models import Delivery, Notice
from tests.deadlines import DAY, HOUR, as_person, clocks, exempted, only
from tests.world import World

# Every kind ---------------------------------------------------------------------------------------------------------


def test_every_kind_but_the_engines_own_is_in_a_default_policy_and_every_step_has_a_kind(world: World) -> None:
    steps = set(PolicyStep.objects.values_list("step", flat=True))
    assert steps == set(KINDS)


def test_the_default_ladders_never_fall_silent(world: World) -> None:
    assert {policy.code: problems(policy) for policy in Policy.objects.all()} == {
        policy.code: [] for policy in Policy.objects.all()
    }


def test_the_leaders_review_runs_from_the_issue_and_regrading_answers_it_too(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        first, second = (world.do(world.draft(audit), "issue", "escort") for _n in range(2))
    row = only(first, "leader_review")
    assert (row.due_at, row.owes) == (t0 + 24 * HOUR, world.users["leader"])
    with moment.travel(t0 + 2 * HOUR):
        world.do(first, "leader_review", "leader", note="等级无误")
        world.do(second, "regrade", "leader", grade="major", reason="影响出货")
    assert {only(one, "leader_review").answered_at for one in (first, second)} == {t0 + 2 * HOUR}


def test_every_countermeasure_has_a_clock_on_its_own_date_owed_by_whoever_has_it(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("analysed")
    found = clocks(finding, "action")
    assert len(found) == 3 and {row.owes for row in found} == {world.users["actor"]}
    assert {row.due_at for row in found} == {datetime(2026, 3, 6, 15, 59, 59, tzinfo=UTC)}
    assert any(task.title == finding.number for task in tasks(world.user("actor"), t0))
    with moment.travel(t0 + HOUR):
        world.do(finding, "send_back", "closure", step="analyse", reason="根因不足")
        assert all(row.stopped_at for row in clocks(finding, "action"))
        world.analyse(finding)
        world.implement(Finding.objects.get(pk=finding.pk))
    assert [bool(row.answered_at) for row in clocks(finding, "action")] == [False] * 3 + [True] * 3


def test_the_decision_on_an_exemption_is_owed_in_48_hours_and_then_by_management(world: World, t0: datetime) -> None:
    finding = exempted(world, t0, reason="investment")
    row = only(finding, "exemption")
    assert (row.due_at - row.started_at, row.owes) == (48 * HOUR, world.users["leader"])
    with moment.travel(t0 + 70 * HOUR):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    row.refresh_from_db()
    assert row.running and row.owes is None
    sweep(now=row.due_at)
    told = Escalation.objects.filter(deadline=row).order_by("rung").last().told
    assert {one["id"] for one in told} == {world.users["top"].pk, world.users["process_owner"].pk}
    with moment.travel(t0 + 71 * HOUR):
        world.do(finding, "decide_exemption", "top", approve=True, reason="同意")
    assert only(finding, "exemption").answered_at == t0 + 71 * HOUR


def test_an_exemption_in_force_is_reviewed_every_30_days_until_it_ends(world: World, t0: datetime) -> None:
    finding = exempted(world, t0)
    with moment.travel(t0 + 70 * HOUR):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    with moment.travel(t0 + 30 * DAY):
        world.do(finding, "review_exemption", "leader", go_on=True, reason="按里程碑进行")
    first, second = clocks(finding, "exemption_review")
    assert first.answered_at == t0 + 30 * DAY and second.running and second.cycle == 2
    with moment.travel(t0 + 40 * DAY):
        world.do(finding, "review_exemption", "leader", go_on=False, reason="设备提前到货")
    assert not any(row.running for row in clocks(finding, "exemption_review"))


def test_effectiveness_is_owed_at_30_60_and_90_days_and_one_check_answers_the_shorter_ones(
    world: World, t0: datetime
) -> None:
    with moment.travel(t0):
        finding = world.finding("customer_closed")
    due = {days: only(finding, f"effect_{days}") for days in (30, 60, 90)}
    for days, row in due.items():
        assert row.due_at == datetime(2026, 3, 6, 15, 59, 59, tzinfo=UTC) + days * DAY
        assert row.owes == world.users["closure"]
    with moment.travel(t0 + 61 * DAY):
        world.do(finding, "check_effect", "closure", window="60", evidence="抽查合格")
    assert [bool(only(finding, f"effect_{days}").answered_at) for days in (30, 60, 90)] == [True, True, False]
    with moment.travel(t0 + 62 * DAY):
        world.do(finding, "confirm_effective", "closure", window="lots", evidence="连续三批无再发")
    assert only(finding, "effect_90").answered_at == t0 + 62 * DAY


def test_the_customers_agreement_is_chased_by_the_lead_escort(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("closed")
    row = only(finding, "customer")
    assert row.owes == world.users["escort"] and row.due_at > t0 + 7 * DAY
    with moment.travel(t0 + DAY):
        world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="拒绝")
    assert only(finding, "customer").stopped_at == t0 + DAY


def test_an_implementation_that_comes_back_brings_its_countermeasures_back(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("implemented")
        world.do(finding, "send_back", "closure", step="close", reason="证据不足")
        world.do(finding, "send_back", "closure", step="analyse", reason="根因不足")
    assert not any(row.running for row in clocks(finding, "action"))
    with moment.travel(t0):
        other = world.finding("implemented", finding.audit)
        world.do(other, "send_back", "closure", step="close", reason="证据不足")
    assert all(row.running and row.next_alarm_at for row in clocks(other, "action"))


def test_a_refused_finding_gets_a_new_closing_clock_whatever_ended_the_first(world: World, t0: datetime) -> None:
    Policy.objects.filter(code="2485").update(close_ends="customer")
    with moment.travel(t0):
        finding = world.finding("closed")
    with moment.travel(t0 + 9 * DAY):
        world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="拒绝")
    first, second = clocks(finding, "close")
    assert first.stopped_at and second.running and second.cycle == 2 and second.started_at == t0 + 9 * DAY


def test_a_date_of_today_entered_in_the_last_second_is_no_obstacle(world: World) -> None:
    last = datetime(2026, 3, 6, 15, 59, 59, 500000, tzinfo=UTC)
    with moment.travel(last):
        finding = world.finding("analysed")
    assert all(row.due_at > row.started_at for row in clocks(finding, "action"))


# The engine ---------------------------------------------------------------------------------------------------------


def test_a_new_kind_of_clock_is_a_policy_row_and_one_line(world: World, t0: datetime) -> None:
    step = PolicyStep.objects.create(policy=Policy.objects.get(code="2485"), step="shout", amount=2, unit="hours")
    PolicyRung.objects.create(
        step=step, position=1, offset_minutes=0, recipients=["owner", "process_owner"], level="red", repeat_minutes=60
    )
    register(
        Kind(
            step="shout",
            label="喊话",
            of=Finding,
            owed_by=lambda one, _row: one.closure_manager_id,
            starts=on("issue"),
            answered_by=by("accept_step"),
        )
    )
    try:
        with moment.travel(t0):
            finding = world.finding("issued")
        sweep(now=t0 + 2 * HOUR)
        told = set(
            Notice.objects.filter(kind="clock", key__contains=":shout:").values_list("recipient__username", flat=True)
        )
        assert told == {"closure", "process_owner"}
        assert "喊话" in why(Deadline.objects.explained().get(finding=finding, step="shout")).words
        assert any(task.label == "喊话" for task in tasks(world.user("closure"), t0))
        with moment.travel(t0 + 3 * HOUR):
            world.contain(finding)
            world.do(finding, "accept_step", "closure", step="contain")
        assert only(finding, "shout").answered_at == t0 + 3 * HOUR
        assert not Delivery.objects.filter(notice__topic=only(finding, "shout").topic, status="pending").exists()
    finally:
        del KINDS["shout"]
    with pytest.raises(ValueError, match="registered"):
        register(KINDS["contain"])


#: What a column is called that holds a date somebody owes, by the words people use for such dates.
OWED = re.compile(r"due|deadline|until|follow_up|reply_by|target|promised|new_date|expected|finish_by|remind")
#: Dates called so that nobody owes: each with the reason.
NOT_OWED = {
    "clocks.Deadline.due_at": "the engine's own",
    "clocks.Deadline.base_due_at": "the engine's own",
    "clocks.Deadline.customer_due_at": "the engine's own",
    "clocks.Deadline.original_due_at": "the engine's own: as the clock was started",
    "clocks.Deadline.judged_due_at": "the engine's own: what the answer is judged by",
}
#: Every other date column says when something happened, or from when to when something holds.
HAPPENED = re.compile(
    r".*_at$|^(at|day|before|after|valid_from|valid_to|starts_on|ends_on|quiet_from|quiet_to|date_joined|last_login|begins|"
    r"ends|planned_start|planned_end|first_planned_start|actual_start|actual_end|released_on|done_on|month|expire_date|"
    r"action_time|timestamp|created|expires_at|last_used_at)$"
)


def date_columns() -> dict[str, models.Field]:
    found = {}
    for model in (one for one in apps.get_models() if one._meta.app_label in settings.OWN_APPS):
        for field in model._meta.get_fields():
            if isinstance(field, models.DateField | models.DateTimeField | models.TimeField):
                found[f"{model._meta.label}.{field.name}"] = field
    return found


def test_every_column_that_is_a_due_date_is_watched_by_the_engine() -> None:
    columns = date_columns()
    unwatched = {
        name
        for name in columns
        if (OWED.search(name.rsplit(".", 1)[1]) or not HAPPENED.fullmatch(name.rsplit(".", 1)[1]))
        and name not in due_fields()
        and name not in NOT_OWED
    }
    assert unwatched == set()
    assert set(due_fields()) <= set(columns) and set(due_fields().values()) <= set(KINDS)


def test_a_column_for_a_date_owed_does_not_slip_through() -> None:
    for name in ("due_on", "reply_until", "promised_date", "answer_by", "next_follow_up"):
        assert OWED.search(name) or not HAPPENED.fullmatch(name), name


@pytest.mark.parametrize(("column", "step"), due_fields().items())
def test_what_watches_a_due_date_moves_with_it(column: str, step: str, world: World, t0: datetime) -> None:
    day = (t0 + 4 * DAY).date()
    with moment.travel(t0):
        if column == "audits.Audit.checklist_follow_up":
            subject: Any = world.audit("drafted", checklist="not_given", checklist_follow_up=day)
        elif column == "findings.Finding.customer_due_on":
            subject = world.finding("issued", customer_due_on=day)
        elif column == "findings.Exemption.new_date":
            day = (t0 + 9 * DAY).date()
            subject = exempted(world, t0, new_date=day)
            world.do(subject, "decide_exemption", "leader", approve=True, reason="同意")
        else:
            subject = world.finding("analysed")
            day = t0.date()
    assert {row.due_at.date() for row in clocks(subject, step) if row.running} == {day}


def test_a_clock_follows_the_new_owner_and_the_new_lead_escort(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("closed")
        other = world.finding("issued", finding.audit)
    sweep(now=t0 + 24 * HOUR)
    assert Delivery.objects.filter(
        notice__recipient=world.users["owner"], status="pending", notice__kind="clock"
    ).exists()
    with moment.travel(t0 + 25 * HOUR):
        world.do(other, "reassign", "leader", owner=world.users["actor"], reason="换人")
        as_person(world, finding.audit, "change_team", "leader", lead_escort=world.users["teamer"], team=[])
    assert {row.owes for row in Deadline.objects.filter(finding=other, step__in=("contain", "analyse", "close"))} == {
        world.users["actor"]
    }
    assert only(finding, "customer").owes == world.users["teamer"]
    waiting = Delivery.objects.filter(notice__recipient=world.users["owner"], status="pending", notice__kind="clock")
    assert not waiting.exists()


def test_rungs_may_stand_at_a_fraction_of_the_time(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.do(world.draft(), "issue", "escort")
    row = only(finding, "leader_review")
    assert row.next_alarm_at == t0 + 18 * HOUR  # 75 % of 24 hours
    sweep(now=t0 + 18 * HOUR)
    rung = Escalation.objects.get(deadline=row)
    assert (rung.breached_at, rung.level) == (t0 + 18 * HOUR, "amber")


def test_whoever_left_is_a_vacant_post_and_the_one_above_is_told(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    for name in ("owner", "superior"):
        world.users[name].is_active = False
        world.users[name].save()
    above = world.users["superior"].superior
    sweep(now=t0 + 20 * HOUR)
    told = Escalation.objects.get(deadline__finding=finding, rung=0).told
    assert told == [{"id": above.pk}]


def test_labels_are_there_for_every_kind_in_both_languages() -> None:
    from django.utils import translation

    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert all(kinds.label(step) and kinds.label(step) != step for step in KINDS)
