"""Disputes (domain §4 A31): within a day with evidence, decided within another; the clocks run unless it is upheld."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from clocks.models import Deadline, Escalation
from clocks.sweep import sweep
from closure.ledger import record_missed
from closure.models import LedgerEntry
from closure.verify import faults
from closure.work import tasks
from findings.disputes import Dispute
from findings.models import Finding
from lib import moment
from lib.storage import store
from notices.models import Notice
from notices.text import lines
from tests.deadlines import only
from tests.world import World, deputise, photo
from workflow.errors import GateClosed, StaleState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def raised(world: World, finding: Finding, who: str = "owner", **changes: Any) -> Dispute:
    facts = {"ground": "not_ours", "statement": "该工位属于注塑科", "proposed_owner": None, "duplicate_of": None}
    world.do(finding, "dispute", who, **facts | {"files": [store(photo())]} | changes)
    return finding.disputes.latest("pk")


def decide(world: World, dispute: Dispute, outcome: str, who: str = "leader", **more: Any) -> Dispute:
    facts = {"outcome": outcome, "reason": "现场核实", "owner": None, **more}
    return world.beside(dispute, "decide_dispute", who, **facts)


@pytest.fixture
def issued(world: World, t0: datetime) -> Finding:
    with moment.travel(t0):
        return world.finding("issued")


def test_it_is_raised_with_evidence_and_the_leader_has_a_day(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + 2 * HOUR):
        dispute = raised(world, issued)
        owed = tasks(world.user("leader"), moment.now())
    clock = only(dispute, "dispute")
    assert (str(dispute), dispute.state, clock.due_at) == (f"{issued.number}-D1", "raised", t0 + 26 * HOUR)
    assert clock.owes == world.users["leader"]
    assert [(task.title, task.url, task.due_at) for task in owed if task.url == dispute.move_url("decide_dispute")] == [
        (dispute.number, f"/findings/{issued.number}/disputes/{dispute.pk}/moves/decide_dispute/", t0 + 26 * HOUR)
    ]
    told = Notice.objects.filter(kind="dispute_raised")
    assert set(told.values_list("recipient__username", flat=True)) == {"leader", "closure", "escort"}
    assert "不属于" in lines(told.get(recipient__username="leader"), "zh-hans")[1]
    assert "belongs to somebody else" in lines(told.get(recipient__username="leader"), "en")[1]
    assert issued.evidence.get(kind="dispute").uploaded_by == world.users["owner"]


def test_only_the_owner_and_only_within_a_day_of_getting_it(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + HOUR), pytest.raises(PermissionDenied):
        raised(world, issued, "closure")
    with moment.travel(t0 + 25 * HOUR), pytest.raises(GateClosed, match=r"over|时限|时间"):
        raised(world, issued)
    with moment.travel(t0 + 26 * HOUR):
        world.do(issued, "reassign", "leader", owner=world.users["superior"], reason="交接")
    with moment.travel(t0 + 40 * HOUR):
        # Whoever got it later has a day too.
        assert raised(world, issued, "superior").state == "raised"
        with pytest.raises(GateClosed, match=r"already|等待"):
            raised(world, issued, "superior")


def test_rejected_the_clocks_ran_on_and_the_miss_is_entered(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + 20 * HOUR):
        dispute = raised(world, issued)
    due = only(issued, "contain").due_at
    sweep(now=t0 + 25 * HOUR)
    # Missed while the decision was waited for: the rung fired, and nobody stands in the ledger yet.
    assert Escalation.objects.filter(deadline__step="contain", level="red").exists()
    assert not LedgerEntry.objects.exists() and record_missed(now=t0 + 26 * HOUR) == 0
    with moment.travel(t0 + 30 * HOUR):
        dispute = decide(world, dispute, "reject")
    assert (dispute.state, dispute.decided_by, dispute.decision_note) == ("rejected", world.users["leader"], "现场核实")
    assert only(issued, "contain").due_at == due and only(dispute, "dispute").answered_at == t0 + 30 * HOUR
    assert record_missed(now=t0 + 31 * HOUR) == 1 == LedgerEntry.objects.count() + record_missed(now=t0 + 31 * HOUR)
    entry = LedgerEntry.objects.get()
    assert (entry.rule, entry.person, entry.breached_at) == ("late_contain", world.users["owner"], due)
    told = Notice.objects.filter(kind="dispute_decided").values_list("recipient__username", flat=True)
    assert set(told) == {"owner", "closure", "escort"}
    assert list(faults()) == []


def test_upheld_for_another_owner_the_time_counts_anew(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + 20 * HOUR):
        dispute = raised(world, issued, proposed_owner=world.users["superior"])
    sweep(now=t0 + 26 * HOUR)
    with moment.travel(t0 + 27 * HOUR):
        dispute = decide(world, dispute, "reassign", owner=world.users["superior"])
    issued.refresh_from_db()
    assert (dispute.state, issued.owner, issued.state) == ("upheld", world.users["superior"], "issued")
    row = only(issued, "contain")
    assert (row.due_at, row.judged_due_at, row.owes) == (t0 + 51 * HOUR, t0 + 51 * HOUR, world.users["superior"])
    assert row.original_due_at == t0 + 24 * HOUR  # the month it counts in stays
    change = row.changes.get()
    assert (change.cause, change.before, change.by) == ("dispute", t0 + 24 * HOUR, world.users["leader"])
    assert record_missed(now=t0 + 40 * HOUR) == 0 and not LedgerEntry.objects.exists()
    sweep(now=t0 + 52 * HOUR)
    assert LedgerEntry.objects.get(rule="late_contain").person == world.users["superior"]
    assert list(faults()) == []


def test_a_policy_that_does_not_name_it_leaves_the_time(world: World, t0: datetime, issued: Finding) -> None:
    for row in Deadline.objects.on(issued).select_related("policy_step"):
        row.policy_step.moved_by = []
        row.policy_step.save()
    with moment.travel(t0 + HOUR):
        decide(world, raised(world, issued), "reassign", owner=world.users["superior"])
    assert only(issued, "contain").due_at == t0 + 24 * HOUR


def test_upheld_the_finding_is_withdrawn_with_the_customers_proof(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + HOUR):
        dispute = raised(world, issued, ground="facts")
        with pytest.raises(GateClosed, match=r"proof|证明"):
            decide(world, dispute, "withdraw")
        dispute.refresh_from_db()
        assert dispute.state == "raised" and Finding.objects.get(pk=issued.pk).state == "issued"
        dispute = decide(world, dispute, "withdraw", files=[store(photo("mail.png"))])
    issued.refresh_from_db()
    assert (dispute.state, issued.state) == ("upheld", "withdrawn")
    assert not Deadline.objects.on(issued).running().exists()
    assert {row.kind for row in issued.evidence.all()} >= {"dispute", "customer"}
    trail = list(issued.events.order_by("position").values_list("move", "about", "by__username"))
    assert trail[-3:] == [
        ("dispute", "", "owner"),
        ("decide_dispute", f"dispute:{dispute.pk}", "leader"),
        ("withdraw", "", "leader"),
    ]
    assert list(faults()) == []


@pytest.mark.parametrize("move", ["withdraw", "reassign"])
def test_what_ends_its_round_ends_it(move: str, world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + HOUR):
        dispute = raised(world, issued)
        if move == "withdraw":
            world.do(issued, "withdraw", "escort", reason="客户撤销", files=[store(photo())])
        else:
            world.do(issued, "reassign", "leader", owner=world.users["superior"], reason="交接")
    dispute.refresh_from_db()
    assert dispute.state == "lapsed" and only(dispute, "dispute").stopped_at == t0 + HOUR
    with moment.travel(t0 + 2 * HOUR), pytest.raises((StaleState, PermissionDenied)):
        decide(world, dispute, "reject")
    assert list(faults()) == []


def test_it_can_be_taken_back_and_raised_again(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + HOUR):
        first = world.beside(raised(world, issued), "take_back_dispute", "owner", reason="看错了")
        second = raised(world, issued)
    assert (first.state, second.number) == ("taken_back", f"{issued.number}-D2")
    assert only(first, "dispute").stopped_at is not None and only(second, "dispute").running


def test_nobody_decides_their_own(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
        world.do(finding, "reassign", "leader", owner=world.users["leader"], reason="自己负责")
        deputise(world, "leader", "leader2")
        dispute = raised(world, finding, "leader")
        for who in ("leader", "leader2", "owner", "escort"):
            with pytest.raises(PermissionDenied):
                decide(world, dispute, "reject", who)
        assert only(dispute, "dispute").owes is None
        assert any(task.url == dispute.move_url("decide_dispute") for task in tasks(world.user("top"), t0))
        assert decide(world, dispute, "reject", "top").state == "rejected"


def test_a_new_leader_owes_the_decision(world: World, t0: datetime, issued: Finding) -> None:
    from audits import actions

    with moment.travel(t0 + HOUR):
        dispute = raised(world, issued)
        actions.perform(
            issued.audit_id, "replace_leader", by=world.user("office"), leader=world.users["leader2"], reason="换人"
        )
    assert only(dispute, "dispute").owes == world.users["leader2"]


def test_two_decisions_at_once_are_one(world: World, t0: datetime, issued: Finding) -> None:
    with moment.travel(t0 + HOUR):
        dispute = raised(world, issued)
        decide(world, dispute, "reject")
        with pytest.raises(StaleState):
            decide(world, dispute, "reject")


# Pages and API -------------------------------------------------------------------------------------------------------


def test_it_is_raised_read_and_decided_on_pages(world: World, t0: datetime, issued: Finding, login: Any) -> None:
    url = issued.move_url("dispute")
    with moment.travel(t0 + HOUR):
        owner = login("owner")
        assert "提出异议" in owner.get(issued.get_absolute_url()).content.decode()
        refused = owner.post(url, {"ground": "duplicate", "statement": "与上次相同"})
        assert refused.status_code == 400
        page = refused.content.decode()
        assert "与上次相同" in page and "field-error" in page  # kept, and told what lacks
        sent = owner.post(url, {"ground": "facts", "statement": "现场并无此项", "files": photo()})
        assert sent.status_code == 302
        dispute = Dispute.objects.get()
        page = login("closure").get(issued.get_absolute_url()).content.decode()
        assert f'id="dispute-{dispute.pk}"' in page and "现场并无此项" in page and "等待Leader裁决" in page
        leader = login("leader")
        form = leader.get(dispute.move_url("decide_dispute")).content.decode()
        assert "现场并无此项" in form and issued.what in form
        lacking = leader.post(dispute.move_url("decide_dispute"), {"outcome": "reassign", "reason": "应由他科负责"})
        assert lacking.status_code == 400 and "应由他科负责" in lacking.content.decode()
        done = leader.post(dispute.move_url("decide_dispute"), {"outcome": "reject", "reason": "现场属实"})
        assert (done.status_code, done.url) == (302, f"{issued.get_absolute_url()}#dispute-{dispute.pk}")
        assert leader.get(dispute.move_url("decide_dispute")).status_code == 409
        assert leader.get(dispute.move_url("no_such_move")).status_code == 404
        other = reverse("findings:child_move", args=[issued.number, "nothing", dispute.pk, "decide_dispute"])
        assert leader.get(other).status_code == 404


def test_programs_do_the_same(world: World, t0: datetime, issued: Finding, api: Any) -> None:
    base = f"/api/v1/findings/{issued.number}"
    with moment.travel(t0 + HOUR):
        body = {"ground": "not_ours", "statement": "该工位属于注塑科", "proposed_owner": "superior", "files": photo()}
        assert api("owner").post(f"{base}/moves/dispute/", body, format="multipart").status_code == 200
        [shown] = api("closure").get(f"{base}/disputes/").json()
        dispute = Dispute.objects.get()
        assert (shown["number"], shown["state"], shown["ground"], shown["proposed_owner"], shown["raised_by"]) == (
            dispute.number,
            "raised",
            "not_ours",
            "superior",
            "owner",
        )
        assert api("leader").get(f"{base}/disputes/{dispute.pk}/").json() == shown
        assert api("stranger").get(f"{base}/disputes/").status_code == 404
        moves = api("leader").get(f"{base}/disputes/{dispute.pk}/moves/").json()
        assert [one["move"] for one in moves] == ["decide_dispute"]
        place = f"{base}/disputes/{dispute.pk}/moves/decide_dispute/"
        assert api("owner").post(place, {"outcome": "reject", "reason": "不成立"}).status_code == 403
        answer = api("leader").post(place, {"outcome": "reassign", "reason": "应由其负责", "owner": "superior"})
        assert answer.json() == {"number": dispute.number, "state": "upheld", "version": 1}
        clocks = (
            api("leader").get("/api/v1/deadlines/", {"finding": issued.number, "step": "dispute"}).json()["results"]
        )
        assert [(one["dispute"], one["finding"], one["answered_at"] is not None) for one in clocks] == [
            (dispute.number, issued.number, True)
        ]
    trail = api("leader").get(f"{base}/trail/").json()
    assert [one["about"] for one in trail if one["move"] == "decide_dispute"] == [f"dispute:{dispute.pk}"]


def test_the_page_costs_the_same_with_one_and_with_three(
    world: World, t0: datetime, issued: Finding, login: Any, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert login("leader").get(issued.get_absolute_url()).status_code == 200
        return len(seen)

    with moment.travel(t0 + HOUR):
        world.beside(raised(world, issued), "take_back_dispute", "owner", reason="看错了")
        one = cost()
        for _n in range(2):
            world.beside(raised(world, issued), "take_back_dispute", "owner", reason="看错了")
        assert cost() == one
