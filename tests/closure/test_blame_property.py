"""Blame as a property: for every registered kind of clock, whoever owed it at the breach is named, and nobody else."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings as hypothesis_settings, strategies as st

from audits.actions import perform
from clocks.deadlines import Deadline
from clocks.kinds import KINDS
from clocks.models import Escalation
from clocks.sweep import sweep
from closure.ledger import record_missed
from closure.models import LedgerEntry
from findings.disputes import Dispute
from findings.models import Finding
from findings.states import ORDER
from lib import moment
from lib.storage import store
from people.models import User
from tests.closure.test_blame import HEIRS, owner_at
from tests.times import DAY, HOUR, T0
from tests.undo import Undo
from tests.world import World, deputise, photo
from workflow.errors import GateClosed, StaleState


@dataclass(frozen=True)
class Case:
    """A kind of clock: how one is started, who holds it at first, who may follow, and the move that hands it on."""

    begin: Callable[[World], Any]
    first: str
    heirs: tuple[str, str]
    hand_on: Callable[[World, Any, User], Any]


def _manager(world: World, finding: Finding, to: User) -> None:
    world.do(finding, "change_manager", "leader", closure_manager=to, reason="换人")


def _audit_of(subject: Any) -> int:
    return int(subject.audit_id if isinstance(subject, Finding) else subject.pk)


def _leader(world: World, subject: Any, to: User) -> None:
    perform(_audit_of(subject), "replace_leader", by=world.user("office"), leader=to, reason="换人")


def _lead_escort(world: World, subject: Any, to: User) -> None:
    perform(_audit_of(subject), "replace_lead_escort", by=world.user("office"), lead_escort=to, reason="换人")


def _action(world: World, finding: Finding, to: User) -> None:
    for action in finding.current("analyse").actions.all():
        world.do(finding, "replace_action_owner", "office", action=action, owner=to, reason="换人")


def _asked(world: World) -> Finding:
    finding = world.finding("analysed")
    return world.do(
        finding,
        "apply_exemption",
        "owner",
        reason="building",
        explanation="隔墙",
        interim_control="点检",
        milestones="第20天",
        new_date=moment.today() + 60 * DAY,
    )


def _disputed(world: World) -> Dispute:
    finding = world.finding("issued")
    world.do(finding, "dispute", "owner", ground="facts", statement="现场并无", proposed_owner=None, duplicate_of=None)
    return finding.disputes.get()


def _exempted(world: World) -> Finding:
    return world.do(_asked(world), "decide_exemption", "leader", approve=True, reason="同意")


def _leader_beside(world: World, record: Any, to: Any) -> None:
    _leader(world, record.finding, to)


def _spread(world: World) -> Any:
    applies = {"site": world.sites["B"], "applies": True, "note": "同样排查"}
    return world.implement(world.finding("analysed"), read_across=[applies]).read_across.get()


def _done_there(world: World) -> Any:
    record = _spread(world)
    facts = {"done_on": moment.today(), "result": "已排查", "files": [store(photo())]}
    return world.beside(record, "complete_read_across", "owner", **facts)


def _named_there(world: World, record: Any, to: Any) -> None:
    world.beside(record, "replace_read_across_owner", "leader", owner=to, reason="换人")


MANAGERS, LEADERS, ESCORTS = ("office", "closure"), ("leader2", "leader"), ("teamer", "escort")
#: Every kind of clock but the owner's three, which have a property of their own above.
CASES: dict[str, Case] = {
    "review": Case(lambda world: world.finding("contained"), "closure", MANAGERS, _manager),
    "leader_review": Case(lambda world: world.do(world.draft(), "issue", "escort"), "leader", LEADERS, _leader),
    "customer": Case(lambda world: world.finding("closed"), "escort", ESCORTS, _lead_escort),
    "action": Case(lambda world: world.finding("analysed"), "actor", ("owner", "actor"), _action),
    "exemption": Case(lambda world: _asked(world).exemptions.get(), "leader", LEADERS, _leader_beside),
    "dispute": Case(_disputed, "leader", LEADERS, _leader_beside),
    "read_across": Case(_spread, "owner", ("actor", "owner"), _named_there),
    "read_across_review": Case(
        _done_there, "closure", MANAGERS, lambda world, one, to: _manager(world, one.finding, to)
    ),
    "exemption_review": Case(lambda world: _exempted(world).exemptions.get(), "leader", LEADERS, _leader_beside),
    **{
        f"effect_{days}": Case(lambda world: world.finding("customer_closed"), "closure", MANAGERS, _manager)
        for days in (30, 60, 90)
    },
    "name_team": Case(lambda world: world.audit("leader_appointed"), "leader", LEADERS, _leader),
    "issue": Case(lambda world: world.audit("closing_held"), "escort", ESCORTS, _lead_escort),
    "retrospective": Case(lambda world: world.audit("closed"), "escort", ESCORTS, _lead_escort),
}
#: Kinds that nobody hands on: they stay with whoever was asked. The self-test has no person.
KEPT, NOBODY = {"acknowledge", "checklist"}, {"canary"}


def test_every_registered_kind_of_clock_has_its_property() -> None:
    assert {*CASES, *KEPT, *NOBODY, *ORDER} == set(KINDS)


@pytest.mark.proof
@pytest.mark.parametrize("step", CASES)
def test_every_clock_names_who_owed_it_at_the_breach(world: World, step: str) -> None:
    """Handed on and swept at random percents of its time; a deputy is told as well, what was missed stays the person's own."""
    case = CASES[step]
    with moment.travel(T0):
        subject = case.begin(world)
    clocks = Deadline.objects.on(subject).filter(step=step)
    span = max(row.due_at for row in clocks) - T0

    @given(
        hands=st.lists(st.tuples(st.integers(2, 150), st.integers(0, 1)), max_size=4),
        sweeps=st.lists(st.integers(2, 150), max_size=3),
        deputies=st.booleans(),
    )
    @example(hands=[(101, 0)], sweeps=[], deputies=False)
    @example(hands=[(50, 0), (140, 1)], sweeps=[120], deputies=True)
    @hypothesis_settings(max_examples=12, deadline=None, derandomize=True, database=None)
    def holds(hands: list[tuple[int, int]], sweeps: list[int], deputies: bool) -> None:
        with suppress(Undo), transaction.atomic():
            with moment.travel(T0):
                for name in (case.first, *case.heirs) if deputies else ():
                    deputise(world, name, "stranger")
            holder, held = case.first, list[tuple[datetime, str]]()
            for percent, which in sorted([*hands, *((percent, -1) for percent in sweeps)]):
                at = T0 + span * percent / 100 + timedelta(minutes=3)
                with moment.travel(at):
                    if which < 0:
                        sweep(now=at)
                    elif case.heirs[which] != holder:
                        holder = case.heirs[which]
                        case.hand_on(world, type(subject).objects.get(pk=subject.pk), world.user(holder))
                        held.append((at, holder))
            sweep(now=T0 + 1.6 * span)
            for row in clocks.all():
                wanted = case.first
                for when, name in held:
                    wanted = name if when <= row.due_at else wanted
                owed = Escalation.objects.filter(deadline=row, breached_at=row.due_at)
                assert list(owed.values_list("owed__username", flat=True)) == [wanted], (step, held)
                blamed = LedgerEntry.objects.filter(deadline=row).values_list("person__username", "breached_at")
                assert list(blamed) == ([(wanted, row.due_at)] if step == "review" else []), (step, held)
            raise Undo

    assert clocks
    holds()


@pytest.mark.proof
@given(sweeps=st.lists(st.integers(2, 150), max_size=3), leader=st.integers(2, 150), deputies=st.booleans())
@example(sweeps=[], leader=101, deputies=False)
@hypothesis_settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whoever_was_asked_and_nobody_else_owes_an_answer(
    world: World, sweeps: list[int], leader: int, deputies: bool
) -> None:
    """Acknowledging and asking again for the checklist: a new Leader is asked in his own name, from his own day on."""
    with suppress(Undo), transaction.atomic():
        with moment.travel(T0):
            audits = [
                world.audit("notified"),
                world.audit("drafted", checklist="not_given", checklist_follow_up=(T0 + DAY).date()),
            ]
            if deputies:
                for name in ("leader", "site_contact", "market", "teamer"):
                    deputise(world, name, "stranger")
        clocks = Deadline.objects.filter(audit__in=audits, step__in=KEPT)
        asked = {row.pk: row.owes_id for row in clocks}
        span = max(row.due_at for row in clocks) - T0
        for percent, what in sorted([(leader, "leader"), *((one, "sweep") for one in sweeps)]):
            at = T0 + span * percent / 100 + timedelta(minutes=3)
            with moment.travel(at):
                if what == "sweep":
                    sweep(now=at)
                else:
                    _leader(world, audits[0], world.user("leader2"))
        sweep(now=T0 + 4 * span)
        assert {row.step for row in clocks} == KEPT
        for row in clocks.all():
            person = asked.get(row.pk, world.users["leader2"].pk)
            told = list(Escalation.objects.filter(deadline=row, breached_at=row.due_at).values_list("owed", flat=True))
            # Who was let off before the breach is not blamed, and who was not is, whether or not a sweep came in time.
            let_off = row.stopped_at is not None and row.stopped_at <= row.due_at
            assert told == ([] if let_off else [person]), (row.step, row.owes)
        raise Undo


ACTS = ("contain", "analyse", "implement", "apply", "approve", "refuse", "sweep", "sweep", "reassign")


@pytest.mark.proof
@given(history=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(2, 70)), min_size=4, max_size=14))
@example(history=[("contain", 2), ("analyse", 2), ("apply", 70), ("sweep", 70), ("refuse", 70)])
@example(
    history=[
        ("contain", 2),
        ("analyse", 2),
        ("apply", 70),
        ("implement", 70),
        ("sweep", 9),
        ("approve", 3),
        ("sweep", 9),
    ]
)
@example(history=[("contain", 2), ("analyse", 2), ("apply", 60), ("sweep", 70), ("approve", 70), ("sweep", 9)])
@example(
    history=[
        ("contain", 2),
        ("analyse", 2),
        ("apply", 60),
        ("reassign", 69),
        ("approve", 70),
        ("reassign", 70),
        ("sweep", 9),
    ]
)
@hypothesis_settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_month_loses_a_miss_and_none_invents_one(world: World, history: list[tuple[str, int]]) -> None:
    """Whatever happens with exemptions and outages: a late five-day clock has one entry, the others have none."""
    with suppress(Undo), transaction.atomic():
        at = T0
        with moment.travel(at):
            finding = world.finding("issued")
        held: list[tuple[datetime, str]] = []
        for act, hours in history:
            at += hours * HOUR
            fresh = Finding.objects.select_related("owner").get(pk=finding.pk)
            assert fresh.owner is not None
            owner, heir = fresh.owner.username, HEIRS[hours % len(HEIRS)]
            acts: dict[str, Any] = {
                "contain": lambda f=fresh, who=owner: world.contain(f, who=who),
                "analyse": lambda f=fresh, who=owner: world.analyse(f, who=who),
                "implement": lambda f=fresh, who=owner: world.implement(f, who=who),
                "sweep": lambda now=at: sweep(now=now),
                "apply": lambda f=fresh, who=owner: world.do(
                    f,
                    "apply_exemption",
                    who,
                    reason="building",
                    explanation="x",
                    interim_control="x",
                    milestones="x",
                    new_date=moment.today() + 25 * DAY,
                ),
                "approve": lambda f=fresh: world.do(f, "decide_exemption", "leader", approve=True, reason="同意"),
                "refuse": lambda f=fresh: world.do(f, "decide_exemption", "leader", approve=False, reason="不同意"),
                "reassign": lambda f=fresh, to=heir: world.do(
                    f, "reassign", "leader", owner=world.users[to], reason="换人"
                ),
            }
            with moment.travel(at), suppress(GateClosed, StaleState, PermissionDenied), transaction.atomic():
                acts[act]()
                if act == "reassign":
                    held.append((at, heir))
        sweep(now=at)
        record_missed(now=at)
        fresh, row = Finding.objects.get(pk=finding.pk), Deadline.objects.get(finding=finding, step="close")
        late = (row.answered_at or at) > row.judged_due_at
        waits = fresh.pending_exemption
        undecided = waits is not None and waits.applied_at <= row.judged_due_at
        entries = LedgerEntry.objects.filter(deadline=row, rule="late_close", breached_at=row.judged_due_at)
        blamed = [owner_at(held, row.judged_due_at)] if late and not undecided else []
        assert [one.person.username for one in entries] == blamed, history
        assert not LedgerEntry.objects.filter(
            deadline=row, rule="late_close", breached_at__lt=row.judged_due_at
        ).exists()
        raise Undo
