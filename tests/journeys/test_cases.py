"""The cases a practitioner tries first (domain §7), by name."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audits import actions as audit_actions
from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.sweep import sweep
from closure.models import LedgerEntry
from findings import actions
from findings.answers import Verdict
from findings.models import Finding
from findings.states import ORDER, Step
from lib import moment
from notices.models import Notice
from reports import actions as report_actions
from reports.figures import figures
from reports.periods import Period
from reports.rows import rate_findings
from tests.times import HOUR
from workflow.errors import GateClosed

SHANGHAI = ZoneInfo("Asia/Shanghai")


def clock_of(finding: Finding, step: str, cycle: int = 1) -> Deadline:
    return Deadline.objects.get(finding=finding, step=step, cycle=cycle)


def rate(month: str, step: str, now: datetime) -> dict:
    return next(row for row in figures(Period.parse(month), now=now)["rates"] if row["key"] == step)


def test_case_1_sudden_audit_the_same_day_runs_with_leader_and_lead_escort_and_is_back_filled(world, t0) -> None:
    with moment.travel(t0):
        today = timezone.localdate(t0)
        thin = {"customer": world.customer, "kind": world.kind, "planned_start": today, "planned_end": today}
        audit = audit_actions.log_request(
            by=world.user("market"), fields=thin, sites=[world.sites["A"]], sudden=True, received_at=t0 - HOUR
        )
        audit_actions.perform(
            audit.pk, "appoint_leader", by=world.user("market"), leader=world.users["leader"], reason="x"
        )
    arrival = t0 + 5 * HOUR
    with moment.travel(arrival + HOUR):
        audit = audit_actions.perform(
            audit.pk, "start_sudden", by=world.user("leader"), lead_escort=world.users["escort"], event_at=arrival
        )
        assert audit.state == "on_site"
        assert audit.actual_start == arrival
        started = audit.events.get(move="start_sudden")
        assert (started.event_at, started.at, started.back_filled) == (arrival, arrival + HOUR, True)
        finding = world.draft(audit)
        assert world.do(finding, "issue", "escort").state == "issued"
        audit_actions.perform(audit.pk, "hold_closing", by=world.user("escort"), result="passed", minutes="宣读")
        with pytest.raises(GateClosed) as closed:
            audit_actions.perform(audit.pk, "begin_closure", by=world.user("escort"))
    assert any("审核日程" in sentence for sentence in closed.value.missing)


def test_case_1_the_request_is_completed_afterwards_with_its_entry_time(world, t0) -> None:
    with moment.travel(t0):
        audit = world.request()
        Audit.objects.filter(pk=audit.pk).update(sudden=True)
        audit_actions.perform(
            audit.pk, "appoint_leader", by=world.user("market"), leader=world.users["leader"], reason="x"
        )
        audit_actions.perform(audit.pk, "start_sudden", by=world.user("leader"), lead_escort=world.users["escort"])
    fields = world.request_fields(scope="补录的范围", planned_start=audit.planned_start, planned_end=audit.planned_end)
    with moment.travel(t0 + 20 * HOUR):
        audit_actions.perform(
            audit.pk,
            "revise",
            by=world.user("leader"),
            fields=fields,
            sites=[world.sites["A"]],
            auditors=[],
            documents=[],
        )
    event = audit.events.get(move="revise")
    assert event.at == t0 + 20 * HOUR
    assert Audit.objects.get(pk=audit.pk).scope == "补录的范围"


def test_case_2_bulk_issue_of_23_findings_on_friday_evening(world, t0) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        places = ["A", "B"]
        drafts = [world.draft(audit, site=world.sites[places[n % 2]]) for n in range(23)]
        issued = actions.issue_many(audit, [draft.pk for draft in drafts], by=world.user("escort"))
    assert len(issued) == 23
    clocks = Deadline.objects.filter(finding__audit=audit)
    assert clocks.filter(step__in=ORDER).count() == 69
    assert clocks.filter(step="leader_review").count() == 23
    assert set(clocks.values_list("started_at", flat=True)) == {t0}
    assert set(clocks.filter(step="contain").values_list("due_at", flat=True)) == {t0 + 24 * HOUR}
    friday_plus_five = datetime(2026, 3, 11, 23, 59, 59, tzinfo=SHANGHAI)
    assert set(clocks.filter(step="close").values_list("due_at", flat=True)) == {friday_plus_five.astimezone(UTC)}
    # The reminder comes on Saturday at 14:00, four hours before it is due, not after.
    sweep(now=t0 + 19 * HOUR)
    assert not Notice.objects.filter(kind="clock", recipient=world.users["owner"]).exists()
    sweep(now=t0 + 20 * HOUR)
    reminders = Notice.objects.filter(kind="clock", recipient=world.users["owner"])
    assert reminders.count() == 23
    assert {notice.level for notice in reminders} == {"amber"}


def test_case_2_one_draft_that_is_not_ready_stops_all_of_them(world) -> None:
    audit = world.audit("on_site")
    ready, bare = world.draft(audit), world.draft(audit, how_much="")
    with pytest.raises(GateClosed) as closed:
        actions.issue_many(audit, [ready.pk, bare.pk], by=world.user("escort"))
    assert closed.value.missing == [f"{bare.number}: 5W2H描述缺少：数量。"]
    assert set(audit.findings.values_list("state", flat=True)) == {"draft"}
    assert not Deadline.objects.filter(finding__audit=audit).exists()


def test_case_3_the_owner_of_the_place_stays_owner_and_another_department_gets_an_action(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("contained")
        due = clock_of(finding, Step.ANALYSE).due_at
        finding = world.analyse(finding, actor="actor")
    assert finding.owner == world.users["owner"]
    assert finding.action_owner_ids == {world.users["actor"].pk}
    assert clock_of(finding, Step.ANALYSE).due_at == due
    assert Notice.objects.filter(kind="finding_action", recipient=world.users["actor"]).exists()
    assert Finding.objects.visible_to(world.user("actor")).filter(pk=finding.pk).exists()


def test_case_3_reassignment_by_the_leader_keeps_the_clocks(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    before = list(finding.deadlines.values_list("step", "started_at", "due_at"))
    with moment.travel(t0 + 10 * HOUR):
        world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="采购负责")
    assert list(finding.deadlines.values_list("step", "started_at", "due_at")) == before
    with pytest.raises(PermissionDenied):
        world.do(finding, "reassign", "owner", owner=world.users["stranger"], reason="不归我")


def test_case_4_a_weak_answer_in_time_sent_back_and_given_again_at_30_hours_is_late(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 23 * HOUR + timedelta(minutes=58)):
        world.contain(finding)
    assert clock_of(finding, Step.CONTAIN).late is False
    with moment.travel(t0 + 26 * HOUR):
        world.do(finding, "send_back", "closure", step="contain", reason="没有数量")
    clock = clock_of(finding, Step.CONTAIN)
    assert clock.answered_at is None
    assert clock.due_at == t0 + 24 * HOUR
    sweep(now=t0 + 26 * HOUR)
    entry = LedgerEntry.objects.get(finding=finding, rule="late_contain")
    assert (entry.person, entry.breached_at) == (world.users["owner"], t0 + 24 * HOUR)
    with moment.travel(t0 + 30 * HOUR):
        world.contain(finding)
    with moment.travel(t0 + 31 * HOUR):
        world.do(finding, "accept_step", "closure", step="contain")
    clock = clock_of(finding, Step.CONTAIN)
    assert (clock.late, clock.answered_at) == (True, t0 + 30 * HOUR)
    first, second = finding.submissions.filter(step="contain").order_by("revision")
    assert (first.verdict.outcome, first.verdict.reason, second.verdict.outcome) == ("returned", "没有数量", "accepted")
    assert rate("2026-03", "contain", t0 + 40 * HOUR)["miss"] == 1


def test_case_4_weak_words_are_named_but_never_block(world) -> None:
    finding = world.analyse(world.finding("contained"), root="员工疏忽，培训不到位")
    assert finding.state == "analysed"
    from findings.page import root_tree

    assert "为什么流程允许" in root_tree(Finding.objects.get(pk=finding.pk), [])[0]["hint"]


@pytest.fixture
def exempted(world, t0):
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 5 * HOUR):
        world.contain(finding)
    with moment.travel(t0 + 30 * HOUR):
        world.analyse(finding)
        world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="隔墙要重建",
            interim_control="每小时点检",
            milestones="第20天完成",
            new_date=timezone.localdate(t0) + timedelta(days=40),
        )
    return Finding.objects.get(pk=finding.pk)


def test_case_5_an_exemption_moves_only_the_five_days_and_stays_listed(world, t0, exempted) -> None:
    before = {step: clock_of(exempted, step).due_at for step in ("contain", "analyse")}
    with moment.travel(t0 + 40 * HOUR):
        world.do(exempted, "decide_exemption", "leader", approve=True, reason="临时控制有效")
    assert {step: clock_of(exempted, step).due_at for step in before} == before
    close = clock_of(exempted, Step.CLOSE)
    promised = datetime.combine(timezone.localdate(t0) + timedelta(days=40), datetime.max.time(), SHANGHAI)
    assert close.due_at == promised.replace(microsecond=0).astimezone(UTC)
    assert close.base_due_at < close.due_at
    # It stays in the month in which it was due at first, and apart from hits and misses.
    month, later = Period.of(close.original_due_at), close.due_at + HOUR
    assert str(month) == "2026-03" and close.original_due_at == close.base_due_at
    row = rate(str(month), "close", later)
    assert (row["hit"], row["miss"], row["exempted"], row["exempted_miss"]) == (0, 0, 1, 1)
    assert list(rate_findings(month, "close", "exempted", later)) == [exempted]


def test_case_5_money_and_moves_need_management_as_well(world, t0) -> None:
    finding = world.finding("analysed")
    world.do(
        finding,
        "apply_exemption",
        "owner",
        reason="investment",
        explanation="设备",
        interim_control="点检",
        milestones="-",
        new_date=timezone.localdate() + timedelta(days=40),
    )
    due = clock_of(finding, Step.CLOSE).due_at
    with pytest.raises(PermissionDenied):
        world.do(finding, "decide_exemption", "top", approve=True, reason="先等Leader")
    world.do(finding, "decide_exemption", "leader", approve=True, reason="同意上报")
    assert clock_of(finding, Step.CLOSE).due_at == due
    world.do(finding, "decide_exemption", "top", approve=True, reason="同意投资")
    assert clock_of(finding, Step.CLOSE).due_at > due


def test_case_7_the_customer_refuses_after_closure_and_the_past_month_does_not_change(world, t0) -> None:
    with moment.travel(t0):
        finding = world.finding("closed")
    april = datetime(2026, 4, 2, tzinfo=UTC)
    with moment.travel(april):
        published = report_actions.publish(Period.parse("2026-03"), by=world.user("leader"))
    frozen = next(row for row in published.figures["rates"] if row["key"] == "close")
    assert (frozen["hit"], frozen["miss"]) == (1, 0)
    with moment.travel(april + 24 * HOUR):
        reopened = world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="客户拒绝")
    assert (reopened.state, reopened.cycle) == ("analysed", 2)
    assert clock_of(finding, Step.CLOSE, 1).accepted_at is not None
    second = clock_of(finding, Step.CLOSE, 2)
    assert second.started_at == april + 24 * HOUR and second.running
    world.implement(Finding.objects.get(pk=finding.pk))
    assert finding.submissions.filter(step="close").order_by("-revision").first().revision == 2
    published.refresh_from_db()
    assert next(row for row in published.figures["rates"] if row["key"] == "close") == frozen
    assert published.members["close/hit"] == [finding.pk]


def test_case_9_the_closure_manager_who_owns_the_finding_cannot_verify_and_the_leader_stands_in(world) -> None:
    finding = world.finding("implemented")
    world.do(finding, "reassign", "leader", owner=world.users["closure"], reason="换人")
    with pytest.raises(PermissionDenied):
        world.do(finding, "close", "closure", verified_how="on_site", conclusion="自己看过")
    fresh = Finding.objects.for_page().get(pk=finding.pk)
    assert "close" not in actions.available(fresh, world.user("closure"))
    assert "close" in actions.available(fresh, world.user("leader"))
    assert [turn.person for turn in actions.whose_turn(fresh, fresh.deadlines.all())] == [world.users["leader"]]
    assert world.do(finding, "close", "leader", verified_how="on_site", conclusion="现场确认").state == "closed"


def test_case_9_an_action_owner_cannot_verify_either(world) -> None:
    finding = world.finding("contained")
    finding = world.analyse(finding, actor="closure")
    with pytest.raises(PermissionDenied):
        world.do(finding, "accept_step", "closure", step="analyse")
    world.do(finding, "accept_step", "leader", step="analyse")
    assert Verdict.objects.get(submission__finding=finding, submission__step="analyse").by == world.users["leader"]
