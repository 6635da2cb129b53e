"""Whoever owed it when it ran out is named, whatever happened before the sweep came (domain §2.9, A5, A6)."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings as hypothesis_settings, strategies as st

from clocks.deadlines import Deadline
from clocks.models import Escalation
from clocks.policy import Policy
from clocks.sweep import sweep
from closure.ledger import record_missed
from closure.models import LedgerEntry
from closure.story import stories
from findings.models import Finding
from lib import moment
from lib.storage import store
from tests.times import DAY, HOUR, T0
from tests.undo import Undo
from tests.world import World, photo

HEIRS = ("actor", "site_contact", "owner")


def owner_at(hands: list[tuple[datetime, str]], at: datetime) -> str:
    """The owner at a moment, told from the reassignments alone."""
    held = "owner"
    for when, name in hands:
        if when <= at:
            held = name
    return held


@pytest.mark.proof
@given(
    hands=st.lists(st.tuples(st.integers(1, 200), st.sampled_from(HEIRS)), max_size=4),
    answer=st.one_of(st.none(), st.integers(1, 200)),
    sweeps=st.lists(st.integers(1, 200), max_size=4),
)
@example(hands=[(30, "actor")], answer=None, sweeps=[])
@example(hands=[(30, "actor")], answer=31, sweeps=[])
@example(hands=[(20, "actor"), (26, "owner")], answer=40, sweeps=[23])
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_ledger_names_who_owed_it_at_the_breach(
    world: World, hands: list[tuple[int, str]], answer: int | None, sweeps: list[int]
) -> None:
    with suppress(Undo), transaction.atomic():
        with moment.travel(T0):
            finding = world.finding("issued")
        acts: list[tuple[int, str, str]] = [(hour, "hand", name) for hour, name in hands]
        acts += [(hour, "sweep", "") for hour in sweeps] + ([(answer, "answer", "")] if answer else [])
        held: list[tuple[datetime, str]] = []
        for hour, act, name in sorted(acts):
            at = T0 + hour * HOUR + timedelta(minutes=7)
            with moment.travel(at):
                if act == "sweep":
                    sweep(now=at)
                elif act == "hand" and Finding.objects.get(pk=finding.pk).owner != world.users[name]:
                    world.do(finding, "reassign", "leader", owner=world.users[name], reason="换人")
                    held.append((at, name))
                elif act == "answer":
                    fresh = Finding.objects.get(pk=finding.pk)
                    assert fresh.owner is not None
                    world.contain(fresh, who=fresh.owner.username)
        end = T0 + 260 * HOUR
        sweep(now=end)
        for step, rule in (("contain", "late_contain"), ("analyse", "late_analyse"), ("close", "late_close")):
            row = Deadline.objects.get(finding=finding, step=step)
            late = (row.answered_at or end) > row.due_at
            entries = LedgerEntry.objects.filter(deadline=row, rule=rule)
            wanted = [owner_at(held, row.due_at)] if late else []
            assert [one.person.username for one in entries] == wanted, (step, acts)
            assert all(one.breached_at == row.due_at for one in entries)
            assert set(
                Escalation.objects.filter(deadline=row, breached_at=row.due_at).values_list("owed__username", flat=True)
            ) <= {*wanted, owner_at(held, row.due_at)}
        raise Undo


def test_reassigned_after_the_breach_while_the_sweep_was_down(world: World, t0: datetime, login: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 30 * HOUR):
        world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="换人")
    sweep(now=t0 + 31 * HOUR)
    entry = LedgerEntry.objects.get(finding=finding, rule="late_contain")
    assert (entry.person, entry.breached_at) == (world.users["owner"], t0 + 24 * HOUR)
    page = login("leader").get("/closure/ledger/").content.decode()
    assert "某owner" in page
    body = login("leader").get("/api/v1/ledger/").json()
    assert [one["person"] for one in body["results"] if one["rule"] == "late_contain"] == ["owner"]


def test_answered_late_while_the_sweep_was_down_is_on_the_ledger_all_the_same(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 26 * HOUR):
        world.contain(finding)
    sweep(now=t0 + 30 * HOUR)
    assert LedgerEntry.objects.get(finding=finding, rule="late_contain").person == world.users["owner"]


def test_answered_in_time_and_never_swept_is_nobodys_fault(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 23 * HOUR):
        world.contain(finding)
    sweep(now=t0 + 40 * HOUR)
    assert not LedgerEntry.objects.filter(finding=finding, rule="late_contain").exists()


@pytest.mark.parametrize(("applied", "month_key"), [(50, "exempted"), (24 * 6, "miss")])
def test_an_exemption_takes_no_miss_back(applied: int, month_key: str, world: World, t0: datetime) -> None:
    """Applied for in time it stands apart; applied for after the five days it gives time, and the miss stays a miss."""
    from reports.figures import figures
    from reports.periods import Period

    with moment.travel(t0):
        finding = world.contain(world.finding("issued"))
        finding = world.analyse(Finding.objects.get(pk=finding.pk))
    with moment.travel(t0 + applied * HOUR):
        world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="隔墙",
            interim_control="点检",
            milestones="第20天",
            new_date=moment.today() + 30 * DAY,
        )
    sweep(now=t0 + 8 * DAY)
    with moment.travel(t0 + 9 * DAY):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    row = Deadline.objects.get(finding=finding, step="close")
    assert row.due_at > t0 + 20 * DAY
    said = {one["key"]: one for one in figures(Period.month(2026, 3), now=t0 + 10 * DAY)["rates"]}["close"]
    assert said[month_key] == 1 and said["hit"] == 0
    record_missed(now=t0 + 10 * DAY)
    entries = list(LedgerEntry.objects.select_related("deadline", "person").filter(finding=finding, rule="late_close"))
    assert len(entries) == said["miss"]
    for entry in entries:
        assert [one.what for one in stories([entry])[entry.pk]] == ["breached", "applied", "approved"]


def _applied(world: World, at: datetime) -> Finding:
    """Analysed on the first day; an exemption is applied for at `at`."""
    with moment.travel(T0):
        finding = world.contain(world.finding("issued"))
        finding = world.analyse(Finding.objects.get(pk=finding.pk))
    with moment.travel(at):
        world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="隔墙",
            interim_control="点检",
            milestones="第20天",
            new_date=moment.today() + 30 * DAY,
        )
    return finding


def test_an_exemption_refused_after_the_due_time_leaves_the_miss(world: World) -> None:
    finding = _applied(world, T0 + 3 * DAY)
    sweep(now=T0 + 8 * DAY)
    assert not LedgerEntry.objects.filter(finding=finding, rule="late_close").exists()
    record_missed(now=T0 + 8 * DAY)
    assert not LedgerEntry.objects.filter(finding=finding, rule="late_close").exists()
    with moment.travel(T0 + 9 * DAY):
        world.do(finding, "decide_exemption", "leader", approve=False, reason="临时控制无效")
    assert [record_missed(now=T0 + 9 * DAY + HOUR) for _again in range(2)] == [1, 0]
    entry = LedgerEntry.objects.get(finding=finding, rule="late_close")
    row = Deadline.objects.get(finding=finding, step="close")
    assert (entry.person, entry.breached_at) == (world.users["owner"], row.due_at)


def test_a_breach_that_no_sweep_saw_is_not_forgotten_by_an_exemption(world: World) -> None:
    """Sweep down, applied for and approved on day 7: the miss of the rate stands in the ledger too."""
    finding = _applied(world, T0 + 7 * DAY)
    with moment.travel(T0 + 7 * DAY + HOUR):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    sweep(now=T0 + 8 * DAY)
    record_missed(now=T0 + 8 * DAY)
    row = Deadline.objects.get(finding=finding, step="close")
    entry = LedgerEntry.objects.get(finding=finding, rule="late_close")
    assert entry.breached_at == row.original_due_at < row.due_at


def test_who_was_late_in_reviewing_stands_in_an_entry_of_their_own(world: World, t0: datetime, login: Any) -> None:
    """Contained after 1 h, returned by a reviewer after 29 h, contained again within the hour: the story tells it so."""
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + HOUR):
        world.contain(finding)
    sweep(now=t0 + 26 * HOUR)
    with moment.travel(t0 + 30 * HOUR):
        world.do(finding, "send_back", "closure", step="contain", reason="没有数量")
    with moment.travel(t0 + 31 * HOUR):
        world.contain(Finding.objects.get(pk=finding.pk))
    sweep(now=t0 + 32 * HOUR)
    rules = {(one.rule, one.person.username) for one in LedgerEntry.objects.filter(finding=finding)}
    assert rules == {("late_contain", "owner"), ("late_review", "closure")}
    page = login("leader").get("/closure/ledger/").content.decode()
    for told in ("提交了第1版", "退回了第1版", "提交了第2版"):
        assert told in page
    body = next(
        one for one in login("leader").get("/api/v1/ledger/").json()["results"] if one["rule"] == "late_contain"
    )
    assert len(body["story"]) >= 4


def test_a_breach_before_a_clock_was_stopped_is_no_secret(world: World, t0: datetime) -> None:
    """The customer refuses on day 9 what had to be agreed by day 5, and no sweep came: the miss stands, in the ledger and the rate."""
    from reports.figures import figures
    from reports.periods import Period

    Policy.objects.filter(code="2485").update(close_ends="customer")
    with moment.travel(t0):
        finding = world.finding("closed")
    with moment.travel(t0 + 9 * DAY):
        world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="拒绝")
    sweep(now=t0 + 9 * DAY + HOUR)
    first = Deadline.objects.get(finding=finding, step="close", cycle=1)
    assert first.stopped_at and first.next_alarm_at is None
    entry = LedgerEntry.objects.get(deadline=first)
    assert (entry.person, entry.breached_at) == (world.users["owner"], first.due_at)
    said = {one["key"]: one for one in figures(Period.month(2026, 3), now=t0 + 10 * DAY)["rates"]}["close"]
    assert (said["miss"], said["hit"]) == (1, 0)


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("jobs", [(record_missed, sweep), (sweep, record_missed)])
def test_one_miss_is_one_entry_whichever_job_comes_first(world: World, jobs: Any, stopped: bool) -> None:
    Policy.objects.filter(code="2485").update(close_ends="customer")
    finding = _applied(world, T0 + 2 * DAY)
    with moment.travel(T0 + 2 * DAY + HOUR):
        world.do(finding, "decide_exemption", "leader", approve=False, reason="不同意")
    if stopped:
        with moment.travel(T0 + 3 * DAY):
            world.implement(Finding.objects.get(pk=finding.pk))
            world.do(finding, "close", "closure", verified_how="on_site", conclusion="看到了")
        with moment.travel(T0 + 9 * DAY):
            world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="拒绝")
    for job in jobs:
        job(now=T0 + 9 * DAY + HOUR)
    assert LedgerEntry.objects.filter(finding=finding, rule="late_close").count() == 1


def test_a_withdrawn_finding_accuses_nobody(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 30 * HOUR):
        world.do(finding, "withdraw", "escort", reason="客户撤销", files=[store(photo())])
    sweep(now=t0 + 31 * HOUR)
    assert not LedgerEntry.objects.filter(finding=finding).exists()
    row = Deadline.objects.get(finding=finding, step="contain")
    assert Escalation.objects.filter(deadline=row, breached_at=row.due_at, owed=world.users["owner"]).exists()


def test_a_back_filled_move_is_judged_by_when_it_happened(world: World, t0: datetime) -> None:
    """Written down at 30 h, and it is said that it happened at 20 h: the server's time judges what the owner delivers."""
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 30 * HOUR):
        world.contain(finding)
    row = Deadline.objects.get(finding=finding, step="contain")
    assert row.answered_at == t0 + 30 * HOUR and row.late
