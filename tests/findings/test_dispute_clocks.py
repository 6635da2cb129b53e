"""What a dispute does to clocks, ledger, figures and trail, in every order of things that somebody thought of."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clocks import changes, reckoning
from clocks.models import Deadline
from clocks.policy import Policy
from clocks.subjects import around_them
from clocks.sweep import sweep
from closure.ledger import record_missed
from closure.models import LedgerEntry
from closure.verify import faults
from closure.weekly import weekly_sum
from closure.work import tasks
from customers.models import Customer
from findings import actions
from findings.models import Finding
from lib import moment
from lib.storage import store
from reports.rows import open_at
from tests.deadlines import only
from tests.findings.test_disputes import decide, issued, raised  # noqa: F401  a fixture
from tests.policies import alter_step, day_shift
from tests.world import World, deputise, photo
from workflow.errors import GateClosed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def entries() -> list[tuple[str, str, datetime]]:
    rows = LedgerEntry.objects.order_by("pk").select_related("person")
    return [(one.rule, one.person.username, one.breached_at) for one in rows]


def swept(*moments: datetime) -> list[tuple[str, str, datetime]]:
    """What stands in the ledger after everything periodic ran then."""
    for at in moments:
        sweep(now=at)
        record_missed(now=at)
    return entries()


def change(row: Deadline, due_at: datetime) -> changes.Change:
    kept = Deadline.objects.with_subjects().select_related("policy_step").get(pk=row.pk)
    return changes.Change(kept, kept.policy_step, reckoning.Reckoned(due_at), due_at)


def test_a_disputed_finding_is_open_as_before(world: World, t0: datetime, issued: Finding) -> None:  # noqa: F811
    with moment.travel(t0 + HOUR):
        dispute = raised(world, issued)
    with moment.travel(t0 + 2 * HOUR):
        decide(world, dispute, "reject")
    assert list(open_at(t0 + 1.5 * HOUR)) == list(open_at(t0 + 3 * HOUR)) == [issued]


@pytest.mark.parametrize("case", ["answered late", "customer", "customer between", "policy", "handed over"])
def test_whoever_waited_for_a_decision_that_relieved_them_is_not_blamed(case: str, world: World, t0: datetime) -> None:
    if case == "customer between":
        alter_step("contain", amount=20)
    if case.startswith("customer"):
        Customer.objects.update(contain_hours=24)
    if case == "policy":
        alter_step("contain", moved_by=[])
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 19 * HOUR):
        dispute = raised(world, finding)
    assert swept(t0 + 24.5 * HOUR) == []
    if case == "answered late":
        with moment.travel(t0 + 25 * HOUR):
            world.contain(finding)
    with moment.travel(t0 + 27 * HOUR):
        if case == "handed over":
            world.do(finding, "reassign", "leader", owner=world.users["superior"], reason="交接")
        else:
            decide(world, dispute, "reassign", owner=world.users["superior"])
    assert swept(t0 + 28 * HOUR, t0 + 29 * HOUR) == []
    assert list(faults()) == []


def test_an_answer_that_comes_back_has_the_new_owners_time(
    world: World,
    t0: datetime,
    issued: Finding,  # noqa: F811
) -> None:
    with moment.travel(t0 + 2 * HOUR):
        dispute = raised(world, issued)
        world.contain(issued)
    with moment.travel(t0 + 5 * HOUR):
        decide(world, dispute, "reassign", owner=world.users["superior"])
    with moment.travel(t0 + 6 * HOUR):
        world.do(issued, "send_back", "closure", step="contain", reason="不充分")
    row = only(issued, "contain")
    assert (row.due_at, row.owes, row.owed_at(t0 + 5.5 * HOUR)) == (
        t0 + 29 * HOUR,
        world.users["superior"],
        world.users["superior"].pk,
    )
    with moment.travel(t0 + 25 * HOUR):
        world.contain(issued, "superior")
    assert swept(t0 + 26 * HOUR) == []


def test_whoever_gave_it_away_owes_nothing_of_what_is_sent_back_later(world: World, t0: datetime) -> None:
    """Without any dispute: answered, handed on, sent back after the due time. It is missed by whoever had it by then."""
    with moment.travel(t0):
        finding = world.finding("contained")
    with moment.travel(t0 + 5 * HOUR):
        world.do(finding, "reassign", "leader", owner=world.users["superior"], reason="交接")
    with moment.travel(t0 + 25.5 * HOUR):
        world.do(finding, "send_back", "closure", step="contain", reason="不充分")
    assert ("late_contain", "superior", t0 + 24 * HOUR) in swept(t0 + 27 * HOUR)
    assert not any(who == "owner" for _rule, who, _at in entries())


def test_a_later_owners_miss_is_entered_beside_an_earlier_ones(
    world: World,
    t0: datetime,
    issued: Finding,  # noqa: F811
) -> None:
    with moment.travel(t0 + 23 * HOUR):
        world.do(issued, "reassign", "leader", owner=world.users["superior"], reason="交接")
    assert swept(t0 + 24 * HOUR) == [("late_contain", "superior", t0 + 24 * HOUR)]
    with moment.travel(t0 + 25 * HOUR):
        first = raised(world, issued, "superior")
    with moment.travel(t0 + 30 * HOUR):
        decide(world, first, "reassign", owner=world.users["site_contact"])
    with moment.travel(t0 + 40 * HOUR):
        second = raised(world, issued, "site_contact")
    sweep(now=t0 + 55 * HOUR)
    with moment.travel(t0 + 60 * HOUR):
        decide(world, second, "reject")
    assert ("late_contain", "site_contact", t0 + 54 * HOUR) in swept(t0 + 61 * HOUR, t0 + 62 * HOUR)
    assert sum(rule == "late_contain" for rule, _who, _at in entries()) == 2


def test_what_if_leaves_what_a_dispute_gave(world: World, t0: datetime) -> None:
    calendar = day_shift(world)
    alter_step("close", count="working", unit="hours", amount=40, ends="exact")
    with moment.travel(t0):
        finding = world.finding("issued")
        dispute = raised(world, finding)
    with moment.travel(t0 + 4 * DAY):
        decide(world, dispute, "reassign", owner=world.users["superior"])
        assert changes.by_calendar(calendar) == []
        changed = Policy.objects.get(code="2485")
        assert not {one.clock.step for one in changes.by_policy(changed)} & {"contain", "analyse", "close"}


def test_a_policy_that_knows_disputes_only_grants_no_exemption(world: World, t0: datetime) -> None:
    alter_step("close", moved_by=["decide_dispute"])
    with moment.travel(t0):
        finding = world.finding("analysed")
    asked = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
    with moment.travel(t0 + 20 * HOUR), pytest.raises(GateClosed):
        world.do(finding, "apply_exemption", "owner", **asked, new_date=(t0 + 20 * DAY).date())


def test_ending_an_exemption_leaves_the_new_owner_their_time(world: World, t0: datetime) -> None:
    asked = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
    with moment.travel(t0):
        finding = world.finding("analysed")
        world.do(finding, "apply_exemption", "owner", **asked, new_date=(t0 + 40 * DAY).date())
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
        dispute = raised(world, finding)
    with moment.travel(t0 + 39 * DAY):
        decide(world, dispute, "reassign", owner=world.users["superior"])
        anew = only(finding, "close").due_at
        world.do(finding, "review_exemption", "leader", go_on=False, reason="设备已到")
    assert only(finding, "close").due_at == anew > t0 + 40 * DAY


def test_a_policy_applied_to_its_clock_is_no_move(world: World, t0: datetime, issued: Finding) -> None:  # noqa: F811
    with moment.travel(t0 + HOUR):
        dispute = raised(world, issued)
    with moment.travel(t0 + 2 * HOUR):
        alter_step("dispute", amount=30)
        rows = [change(only(dispute, "dispute"), t0 + 31 * HOUR), change(only(issued, "contain"), t0 + 26 * HOUR)]
        assert changes.apply(rows, cause="policy", by=world.users["admin"], reason="新制度") == 2
    assert issued.events.filter(about=dispute.about, move="policy_applied").count() == 1
    assert [one for one in faults() if "-D1:" in one or "change from" in one] == []


# People and pages ----------------------------------------------------------------------------------------------------


def test_files_of_every_decision_are_kept_with_their_dispute(
    world: World,
    t0: datetime,
    issued: Finding,  # noqa: F811
    login: Any,
) -> None:
    with moment.travel(t0 + HOUR):
        first = raised(world, issued)
        data = {"outcome": "reject", "reason": "现场属实", "files": photo("proof.png")}
        assert login("leader").post(first.move_url("decide_dispute"), data).status_code == 302
        second = raised(world, issued)
        form = login("leader").get(second.move_url("decide_dispute")).content.decode()
    assert (
        issued.evidence.filter(about=first.about).count() == 2
        and issued.evidence.filter(about=second.about).count() == 1
    )
    assert issued.evidence.get(about=second.about).token in form
    assert not any(one.token in form for one in issued.evidence.filter(about=first.about))


def test_what_follows_names_the_same_two_people(world: World, t0: datetime, issued: Finding) -> None:  # noqa: F811
    with moment.travel(t0 + HOUR):
        deputise(world, "leader", "leader2")
        decide(world, raised(world, issued), "withdraw", "leader2", files=[store(photo())])
    told = issued.events.order_by("-position").values_list("move", "by__username", "on_behalf_of__username")[:2]
    assert list(told) == [("withdraw", "leader2", "leader"), ("decide_dispute", "leader2", "leader")]


def test_lists_name_who_decides_and_nobody_else(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        mine = world.finding("issued")
        deputise(world, "leader", "owner")
        dispute = raised(world, mine)
        assert dispute.move_url("decide_dispute") not in {one.url for one in tasks(world.user("owner"), t0)}
        theirs = world.finding("issued", audit=mine.audit)
        world.do(theirs, "reassign", "leader", owner=world.users["leader"], reason="自己负责")
        above = raised(world, theirs, "leader")
        rows = Deadline.objects.filter(around_them(Finding, Finding.objects.filter(pk=theirs.pk))).explained()
        assert "top" in {one.person.username for one in actions.whose_turn(Finding.objects.get(pk=theirs.pk), rows)}
        assert weekly_sum(t0 + HOUR)["decisions"] == [above.number]


def test_nobody_reads_of_a_finding_they_may_not_see(world: World, t0: datetime, login: Any, api: Any) -> None:
    with moment.travel(t0):
        hidden = world.finding("issued", what="他厂问题", site=world.sites["X"])
        finding = world.finding("issued")
        raised(world, finding, ground="duplicate", duplicate_of=hidden)
        readers = [
            who
            for who in ("superior", "site_contact", "owner")
            if not Finding.objects.visible_to(world.user(who)).filter(pk=hidden.pk).exists()
        ]
        assert readers
        for who in readers:
            base = f"/api/v1/findings/{finding.number}"
            assert hidden.number not in login(who).get(finding.get_absolute_url()).content.decode(), who
            assert api(who).get(f"{base}/disputes/").json()[0]["duplicate_of"] is None
            assert hidden.number not in api(who).get(f"{base}/trail/").content.decode()
        assert api("leader").get(f"{base}/disputes/").json()[0]["duplicate_of"] == hidden.number


def test_a_new_leader_costs_one_question_about_disputes(world: World, t0: datetime) -> None:
    from audits import actions as audits

    with moment.travel(t0):
        finding = world.finding("issued")
        for _n in range(3):
            world.finding("issued", audit=finding.audit)
        with CaptureQueriesContext(connection) as seen:
            to = {"leader": world.users["leader2"], "reason": "换人"}
            audits.perform(finding.audit_id, "replace_leader", by=world.user("office"), **to)
    assert sum("findings_dispute" in one["sql"] for one in seen.captured_queries) == 1


def test_a_reopened_finding_can_be_disputed(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("closed")
    with moment.travel(t0 + 10 * DAY):
        world.do(finding, "reopen", "escort", cause="recurrence", back_to="issued", reason="再发")
    with moment.travel(t0 + 10 * DAY + 20 * HOUR):
        assert raised(world, finding).state == "raised"
