"""Wrong, missing, huge and hostile values: 400 with the field named, never 500, nothing half written."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from attachments.models import Attachment
from audits.models import Audit
from findings.exemption_forms import ExemptionForm
from findings.models import Finding
from findings.states import FindingState
from lib import moment
from lib.storage import store
from tests.hostile import HOSTILE
from tests.world import World, photo
from workflow import door
from workflow.forms import PlainForm


def every_form() -> list[tuple[str, str, str, str]]:
    """(kind, state, move, who) for every move, in a state that allows it."""
    audit_states = {
        "draft": "lead",
        "revise": "drafted",
        "appoint_leader": "drafted",
        "decline": "leader_appointed",
        "name_team": "leader_appointed",
        "change_team": "confirmed",
        "confirm": "team_named",
        "send_notice": "confirmed",
        "start": "notified",
        "start_sudden": "team_named",
        "record_meeting": "on_site",
        "hold_closing": "on_site",
        "begin_closure": "closing_held",
        "close": "in_closure",
        "review": "closed",
        "archive": "reviewed",
        "postpone": "confirmed",
        "resume": "postponed",
        "cancel": "confirmed",
        "reschedule": "confirmed",
        "replace_leader": "confirmed",
        "replace_lead_escort": "confirmed",
        "record_result": "closing_held",
    }
    audit_people = {
        "draft": "market",
        "revise": "market",
        "appoint_leader": "market",
        "postpone": "market",
        "resume": "market",
        "cancel": "market",
        "send_notice": "escort",
        "start": "escort",
        "record_meeting": "escort",
        "hold_closing": "escort",
        "begin_closure": "escort",
        "close": "escort",
        "review": "escort",
        "reschedule": "market",
        "record_result": "escort",
    }
    finding_states = {
        "edit": "draft",
        "issue": "draft",
        "submit_containment": "issued",
        "submit_analysis": "contained",
        "submit_implementation": "analysed",
        "answer_observation": "issued",
        "accept_step": "contained",
        "send_back": "contained",
        "close": "implemented",
        "close_for_customer": "closed",
        "confirm_effective": "customer_closed",
        "reopen": "closed",
        "withdraw": "issued",
        "reassign": "issued",
        "regrade": "issued",
        "apply_exemption": "issued",
        "change_manager": "issued",
        "replace_action_owner": "analysed",
        "complete_action": "analysed",
        "leader_review": "issued",
        "check_effect": "customer_closed",
        "dispute": "issued",
    }
    people = {
        "edit": "escort",
        "issue": "escort",
        "close_for_customer": "escort",
        "withdraw": "escort",
        "reassign": "leader",
        "regrade": "leader",
        "reopen": "escort",
        "accept_step": "closure",
        "send_back": "closure",
        "close": "closure",
        "confirm_effective": "closure",
        "change_manager": "leader",
        "complete_action": "actor",
        "leader_review": "leader",
        "check_effect": "closure",
    }
    return [
        *(("audit", state, move, audit_people.get(move, "leader")) for move, state in audit_states.items()),
        *(("finding", state, move, people.get(move, "owner")) for move, state in finding_states.items()),
        ("exemption", "applied", "decide_exemption", "leader"),
        ("exemption", "approved", "review_exemption", "leader"),
        ("dispute", "raised", "decide_dispute", "leader"),
        ("dispute", "raised", "take_back_dispute", "owner"),
        ("readacross", "open", "complete_read_across", "owner"),
        ("readacross", "open", "replace_read_across_owner", "leader"),
        ("readacross", "done", "verify_read_across", "closure"),
    ]


def test_no_form_is_left_out() -> None:
    tried = {(kind, move) for kind, _state, move, _who in every_form()}
    machines = [*(door.MACHINES[model] for model in (Audit, Finding)), *door.CHILDREN[Finding]]
    assert tried == {
        (machine.model._meta.model_name, name)
        for machine in machines
        for name, move in machine.moves.items()
        # What only follows from other moves nobody fills in.
        if move.form is not PlainForm or machine.beside is None
    }


def prepared(world: World, kind: str, state: str, move: str) -> Any:
    if kind == "audit" and move == "start_sudden":
        audit = world.request(sudden=True)
        return world.walk(audit, state)
    if kind == "dispute":
        facts = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
        return world.do(world.finding("issued"), "dispute", "owner", **facts).disputes.get()
    if kind == "readacross":
        applies = {"site": world.sites["B"], "applies": True, "note": "同样排查"}
        finding = world.implement(world.finding("analysed"), read_across=[applies])
        if state == "done":
            facts = {"done_on": moment.today(), "result": "已排查", "files": [store(photo())]}
            world.do(finding, "complete_read_across", "owner", **facts)
        return finding.read_across.get()
    if kind == "exemption":
        finding = world.finding("analysed")
        world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="x",
            interim_control="x",
            milestones="x",
            new_date=moment.today() + timedelta(days=40),
        )
        if state == "approved":
            world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
        return finding.exemptions.get()
    return getattr(world, kind)(state)


@pytest.mark.parametrize(("kind", "state", "move", "who"), every_form())
def test_hostile_values_in_every_form_and_api_field(
    kind: str, state: str, move: str, who: str, world: World, login: Any
) -> None:
    subject = prepared(world, kind, state, move)
    form_class = door.MACHINES[type(subject)].moves[move].form
    form = form_class(subject=subject, user=world.user(who))
    names = [name for name in (*form.fields, *form.lists) if name != "seen"]
    page, api = login(who), APIClient()
    api.force_authenticate(world.user(who))
    model = type(subject)
    for value in HOSTILE:
        before = model.objects.get(pk=subject.pk)
        if not door.fits(before, move):
            break
        data = dict.fromkeys(names, value) | {"seen": "99999"}
        for name, rows in form.row_sets.items():
            data |= {f"{name}-0-{field}": value for field in rows.empty_form.fields}
        response = page.post(subject.move_url(move), data)
        assert response.status_code in {400, 409}, (value[:20], response.status_code)
        answer = api.post(f"/api/v1{subject.move_url(move)}", data, format="json")
        assert answer.status_code in {400, 409}, (value[:20], answer.status_code)
        if answer.status_code == 400:
            assert set(answer.json()) <= {*names, "seen", "missing", "code", "__all__", "detail"}, answer.json()
        after = model.objects.get(pk=subject.pk)
        assert (after.state, after.version, getattr(after, "parent", after).events.count()) == (
            before.state,
            before.version,
            getattr(before, "parent", before).events.count(),
        )


@pytest.mark.parametrize("body", ["[]", "1", '"x"', '{"a": {"b": 1}}', '{"a": [[1]]}', "{", "", "null"])
def test_bodies_that_are_no_flat_object_are_refused(body: str, world: World, api: Any) -> None:
    finding = world.finding("issued")
    response = api("owner").post(
        f"/api/v1/findings/{finding.number}/moves/submit_containment/", body, content_type="application/json"
    )
    assert response.status_code == 400


def test_half_a_character_is_refused_with_the_field_named(world: World, api: Any) -> None:
    finding = world.finding("issued")
    body = '{"reason": "\\ud83d", "owner": "1"}'
    url = f"/api/v1/findings/{finding.number}/moves/reassign/"
    response = api("leader").post(url, body, content_type="application/json")
    assert response.status_code == 400 and set(response.json()) == {"reason"}


def test_the_missing_fields_are_named(world: World, api: Any) -> None:
    finding = world.finding("issued")
    response = api("owner").post(f"/api/v1/findings/{finding.number}/moves/submit_containment/", {}, format="json")
    assert response.status_code == 400
    assert {"action", "done_by", "effect", "scope"} <= set(response.json())


@pytest.mark.parametrize(
    "url",
    [
        "/audits/?customer=abc&state=nope&planned_from=x",
        "/findings/?site=999999999999999999999&grade=zzz&q=%00",
        "/closure/ledger/?month=x&rule=no",
        "/audits/plan/?month=9999-99",
        "/audits/plan/?month=9999-12",
        "/audits/plan/?month=0001-01",
    ],
)
def test_filters_take_any_nonsense(url: str, login: Any, world: World) -> None:
    assert login("leader").get(url).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "/findings/?after=%F0%9F%92%A3",
        "/audits/?after=WyIxIl0",
        "/inbox/?after=e30",
        "/inbox/?after=nonsense",
        "/api/v1/findings/?cursor=zzz",
        "/api/v1/audits/?cursor=cD0lMDA%3D",
    ],
)
def test_a_page_that_is_not_there_is_not_found(url: str, login: Any, world: World) -> None:
    assert login("leader").get(url).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/audits/?state=nope",
        "/api/v1/findings/?grade=zzz",
        "/api/v1/findings/?site=abc",
        "/api/v1/ledger/?rule=no",
    ],
)
def test_api_filters_name_the_wrong_field(url: str, api: Any, world: World) -> None:
    response = api("leader").get(url)
    assert response.status_code == 400
    assert set(response.json()) <= {"state", "grade", "site", "rule"}


@pytest.mark.parametrize("month", ["2026-13", "x", "0001-01", "2026-1", "99999-01"])
def test_a_month_that_is_none_is_not_found(month: str, login: Any, world: World) -> None:
    client = login("leader")
    assert client.get(f"/reports/{month}/").status_code == 404
    assert client.get(f"/reports/{month}/pdf/").status_code == 404
    assert client.get(f"/api/v1/reports/{month}/").status_code == 404


@pytest.mark.parametrize("path", ["nope/x", "contain/nope", "grade/\x00"])
def test_a_figure_that_is_none_is_not_found(path: str, login: Any, world: World) -> None:
    assert login("leader").get(f"/reports/2026-03/rows/{path}/").status_code in {200, 404}


def test_a_new_request_keeps_what_was_typed_and_names_each_fault(world: World, login: Any) -> None:
    data = {
        "customer": world.customer.pk,
        "kind": world.kind.pk,
        "mode": "on_site",
        "planned_start": str(moment.today() + timedelta(days=9)),
        "planned_end": str(moment.today() + timedelta(days=2)),
        "sites": [world.sites["A"].pk],
        "scope": "全部装配过程记下来",
        "checklist": "not_given",
        "auditors-0-name": "甲",
        "auditors-1-position": "SQE",
    }
    response = login("market").post(reverse("audits:new"), data)
    text = response.content.decode()
    assert response.status_code == 400
    assert "全部装配过程记下来" in text
    assert {"planned_end", "checklist_follow_up", "auditors-1-name"} == set(response.context["form"].errors)
    assert "客户审核人员 2 · 姓名" in text and "SQE" in text
    assert not Audit.objects.exists()


def test_a_stale_form_is_told_and_keeps_its_text(world: World, login: Any) -> None:
    finding = world.finding("issued")
    page = reverse("findings:move", args=[finding.number, "withdraw"])
    world.do(finding, "regrade", "leader", grade="major", reason="影响出货")
    response = login("escort").post(page, {"seen": finding.version, "reason": "客户书面撤销了", "files": photo()})
    assert response.status_code == 409
    assert "客户书面撤销了" in response.content.decode() and "其他人已推进" in response.content.decode()
    assert Finding.objects.get(pk=finding.pk).state == FindingState.ISSUED
    assert not Attachment.objects.exists()


def test_dates_out_of_reach_are_refused(world: World) -> None:
    from django.utils import timezone

    finding = world.finding("issued")
    form = ExemptionForm(
        {
            "reason": "building",
            "explanation": "x",
            "interim_control": "x",
            "milestones": "x",
            "new_date": timezone.localdate() + timedelta(days=4000),
        },
        subject=finding,
        user=world.user("owner"),
    )
    assert set(form.errors) == {"new_date"}
