"""Exemptions: asked for in time, decided by whoever may, ended with their round."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clocks.sweep import sweep
from closure.models import LedgerEntry
from closure.verify import faults
from closure.work import tasks
from findings.models import Finding
from lib import moment
from notices.models import Delivery, Notice
from notices.text import lines
from tests.deadlines import DAY, HOUR
from tests.findings.test_finding_rules import again
from tests.world import World, deputise
from workflow.errors import GateClosed


def test_an_application_ends_with_its_round(world: World) -> None:
    finding = world.finding("analysed")
    facts = {
        "reason": "building",
        "explanation": "x",
        "interim_control": "x",
        "milestones": "x",
        "new_date": timezone.localdate() + timedelta(days=40),
    }
    world.do(finding, "apply_exemption", "owner", **facts)
    with pytest.raises(GateClosed):
        world.do(finding, "apply_exemption", "owner", **facts)
    world.implement(again(finding))
    world.do(finding, "close", "closure", verified_how="on_site", conclusion="x")
    assert finding.exemptions.get().state == "lapsed"
    assert not any("例外" in task.label for task in tasks(world.user("leader"), timezone.now()))


def test_an_exemption_never_shortens_the_five_days(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
        due = finding.deadlines.get(step="close").due_at
        with pytest.raises(GateClosed, match="2026-03-11"):
            world.do(
                finding,
                "apply_exemption",
                "owner",
                reason="building",
                explanation="x",
                interim_control="x",
                milestones="x",
                new_date=timezone.localdate(t0) + timedelta(days=1),
            )
    assert finding.deadlines.get(step="close").due_at == due


def test_whoever_was_asked_to_decide_is_not_asked_once_it_is_decided(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
        world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="x",
            interim_control="x",
            milestones="x",
            new_date=timezone.localdate(t0) + timedelta(days=40),
        )
        asked = Delivery.objects.filter(notice__kind="exemption_waits")
        assert {row.status for row in asked} == {"pending"}
        world.do(finding, "decide_exemption", "leader", approve=True, reason="x")
    assert {row.status for row in asked.all()} == {"void"}
    decided = Notice.objects.get(kind="exemption_decided", recipient=world.users["owner"])
    assert [lines(decided, language)[1] for language in ("zh-hans", "en")] == [
        "已批准 · 某leader",
        "Approved · 某leader",
    ]


def test_the_leader_who_applied_does_not_decide(world: World) -> None:
    finding = world.finding("issued")
    deputise(world, "owner", "leader")
    world.do(
        finding,
        "apply_exemption",
        "leader",
        reason="building",
        explanation="x",
        interim_control="x",
        milestones="x",
        new_date=timezone.localdate() + timedelta(days=40),
    )
    with pytest.raises(PermissionDenied):
        world.do(finding, "decide_exemption", "leader", approve=True, reason="x")
    assert any("例外" in task.label for task in tasks(world.user("top"), timezone.now()))
    world.do(finding, "decide_exemption", "top", approve=True, reason="x")
    assert finding.exemptions.get().state == "approved"


def test_a_missed_new_date_enters_the_ledger_beside_the_first(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + timedelta(days=7))
    with moment.travel(t0 + timedelta(days=7)):
        world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="x",
            interim_control="x",
            milestones="x",
            new_date=timezone.localdate(t0) + timedelta(days=20),
        )
        world.do(finding, "decide_exemption", "leader", approve=True, reason="x")
    sweep(now=t0 + timedelta(days=30))
    assert LedgerEntry.objects.filter(finding=finding, rule="late_close").count() == 2


def _granted(world: World, finding: Any, day: Any) -> Any:
    """Applied for until that day, and approved."""
    facts = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
    world.do(finding, "apply_exemption", "owner", new_date=day, **facts)
    return world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")


def test_a_renewal_replaces_the_exemption_before_it(world: World, t0: Any, login: Any, api: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("analysed")
        _granted(world, finding, (t0 + 20 * DAY).date())
    with moment.travel(t0 + 10 * DAY):
        _granted(world, finding, (t0 + 40 * DAY).date())
    first, second = finding.exemptions.order_by("pk")
    assert (first.state, second.state) == ("replaced", "approved")
    assert not first.deadlines.running().exists()
    assert [row.step for row in second.deadlines.running()] == ["exemption_review"]
    said = api("owner").get(f"/api/v1/findings/{finding.number}/").json()["turn"]
    assert ("leader", "例外复审") in {(one["person"], one["what"]) for one in said}
    by_number = api("owner").get(f"/api/v1/findings/{finding.number}/exemptions/{second.number}/").json()
    assert (by_number["id"], by_number["state"]) == (second.pk, "approved")
    assert list(faults()) == []


def test_renewals_count_anew_once_one_has_ended(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("analysed")
    for n in range(3):
        with moment.travel(t0 + (n + 1) * HOUR):
            _granted(world, finding, (t0 + (20 + n) * DAY).date())
    with moment.travel(t0 + 5 * HOUR), pytest.raises(GateClosed, match="2"):
        _granted(world, finding, (t0 + 30 * DAY).date())
    with moment.travel(t0 + 6 * HOUR):
        world.do(finding, "review_exemption", "leader", go_on=False, reason="设备已到")
    with moment.travel(t0 + 7 * HOUR):
        _granted(world, finding, (t0 + 30 * DAY).date())
    assert [one.state for one in finding.exemptions.order_by("pk")] == ["replaced", "replaced", "ended", "approved"]


@pytest.mark.parametrize("refused", [1, 3])
def test_refused_applications_cost_later_moves_nothing(
    refused: int, world: World, t0: Any, django_assert_max_num_queries: Any
) -> None:
    facts = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
    with moment.travel(t0):
        finding = world.finding("analysed")
        for _n in range(refused):
            world.do(finding, "apply_exemption", "owner", new_date=(t0 + 20 * DAY).date(), **facts)
            world.do(finding, "decide_exemption", "leader", approve=False, reason="不同意")
        with django_assert_max_num_queries(38):
            world.implement(Finding.objects.get(pk=finding.pk))


def test_a_decision_sent_twice_leads_to_what_came_of_it(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("analysed")
        facts = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
        world.do(finding, "apply_exemption", "owner", new_date=(t0 + 20 * DAY).date(), **facts)
        url, client = finding.exemptions.get().move_url("decide_exemption"), login("leader")
        page = client.get(url)
        assert "申请至" in page.content.decode()
        key = re.search(r'name="form_key" value="([^"]+)"', page.content.decode())
        assert key is not None
        sent = {"approve": "1", "reason": "同意", "form_key": key[1]}
        assert [client.post(url, sent).status_code for _n in range(2)] == [302, 302]
