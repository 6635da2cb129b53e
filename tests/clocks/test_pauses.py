"""What may pause a clock, how far, and what gives the time back; nothing else moves a due time."""

from datetime import UTC, datetime, timedelta

from clocks import actions as clock
from clocks.deadlines import Deadline
from clocks.policy import Policy
from clocks.why import why
from lib import moment
from notices.models import Notice
from tests.deadlines import DAY, HOUR, clocks, exempted, only
from tests.world import World


def test_an_approved_exemption_pauses_and_its_end_gives_back_what_was_left(world: World, t0: datetime) -> None:
    finding = exempted(world, t0)
    before = only(finding, "close").due_at
    approved, ended = t0 + 70 * HOUR, t0 + 20 * DAY
    with moment.travel(approved):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    assert only(finding, "close").due_at == datetime(2026, 5, 5, 15, 59, 59, tzinfo=UTC)
    with moment.travel(ended):
        world.do(finding, "review_exemption", "leader", go_on=False, reason="设备提前到货")
    row = Deadline.objects.explained().get(finding=finding, step="close")
    assert row.due_at == ended + (before - approved)
    assert [(one.cause, one.before, one.by) for one in row.changes.all()] == [
        ("paused", before, world.users["leader"]),
        ("resumed", datetime(2026, 5, 5, 15, 59, 59, tzinfo=UTC), world.users["leader"]),
    ]
    assert "因批准的例外而暂停" in why(row).words and "恢复计时" in why(row).words
    assert finding.exemptions.get().state == "ended"


def test_an_exemption_carries_the_countermeasures_and_gives_their_time_back(world: World, t0: datetime) -> None:
    finding = exempted(world, t0)
    before, approved, ended = {row.pk: row.due_at for row in clocks(finding, "action")}, t0 + 60 * HOUR, t0 + 5 * DAY
    with moment.travel(approved):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    carried = clocks(finding, "action")
    assert before and {row.due_at for row in carried} == {only(finding, "close").due_at}
    assert carried[0].changes.get().cause == "paused"
    with moment.travel(ended):
        world.do(finding, "review_exemption", "leader", go_on=False, reason="提前")
    for row in clocks(finding, "action"):
        left = max(before[row.pk] - approved, timedelta())
        assert row.due_at == max(before[row.pk], ended + left) and row.exempted_at is None


def test_an_exemption_that_ends_after_the_answer_gives_the_time_back_too(world: World, t0: datetime) -> None:
    finding = exempted(world, t0)
    before = only(finding, "close").due_at
    with moment.travel(t0 + 70 * HOUR):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
        world.implement(finding)
    with moment.travel(t0 + 4 * DAY):
        world.do(finding, "review_exemption", "leader", go_on=False, reason="提前")
        world.do(finding, "send_back", "closure", step="close", reason="证据不足")
    rows = [only(finding, "close"), *clocks(finding, "action")]
    assert all(row.running and row.exempted_at is None for row in rows)
    assert rows[0].due_at == max(before, t0 + 4 * DAY + (before - (t0 + 70 * HOUR)))
    notice = Notice.objects.get(kind="finding_review_exemption", recipient=world.users["owner"])
    assert "2026-05-05" not in notice.facts["due"]


def test_what_is_due_later_anyway_is_not_carried(world: World, t0: datetime) -> None:
    finding = exempted(world, t0)
    late = clocks(finding, "action")[0]
    Deadline.objects.filter(pk=late.pk).update(due_at=t0 + 90 * DAY)
    with moment.travel(t0 + 70 * HOUR):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    late.refresh_from_db()
    assert late.exempted_at is None and not late.changes.exists()


def test_a_pause_is_capped_and_only_for_moves_the_policy_names(world: World, t0: datetime) -> None:
    Policy.objects.filter(code="2485").update(exemption_days=10)
    finding = exempted(world, t0, new_date=(t0 + 9 * DAY).date())
    row = only(finding, "close")
    clock.pause(
        row, "decide_exemption", (t0 + 400 * DAY).date(), by=world.users["leader"], at=t0, applied_at=t0, reason="x"
    )
    assert row.due_at == row.started_at + 10 * DAY
    due = row.due_at
    clock.pause(row, "regrade", (t0 + 9 * DAY).date(), by=world.users["leader"], at=t0, applied_at=t0, reason="x")
    assert row.due_at == due
    contain = only(finding, "contain")
    clock.pause(
        contain, "decide_exemption", (t0 + 9 * DAY).date(), by=world.users["leader"], at=t0, applied_at=t0, reason="x"
    )
    assert contain.due_at == t0 + 24 * HOUR


def test_nothing_else_moves_a_due_time(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("contained")
    before = {row.step: row.due_at for row in Deadline.objects.filter(finding=finding)}
    with moment.travel(t0 + 10 * HOUR):
        world.do(finding, "regrade", "leader", grade="critical", reason="影响安全")
        world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="换人")
        world.do(finding, "send_back", "closure", step="contain", reason="不够")
    after = {row.step: row.due_at for row in Deadline.objects.filter(finding=finding)}
    assert after == before
