"""Read-across: opened where it applies, done by the people there, verified by somebody else, counted on the page (domain 3-08)."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clocks.deadlines import Deadline
from clocks.sweep import sweep
from closure.verify import faults
from closure.work import tasks
from findings.actions import whose_turn
from findings.models import Finding
from findings.read_across import ReadAcross
from lib import moment
from lib.storage import store
from notices.models import Notice
from people.leaving import POSTS
from people.models import Site
from tests.deadlines import DAY, HOUR, clocks, only
from tests.world import World, deputise, photo


@pytest.fixture
def spread(world: World, t0: datetime) -> Finding:
    """Implemented on the fourth day, carried over to site B, where somebody else is responsible."""
    Site.objects.filter(code="S-B").update(owner=world.users["actor"], contact=world.users["stranger"])
    world.sites["B"].refresh_from_db()
    with moment.travel(t0):
        finding = world.finding("analysed")
    with moment.travel(t0 + 90 * HOUR):
        return world.implement(finding, read_across=[decided(world)])


def decided(world: World, *, applies: bool = True, note: str = "同样排查两把螺丝刀") -> dict[str, Any]:
    return {"site": world.sites["B"], "applies": applies, "note": note}


def done(world: World, finding: Finding, who: str = "actor") -> Finding:
    facts = {"done_on": moment.today(), "result": "已排查两把并复测", "files": [store(photo())]}
    return world.do(finding, "complete_read_across", who, **facts)


def test_where_it_applies_somebody_there_has_a_month_for_it(world: World, t0: datetime, spread: Finding) -> None:
    record = spread.read_across.get()
    assert (record.number, record.state, record.owner) == (f"{spread.number}-R1", "open", world.users["actor"])
    row = only(spread, "read_across")
    assert row.owes == world.users["actor"] and (row.due_at - (t0 + 90 * HOUR)).days in {24, 25}
    told = Notice.objects.filter(kind="read_across_opened").values_list("recipient__username", flat=True)
    assert set(told) == {"actor", "stranger"}
    [task] = [one for one in tasks(world.user("actor"), moment.now()) if "read-across" in one.url]
    assert task.url == record.move_url("complete_read_across") and task.due_at == row.due_at
    with moment.travel(row.due_at + DAY):
        sweep()
    assert Notice.objects.filter(kind="clock", recipient=world.users["actor"]).exists()


def test_where_it_does_not_apply_nothing_is_owed(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("implemented")
    assert not finding.read_across.exists() and clocks(finding, "read_across") == []


def test_it_is_done_with_proof_sent_back_and_verified(world: World, t0: datetime, spread: Finding, login: Any) -> None:
    record = spread.read_across.get()
    with moment.travel(t0 + 8 * DAY):
        bare = login("actor").post(
            record.move_url("complete_read_across"), {"done_on": moment.today(), "result": "已办"}
        )
        assert bare.status_code == 400 and "files" in bare.context["form"].errors
        done(world, spread)
    assert not only(spread, "read_across").running and only(spread, "read_across_review").owes == world.users["closure"]
    with moment.travel(t0 + 9 * DAY):
        mute = login("closure").post(record.move_url("verify_read_across"), {"accept": "0"})
        assert mute.status_code == 400 and "reason" in mute.context["form"].errors
        world.do(spread, "verify_read_across", "closure", accept=False, reason="只有通知，没有照片")
    assert only(spread, "read_across").running and spread.read_across.get().remark == "只有通知，没有照片"
    with moment.travel(t0 + 10 * DAY):
        done(world, spread, "stranger")
        world.do(spread, "verify_read_across", "closure", accept=True)
    record.refresh_from_db()
    assert (record.state, record.done_by, record.verified_by) == (
        "verified",
        world.users["stranger"],
        world.users["closure"],
    )
    assert not any(row.running for row in (*clocks(spread, "read_across"), *clocks(spread, "read_across_review")))
    assert list(faults()) == []


def test_nobody_verifies_what_they_did_themselves(world: World, spread: Finding) -> None:
    Site.objects.filter(code="S-B").update(contact=world.users["closure"])
    done(world, spread, "closure")
    with pytest.raises(PermissionDenied):
        world.do(spread, "verify_read_across", "closure", accept=True)


def test_where_the_reviewer_did_it_the_leader_verifies_and_then_management(world: World, spread: Finding) -> None:
    Site.objects.filter(code="S-B").update(contact=world.users["closure"])
    done(world, spread, "closure")
    assert only(spread, "read_across_review").owes == world.users["leader"]
    assert any(one.url.endswith("/verify_read_across/") for one in tasks(world.user("leader"), moment.now()))
    ReadAcross.objects.update(owner=world.users["leader"])
    # The Leader has a hand in it too: at the finding's next move it is management's.
    world.do(spread, "reassign", "leader", owner=world.users["actor"], reason="调岗")
    assert only(spread, "read_across_review").owes is None
    assert any(one.url.endswith("/verify_read_across/") for one in tasks(world.user("top"), moment.now()))
    world.do(spread, "verify_read_across", "top", accept=True)
    assert spread.read_across.get().state == "verified" and list(faults()) == []


def test_whoever_has_a_hand_in_the_finding_verifies_nothing_of_it(world: World, spread: Finding) -> None:
    done(world, spread)
    deputise(world, "closure", "owner")
    with pytest.raises(PermissionDenied):
        world.do(spread, "verify_read_across", "owner", accept=True)


def test_what_is_under_way_follows_the_newest_decision(world: World, t0: datetime, spread: Finding) -> None:
    with moment.travel(t0 + 4 * DAY):
        world.do(spread, "send_back", "closure", step="close", reason="展开范围不清")
        world.implement(Finding.objects.get(pk=spread.pk), read_across=[decided(world, note="两把螺丝刀和一台压机")])
    assert spread.read_across.get().note == "两把螺丝刀和一台压机" and len(clocks(spread, "read_across")) == 1


def test_the_finding_own_next_step_is_named_beside_what_is_open_elsewhere(world: World, spread: Finding) -> None:
    Deadline.objects.of(Finding).update(stopped_at=moment.now())
    turn = whose_turn(Finding.objects.get(pk=spread.pk))
    assert {one.person.username for one in turn} == {"actor", "closure"}


def test_nine_of_ten_are_nine_of_ten(world: World, spread: Finding, login: Any, api: Any) -> None:
    for n in range(2, 11):
        ReadAcross.objects.create(
            number=f"{spread.number}-R{n}",
            finding=spread,
            cycle=1,
            state="verified",
            site=Site.objects.create(
                code=f"S-{n}",
                name=f"场所{n}",
                unit=world.units["F2"],
                closure_manager=world.users["closure"],
                contact=world.users["actor"],
                owner=world.users["actor"],
            ),
            note="同样排查",
            owner=world.users["actor"],
            opened_at=moment.now(),
        )
    page = login("owner").get(spread.get_absolute_url()).content.decode()
    assert "已核实9/10" in page
    said = api("owner").get(f"/api/v1/findings/{spread.number}/read-across/").json()
    assert len(said) == 10 and [one["state"] for one in said].count("verified") == 9
    assert said[0]["site"] in {"S-B", "S-10"} and {one["owner"] for one in said} == {"actor"}


def test_whoever_carries_it_over_sees_the_finding(world: World, spread: Finding, login: Any) -> None:
    for who in ("actor", "stranger"):
        assert Finding.objects.visible_to(world.user(who)).filter(pk=spread.pk).exists()
        assert login(who).get(spread.get_absolute_url()).status_code == 200
    assert login("operator").get(spread.read_across.get().move_url("complete_read_across")).status_code in {403, 404}


def test_what_no_longer_applies_is_dropped_and_may_come_back(world: World, t0: datetime, spread: Finding) -> None:
    with moment.travel(t0 + 4 * DAY):
        world.do(spread, "send_back", "closure", step="close", reason="展开判断不对")
        world.implement(Finding.objects.get(pk=spread.pk), read_across=[decided(world, applies=False, note="工艺不同")])
    assert spread.read_across.get().state == "dropped" and not only(spread, "read_across").running
    with moment.travel(t0 + 5 * DAY):
        world.do(spread, "send_back", "closure", step="close", reason="还是要展开")
        world.implement(Finding.objects.get(pk=spread.pk), read_across=[decided(world)])
        # Submitted once more as it stands: what is under way goes on.
        world.do(spread, "send_back", "closure", step="close", reason="数据不全")
        world.implement(Finding.objects.get(pk=spread.pk), read_across=[decided(world)])
    assert list(spread.read_across.order_by("pk").values_list("state", flat=True)) == ["dropped", "open"]
    assert sum(row.running for row in clocks(spread, "read_across")) == 1 and list(faults()) == []


def test_a_withdrawn_finding_leaves_nothing_to_do_elsewhere(world: World, spread: Finding) -> None:
    world.do(spread, "withdraw", "escort", reason="客户撤销", files=[store(photo())])
    assert spread.read_across.get().state == "dropped" and not only(spread, "read_across").running


def test_it_goes_on_after_the_finding_is_closed(world: World, t0: datetime, spread: Finding) -> None:
    with moment.travel(t0 + 5 * DAY):
        world.do(spread, "close", "closure", verified_how="on_site", conclusion="看到了")
    assert only(spread, "read_across").running
    with moment.travel(t0 + 20 * DAY):
        done(world, spread)
    assert spread.read_across.get().state == "done"


def test_somebody_else_does_it_when_the_named_one_leaves(world: World, spread: Finding) -> None:
    post = POSTS["read_across"]
    [record] = post.held_by(world.users["actor"])
    post.hand_over(record, world.users["stranger"], world.user("leader"), "调岗")
    assert only(spread, "read_across").owes == world.users["stranger"]
    assert Notice.objects.filter(kind="read_across_opened", recipient=world.users["stranger"]).count() == 2
    assert spread.events.filter(move="replace_read_across_owner").get().facts["changed"]["owner"] == [
        "actor",
        "stranger",
    ]
    assert list(faults()) == []


def test_another_closure_manager_verifies_it(world: World, spread: Finding) -> None:
    done(world, spread)
    world.do(spread, "change_manager", "leader", closure_manager=world.users["office"], reason="换人")
    assert only(spread, "read_across_review").owes == world.users["office"]
