"""The clocks of an audit begin and end with its moves, and ask nobody twice."""

from datetime import datetime
from typing import Any

from clocks.deadlines import Deadline
from clocks.sweep import sweep
from clocks.why import why
from lib import moment
from notices.actions import answer
from notices.models import Notice
from tests.deadlines import DAY, HOUR, as_person, clocks, only
from tests.world import World


def test_the_clocks_of_an_audit_start_and_end_with_its_moves(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("leader_appointed", checklist="not_given", checklist_follow_up=(t0 + 3 * DAY).date())
    assert only(audit, "name_team").owes == world.users["leader"]
    assert only(audit, "checklist").owes == world.users["market"]
    with moment.travel(t0 + HOUR):
        as_person(world, audit, "name_team", "leader", lead_escort=world.users["escort"], team=[])
        as_person(world, audit, "revise", "market", fields={"checklist": "given"})
        as_person(world, audit, "confirm", "leader")
        as_person(world, audit, "send_notice", "escort", message="x")
    assert only(audit, "name_team").answered_at and only(audit, "checklist").answered_at
    asked = {row.owes.username: row for row in clocks(audit, "acknowledge")}
    assert set(asked) == {"leader", "site_contact", "market"}
    notice = Notice.objects.get(kind="audit_notice", recipient=world.users["leader"])
    with moment.travel(t0 + 2 * HOUR):
        assert answer(notice, at=moment.now()) and not answer(notice, at=moment.now())
        as_person(world, audit, "start", "escort", minutes="x")
    found = {row.owes.username: (bool(row.answered_at), bool(row.stopped_at)) for row in clocks(audit, "acknowledge")}
    assert found == {"leader": (True, False), "site_contact": (False, True), "market": (False, True)}
    with moment.travel(t0 + 3 * HOUR):
        as_person(world, audit, "hold_closing", "escort", result="passed", minutes="x")
        assert only(audit, "issue").owes == world.users["escort"]
        as_person(world, audit, "begin_closure", "escort")
        as_person(world, audit, "close", "escort")
    assert only(audit, "issue").answered_at
    assert only(audit, "retrospective").running
    with moment.travel(t0 + 4 * HOUR):
        as_person(world, audit, "review", "escort", plan_actual="x", lessons="x")
    assert only(audit, "retrospective").answered_at == t0 + 4 * HOUR


def test_whoever_joins_after_the_notice_gets_it_too_and_is_asked_once(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("notified")
    before = {row.owes_id for row in clocks(audit, "acknowledge")}
    notice = Notice.objects.get(kind="audit_notice", recipient=world.users["site_contact"])
    with moment.travel(t0 + HOUR):
        assert answer(notice, at=moment.now())
        team = [{"user": world.users["actor"], "duty": "记录", "reason": "熟悉工艺"}]
        as_person(world, audit, "change_team", "leader", lead_escort=world.users["escort"], team=team)
    joined = [row for row in clocks(audit, "acknowledge") if row.owes_id not in before]
    assert [(row.owes, row.started_at) for row in joined] == [(world.users["actor"], t0 + HOUR)]
    told = Notice.objects.get(kind="audit_notice", recipient=world.users["actor"])
    assert told.needs_answer and told.facts["message"] == notice.facts["message"]
    assert Notice.objects.filter(kind="audit_notice", recipient=world.users["site_contact"]).count() == 1
    with moment.travel(t0 + 2 * HOUR):
        assert answer(told, at=moment.now())
        as_person(world, audit, "change_team", "leader", lead_escort=world.users["escort"], team=team)
    again = [row for row in clocks(audit, "acknowledge") if row.owes == world.users["actor"]]
    assert [row.answered_at for row in again] == [t0 + 2 * HOUR]


def test_whoever_leaves_and_comes_back_is_asked_again_with_the_notice_they_have(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("notified")
    member = {"user": world.users["teamer"], "duty": "scribe", "reason": ""}
    for hour, team in ((1, []), (2, [member])):
        with moment.travel(t0 + hour * HOUR):
            as_person(world, audit, "change_team", "leader", lead_escort=world.users["escort"], team=team)
    mine = [row for row in clocks(audit, "acknowledge") if row.owes == world.users["teamer"]]
    assert [(row.cycle, row.running) for row in mine] == [(1, False), (2, True)]
    with moment.travel(t0 + 3 * HOUR):
        assert answer(Notice.objects.get(kind="audit_notice", recipient=world.users["teamer"]), at=moment.now())
    mine[1].refresh_from_db()
    assert mine[1].answered_at == t0 + 3 * HOUR


def test_the_page_of_an_audit_shows_its_clocks_and_why(world: World, t0: datetime, login: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("notified")
        page = login("leader").get(audit.get_absolute_url()).content.decode()
    asked = only(audit, "name_team")
    assert why(Deadline.objects.explained().get(pk=asked.pk)).words in page  # over, but it can still say why
    assert "确认稽核通知 · 某teamer" in " ".join(page.replace("&nbsp;", " ").split())


def test_the_audits_clocks_are_swept_like_any_other(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("leader_appointed")
    row = only(audit, "name_team")
    sweep(now=row.due_at)
    notice = Notice.objects.get(kind="clock", recipient=world.users["leader"])
    assert notice.url == audit.get_absolute_url() and notice.facts["number"] == audit.number


def test_the_team_may_be_named_after_the_requirement_and_a_pause_takes_nothing_away(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = as_person(world, world.audit("leader_appointed"), "confirm", "leader")
        as_person(world, audit, "change_team", "leader", lead_escort=world.users["escort"], team=[])
        assert only(audit, "name_team").answered_at
        paused = world.audit("leader_appointed", checklist="not_given", checklist_follow_up=(t0 + 3 * DAY).date())
        as_person(world, paused, "postpone", "market", deviation="customer", reason="客户改期")
        assert not any(row.running for row in Deadline.objects.filter(audit=paused))
        day = (t0 + 9 * DAY).date()
        as_person(world, paused, "resume", "market", planned_start=day, planned_end=day)
    running = Deadline.objects.running().filter(audit=paused).values_list("step", flat=True)
    assert sorted(running) == ["checklist", "name_team"]


def test_asking_for_the_checklist_ends_with_the_day_of_the_audit(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site", checklist="not_given", checklist_follow_up=(t0 - DAY).date())
        as_person(world, audit, "revise", "leader", fields={"scope": "补录"})
    assert not Deadline.objects.running().filter(audit=audit, step="checklist").exists()
    with moment.travel(t0):
        early = world.audit("drafted", checklist="not_given", checklist_follow_up=(t0 - DAY).date())
        as_person(world, early, "revise", "market", fields={"scope": "补录"})
    assert len(clocks(early, "checklist")) == 1


def test_who_left_the_team_is_no_longer_asked_to_acknowledge(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("notified")
        assert "teamer" in {row.owes.username for row in clocks(audit, "acknowledge")}
        as_person(world, audit, "change_team", "leader", lead_escort=world.users["escort"], team=[])
    assert {row.owes.username for row in clocks(audit, "acknowledge") if row.running} == {
        "leader",
        "site_contact",
        "market",
    }
