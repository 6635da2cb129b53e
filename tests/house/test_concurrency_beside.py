"""Two people at once, one at a finding and one at what stands beside it: nobody waits for each other, nothing is half done."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from clocks import changes, reckoning
from clocks.deadlines import Deadline
from closure.verify import faults
from findings import actions
from findings.models import Finding, FindingEvent
from lib.storage import store
from tests.house.test_concurrency import DISPUTED, MOVES, Facts, exemption, together
from tests.world import World, photo
from workflow import door
from workflow.errors import GateClosed, StaleState
from workflow.moves import by_name
from workflow.trail import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("rival", ["decide_dispute", "take_back_dispute", "withdraw", "reassign"])
def test_of_a_decision_on_a_dispute_and_its_rival_one_wins(rival: str, group: World) -> None:
    """The finding is locked before what stands beside it, by its own moves and by theirs: nobody waits for each other."""
    finding = group.finding("issued")
    group.do(finding, "dispute", "owner", files=[store(photo())], **DISPUTED)
    dispute, seen = finding.disputes.get(), Finding.objects.get(pk=finding.pk).version
    owner = {"outcome": "reassign", "owner": group.users["superior"], "reason": "归口明确"}

    def act(move: str) -> Any:
        if move == "decide_dispute":
            return group.beside(dispute, move, "leader", **owner)
        if move == "take_back_dispute":
            return group.beside(dispute, move, "owner", reason="看错了")
        who, facts = MOVES[move]
        return actions.perform(finding.pk, move, by=group.user(who), seen=seen, **facts(group, finding))

    outcome = together(lambda: act("decide_dispute"), lambda: act(rival))
    assert sum(error is None for error in outcome) == 1, outcome
    assert [type(error) for error in outcome if error is not None] == [StaleState]
    assert not dispute.deadlines.running().exists() and list(faults()) == []


#: What is decided about an exemption: who, and with which facts.
DECISIONS: dict[str, Facts] = {
    "decide_exemption": {"approve": True, "reason": "同意"},
    "review_exemption": {"go_on": False, "reason": "设备已到"},
}


@pytest.mark.parametrize("move", DECISIONS)
@pytest.mark.parametrize("rival", ["itself", "withdraw", "submit_containment", "reassign"])
def test_a_decision_on_an_exemption_and_a_move_of_its_finding_fit_together(move: str, rival: str, group: World) -> None:
    """Of two decisions one wins; whatever else happens to the finding meanwhile, both are kept or one is refused."""
    finding = group.finding("issued")
    group.do(finding, "apply_exemption", "owner", **exemption(group, finding))
    if move == "review_exemption":
        group.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    asked, seen = finding.exemptions.get(), Finding.objects.get(pk=finding.pk).version

    def decide() -> Any:
        machine = door.MACHINES[type(asked)]
        by = group.user("leader")
        return by_name(machine)(asked.pk, move, by=by, seen=asked.version, event_at=None, **DECISIONS[move])

    def other() -> Any:
        who, facts = MOVES[rival]
        return actions.perform(finding.pk, rival, by=group.user(who), seen=seen, **facts(group, finding))

    outcome = together(decide, decide if rival == "itself" else other)
    refused = [error for error in outcome if error is not None]
    assert all(isinstance(error, StaleState | GateClosed) for error in refused), outcome
    assert len(refused) == 1 if rival == "itself" else len(refused) <= 1
    assert broken(FindingEvent.objects.filter(finding=finding).order_by("position")) == []
    assert list(faults()) == []


def test_a_policy_applied_to_a_disputes_clock_and_a_move_of_its_finding_share_one_trail(
    group: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = group.finding("issued")
    group.do(finding, "dispute", "owner", files=[store(photo())], **DISPUTED)
    row = Deadline.objects.with_subjects().select_related("policy_step").get(step="dispute")
    due, admin, sealed = row.due_at + timedelta(hours=5), group.user("admin"), door.seal

    def slowly(event: Any, last: Any) -> Any:
        time.sleep(0.4)  # between reading the last event and writing the next
        return sealed(event, last)

    monkeypatch.setattr(door, "seal", slowly)
    change = changes.Change(row, row.policy_step, reckoning.Reckoned(due), due)
    acts: list[Callable[[], Any]] = [
        lambda: changes.apply([change], cause="policy", by=admin, reason="新制度"),
        lambda: group.contain(Finding.objects.get(pk=finding.pk)),
    ]
    assert together(*acts) == [None, None]
    assert broken(FindingEvent.objects.filter(finding=finding).order_by("position")) == []
