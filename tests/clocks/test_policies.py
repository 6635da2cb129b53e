"""Policies: which one wins, every switch has an effect, a change is looked at first and applied only where chosen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from calendars.models import CalendarDay, PlantCalendar, WorkCalendar
from clocks import changes
from clocks.deadlines import DueChange
from clocks.policy import Policy, PolicyRung, PolicyStep, choose, next_version, problems
from clocks.sweep import sweep
from clocks.why import why
from closure.models import LedgerEntry
from customers.models import AuditKind
from lib import moment
from tests.policies import DAY, HOUR, alter_step, day_shift, due, issue, row
from tests.world import World
from workflow.trail import broken

# Which one wins -----------------------------------------------------------------------------------------------------


def test_customer_before_kind_before_grade_before_source_and_the_page_says_which_won(
    world: World, t0: datetime, login: Any
) -> None:
    asked = {
        "customer_id": world.customer.pk,
        "kind_id": world.kind.pk,
        "grade": "minor",
        "source": "self",
        "covers": "finding",
        "at": t0,
    }
    for expected, only_for in (
        ("2485-SELF", {}),
        ("G", {"grade": "minor"}),
        ("K", {"kind": world.kind}),
        ("C", {"customer": world.customer}),
    ):
        if only_for:
            Policy.objects.create(code=expected, name=f"规则{expected}", valid_from=t0 - DAY, **only_for)
        assert choose(**asked).code == expected
    assert choose(**asked | {"customer_id": None}).code == "K"
    step = PolicyStep.objects.create(policy=Policy.objects.get(code="C"), step="contain", amount=6, unit="hours")
    PolicyRung.objects.create(
        step=step, position=1, offset_minutes=0, recipients=["owner"], level="red", repeat_minutes=60
    )
    finding = issue(world, t0)
    assert row(finding, "contain").due_at == t0 + 6 * HOUR
    page = login("owner").get(finding.get_absolute_url()).content.decode()
    assert "规则C" in page and "有效规则中最具体：客户甲" in page


def test_another_kind_of_audit_keeps_the_general_rule(world: World, t0: datetime) -> None:
    other = AuditKind.objects.create(code="X", name="过程审核")
    Policy.objects.create(code="K", name="x", valid_from=t0, kind=other)
    assert (
        choose(covers="finding", customer_id=None, kind_id=world.kind.pk, grade="minor", source="on_site", at=t0).code
        == "2485"
    )


def test_only_the_newest_version_of_a_rule_counts(world: World, t0: datetime) -> None:
    old = Policy.objects.create(code="M", name="旧", valid_from=t0 - 2 * DAY, grade="minor")
    asked = {"customer_id": None, "kind_id": None, "source": "on_site", "covers": "finding", "at": t0}
    assert choose(**asked, grade="minor") == old
    Policy.objects.create(code="M", version=2, name="新", valid_from=t0 - DAY, grade="major")
    assert choose(**asked, grade="minor").code == "2485"
    assert choose(**asked, grade="major").code == "M"


def test_working_time_without_a_calendar_runs_by_the_wall_and_says_so(world: World, t0: datetime) -> None:
    alter_step("contain", count="working")
    found = row(issue(world, t0), "contain")
    assert found.due_at == t0 + 24 * HOUR
    assert "24小时（自然时间），因工厂没有工作日历" in why(found).words
    empty = WorkCalendar.objects.create(code="E", name="空")
    PlantCalendar.objects.create(unit=world.units["F1"], calendar=empty)
    assert row(issue(world, t0), "contain").due_at == t0 + 24 * HOUR


# Changing -----------------------------------------------------------------------------------------------------------


def stricter(t0: datetime) -> Policy:
    draft = next_version(Policy.objects.get(code="2485"))
    PolicyStep.objects.filter(policy=draft, step="close").update(amount=3)
    return draft


def test_a_draft_shows_what_it_would_change_and_changes_nothing(world: World, t0: datetime, login: Any) -> None:
    finding = issue(world, t0)
    with moment.travel(t0 + HOUR):
        draft = stricter(t0)
        found = changes.by_policy(draft)
        assert [(one.clock.step, one.due_at) for one in found] == [
            ("close", datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC))
        ]
        page = login("admin").get(reverse("clocks:changes", args=[draft.pk]))
        assert finding.number in page.content.decode()
        assert (
            login("admin")
            .post(reverse("clocks:changes", args=[draft.pk]), {"clocks": [found[0].clock.pk], "reason": "更严"})
            .status_code
            == 403
        )
    assert row(finding, "close").due_at == datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC)
    assert row(issue(world, t0 + HOUR), "close").policy_step.policy.version == 1


def test_in_force_it_counts_for_new_clocks_and_for_running_ones_only_where_applied(
    world: World, t0: datetime, login: Any
) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        chosen, other = world.finding("issued", audit), world.finding("issued", audit)
    client = login("process_owner")
    with moment.travel(t0 + HOUR):
        draft = stricter(t0)
        client.post(reverse("clocks:put_in_force", args=[draft.pk]))
        assert Policy.objects.get(pk=draft.pk).valid_from == t0 + HOUR
        assert client.get(reverse("clocks:edit_policy", args=[draft.pk])).status_code == 404
        url = reverse("clocks:changes", args=[draft.pk])
        assert client.post(url, {"reason": "更严"}).status_code == 400
        answer = client.post(url, {"clocks": [row(chosen, "close").pk], "reason": "客户要求更严"})
        assert answer.status_code == 302
        fresh = world.finding("issued", audit)
    moved = row(chosen, "close")
    assert moved.due_at == row(fresh, "close").due_at - timedelta(0) == datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
    assert moved.policy_step.policy.version == 2 and row(other, "close").policy_step.policy.version == 1
    assert DueChange.objects.get().reason == "客户要求更严"
    assert "应用了变更后的规则" in why(moved).words
    event = chosen.events.get(move="policy_applied")
    assert event.by == world.users["process_owner"] and event.facts["reason"] == "客户要求更严"
    assert broken(chosen.events.order_by("position")) == []


def test_a_changed_ladder_is_shown_and_applied_although_the_due_time_stays(world: World, t0: datetime) -> None:
    finding = issue(world, t0)
    draft = next_version(Policy.objects.get(code="2485"))
    PolicyRung.objects.filter(step__policy=draft, step__step="contain", position=1).update(offset_minutes=-60)
    Policy.objects.filter(pk=draft.pk).update(valid_from=t0)
    found = changes.by_policy(Policy.objects.get(pk=draft.pk))
    assert [one.clock.step for one in found] == ["contain"]
    with moment.travel(t0 + HOUR):
        changes.apply(found, cause="policy", by=world.users["admin"], reason="提醒更晚")
    after = row(finding, "contain")
    assert (after.due_at, after.next_alarm_at) == (t0 + 24 * HOUR, t0 + 23 * HOUR)


def test_a_late_clock_that_stays_late_is_not_recorded_twice(world: World, t0: datetime) -> None:
    finding = issue(world, t0)
    sweep(now=t0 + 30 * HOUR)
    draft = next_version(Policy.objects.get(code="2485"))
    PolicyStep.objects.filter(policy=draft, step="contain").update(amount=20)
    Policy.objects.filter(pk=draft.pk).update(valid_from=t0)
    with moment.travel(t0 + 31 * HOUR):
        changes.apply(
            changes.by_policy(Policy.objects.get(pk=draft.pk)), cause="policy", by=world.users["admin"], reason="x"
        )
    sweep(now=t0 + 60 * HOUR)
    assert LedgerEntry.objects.filter(finding=finding, rule="late_contain").count() == 1


def test_a_change_makes_nobody_late_by_itself(world: World, t0: datetime) -> None:
    early, late = issue(world, t0), issue(world, t0 + 3 * DAY)
    with moment.travel(t0 + 4 * DAY):
        assert {one.clock.subject for one in changes.by_policy(stricter(t0))} == {late}
    assert row(early, "close").due_at == datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC)


def test_two_rules_for_exactly_the_same_do_not_stand_side_by_side(world: World) -> None:
    twin = next_version(Policy.objects.get(code="2485"), "2485-B")
    assert "2485" in " ".join(problems(twin))
    twin.grade = "critical"
    twin.save()
    assert not problems(twin)


def test_a_ladder_that_tells_nobody_does_not_come_into_force(world: World) -> None:
    draft = next_version(Policy.objects.get(code="2485"))
    PolicyRung.objects.filter(step__policy=draft, step__step="close", position=3).update(recipients=[])
    assert len(problems(draft)) == 1


def test_a_broken_draft_does_not_come_into_force(world: World, t0: datetime, login: Any) -> None:
    draft = stricter(t0)
    PolicyRung.objects.filter(step__policy=draft, step__step="close").delete()
    last = PolicyRung.objects.filter(step__policy=draft, step__step="contain").order_by("position").last()
    PolicyRung.objects.filter(pk=last.pk).update(repeat_minutes=None, recipients=["nobody"])
    PolicyRung.objects.filter(step__policy=draft, step__step="analyse", position=1).update(offset_minutes=9999)
    assert len(problems(draft)) == 4
    login("admin").post(reverse("clocks:put_in_force", args=[draft.pk]))
    assert Policy.objects.get(pk=draft.pk).is_draft


def test_a_version_may_count_from_a_day_to_come_and_be_taken_back_until_then(
    world: World, t0: datetime, login: Any
) -> None:
    client = login("admin")
    with moment.travel(t0):
        draft = stricter(t0)
        url, changes_url = (reverse(f"clocks:{name}", args=[draft.pk]) for name in ("put_in_force", "changes"))
        assert client.post(url, {"valid_from": "9999-12-31T23:59:00-12:00"}).status_code == 400
        past = client.post(url, {"valid_from": "2026-03-06T17:00"})
        assert past.status_code == 400 and "2026-03-06T17:00" in past.content.decode()
        assert Policy.objects.get(pk=draft.pk).is_draft
        assert client.post(url, {"valid_from": "2026-03-08T08:00"}).status_code == 302
        assert Policy.objects.get(pk=draft.pk).valid_from == datetime(2026, 3, 8, tzinfo=UTC)
        running = row(issue(world, t0 + HOUR), "close")
        assert running.policy_step.policy.version == 1
        assert client.post(changes_url, {"clocks": [running.pk], "reason": "提前"}).status_code == 403
        assert client.post(reverse("clocks:take_back", args=[draft.pk])).status_code == 302
        assert Policy.objects.get(pk=draft.pk).is_draft
        client.post(url, {"valid_from": "2026-03-08T08:00"})
    with moment.travel(t0 + 2 * DAY):
        client.post(reverse("clocks:take_back", args=[draft.pk]))
        assert not Policy.objects.get(pk=draft.pk).is_draft
    assert row(issue(world, t0 + 2 * DAY), "close").policy_step.policy == draft
    assert row(issue(world, t0 + DAY), "close").policy_step.policy.version == 1


def test_the_page_names_the_version_that_counts_not_the_highest_number(world: World, t0: datetime, login: Any) -> None:
    client, first = login("admin"), Policy.objects.get(code="2485")
    with moment.travel(t0):
        later, now = next_version(first), next_version(first)
        client.post(reverse("clocks:put_in_force", args=[later.pk]), {"valid_from": "2026-03-08T08:00"})
        told = client.post(reverse("clocks:put_in_force", args=[now.pk]), {}, follow=True)
    assert f"版本 {later.version}" in told.content.decode()
    for at, counting in ((t0 + HOUR, now), (t0 + 2 * DAY, later)):
        with moment.travel(at):
            shown = client.get(reverse("clocks:policies")).context["rows"]
            assert [one["policy"] for one in shown if one["in_force"] and one["policy"].code == "2485"] == [counting]
            assert choose(covers="finding", customer_id=None, source="on_site", at=at) == counting


def test_a_form_over_a_clock_that_was_left_out_meanwhile_shows_the_draft_as_it_stands(world: World, login: Any) -> None:
    client, draft = login("admin"), next_version(Policy.objects.get(code="2485"))
    step = draft.steps.get(step="contain")
    for url, gone in (
        (reverse("clocks:edit_policy", args=[draft.pk]), draft.steps.filter(step="effect_30")),
        (reverse("clocks:edit_ladder", args=[step.pk]), step.rungs.filter(position=1)),
    ):
        stale = _posted(client.get(url).context)
        gone.delete()
        answer = client.post(url, stale)
        assert answer.status_code == 409 and "草稿已被更改" in answer.content.decode()


def test_a_draft_takes_in_a_clock_and_leaves_one_out(world: World, t0: datetime, login: Any) -> None:
    client = login("admin")
    draft = next_version(Policy.objects.get(code="2485"))
    url = reverse("clocks:edit_policy", args=[draft.pk])
    page = client.get(url)
    gone = next(n for n, form in enumerate(page.context["steps"]) if form.instance.step == "effect_30")
    assert client.post(url, _posted(page.context) | {f"steps-{gone}-DELETE": "on"}).status_code == 302
    assert not draft.steps.filter(step="effect_30").exists()
    add = reverse("clocks:add_clock", args=[draft.pk])
    client.post(add, {"step": "name_team"})  # a clock of audits, not of findings
    client.post(add, {"step": "contain"})  # there already
    assert not draft.steps.filter(step="name_team").exists() and draft.steps.filter(step="contain").count() == 1
    assert "30" in client.get(reverse("clocks:policy", args=[draft.pk])).content.decode()
    client.post(add, {"step": "effect_30"})
    step = draft.steps.get(step="effect_30")
    assert (step.amount, step.unit) == (30, "days") and not problems(draft)
    draft.steps.all().delete()
    assert len(problems(draft)) == 1


def test_a_preview_finds_changes_however_many_clocks_come_before_them(
    world: World, t0: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHUNK", 2)
    findings = [issue(world, t0 + n * HOUR) for n in range(3)]
    with moment.travel(t0 + 4 * HOUR):
        draft = stricter(t0)
        found = changes.by_policy(draft)
        assert [one.clock.subject for one in found] == findings and {one.clock.step for one in found} == {"close"}
        monkeypatch.setattr(changes, "MOST", 2)
        assert len(changes.by_policy(draft)) == 2


def test_the_pages_of_a_policy_keep_what_was_typed_and_save_steps_and_ladders(
    world: World, t0: datetime, login: Any
) -> None:
    client = login("admin")
    policy = Policy.objects.get(code="2485")
    answer = client.post(reverse("clocks:new_version", args=[policy.pk]))
    draft = Policy.objects.get(code="2485", version=2)
    assert answer.url == reverse("clocks:edit_policy", args=[draft.pk])
    data = _posted(client.get(answer.url).context)
    close = next(n for n, form in enumerate(client.get(answer.url).context["steps"]) if form.instance.step == "close")
    bad = client.post(answer.url, data | {f"steps-{close}-amount": "0", "name": "更严的规则"})
    assert bad.status_code == 400 and "更严的规则" in bad.content.decode()
    good = client.post(answer.url, data | {f"steps-{close}-amount": "4", "exemption_top": ["investment"]})
    assert good.status_code == 302
    draft.refresh_from_db()
    step = draft.steps.get(step="close")
    assert (step.amount, draft.exemption_top) == (4, ["investment"])
    url = reverse("clocks:edit_ladder", args=[step.pk])
    rungs = _posted(client.get(url).context)
    wrong = client.post(url, rungs | {"rungs-0-percent": "50"})
    assert wrong.status_code == 400 and "二选一" in wrong.content.decode()
    assert client.post(url, rungs | {"rungs-0-offset_minutes": "", "rungs-0-percent": "50"}).status_code == 302
    assert [one.percent for one in step.rungs.order_by("position")] == [50, None, None, None, None]
    assert client.get(reverse("clocks:policy", args=[draft.pk])).status_code == 200


def _posted(context: Any) -> dict[str, Any]:
    """What the browser would send for the forms of the page as they stand."""
    data: dict[str, Any] = {}
    forms = [context[name] for name in ("form", "steps", "rungs") if context.get(name) is not None]
    for one in forms:
        members = [one.management_form, *one.forms] if hasattr(one, "management_form") else [one]
        for form in members:
            for field in form:
                value = field.value()
                if value is not None and value is not False and value != "":
                    data[field.html_name] = value if isinstance(value, list) else str(value)
    return data


def test_a_special_day_is_looked_at_first_saved_then_and_applied_only_where_chosen(
    world: World, t0: datetime, login: Any
) -> None:
    calendar = day_shift(world)
    alter_step("close", count="working", amount=5, ends="day")
    finding = issue(world, t0)
    before = row(finding, "close").due_at
    client = login("admin")
    url = reverse("clocks:special_day", args=[calendar.code])
    day = {"day": "2026-03-09", "name": "厂庆", "like_weekday": "0"}
    with moment.travel(t0 + HOUR):
        looked = client.post(url, day)
        assert finding.number in looked.content.decode() and not CalendarDay.objects.exists()
        assert client.post(url, day | {"sure": "1"}).status_code == 302
        assert CalendarDay.objects.get().name == "厂庆" and row(finding, "close").due_at == before
        assert client.post(url, day).status_code == 400
        apply_to = reverse("clocks:calendar_changes", args=[calendar.code])
        assert client.post(apply_to, {"clocks": [row(finding, "close").pk], "reason": "放假"}).status_code == 302
    moved = row(finding, "close")
    assert moved.due_at == before + 3 * DAY  # Friday the 13th becomes Monday the 16th
    assert "厂庆" in why(moved).words and "应用了变更后的日历" in why(moved).words


def test_why_lists_every_stretch_counted_and_skipped(world: World, t0: datetime) -> None:
    day_shift(world)
    alter_step("contain", count="working", amount=9)
    found = why(row(issue(world, t0), "contain"))
    counted = [one for one in found.intervals if one["counted"]]
    assert sum((one["to"] - one["from"] for one in counted), timedelta()) == 9 * HOUR
    assert "计入：2026-03-09 08:00 – 2026-03-09 12:00; 2026-03-09 13:00 – 2026-03-09 17:00; " in found.words
    assert "不计入：2026-03-06 18:00 – 2026-03-09 08:00" in found.words


def test_the_customers_profile_only_tightens_whatever_the_policy(world: World, t0: datetime) -> None:
    world.customer.close_days = 30
    world.customer.save()
    assert due(world, t0, "close") == datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC)
    world.customer.close_days = 2
    world.customer.save()
    assert due(world, t0, "close") == datetime(2026, 3, 8, 15, 59, 59, tzinfo=UTC)
