"""Two people at one finding at the same moment, on a database with row locks: one wins, the other is told."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from clocks.models import Escalation
from clocks.sweep import sweep
from closure.models import LedgerEntry
from findings import actions
from findings.answers import Countermeasure
from findings.models import Finding, FindingEvent
from lib import moment
from lib.storage import store
from notices.actions import Owed, void, write
from notices.delivery import _write_down
from notices.models import Delivery, Notice
from tests.defaults import load_policies
from tests.world import World, build, photo
from workflow.errors import StaleState
from workflow.trail import about, broken

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 30
Facts = dict[str, Any]


def exemption(world: World, finding: Finding) -> Facts:
    return {
        "reason": "building",
        "explanation": "x",
        "interim_control": "x",
        "milestones": "x",
        "new_date": timezone.localdate() + timedelta(days=30),
    }


def first_action(finding: Finding) -> Countermeasure:
    return Countermeasure.objects.filter(submission__finding=finding).order_by("position")[0]


#: Every move: who makes it, and with which facts.
MOVES: dict[str, tuple[str, Callable[[World, Finding], Facts]]] = {
    "edit": ("escort", lambda _world, _finding: {"fields": {"what": "改写"}, "files": []}),
    "issue": ("escort", lambda _world, _finding: {}),
    "submit_containment": (
        "owner",
        lambda _world, _finding: {
            "action": "a",
            "done_by": "b",
            "done_at": "c",
            "effect": "d",
            "scope": [],
            "files": [],
        },
    ),
    "submit_analysis": (
        "owner",
        lambda _world, _finding: {
            "place": "a",
            "thing": "b",
            "facts_seen": "c",
            "legs": [],
            "actions": [],
            "category": "method",
        },
    ),
    "submit_implementation": (
        "owner",
        lambda _world, finding: {
            "summary": "a",
            "files": [
                store(photo(), about=about(one)) for one in Countermeasure.objects.filter(submission__finding=finding)
            ],
            "results": [],
            "documents": [],
            "read_across": [],
        },
    ),
    "answer_observation": ("owner", lambda _world, _finding: {"adopt": True, "answer": "采纳", "files": []}),
    "send_back": ("closure", lambda _world, _finding: {"step": _finding.reviewable()[-1], "reason": "不够"}),
    "accept_step": ("closure", lambda _world, _finding: {"step": _finding.awaiting()[-1]}),
    "close": ("closure", lambda _world, _finding: {"verified_how": "on_site", "conclusion": "看到了"}),
    "close_for_customer": (
        "escort",
        lambda _world, _finding: {"silence": False, "statement": "x", "files": [store(photo())]},
    ),
    "confirm_effective": ("closure", lambda _world, _finding: {"window": "lots", "evidence": "x"}),
    "reopen": ("escort", lambda _world, _finding: {"cause": "customer", "back_to": "analysed", "reason": "拒绝"}),
    "withdraw": ("escort", lambda _world, _finding: {"reason": "客户撤销", "files": [store(photo())]}),
    "reassign": ("leader", lambda _world, _finding: {"owner": _world.users["actor"], "reason": "换人"}),
    "change_manager": (
        "leader",
        lambda _world, _finding: {"closure_manager": _world.users["office"], "reason": "换人"},
    ),
    "replace_action_owner": (
        "leader",
        lambda _world, finding: {"action": first_action(finding), "owner": _world.users["owner"], "reason": "调岗"},
    ),
    "complete_action": (
        "actor",
        lambda _world, finding: {
            "action": first_action(finding),
            "done_on": moment.today(),
            "remark": "",
            "files": [store(photo(), about=about(first_action(finding)))],
        },
    ),
    "regrade": ("leader", lambda _world, _finding: {"grade": "major", "reason": "影响出货"}),
    "apply_exemption": ("owner", exemption),
    "leader_review": ("leader", lambda _world, _finding: {"note": "看过"}),
    "check_effect": ("closure", lambda _world, _finding: {"window": "lots", "evidence": "x"}),
    "dispute": ("owner", lambda _world, _finding: {"files": [store(photo())], **DISPUTED}),
}
DISPUTED = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
OPEN_MOVES = ("change_manager", "withdraw", "reassign", "regrade", "leader_review")
#: The moves that compete from each state ("observed": an observation).
RIVALS: dict[str, tuple[str, ...]] = {
    "draft": ("edit", "issue", "withdraw"),
    "issued": ("submit_containment", "apply_exemption", "dispute", *OPEN_MOVES),
    "observed": ("answer_observation", "withdraw", "reassign"),
    "contained": ("submit_analysis", "send_back", "accept_step", "apply_exemption", *OPEN_MOVES),
    "analysed": (
        "complete_action",
        "replace_action_owner",
        "submit_implementation",
        "send_back",
        "accept_step",
        "apply_exemption",
        *OPEN_MOVES,
    ),
    "implemented": ("send_back", "accept_step", "close", *OPEN_MOVES),
    "closed": ("close_for_customer", "reopen"),
    "customer_closed": ("check_effect", "confirm_effective", "reopen"),
    "effective": ("reopen",),
}
PAIRS = [(state, *pair) for state, moves in RIVALS.items() for pair in combinations_with_replacement(moves, 2)]


def prepare(world: World, state: str) -> Finding:
    if state == "observed":
        return world.finding("issued", grade="observation")
    return Finding.objects.get(pk=world.finding(state).pk)


def test_every_move_that_fits_a_state_competes_there() -> None:
    assert {move for moves in RIVALS.values() for move in moves} == set(actions.MACHINE.moves) == set(MOVES)


def together(*acts: Callable[[], Any]) -> list[BaseException | None]:
    """Run the acts at the same time, each on a connection of its own. Returns what each raised."""
    barrier, outcome = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(WAIT)
            act()
        except BaseException as error:  # noqa: BLE001  the test itself judges every error
            outcome[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads), "deadlock"
    return outcome


@pytest.mark.parametrize(("state", "first", "second"), PAIRS)
def test_of_two_moves_at_once_one_wins_and_the_other_is_stale(
    state: str, first: str, second: str, group: World
) -> None:
    finding = prepare(group, state)

    def act(move: str) -> Callable[[], Any]:
        who, facts = MOVES[move]
        user, given = group.user(who), facts(group, finding)
        return lambda: actions.perform(finding.pk, move, by=user, seen=finding.version, **given)

    outcome = together(act(first), act(second))
    assert sum(error is None for error in outcome) == 1
    assert [type(error) for error in outcome if error is not None] == [StaleState]
    fresh = Finding.objects.get(pk=finding.pk)
    assert fresh.version == finding.version + 1
    assert broken(FindingEvent.objects.filter(finding=finding).order_by("position")) == []


def test_a_move_and_the_sweep_at_once_do_not_deadlock(group: World) -> None:
    findings = [group.finding("issued") for _n in range(4)]
    later = timezone.now() + timedelta(hours=25)
    acts: list[Callable[[], Any]] = [lambda: sweep(now=later), lambda: sweep(now=later)]
    acts += [lambda pk=finding.pk: group.contain(Finding.objects.get(pk=pk)) for finding in findings]
    assert together(*acts) == [None] * len(acts)
    assert Escalation.objects.count() == len(set(Escalation.objects.values_list("deadline", "cycle", "rung")))


def test_four_sweeps_side_by_side_fire_every_rung_once(group: World) -> None:
    audit = group.audit("on_site")
    for _n in range(12):
        group.finding("issued", audit)
    later = timezone.now() + timedelta(hours=25)
    assert together(*[lambda: sweep(now=later, limit=3)] * 4) == [None] * 4
    sweep(now=later)
    assert Escalation.objects.filter(deadline__step="contain").count() == 24
    assert LedgerEntry.objects.count() == 12
    assert Notice.objects.filter(kind="clock", recipient=group.users["owner"], key__contains=":contain:").count() == 12


def test_two_deliveries_side_by_side_send_every_message_once(group: World, mailoutbox: list[Any]) -> None:
    from notices.actions import tell
    from notices.delivery import deliver

    for n in range(2):
        tell(group.users.values(), "finding_action", f"k{n}", facts={"number": f"N{n}", "what": "x"})
    assert together(*[lambda: deliver(limit=10)] * 3) == [None] * 3
    while sum(deliver(limit=10).values()):
        pass
    sent = [pk for message in mailoutbox for pk in message.extra_headers["X-Notices"].split(", ")]
    assert len(sent) == len(set(sent)) == Delivery.objects.count() == 2 * len(group.users)
    assert len(mailoutbox) == len(group.users)
    assert set(Delivery.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_writing_down_what_was_sent_waits_for_no_move_that_voids_it(group: World) -> None:
    owner = group.users["owner"]
    topics = ("clock:1", "clock:2")
    write([Owed(owner.pk, "clock", f"{topic}:contain:1", topic=topic) for topic in topics])
    rows = Delivery.objects.filter(status=Delivery.Status.PENDING)
    written: list[Any] = []
    worker = threading.Thread(
        target=lambda: written.extend(together(lambda: _write_down(rows, status=Delivery.Status.SENT)))
    )
    with transaction.atomic():
        void(topics[0])
        worker.start()
        worker.join(WAIT)
        assert written == [None]  # with the first topic still held here
        void(topics[1])
    assert sorted(Delivery.objects.values_list("notice__topic", "status")) == [("clock:1", "void"), ("clock:2", "sent")]


def test_two_numbers_are_never_the_same(group: World) -> None:
    from audits.models import Audit

    assert together(*[lambda: group.request()] * 4) == [None] * 4
    numbers = list(Audit.objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) == 4


def test_the_database_refuses_to_change_or_delete_a_trail(group: World) -> None:
    from django.db import InternalError, ProgrammingError
    from django.db.utils import Error

    finding = group.finding("issued")
    for act in (
        lambda: FindingEvent.objects.filter(finding=finding).update(move="x"),
        lambda: FindingEvent.objects.filter(finding=finding).delete(),
    ):
        with pytest.raises((InternalError, ProgrammingError, Error), match="append-only"):
            act()


def test_a_new_leader_keeps_the_clocks_that_a_move_waited_beside(transactional_db: None) -> None:
    """The Leader is replaced, not yet committed; a finding moves meanwhile: its clocks are the new Leader's all the same."""
    if connection.vendor != "postgresql":
        pytest.skip("needs row locks")
    from audits.actions import perform
    from clocks.deadlines import Deadline

    load_policies()
    world = build()
    finding = world.do(world.draft(world.audit("on_site")), "issue", "escort")
    replaced, errors = threading.Event(), list[Exception]()

    def replace() -> None:
        with transaction.atomic():
            perform(
                finding.audit_id,
                "replace_leader",
                by=world.user("leader"),
                leader=world.users["leader2"],
                reason="换人",
            )
            replaced.set()
            time.sleep(1.5)

    def contain() -> None:
        replaced.wait(WAIT)
        world.contain(finding)

    def alone(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  shown below, in the test's own thread
            errors.append(error)
        finally:
            replaced.set()
            connections.close_all()

    threads = [threading.Thread(target=alone, args=(act,)) for act in (replace, contain)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert errors == []
    assert Deadline.objects.get(finding=finding, step="leader_review").owes == world.users["leader2"]
