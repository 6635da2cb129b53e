"""Wrong, missing, huge and hostile values: 400 with the field named, never 500, nothing half written."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from PIL import Image
from rest_framework.test import APIClient

import audits.moves
import findings.moves
from audits.models import Audit
from findings.answers import Evidence, Submission
from findings.models import Finding
from findings.states import FindingState
from tests.world import World, photo
from workflow import door, moment
from workflow.files import check

HOSTILE = [
    "",
    " ",
    "\x00",
    "<script>alert(1)</script>",
    "'; DROP TABLE people_user; --",
    "9" * 400,
    "-1",
    "NaN",
    "{{7*7}}",
    "💣" * 5,
    "x" * 60_000,
    "2026-13-45",
    "../../etc/passwd",
    "None",
    "[]",
    "1e999",
    "\ufffe",
    "a\x0bb\x07",
    "0001-01-01T00:00",
    "9999-12-31",
    "0026-01-01",
    "'- 5pcs",
]


def big_photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 50)).save(buffer, "PNG")
    return SimpleUploadedFile("gross.png", buffer.getvalue() + b"\x00" * 20 * 1024 * 1024, "image/png")


def bomb() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return SimpleUploadedFile("bombe.xlsx", buffer.getvalue())


def office(entry: str, extra: str = "") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "<x/>")
        if extra:
            archive.writestr(extra, "x")
    return SimpleUploadedFile("a.xlsx", buffer.getvalue())


#: The smallest file that is a PDF: a version, an object, its table and its end.
PDF = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \ntrailer\n<</Size 3/Root 1 0 R>>\n"
    b"startxref\n107\n%%EOF\n"
)
REFUSED = {
    "a PDF in name only": (lambda: SimpleUploadedFile("a.pdf", b"%PDF-1.7 ..."), "PDF"),
    "a PDF that was cut off": (lambda: SimpleUploadedFile("a.pdf", PDF[:90]), "PDF"),
    "a 20 MB photo": (big_photo, "超过"),
    "a renamed executable": (
        lambda: SimpleUploadedFile("foto.jpg", b"MZ\x90\x00" + b"\x00" * 400),
        "不是可接受的文件类型",
    ),
    "an ELF program": (lambda: SimpleUploadedFile("a.pdf", b"\x7fELF\x02\x01" + b"\x00" * 99), "不是可接受的文件类型"),
    "a zip bomb": (bomb, "解压后"),
    "an SVG with script": (
        lambda: SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        "不是可接受的文件类型",
    ),
    "an SVG behind a comment": (lambda: SimpleUploadedFile("a.txt", b"hello <svg onload=x>"), "不是可接受的文件类型"),
    "a page": (lambda: SimpleUploadedFile("a.txt", b"<!doctype html><html>"), "不是可接受的文件类型"),
    "a shell script": (lambda: SimpleUploadedFile("a.txt", b"#!/bin/sh\nrm -rf /"), "不是可接受的文件类型"),
    "a plain zip": (lambda: office("whatever.txt"), "压缩包"),
    "a damaged zip": (lambda: SimpleUploadedFile("a.docx", b"PK\x03\x04garbage"), "压缩包"),
    "macros": (lambda: office("xl/workbook.xml", "xl/vbaProject.bin"), "宏"),
    "a cut-off picture": (lambda: SimpleUploadedFile("a.png", photo().read()[:60]), "损坏"),
    "an empty file": (lambda: SimpleUploadedFile("a.txt", b""), "空"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dangerous_file_is_refused_with_a_sentence(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(ValidationError) as refused:
        check(make())
    assert words in refused.value.messages[0]


@pytest.mark.parametrize(
    ("upload", "kind"),
    [
        (photo("x.exe"), "image/png"),
        (SimpleUploadedFile("x", PDF), "application/pdf"),
        (SimpleUploadedFile("x.csv", "编号,问题\n1,缺失".encode()), "text/plain"),
        (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_a_file_is_known_by_its_content(upload: Any, kind: str) -> None:
    assert check(upload).content_type == kind


@given(content=st.binary(min_size=1, max_size=300))
@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_either_known_or_refused(content: bytes) -> None:
    try:
        assert check(SimpleUploadedFile("x", content)).content_type
    except ValidationError as refused:
        assert refused.messages


@pytest.mark.parametrize("name", ["a renamed executable", "a zip bomb", "an SVG with script", "a 20 MB photo"])
def test_refused_over_the_page_and_what_was_typed_survives(name: str, world: World, login: Any) -> None:
    finding = world.finding("issued")
    page = reverse("findings:move", args=[finding.number, "submit_containment"])
    data = {
        "action": "停用两把螺丝刀并复测",
        "done_by": "班长",
        "done_at": "当班",
        "effect": "合格",
        "files": REFUSED[name][0](),
    }
    for area in ("line", "wip", "stock", "transit", "customer", "similar"):
        data[f"{area}_note"] = "不涉及"
    response = login("owner").post(page, data)
    text = response.content.decode()
    assert response.status_code == 400
    assert REFUSED[name][1] in text and "停用两把螺丝刀并复测" in text
    assert not Evidence.objects.exists() and not Submission.objects.exists()


def test_evidence_is_served_unexecuted_under_an_unguessable_name(world: World, login: Any) -> None:
    from findings.actions import attach
    from workflow.storage import store

    finding = world.finding("issued")
    attach(finding, [store(SimpleUploadedFile("记录.txt", "纪要".encode()))], by=world.user("owner"), purpose="contain")
    evidence = finding.evidence.get()
    assert "记录" not in evidence.file.name and len(evidence.token) >= 32
    response = login("owner").get(evidence.get_absolute_url())
    assert response["Content-Type"] == "text/plain"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert login("stranger").get(evidence.get_absolute_url()).status_code == 404
    assert login("owner").get(f"/media/{evidence.file.name}").status_code == 404


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
        "decide_exemption": "waiting",
        "leader_review": "issued",
        "check_effect": "customer_closed",
        "review_exemption": "exempted",
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
        "decide_exemption": "leader",
        "leader_review": "leader",
        "check_effect": "closure",
        "review_exemption": "leader",
    }
    return [
        *(("audit", state, move, audit_people.get(move, "leader")) for move, state in audit_states.items()),
        *(("finding", state, move, people.get(move, "owner")) for move, state in finding_states.items()),
    ]


def test_no_form_is_left_out() -> None:
    tried = {(kind, move) for kind, _state, move, _who in every_form()}
    assert tried == {("audit", move) for move in audits.moves.MOVES} | {
        ("finding", move) for move in findings.moves.MOVES
    }


def prepared(world: World, kind: str, state: str, move: str) -> Any:
    if kind == "audit" and move == "start_sudden":
        audit = world.request(sudden=True)
        return world.walk(audit, state)
    if state in {"waiting", "exempted"}:
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
        if state == "exempted":
            world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
        return Finding.objects.get(pk=finding.pk)
    return getattr(world, kind)(state)


@pytest.mark.parametrize(("kind", "state", "move", "who"), every_form())
def test_hostile_values_in_every_form_and_api_field(
    kind: str, state: str, move: str, who: str, world: World, login: Any
) -> None:
    subject = prepared(world, kind, state, move)
    form_class = {"audit": audits.moves, "finding": findings.moves}[kind].MOVES[move].form
    names = [name for name in form_class(subject=subject, user=world.user(who)).fields if name != "seen"]
    page, api = login(who), APIClient()
    api.force_authenticate(world.user(who))
    model = type(subject)
    for value in HOSTILE:
        before = model.objects.get(pk=subject.pk)
        if not door.fits(before, move):
            break
        data = dict.fromkeys(names, value) | {"seen": "99999"}
        response = page.post(reverse(f"{kind}s:move", args=[subject.number, move]), data)
        assert response.status_code in {400, 409}, (value[:20], response.status_code)
        answer = api.post(f"/api/v1/{kind}s/{subject.number}/moves/{move}/", data, format="json")
        assert answer.status_code in {400, 409}, (value[:20], answer.status_code)
        if answer.status_code == 400:
            assert set(answer.json()) <= {*names, "seen", "missing", "code", "__all__", "detail"}, answer.json()
        after = model.objects.get(pk=subject.pk)
        assert (after.state, after.version, after.events.count()) == (
            before.state,
            before.version,
            before.events.count(),
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
    assert {"action", "done_by", "effect", "line_note"} <= set(response.json())


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
        "auditors": "甲,乙,丙,丁,戊",
    }
    response = login("market").post(reverse("audits:new"), data)
    text = response.content.decode()
    assert response.status_code == 400
    assert "全部装配过程记下来" in text
    assert {"planned_end", "checklist_follow_up", "auditors"} == set(response.context["form"].errors)
    assert "第1行" in text
    assert not Audit.objects.exists()


def test_a_stale_form_is_told_and_keeps_its_text(world: World, login: Any) -> None:
    finding = world.finding("issued")
    page = reverse("findings:move", args=[finding.number, "withdraw"])
    world.do(finding, "regrade", "leader", grade="major", reason="影响出货")
    response = login("escort").post(page, {"seen": finding.version, "reason": "客户书面撤销了", "files": photo()})
    assert response.status_code == 409
    assert "客户书面撤销了" in response.content.decode() and "其他人已推进" in response.content.decode()
    assert Finding.objects.get(pk=finding.pk).state == FindingState.ISSUED
    assert not Evidence.objects.exists()


def test_a_refused_move_leaves_no_file_behind(world: World) -> None:
    from django.core.files.storage import default_storage

    from workflow.errors import StaleState
    from workflow.storage import store

    finding = world.finding("issued")
    stored = store(photo())
    with pytest.raises(StaleState):
        world.do(finding, "withdraw", "escort", seen=99, reason="x", files=[stored])
    assert not default_storage.exists(stored.path)


def test_dates_out_of_reach_are_refused(world: World) -> None:
    from django.utils import timezone

    finding = world.finding("issued")
    form = findings.forms.ExemptionForm(
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
