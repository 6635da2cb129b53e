"""The door's four answers, and that a save which came second is told like any other conflict."""

from typing import Any

import pytest
import rules
from django.core.exceptions import PermissionDenied
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from findings import facts
from findings.actions import perform
from findings.models import Finding
from findings.moves import ISSUE, REASSIGN, WITHDRAW
from lib import moment
from lib.storage import store
from tests.world import ROLES, World, photo
from workflow import door
from workflow.errors import GateClosed, StaleState


def test_a_state_that_has_moved_on_is_a_conflict(world: World) -> None:
    finding = world.finding("issued")
    with pytest.raises(StaleState):
        perform(finding.pk, ISSUE, facts.Nothing(), by=world.user("escort"))
    assert finding.events.filter(move="issue").count() == 1


def test_somebody_elses_move_is_forbidden_and_a_missing_thing_is_named(world: World) -> None:
    finding = world.finding("issued")
    given = facts.NewOwner(owner=world.users["actor"], reason="换人")
    with pytest.raises(PermissionDenied):
        perform(finding.pk, REASSIGN, given, by=world.user("owner"))
    with pytest.raises(GateClosed, match="证明"):
        perform(finding.pk, WITHDRAW, facts.Withdrawal(reason="撤销"), by=world.user("escort"))
    with pytest.raises(Finding.DoesNotExist):
        perform(10**9, REASSIGN, given, by=world.user("leader"))


@pytest.mark.parametrize("late", [ConcurrentTransition, TransitionNotAllowed])
def test_a_save_that_came_second_is_a_conflict_and_leaves_nothing(late: Any, world: World, monkeypatch: Any) -> None:
    finding = world.finding("draft")

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise late

    monkeypatch.setattr(Finding, "save", refuse)
    with pytest.raises(StaleState):
        perform(finding.pk, ISSUE, facts.Nothing(), by=world.user("escort"))
    assert Finding.objects.get(pk=finding.pk).state == "draft" and not finding.events.filter(move="issue").exists()


def test_a_record_beside_it_that_cannot_be_ended_now_stays_as_it_is(
    world: World, t0: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
        facts = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
        world.do(finding, "dispute", "owner", **facts)
        dispute = finding.disputes.get()
        fits = door.fits
        monkeypatch.setattr(door, "fits", lambda subject, move: subject != dispute and fits(subject, move))
        world.do(finding, "withdraw", "escort", reason="客户撤销", files=[store(photo())])
    dispute = type(dispute).objects.get(pk=dispute.pk)
    assert dispute.state == "raised"


def test_what_only_follows_is_permitted_to_nobody(world: World) -> None:
    assert not any(rules.has_perm("findings.follow", world.user(who)) for who in ROLES)
