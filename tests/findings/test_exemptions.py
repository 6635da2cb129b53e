"""Exemptions: asked for in time, decided by whoever may, ended with their round."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clocks.sweep import sweep
from closure.models import LedgerEntry
from closure.work import tasks
from notices.models import Delivery, Notice
from notices.text import lines
from tests.findings.test_finding_rules import again
from tests.world import World, deputise
from workflow import moment
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
