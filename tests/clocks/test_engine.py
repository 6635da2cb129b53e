"""Watching the engine, its pages, and every state it may come to in any order of events."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import override_settings
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers, sampled_from

from clocks import health as engine
from clocks.deadlines import Deadline, DueChange
from clocks.kinds import KINDS
from clocks.models import Escalation, Heartbeat
from clocks.policy import Policy, PolicyStep, next_version, rung_time
from clocks.sweep import sweep
from clocks.tasks import canary
from closure.ledger import LEDGER_RULES
from closure.models import LedgerEntry
from findings.models import Finding
from findings.states import ORDER
from lib import moment
from notices.models import Delivery, Notice
from tests.world import World, build
from workflow.errors import GateClosed, StaleState

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


# Watching -----------------------------------------------------------------------------------------------------------


def test_the_canary_fires_every_quarter_of_an_hour_and_its_silence_is_seen(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        canary()
        canary()
    assert Deadline.objects.filter(step="canary").count() == 1
    sweep(now=t0)
    sweep(now=t0 + 15 * MINUTE)
    late, fired, lag = engine.canary_state(t0 + 16 * MINUTE)
    assert (late, fired) == (False, t0 + 15 * MINUTE) and lag is not None and lag <= 60
    assert not Notice.objects.exists()
    late, _fired, _lag = engine.canary_state(t0 + 45 * MINUTE)
    assert late
    sweep(now=t0 + 45 * MINUTE)
    late, _fired, _lag = engine.canary_state(t0 + 45 * MINUTE)
    assert not late
    with moment.travel(t0 + timedelta(days=8)):
        canary()
    assert not Escalation.objects.filter(deadline__step="canary").exists()


def test_readiness_says_what_is_late(world: World, t0: datetime, login: Any) -> None:
    client = login("admin")
    with moment.travel(t0):
        world.finding("issued")
        assert client.get("/readyz").status_code == 503
        sweep()
        canary()
        sweep()
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["canary"]) == (200, "on time")
    with moment.travel(t0 + 4 * HOUR):
        Heartbeat.objects.update(at=t0 + 4 * HOUR)  # somebody writes the heartbeat, but nobody sweeps
        late = client.get("/readyz")
        assert (late.status_code, late.json()["sweep"], late.json()["canary"]) == (503, "on time", "silent")


def test_the_figures_for_prometheus_are_for_the_scraper_and_the_administrator(
    world: World, t0: datetime, client: Any, login: Any
) -> None:
    with moment.travel(t0):
        world.finding("issued")
        sweep(now=t0)
    with moment.travel(t0 + 21 * HOUR):
        text = login("admin").get("/metrics").content.decode()
        assert f"audit_engine_lag_seconds {3600.0}" in text and "audit_engine_sweep_late 1.0" in text
        assert client.get("/metrics").status_code == 403
        with override_settings(METRICS_TOKEN="secret-for-scraping"):
            assert client.get("/metrics", headers={"Authorization": "Bearer secret-for-scraping"}).status_code == 200
            assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 403


def test_the_state_costs_the_same_for_1_and_3_clocks(
    world: World, t0: datetime, django_assert_num_queries: Any
) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _n in range(3):
        with moment.travel(t0):
            world.finding("issued")
        with CaptureQueriesContext(connection) as captured:
            engine.state(t0)
        counts.append(len(captured))
    assert counts[0] == counts[2] <= 9


def test_a_dead_letter_is_seen_mended_and_sent_again(
    world: World, login: Any, mailoutbox: list[Any], t0: datetime
) -> None:
    from notices.delivery import deliver

    world.users["owner"].email = ""
    world.users["owner"].save()
    with moment.travel(t0):
        world.finding("issued")
    deliver()
    client = login("admin")
    assert (
        client.post(reverse("clocks:mend_address", args=[world.users["top"].pk]), {"email": "x@y.zz"}).status_code
        == 404
    )
    page = client.get(reverse("clocks:undelivered")).content.decode()
    assert "no address" in page and str(world.users["owner"]) in page
    mend = reverse("clocks:mend_address", args=[world.users["owner"].pk])
    client.post(mend, {"email": "not an address"})
    assert Delivery.objects.filter(status="dead").exists()
    client.post(mend, {"email": "owner@example.invalid"})
    assert not Delivery.objects.filter(status="dead").exists()
    assert deliver()["sent"] >= 1
    Delivery.objects.filter(notice__recipient=world.users["owner"]).update(status="dead", error="x")
    one, *others = list(Delivery.objects.filter(status="dead"))
    client.post(reverse("clocks:resend"), {"letter": str(one.pk)})
    assert Delivery.objects.filter(status="dead").count() == len(others)
    for rubbish in ("rubbish", "z" * 36):
        client.post(reverse("clocks:resend"), {"letter": rubbish})
    client.post(reverse("clocks:resend"), {"all": "1"})
    assert not Delivery.objects.filter(status="dead").exists()
    assert client.get(reverse("clocks:undelivered"), {"waiting": "1"}).status_code == 200


# Any order of events ------------------------------------------------------------------------------------------------

MOVES = (
    ("submit_containment", "contain"),
    ("submit_analysis", "analyse"),
    ("submit_implementation", "implement"),
)


class Engine(RuleBasedStateMachine):
    """One finding, any order of moves, returns, exemptions, policy changes and sweeps; the clocks stay true."""

    #: How many rungs the sweeps of all runs found fired: a run in which nothing happens proves nothing.
    seen = 0

    @initialize()
    def begin(self) -> None:
        self.now = datetime(2026, 3, 6, 10, tzinfo=UTC)
        with moment.travel(self.now):
            self.world = build()
            self.finding = self.world.finding("issued")
        self.due = {row.pk: row.due_at for row in Deadline.objects.all()}
        self.exempted = False

    def act(self, move: str, who: str, **facts: Any) -> bool:
        """Make a move if it may be made now; a refusal must leave nothing behind."""
        try:
            with moment.travel(self.now), transaction.atomic():
                self.world.do(self.finding, move, who, **facts)
        except (StaleState, GateClosed, PermissionDenied):
            return False
        self.finding = Finding.objects.get(pk=self.finding.pk)
        return True

    @rule(hours=integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(late=integers(0, 30))
    def sweep_late_and_twice(self, late: int) -> None:
        """The worker comes back after an outage; two sweep at once."""
        self.now += late * HOUR
        sweep(now=self.now, limit=2)
        assert sweep(now=self.now).clocks == 0
        assert not Deadline.objects.filter(next_alarm_at__lte=self.now).exists()
        for one in Escalation.objects.all():
            assert one.breached_at <= one.fired_at <= self.now
        Engine.seen += Escalation.objects.count()

    @rule(which=sampled_from(MOVES))
    def owner_answers(self, which: tuple[str, str]) -> None:
        try:
            with moment.travel(self.now), transaction.atomic():
                getattr(self.world, which[1])(self.finding)
        except (StaleState, GateClosed):
            return
        self.finding = Finding.objects.get(pk=self.finding.pk)

    @rule(step=sampled_from(ORDER))
    def reviewer_returns(self, step: str) -> None:
        self.act("send_back", "closure", step=step, reason="不够")

    @rule(step=sampled_from(ORDER))
    def reviewer_accepts(self, step: str) -> None:
        self.act("accept_step", "closure", step=step)

    @rule()
    def closed(self) -> None:
        self.act("close", "closure", verified_how="on_site", conclusion="看到了")

    @rule(everything=booleans())
    def reopened(self, everything: bool) -> None:
        back_to = "issued" if everything else "analysed"
        self.act("reopen", "escort", cause="customer", back_to=back_to, reason="客户拒绝")

    @rule(days=integers(1, 40))
    def exemption_asked(self, days: int) -> None:
        self.act(
            "apply_exemption",
            "owner",
            reason="building",
            explanation="x",
            interim_control="x",
            milestones="x",
            new_date=(self.now + timedelta(days=days)).date(),
        )

    @rule(approve=booleans())
    def exemption_decided(self, approve: bool) -> None:
        self.exempted |= self.act("decide_exemption", "leader", approve=approve, reason="x") and approve

    @rule(go_on=booleans())
    def exemption_reviewed(self, go_on: bool) -> None:
        self.act("review_exemption", "leader", go_on=go_on, reason="设备到货")

    @rule(grade=sampled_from(["critical", "major", "minor"]))
    def regraded(self, grade: str) -> None:
        self.act("regrade", "leader", grade=grade, reason="xx")

    @rule(who=sampled_from(["owner", "actor", "superior"]))
    def reassigned(self, who: str) -> None:
        # Back to the owner in the end, who makes the owner's moves here.
        if self.act("reassign", "leader", owner=self.world.users[who], reason="换人"):
            self.act("reassign", "leader", owner=self.world.users["owner"], reason="换回")

    @rule(amount=integers(1, 100))
    def policy_changes(self, amount: int) -> None:
        draft = next_version(Policy.objects.filter(code="2485", valid_from__isnull=False).order_by("-version")[0])
        PolicyStep.objects.filter(policy=draft, step="contain").update(amount=amount)
        Policy.objects.filter(pk=draft.pk).update(valid_from=self.now)

    @precondition(lambda self: hasattr(self, "finding"))
    @invariant()
    def due_times_move_only_by_exemption(self) -> None:
        for row in Deadline.objects.select_related("policy_step"):
            before = self.due.setdefault(row.pk, row.due_at)
            if row.due_at != before:
                assert "decide_exemption" in KINDS[row.step].movable_by and self.exempted
                last = DueChange.objects.filter(deadline=row).last()
                assert last is not None and last.after == row.due_at
                self.due[row.pk] = row.due_at
            if row.part == "" and row.step in ORDER:
                assert row.running == (row.answered_at is None)

    @precondition(lambda self: hasattr(self, "finding"))
    @invariant()
    def each_rung_at_most_once_and_none_passed_over(self) -> None:
        fired: dict[int, list[int]] = {}
        for clock, rung in Escalation.objects.values_list("deadline_id", "rung"):
            fired.setdefault(clock, []).append(rung)
        for row in Deadline.objects.select_related("policy_step").prefetch_related("policy_step__rungs", "changes"):
            mine = sorted(fired.get(row.pk, []))
            assert len(mine) == len(set(mine)) and all(rung < row.rung for rung in mine)
            if not row.changes.all():
                # Only a ladder begun anew after an exemption leaves out rungs that lie before it.
                assert mine == list(range(row.rung))
            if row.running:
                rungs = sorted(row.policy_step.rungs.all(), key=lambda one: one.position)
                assert row.next_alarm_at == rung_time(rungs, row.started_at, row.due_at, row.rung - row.ladder_from)

    @precondition(lambda self: hasattr(self, "finding"))
    @invariant()
    def whoever_owes_it_is_whoever_the_kind_says(self) -> None:
        for row in Deadline.objects.running().filter(subject_id__isnull=False).with_subjects():
            assert row.owes_id == KINDS[row.step].owed_by(row.subject, row), row.step

    @precondition(lambda self: hasattr(self, "finding"))
    @invariant()
    def on_time_is_judged_by_the_accepted_revision(self) -> None:
        for row in Deadline.objects.filter(accepted_at__isnull=False, step__in=ORDER):
            accepted = self.finding.submissions.filter(
                step=row.step, cycle=row.cycle, verdicts__outcome="accepted"
            ).last()
            if accepted is not None:
                assert row.answered_at == accepted.submitted_at

    @precondition(lambda self: hasattr(self, "finding"))
    @invariant()
    def the_ledger_is_what_can_be_rebuilt_from_the_rungs(self) -> None:
        rebuilt = set()
        for one in Escalation.objects.select_related("deadline__policy_step"):
            row = one.deadline
            rungs = sorted(row.policy_step.rungs.all(), key=lambda rung: rung.position)
            # The ladder may have begun anew, so the rung is found by its level: the recorded one is the first red.
            position = one.rung
            for base in {0, row.ladder_from}:
                at = rungs[min(max(position - base, 0), len(rungs) - 1)]
                if at.ledger and row.step in LEDGER_RULES and one.breached_at in _ledger_times(row):
                    rebuilt.add((row.pk, one.breached_at))
        written = set(LedgerEntry.objects.exclude(deadline=None).values_list("deadline_id", "breached_at"))
        assert written == rebuilt


def _ledger_times(row: Deadline) -> set[datetime]:
    """Every due time the clock has had: the recorded rung stands at the due time."""
    times = {row.due_at}
    for change in row.changes.all():
        times |= {change.before, change.after}
    return times


@pytest.mark.proof
@pytest.mark.django_db
def test_any_order_of_events_keeps_the_clocks_true(world: World) -> None:
    class Rolled(Engine):
        """Every run in a transaction of its own that is taken back."""

        @initialize()
        def begin(self) -> None:
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            super().begin()

        def teardown(self) -> None:
            if hasattr(self, "atomic"):
                transaction.set_rollback(True)
                self.atomic.__exit__(None, None, None)

    with transaction.atomic():
        _empty(world)
        run_state_machine_as_test(
            Rolled,
            settings=settings(
                max_examples=40 if os.environ.get("SERVICES") else 20,
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert Engine.seen > 20


def _empty(world: World) -> None:
    """The fixture's people make room for those each run builds."""
    from audits.models import MatrixRow
    from customers.models import AuditKind, Customer
    from people.models import Appointment, Site, StandingRole, Unit, User

    for model in (MatrixRow, Appointment, StandingRole, Site):
        model.objects.all().delete()
    Unit.objects.update(head=None, parent=None)
    User.objects.update(superior=None, unit=None)
    for model in (User, Unit, Customer, AuditKind):
        model.objects.all().delete()
