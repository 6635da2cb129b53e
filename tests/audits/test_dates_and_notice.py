"""Dates, meetings, results and the notice of an audit: in order, with a reason, to those concerned."""

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import translation

from audits import actions as audit_actions
from audits.models import Audit
from audits.plan import month_of, rows as plan_rows
from lib import moment
from notices.models import Notice
from notices.text import lines
from tests.times import DAY
from tests.world import World
from workflow.errors import GateClosed


def test_today_is_the_plants_day_before_eight_in_shanghai() -> None:
    with moment.travel(datetime.fromisoformat("2026-03-05T22:30:00+00:00")):
        assert moment.today() == date(2026, 3, 6)


def test_an_audit_over_the_turn_of_the_year_is_in_both_months(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.request(planned_start=date(2026, 12, 30), planned_end=date(2027, 1, 3))
    for day in (date(2026, 12, 1), date(2027, 1, 1)):
        assert [row.audit for row in plan_rows(world.user("market"), *month_of(day))] == [audit]


def test_meetings_and_starts_come_in_order(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        with pytest.raises(GateClosed):
            audit_actions.perform(
                audit.pk, "hold_closing", by=world.user("escort"), result="passed", minutes="x", event_at=t0 - 5 * DAY
            )
        sudden = world.request(sudden=True)
        sudden = world.walk(sudden, "leader_appointed")
        with pytest.raises(GateClosed):
            audit_actions.perform(
                sudden.pk,
                "start_sudden",
                by=world.user("leader"),
                lead_escort=world.users["escort"],
                event_at=t0 - 5 * DAY,
            )


def test_dates_change_by_one_move_with_a_reason_and_everyone_is_asked_again(world: World, api: Any) -> None:
    audit = world.audit("notified")
    with pytest.raises(GateClosed):
        audit_actions.perform(
            audit.pk,
            "revise",
            by=world.user("market"),
            fields={"planned_start": audit.planned_start + DAY},
            sites=[world.sites["A"]],
            auditors=[],
            documents=[],
        )
    versions = audit.versions.count()
    url = f"/api/v1/audits/{audit.number}/moves/"
    body = {
        "planned_start": str(audit.planned_start + 3 * DAY),
        "planned_end": str(audit.planned_end + 3 * DAY),
        "mode": "on_site",
        "deviation": "customer",
        "reason": "客户改期",
    }
    assert (
        api("market").post(f"{url}revise/", {"planned_start": body["planned_start"]}, format="json").status_code == 400
    )
    before = set(Notice.objects.filter(kind="audit_notice", needs_answer=True).values_list("pk", flat=True))
    bare = {name: value for name, value in body.items() if name != "reason"}
    assert api("market").post(f"{url}reschedule/", bare, format="json").status_code == 400
    assert api("market").post(f"{url}reschedule/", body, format="json").status_code == 200
    fresh = Audit.objects.get(pk=audit.pk)
    assert (fresh.planned_start, fresh.first_planned_start, fresh.deviation) == (
        audit.planned_start + 3 * DAY,
        audit.planned_start,
        "customer",
    )
    asked = set(Notice.objects.filter(kind="audit_notice", needs_answer=True).values_list("pk", flat=True))
    assert asked and not asked & before
    assert fresh.versions.count() == versions + 1


def test_a_result_that_comes_later_is_recorded_by_a_move(world: World, api: Any) -> None:
    audit = world.audit("archived")
    for who, wanted in (("market", 403), ("escort", 200)):
        answer = api(who).post(
            f"/api/v1/audits/{audit.number}/moves/record_result/",
            {"result": "conditional", "score": "86分"},
            format="json",
        )
        assert answer.status_code == wanted, answer.json()
    assert Audit.objects.get(pk=audit.pk).result == "conditional"


def test_nobody_is_asked_to_acknowledge_an_audit_that_is_over(world: World, login: Any) -> None:
    audit = world.audit("notified")
    assert login("site_contact").get("/inbox/").context["first"]
    for move, facts in (("start", {"minutes": "x"}), ("hold_closing", {"result": "passed", "minutes": "x"})):
        audit_actions.perform(audit.pk, move, by=world.user("escort"), **facts)
    assert not Notice.objects.filter(kind="audit_notice", needs_answer=True, answered_at=None).exists()


def test_a_post_that_goes_there_and_back_is_told_each_time(world: World) -> None:
    audit = world.audit("confirmed")
    for name in ("leader2", "leader", "leader2"):
        audit_actions.perform(
            audit.pk, "replace_leader", by=world.user("office"), leader=world.users[name], reason="换人"
        )
    told = Notice.objects.filter(kind="audit_appointed", recipient=world.users["leader2"])
    assert told.count() == 2


def test_a_notice_says_differences_in_words_of_its_language(world: World) -> None:
    audit = world.audit("confirmed")
    fields = {"scope": "新的范围", "checklist": "not_given", "checklist_follow_up": moment.today() + 5 * DAY}
    audit_actions.perform(
        audit.pk, "revise", by=world.user("market"), fields=fields, sites=[world.sites["X"]], auditors=[], documents=[]
    )
    notice = Notice.objects.filter(kind="audit_changed").latest("created_at")
    for language, words in (("zh-hans", ("场所X", "新的范围")), ("en", ("新的范围",))):
        with translation.override(language):
            said = "\n".join(lines(notice, language))
        assert all(one in said for one in words) and "not_given" not in said and "[" not in said


def test_whoever_is_taken_off_an_audit_is_asked_no_more(world: World) -> None:
    audit = world.audit("notified")
    asked = Notice.objects.filter(kind="audit_notice", needs_answer=True, recipient=world.users["teamer"])
    assert asked.exists()
    audit_actions.perform(audit.pk, "change_team", by=world.user("leader"), lead_escort=world.users["escort"], team=[])
    assert not asked.exists()


def test_after_a_postponement_no_notice_counts(world: World, api: Any) -> None:
    audit = world.audit("notified")
    audit_actions.perform(audit.pk, "postpone", by=world.user("market"), deviation="customer", reason="客户改期")
    audit_actions.perform(
        audit.pk,
        "resume",
        by=world.user("market"),
        planned_start=audit.planned_start + 5 * DAY,
        planned_end=audit.planned_end + 5 * DAY,
    )
    receipts = api("market").get(f"/api/v1/audits/{audit.number}/receipts/").json()
    assert receipts and not any(one["current"] for one in receipts)
