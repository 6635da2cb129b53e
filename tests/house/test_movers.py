"""Who may make which move in which state, over page and API."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from audits.models import Audit
from audits.states import AuditState
from findings.disputes import Dispute, DisputeState
from findings.exemptions import Exemption, ExemptionState
from findings.models import Finding
from findings.read_across import ReadAcross, ReadAcrossState
from findings.states import FindingState
from lib import moment
from tests.house.test_access import OVER_LEAVERS
from tests.world import ROLES, World
from workflow import door
from workflow.fsm import Child

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
    "change_manager": {"leader"} | OVER_LEAVERS,
    "replace_action_owner": {"owner", "leader"} | OVER_LEAVERS,
    # Who leads a countermeasure is known once the countermeasures are.
    "complete_action": {"actor"},
    "leader_review": {"leader"},
    "check_effect": {"closure"},
    "dispute": {"owner"},
}
DISPUTE_MOVERS: dict[str, set[str]] = {
    "decide_dispute": {"leader"},
    "take_back_dispute": {"owner"},
    "lapse_dispute": set(),
    "overtake_dispute": set(),
}
#: While it waits for the Leader; what the Leader has approved waits for management.
EXEMPTION_MOVERS: dict[str, set[str]] = {
    "decide_exemption": {"leader"},
    "review_exemption": {"leader"},
    "replace_exemption": set(),
    "lapse_exemption": set(),
}
MANAGEMENT = {"top", "process_owner"}
#: Carried over to site B, which the finding's owner answers for too; verified by who verifies the finding.
READ_ACROSS_MOVERS: dict[str, set[str]] = {
    "complete_read_across": {"owner", "site_contact"},
    "verify_read_across": {"closure"},
    "replace_read_across_owner": {"owner", "leader"} | OVER_LEAVERS,
    "drop_read_across": set(),
}


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the rules ask every database the same; make proofs asks")
@pytest.mark.parametrize("state", AUDIT_STATES)
def test_who_may_move_an_audit_in_every_state_over_page_and_api(state: str, world: World, login: Any) -> None:
    from audits.actions import MACHINE

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
    finding = world.finding("issued")
    facts = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
    world.do(finding, "dispute", "owner", **facts)
    Dispute.objects.update(state=state)
    _try_everybody(world, login, finding, Dispute, DISPUTE_MOVERS)


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the rules ask every database the same; make proofs asks")
@pytest.mark.parametrize("state", [state.value for state in ExemptionState])
def test_who_may_move_an_exemption_in_every_state_over_page_and_api(state: str, world: World, login: Any) -> None:
    finding = world.finding("issued")
    asked = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
    world.do(finding, "apply_exemption", "owner", new_date=moment.today() + timedelta(days=30), **asked)
    Exemption.objects.update(state=state)
    movers = EXEMPTION_MOVERS | ({} if state == "applied" else {"decide_exemption": MANAGEMENT})
    _try_everybody(world, login, finding, Exemption, movers)


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the rules ask every database the same; make proofs asks")
@pytest.mark.parametrize("state", [state.value for state in ReadAcrossState])
def test_who_may_move_read_across_in_every_state_over_page_and_api(state: str, world: World, login: Any) -> None:
    applies = {"site": world.sites["B"], "applies": True, "note": "同样排查"}
    finding = world.implement(world.finding("analysed"), read_across=[applies])
    ReadAcross.objects.update(state=state)
    _try_everybody(world, login, finding, ReadAcross, READ_ACROSS_MOVERS)


def _try_everybody(
    world: World, login: Any, finding: Finding, model: type[Child], movers: Mapping[str, set[str]]
) -> None:
    """Every role tries every move of the small record, on the page and over the API."""
    machine = door.MACHINES[model]
    for who in ROLES:
        user, record = world.user(who), model._default_manager.select_related("finding__audit").get()
        seen = Finding.objects.visible_to(user).filter(pk=finding.pk).exists()
        client, api = login(who), APIClient()
        api.force_authenticate(user)
        base = f"/api/v1/findings/{finding.number}/{model.place}/{record.pk}/moves/"
        offered = api.get(base)
        assert offered.status_code == (200 if seen else 404)
        names = {one["move"] for one in offered.json()} if seen else set()
        for move in machine.moves:
            may, fits = who in movers[move], door.possible(machine, record, move)
            assert door.allowed(record, move, user) == may, (who, move)
            wanted = 404 if not seen else 403 if not may else 200 if fits else 409
            assert client.get(record.move_url(move)).status_code == wanted, (who, move)
            posted = api.post(f"{base}{move}/", {"seen": "99999"}, format="json")
            assert posted.status_code == (wanted if wanted != 200 else 400), (who, move)
            assert (move in names) == (may and fits)
