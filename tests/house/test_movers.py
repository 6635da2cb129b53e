"""Who may make which move in which state, over page and API."""

import os
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from audits.models import Audit
from audits.states import AuditState
from findings.disputes import Dispute, DisputeState
from findings.models import Finding
from findings.states import FindingState
from tests.house.test_access import OVER_LEAVERS
from tests.world import ROLES, World

AUDIT_STATES = [state.value for state in AuditState]


AUDIT_MOVERS = {
    "draft": {"market"},
    "revise": {"market", "leader"},
    "appoint_leader": {"market"},
    "decline": {"leader"},
    "name_team": {"leader"},
    "change_team": {"leader"},
    "confirm": {"leader"},
    "send_notice": {"escort"},
    "start": {"escort"},
    "start_sudden": {"leader"},
    "record_meeting": {"escort", "teamer", "leader"},
    "hold_closing": {"escort"},
    "begin_closure": {"escort"},
    "close": {"escort"},
    "review": {"escort"},
    "archive": {"leader"},
    "postpone": {"market", "leader"},
    "resume": {"market", "leader"},
    "cancel": {"market", "leader"},
    "reschedule": {"market", "leader"},
    "record_result": {"escort", "leader"},
    "replace_lead_escort": {"leader"} | OVER_LEAVERS,
    # Market staff change the Leader until the audit begins.
    "replace_leader": {"market", "leader"} | OVER_LEAVERS,
}


FINDING_MOVERS = {
    "edit": {"escort"},
    "issue": {"escort"},
    "submit_containment": {"owner"},
    "submit_analysis": {"owner"},
    "submit_implementation": {"owner"},
    "answer_observation": {"owner"},
    "accept_step": {"closure"},
    "send_back": {"closure"},
    "close": {"closure"},
    "close_for_customer": {"escort"},
    "confirm_effective": {"closure"},
    "reopen": {"escort", "closure"},
    "withdraw": {"escort"},
    "reassign": {"leader"} | OVER_LEAVERS,
    "regrade": {"leader"},
    "apply_exemption": {"owner"},
    "decide_exemption": set(),
    "change_manager": {"leader"} | OVER_LEAVERS,
    "replace_action_owner": {"owner", "leader"} | OVER_LEAVERS,
    # Who leads a countermeasure is known once the countermeasures are.
    "complete_action": {"actor"},
    "leader_review": {"leader"},
    "check_effect": {"closure"},
    "review_exemption": {"leader"},
    "dispute": {"owner"},
}
DISPUTE_MOVERS = {
    "decide_dispute": {"leader"},
    "take_back_dispute": {"owner"},
    "lapse_dispute": set(),
    "overtake_dispute": set(),
}


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the rules ask every database the same; make proofs asks")
@pytest.mark.parametrize("state", AUDIT_STATES)
def test_who_may_move_an_audit_in_every_state_over_page_and_api(state: str, world: World, login: Any) -> None:
    from audits.actions import MACHINE
    from workflow import door

    audit = world.audit(state)
    movers = AUDIT_MOVERS | (
        {"replace_leader": AUDIT_MOVERS["replace_leader"] - {"market"}} if audit.actual_start else {}
    )
    for who in ROLES:
        user = world.user(who)
        seen = Audit.objects.visible_to(user).filter(pk=audit.pk).exists()
        client = login(who)
        for move in MACHINE.moves:
            may = door.allowed(audit, move, user)
            if state not in {"lead", "drafted", "cancelled", "postponed"} and audit.lead_escort_id:
                assert may == (who in movers[move]), (who, move)
            wanted = 404 if not seen else 403 if not may else 200 if door.possible(MACHINE, audit, move) else 409
            url = reverse("audits:move", args=[audit.number, move])
            assert client.get(url).status_code == wanted, (who, move)


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the rules ask every database the same; make proofs asks")
@pytest.mark.parametrize("state", [state.value for state in FindingState])
def test_who_may_move_a_finding_in_every_state_over_page_and_api(state: str, world: World, login: Any) -> None:
    from findings.actions import MACHINE
    from workflow import door

    finding = Finding.objects.for_page().get(pk=world.finding(state).pk)
    has_actions = bool(finding.action_owner_ids)
    movers = FINDING_MOVERS | ({} if has_actions else {"complete_action": set()})
    for who in ROLES:
        user = world.user(who)
        seen = Finding.objects.visible_to(user).filter(pk=finding.pk).exists()
        client, api = login(who), APIClient()
        api.force_authenticate(user)
        offered = api.get(f"/api/v1/findings/{finding.number}/moves/")
        assert offered.status_code == (200 if seen else 404)
        names = {one["move"] for one in offered.json()} if seen else set()
        for move in MACHINE.moves:
            may, fits = who in movers[move], door.possible(MACHINE, finding, move)
            assert door.allowed(finding, move, user) == may, (who, move)
            wanted = 404 if not seen else 403 if not may else 200 if fits else 409
            url = reverse("findings:move", args=[finding.number, move])
            assert client.get(url).status_code == wanted, (who, move)
            posted = api.post(f"/api/v1/findings/{finding.number}/moves/{move}/", {"seen": "99999"}, format="json")
            assert posted.status_code == (wanted if wanted != 200 else posted.status_code), (who, move)
            assert posted.status_code != 500
            if wanted == 200 and posted.status_code == 200:
                pytest.fail(f"{move} was made with a version nobody can have seen")
            assert (move in names) <= (may and fits)


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the rules ask every database the same; make proofs asks")
@pytest.mark.parametrize("state", [state.value for state in DisputeState])
def test_who_may_move_a_dispute_in_every_state_over_page_and_api(state: str, world: World, login: Any) -> None:
    from workflow import door

    finding = world.finding("issued")
    facts = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
    world.do(finding, "dispute", "owner", **facts)
    Dispute.objects.update(state=state)
    machine = door.MACHINES[Dispute]
    for who in ROLES:
        user, dispute = world.user(who), Dispute.objects.select_related("finding__audit").get()
        seen = Finding.objects.visible_to(user).filter(pk=finding.pk).exists()
        client, api = login(who), APIClient()
        api.force_authenticate(user)
        base = f"/api/v1/findings/{finding.number}/disputes/{dispute.pk}/moves/"
        offered = api.get(base)
        assert offered.status_code == (200 if seen else 404)
        names = {one["move"] for one in offered.json()} if seen else set()
        for move in machine.moves:
            may, fits = who in DISPUTE_MOVERS[move], door.possible(machine, dispute, move)
            assert door.allowed(dispute, move, user) == may, (who, move)
            wanted = 404 if not seen else 403 if not may else 200 if fits else 409
            assert client.get(dispute.move_url(move)).status_code == wanted, (who, move)
            posted = api.post(f"{base}{move}/", {"seen": "99999"}, format="json")
            assert posted.status_code == (wanted if wanted != 200 else 400), (who, move)
            assert (move in names) == (may and fits)
