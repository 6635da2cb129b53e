"""Every setting of a policy has an effect: one demonstration per column, and a test that none is missing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from clocks.models import Escalation
from clocks.policy import Policy, PolicyRung, PolicyStep, next_version
from clocks.sweep import sweep
from closure.models import LedgerEntry
from findings.models import Finding
from lib import moment
from notices.models import Notice
from tests.policies import DAY, HOUR, alter_policy, alter_step, day_shift, due, issue, row
from tests.world import World
from workflow.errors import GateClosed


def _prelim_cause(world: World, t0: datetime) -> None:
    alter_policy(prelim_cause="required")
    with pytest.raises(GateClosed), moment.travel(t0):
        world.contain(world.finding("issued"))
    shown = {}
    for value in ("warn", "off"):
        alter_policy(prelim_cause=value)
        with moment.travel(t0):
            finding = world.contain(world.finding("issued"))
        client = Client()
        client.force_login(world.users["owner"], backend="django.contrib.auth.backends.ModelBackend")
        shown[value] = "24小时内应给出" in client.get(finding.get_absolute_url()).content.decode()
    assert shown == {"warn": True, "off": False}


def _origin(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        draft = world.draft(audit)
    alter_policy(origin="recorded")
    with moment.travel(t0 + 5 * HOUR):
        world.do(draft, "issue", "escort")
    assert row(draft, "contain").due_at == t0 + 24 * HOUR
    with moment.travel(t0 + 6 * HOUR):
        from audits import actions as audit_actions

        second = world.draft(audit)
        audit_actions.perform(audit.pk, "hold_closing", by=world.user("escort"), result="passed", minutes="x")
    alter_policy(origin="closing")
    with moment.travel(t0 + 9 * HOUR):
        world.do(Finding.objects.get(pk=second.pk), "issue", "escort")
    assert row(second, "contain").due_at == t0 + 30 * HOUR


def _close_ends(world: World, t0: datetime) -> None:
    for value, state in (("closed", "closed"), ("customer", "customer_closed")):
        alter_policy(close_ends=value)
        with moment.travel(t0):
            before = world.finding("implemented" if value == "closed" else "closed")
            after = world.finding(state)
        assert row(before, "close").running and row(after, "close").answered_at


def _exemption(world: World, t0: datetime, **fields: Any) -> Finding:
    facts = {
        "reason": "building",
        "explanation": "x",
        "interim_control": "x",
        "milestones": "x",
        "new_date": (t0 + 20 * DAY).date(),
    } | fields
    with moment.travel(t0):
        return world.do(world.finding("issued"), "apply_exemption", "owner", **facts)


def _exemption_days(world: World, t0: datetime) -> None:
    alter_policy(exemption_days=10)
    with pytest.raises(GateClosed, match="2026-03-16"):
        _exemption(world, t0)


def _exemption_renewals(world: World, t0: datetime) -> None:
    alter_policy(exemption_renewals=0)
    finding = _exemption(world, t0)
    with moment.travel(t0 + HOUR):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
        with pytest.raises(GateClosed):
            world.do(
                finding,
                "apply_exemption",
                "owner",
                reason="building",
                explanation="x",
                interim_control="x",
                milestones="x",
                new_date=(t0 + 30 * DAY).date(),
            )


def _exemption_top(world: World, t0: datetime) -> None:
    alter_policy(exemption_top=["building"])
    with moment.travel(t0 + HOUR):
        finding = world.do(_exemption(world, t0), "decide_exemption", "leader", approve=True, reason="同意")
    assert finding.exemptions.get().state == "endorsed"


def _dispute_hours(world: World, t0: datetime) -> None:
    alter_policy(dispute_hours=2)
    finding = issue(world, t0)
    with moment.travel(t0 + 3 * HOUR), pytest.raises(GateClosed):
        world.do(finding, "dispute", "owner", ground="facts", statement="x", proposed_owner=None, duplicate_of=None)


def _moved_by(world: World, t0: datetime) -> None:
    alter_step("close", moved_by=[])
    with pytest.raises(GateClosed):
        _exemption(world, t0)


def _count(world: World, t0: datetime) -> None:
    day_shift(world)
    alter_step("contain", count="working", amount=9)
    # Friday 18:00: eight hours on Monday, one on Tuesday.
    assert due(world, t0, "contain") == datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


def _ends(world: World, t0: datetime) -> None:
    alter_step("close", ends="exact")
    assert due(world, t0, "close") == t0 + 5 * DAY


def _off_holidays(world: World, t0: datetime) -> None:
    day_shift(world)
    alter_step("contain", off_holidays=True)
    assert due(world, t0, "contain") == datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)


def _offset_minutes(world: World, t0: datetime) -> None:
    PolicyRung.objects.filter(step__policy__code="2485", step__step="contain", position=1).update(offset_minutes=-60)
    assert row(issue(world, t0), "contain").next_alarm_at == t0 + 23 * HOUR


def _percent(world: World, t0: datetime) -> None:
    rung = PolicyRung.objects.filter(step__policy__code="2485", step__step="contain", position=1)
    rung.update(offset_minutes=None, percent=50)
    assert row(issue(world, t0), "contain").next_alarm_at == t0 + 12 * HOUR


def _fired(world: World, t0: datetime, **values: Any) -> None:
    PolicyRung.objects.filter(step__policy__code="2485", step__step="contain", position=1).update(**values)
    issue(world, t0)
    sweep(now=t0 + 20 * HOUR)


def _recipients(world: World, t0: datetime) -> None:
    _fired(world, t0, recipients=["lead_escort"])
    assert Notice.objects.get(kind="clock").recipient == world.users["escort"]


def _level(world: World, t0: datetime) -> None:
    _fired(world, t0, level="red")
    assert Notice.objects.get(kind="clock").level == "red"


def _ledger(world: World, t0: datetime) -> None:
    _fired(world, t0, ledger=True)
    assert LedgerEntry.objects.count() == 1


def _repeat_minutes(world: World, t0: datetime) -> None:
    PolicyRung.objects.filter(step__policy__code="2485", step__step="contain", position=5).update(repeat_minutes=60)
    issue(world, t0)
    sweep(now=t0 + 97 * HOUR)
    assert Escalation.objects.filter(deadline__step="contain").count() == 6


def _amount(world: World, t0: datetime) -> None:
    alter_step("contain", amount=72)
    assert due(world, t0, "contain") == t0 + 72 * HOUR


def _unit(world: World, t0: datetime) -> None:
    alter_step("contain", amount=1, unit="days", ends="day")
    assert due(world, t0, "contain") == datetime(2026, 3, 7, 15, 59, 59, tzinfo=UTC)


def _in_force(**only_for: Any) -> Callable[[World, datetime], None]:
    def shown(world: World, t0: datetime) -> None:
        values = {name: getattr(world, name) if value is None else value for name, value in only_for.items()}
        draft = next_version(Policy.objects.get(code="2485"))
        Policy.objects.filter(pk=draft.pk).update(code="T", valid_from=t0 - DAY, **values)
        PolicyStep.objects.filter(policy=draft, step="contain").update(amount=1)
        found = values.get("source", "on_site")
        assert due(world, t0, "contain", source=found, grade="major") == t0 + HOUR

    return shown


def _valid_from(world: World, t0: datetime) -> None:
    alter_policy(valid_from=t0 + DAY)
    with pytest.raises(LookupError):
        issue(world, t0)


def _covers(world: World, t0: datetime) -> None:
    alter_policy(covers="audit")
    with pytest.raises(LookupError):
        issue(world, t0)


SHOWN: dict[str, Callable[[World, datetime], None]] = {
    "Policy.valid_from": _valid_from,
    "Policy.covers": _covers,
    "Policy.customer": _in_force(customer=None),
    "Policy.kind": _in_force(kind=None),
    "Policy.grade": _in_force(grade="major"),
    "Policy.source": _in_force(source="report"),
    "Policy.prelim_cause": _prelim_cause,
    "Policy.origin": _origin,
    "Policy.close_ends": _close_ends,
    "Policy.dispute_hours": _dispute_hours,
    "Policy.exemption_days": _exemption_days,
    "Policy.exemption_renewals": _exemption_renewals,
    "Policy.exemption_top": _exemption_top,
    "PolicyStep.amount": _amount,
    "PolicyStep.unit": _unit,
    "PolicyStep.count": _count,
    "PolicyStep.ends": _ends,
    "PolicyStep.off_holidays": _off_holidays,
    "PolicyStep.moved_by": _moved_by,
    "PolicyRung.offset_minutes": _offset_minutes,
    "PolicyRung.percent": _percent,
    "PolicyRung.recipients": _recipients,
    "PolicyRung.level": _level,
    "PolicyRung.ledger": _ledger,
    "PolicyRung.repeat_minutes": _repeat_minutes,
}
#: Names and keys: they say what the row is, not what it does.
NAMES = {"id", "code", "version", "name", "name_en", "policy", "step", "position"}


def test_every_setting_is_shown_to_have_an_effect() -> None:
    settings = {
        f"{model.__name__}.{field.name}"
        for model in (Policy, PolicyStep, PolicyRung)
        for field in model._meta.concrete_fields
        if field.name not in NAMES
    }
    assert settings == set(SHOWN)


@pytest.mark.parametrize("setting", SHOWN)
def test_the_setting_has_an_effect(setting: str, world: World, t0: datetime) -> None:
    SHOWN[setting](world, t0)


def test_a_draft_changed_meanwhile_keeps_what_was_typed(world: World, login: Any) -> None:
    """Somebody else takes a clock out: the typed name stays in the form, typed rows stand beside the present ones."""
    with transaction.atomic():
        draft = next_version(Policy.objects.get(code="2485"))
    client, url = login("process_owner"), f"/clocks/policies/{draft.pk}/edit/"
    steps = list(draft.steps.order_by("pk"))
    data = {
        "name": "写了很久的名称",
        "draft": "x",
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 1,
        "steps-0-id": steps[0].pk,
        "steps-0-amount": "77",
    }
    steps[0].rungs.all().delete()
    steps[0].delete()
    told = client.post(url, data)
    page = told.content.decode()
    assert told.status_code == 409 and "taken" not in told.cookies
    assert "写了很久的名称" in page and re.search(r"<li>[^<]+ · [^<]+77</li>", page)
    # What was not touched and stands as it stood is not listed.
    assert len(re.findall(r"<li>[^<]+ · [^<]+</li>", page)) <= 3
    ladder = f"/clocks/ladders/{steps[1].pk}/edit/"
    told = client.post(
        ladder,
        {"rungs-TOTAL_FORMS": 1, "rungs-INITIAL_FORMS": 1, "rungs-0-id": 99999999, "rungs-0-offset_minutes": "123"},
    )
    assert told.status_code == 409 and "123" in told.content.decode()


def test_a_refused_rung_says_that_nothing_was_saved(world: World, login: Any) -> None:
    with transaction.atomic():
        draft = next_version(Policy.objects.get(code="2485"))
    step = draft.steps.order_by("pk")[0]
    rung = step.rungs.order_by("position")[0]
    told = login("process_owner").post(
        f"/clocks/ladders/{step.pk}/edit/",
        {"rungs-TOTAL_FORMS": 1, "rungs-INITIAL_FORMS": 1, "rungs-0-id": rung.pk, "rungs-0-offset_minutes": "x"},
    )
    assert told.status_code == 400 and "alert-danger" in told.content.decode()


def test_two_people_at_one_draft_do_not_undo_each_other(world: World, login: Any) -> None:
    with transaction.atomic():
        draft = next_version(Policy.objects.get(code="2485"))
    url = f"/clocks/policies/{draft.pk}/edit/"
    first, second = login("process_owner"), login("admin")
    steps = {step.step: step for step in draft.steps.all()}

    def form(client: Any) -> dict[str, Any]:
        page = client.get(url)
        shown = page.context["steps"]
        data = {f"{shown.prefix}-{name}": value for name, value in shown.management_form.initial.items()}
        for one in [page.context["form"], *shown.forms]:
            for bound in one:
                value = bound.value()
                if value or (value == 0 and value is not False):
                    data[bound.html_name] = value
        return data | {"stamp": page.context["stamp"]}

    def amount(data: dict[str, Any], step: str) -> str:
        [row] = [name for name, value in data.items() if name.endswith("-id") and str(value) == str(steps[step].pk)]
        return row.removesuffix("-id") + "-amount"

    one, other = form(first), form(second)
    done = first.post(url, one | {amount(one, "contain"): "30"})
    assert done.status_code == 302, (done.context["form"].errors, done.context["steps"].errors)
    refused = second.post(url, other | {amount(other, "analyse"): "60"})
    assert refused.status_code == 409 and "60" in refused.content.decode()
    amounts = {step.step: step.amount for step in draft.steps.all()}
    assert (amounts["contain"], amounts["analyse"]) == (30, 48)
    again = form(second)
    assert second.post(url, again | {amount(again, "analyse"): "60"}).status_code == 302
    amounts = {step.step: step.amount for step in draft.steps.all()}
    assert (amounts["contain"], amounts["analyse"]) == (30, 60)
