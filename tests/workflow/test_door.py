"""The door's four answers, and that a save which came second is told like any other conflict."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from findings import facts
from findings.actions import perform
from findings.models import Finding
from findings.moves import ISSUE, REASSIGN, WITHDRAW
from tests.world import World
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
