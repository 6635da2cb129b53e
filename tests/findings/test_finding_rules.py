"""What must not slip through: returns, cycles, independence, exemptions, silence, evidence."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from audits import actions as audit_actions
from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.sweep import sweep
from closure.ledger import record_returns
from closure.work import tasks
from findings import actions
from findings.gates import closing
from findings.models import Finding, FindingEvent
from findings.states import ORDER
from lib import moment
from lib.storage import store
from notices.models import Delivery, Notice
from tests.times import HOUR
from tests.world import World, deputise, photo
from workflow.errors import GateClosed, StaleState
from workflow.trail import about


def again(finding: Finding) -> Finding:
    return Finding.objects.get(pk=finding.pk)


def back(world: World, finding: Finding, step: str) -> Finding:
    world.do(finding, "send_back", "closure", step=step, reason="不够")
    return again(finding)


def test_a_step_that_fell_cannot_be_sent_back_again_nor_carry_the_finding_forward(world: World) -> None:
    finding = back(world, world.finding("implemented"), "contain")
    assert finding.state == "issued"
    world.contain(finding)
    for step in ("close", "analyse"):
        with pytest.raises(GateClosed):
            world.do(finding, "send_back", "closure", step=step, reason="不够")
    assert again(finding).state == "contained"


def test_closing_needs_an_analysis_that_still_stands(world: World) -> None:
    finding = world.finding("implemented")
    world.do(finding, "accept_step", "closure", step="analyse")
    from findings.answers import Verdict

    analysis = finding.submissions.get(step="analyse")
    Verdict.objects.create(submission=analysis, outcome="overtaken", by=world.users["closure"], at=timezone.now())
    assert "缺少根因与长期对策。" in closing(again(finding), {}, timezone.now())


def bare_root(finding: Finding) -> None:
    actions = finding.current("analyse").roots.get(leg="system").actions.all()
    finding.current("close").results.filter(action__in=actions).delete()
    finding.evidence.filter(about__in=[about(one) for one in actions]).delete()
    actions.delete()


@pytest.mark.parametrize(
    ("undo", "sentence"),
    [
        (lambda f: bare_root(f), "没有对策"),
        (lambda f: f.evidence.all().delete(), "没有证据"),
        (lambda f: f.current("close").results.all().delete(), "未完成"),
        (lambda f: f.current("close").read_across.all().delete(), "水平展开"),
        (lambda f: f.current("analyse").actions.update(documents="SIP-03"), "旧版本"),
        (lambda f: f.submissions.filter(step="contain").update(current=False), "临时对策"),
    ],
)
def test_every_closure_gate_names_what_is_missing(undo: Any, sentence: str, world: World) -> None:
    finding = world.finding("implemented")
    undo(again(finding))
    with pytest.raises(GateClosed) as closed:
        world.do(finding, "close", "closure", verified_how="on_site", conclusion="x")
    assert any(sentence in one for one in closed.value.missing), closed.value.missing
    assert again(finding).state == "implemented"


def test_after_a_reopening_the_clocks_of_the_first_round_stay_as_they_are(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("closed")
    with moment.travel(t0 + 40 * 24 * HOUR):
        finding = world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="拒绝")
        with pytest.raises(GateClosed):
            world.do(finding, "send_back", "closure", step="contain", reason="再来")
        with pytest.raises(GateClosed) as closed:
            world.implement(again(finding), files=[])
            world.do(finding, "close", "closure", verified_how="on_site", conclusion="x")
    assert any("没有证据" in one for one in closed.value.missing)
    assert not Deadline.objects.filter(finding=finding, cycle=1, answered_at=None, step__in=ORDER).exists()


def test_nobody_verifies_what_they_wrote_although_they_own_it_no_longer(world: World) -> None:
    finding = world.finding("issued")
    Finding.objects.filter(pk=finding.pk).update(owner=world.users["closure"])
    world.contain(again(finding), who="closure")
    world.do(again(finding), "reassign", "leader", owner=world.users["owner"], reason="换人")
    with pytest.raises(PermissionDenied):
        world.do(finding, "accept_step", "closure", step="contain")
    assert world.do(finding, "accept_step", "leader", step="contain").state == "contained"


def test_naming_the_closure_manager_as_deputy_does_not_freeze_the_finding(world: World) -> None:
    finding = world.finding("contained")
    deputise(world, "owner", "closure")
    assert world.do(finding, "accept_step", "closure", step="contain")


def test_the_deputy_of_the_closure_manager_verifies_in_both_names(world: World) -> None:
    finding = world.finding("contained")
    deputise(world, "closure", "leader")
    world.do(finding, "accept_step", "leader", step="contain")
    last = FindingEvent.objects.filter(finding=finding).order_by("-position").first()
    assert last is not None and (last.by, last.on_behalf_of) == (world.users["leader"], world.users["closure"])


def test_nobody_below_engineer_answers_not_even_as_a_deputy(world: World) -> None:
    finding = world.finding("issued")
    deputise(world, "owner", "operator")
    with pytest.raises(PermissionDenied):
        world.contain(finding, who="operator")


@pytest.mark.parametrize(("change", "sentence"), [({"level": 2}, "低于工程师"), ({"is_active": False}, "已离职")])
def test_the_owner_must_be_an_engineer_who_works_here(change: dict[str, Any], sentence: str, world: World) -> None:
    finding = world.draft()
    type(world.users["owner"]).objects.filter(pk=world.users["owner"].pk).update(**change)
    with pytest.raises(GateClosed) as closed:
        world.do(finding, "issue", "escort")
    assert any(sentence in one for one in closed.value.missing)


def test_reassignment_and_regrading_keep_the_old_value(world: World, login: Any) -> None:
    finding = world.finding("issued")
    world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="采购负责")
    world.do(finding, "regrade", "leader", grade="major", reason="影响出货")
    changed = [event.facts["changed"] for event in finding.events.filter(move__in=["reassign", "regrade"])]
    assert changed == [{"owner": ["owner", "actor"]}, {"grade": ["minor", "major"]}]
    page = " ".join(login("leader").get(finding.get_absolute_url()).content.decode().split())
    assert "<del>某owner</del> → <ins>某actor</ins>" in page


def test_silence_and_the_window_take_their_time(world: World) -> None:
    finding = world.finding("closed")
    with pytest.raises(GateClosed, match="7"):
        world.do(finding, "close_for_customer", "escort", silence=True, statement="未复", files=[])
    later = timezone.now() + timedelta(days=8)
    with moment.travel(later):
        world.do(finding, "close_for_customer", "escort", silence=True, statement="未复", files=[])
        with pytest.raises(GateClosed, match="90"):
            world.do(finding, "confirm_effective", "closure", window="90", evidence="x")
    with moment.travel(later + timedelta(days=91)):
        assert world.do(finding, "confirm_effective", "closure", window="90", evidence="x").state == "effective"


def test_the_page_shows_the_customers_proof_or_the_accepted_silence(world: World, login: Any) -> None:
    finding = world.finding("customer_closed")
    page = login("leader").get(finding.get_absolute_url()).content.decode()
    assert "客户邮件确认" in page and finding.evidence.get(kind="customer").token in page


def test_a_reassigned_finding_tells_both(world: World) -> None:
    finding = world.finding("issued")
    world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="换人")
    assert Notice.objects.get(kind="finding_taken").recipient == world.users["owner"]
    assert Notice.objects.get(kind="finding_reassign").recipient == world.users["actor"]


def test_the_one_who_verifies_is_told_and_has_the_task(world: World) -> None:
    finding = world.finding("issued")
    Finding.objects.filter(pk=finding.pk).update(closure_manager=world.users["owner"])
    world.contain(again(finding))
    assert Notice.objects.filter(kind="finding_submitted", recipient=world.users["leader"]).exists()
    assert any(task.title == finding.number for task in tasks(world.user("leader"), timezone.now()))
    assert not any("复核" in task.label for task in tasks(world.user("owner"), timezone.now()))


def test_an_answer_silences_its_own_clock_only(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + 49 * HOUR)
    with moment.travel(t0 + 49 * HOUR):
        world.contain(finding)
    waiting = Delivery.objects.filter(notice__kind="clock", status="pending").values_list("notice__key", flat=True)
    assert waiting and all(":analyse:" in key for key in waiting)


def test_returns_count_for_whoever_wrote_the_answer(world: World) -> None:
    finding = back(world, world.finding("contained"), "contain")
    world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="换人")
    world.contain(again(finding), who="actor")
    back(world, finding, "contain")
    assert record_returns() == 0


def test_an_audit_with_a_reopened_finding_is_not_archived(world: World) -> None:
    audit = world.audit("on_site")
    finding = world.finding("customer_closed", audit)
    for move, who, facts in (
        ("hold_closing", "escort", {"result": "passed", "minutes": "x"}),
        ("begin_closure", "escort", {}),
        ("close", "escort", {}),
        ("review", "escort", {"plan_actual": "x", "lessons": "x"}),
    ):
        audit_actions.perform(audit.pk, move, by=world.user(who), **facts)
    world.do(finding, "reopen", "closure", cause="recurrence", back_to="issued", reason="再发")
    with pytest.raises(GateClosed, match=finding.number):
        audit_actions.perform(audit.pk, "archive", by=world.user("leader"))


def test_a_sudden_audit_is_completed_even_after_the_closing_meeting(world: World) -> None:
    audit = world.request()
    Audit.objects.filter(pk=audit.pk).update(sudden=True, agenda="")
    audit_actions.perform(audit.pk, "appoint_leader", by=world.user("market"), leader=world.users["leader"], reason="x")
    audit_actions.perform(audit.pk, "start_sudden", by=world.user("leader"), lead_escort=world.users["escort"])
    audit_actions.perform(audit.pk, "hold_closing", by=world.user("escort"), result="passed", minutes="x")
    audit_actions.perform(audit.pk, "revise", by=world.user("leader"), fields={"agenda": "补录"})
    assert audit_actions.perform(audit.pk, "begin_closure", by=world.user("escort")).state == "in_closure"


def test_evidence_is_added_while_the_finding_is_open(world: World) -> None:
    finding = world.finding("closed")
    with pytest.raises(StaleState):
        actions.attach(finding, [store(photo())], by=world.user("owner"), purpose="close")


def test_the_contact_sees_what_became_of_a_lead_and_no_more(world: World, login: Any) -> None:
    audit = world.audit("lead")
    client = login("contact")
    assert audit.number in client.get(reverse("audits:lead")).content.decode()
    assert client.get(audit.get_absolute_url()).status_code == 404


def test_a_repeat_is_named(world: World, login: Any) -> None:
    audit = world.audit("on_site")
    old, new = world.finding("closed", audit), world.draft(audit)
    page = reverse("findings:move", args=[new.number, "edit"])
    data = world.problem(site=world.sites["A"].pk, repeat_of=old.pk)
    response = login("escort").post(page, data | {"source": "on_site"})
    assert response.status_code == 302, response.context["form"].errors
    assert again(new).repeat_of == old


def test_another_place_brings_another_owner(world: World, login: Any) -> None:
    world.sites["B"].owner = world.users["actor"]
    world.sites["B"].save()
    finding = world.draft()
    page = reverse("findings:move", args=[finding.number, "edit"])
    data = world.problem(
        site=world.sites["B"].pk, source="on_site", owner=finding.owner_id, closure_manager=finding.closure_manager_id
    )
    assert login("escort").post(page, data).status_code == 302
    assert again(finding).owner == world.users["actor"]


def test_a_stale_form_can_be_sent_once_more(world: World, login: Any) -> None:
    finding = world.finding("issued")
    page = reverse("findings:move", args=[finding.number, "withdraw"])
    seen = finding.version
    world.do(finding, "regrade", "leader", grade="major", reason="影响出货")
    first = login("escort").post(page, {"seen": seen, "reason": "客户书面撤销", "files": photo()})
    assert first.status_code == 409
    fresh = first.context["form"]["seen"].value()
    assert login("escort").post(page, {"seen": fresh, "reason": "客户书面撤销", "files": photo()}).status_code == 302
    assert again(finding).state == "withdrawn"


def test_a_mistaken_draft_is_withdrawn_without_proof(world: World, login: Any) -> None:
    finding = world.draft()
    page = reverse("findings:move", args=[finding.number, "withdraw"])
    assert login("escort").post(page, {"reason": "记错了"}).status_code == 302


def test_a_late_form_overwrites_only_what_its_writer_touched(world: World, login: Any) -> None:
    audit = world.audit("confirmed")
    page = reverse("audits:move", args=[audit.number, "revise"])
    seen = login("leader").get(page).context["form"]
    data: dict[str, Any] = {}
    for bound in seen.visible_fields():
        value = bound.value()
        data[bound.html_name] = data[bound.html_initial_name] = "" if value is None else value
    data["seen"] = audit.version
    fields = world.request_fields(scope="甲的范围")
    audit_actions.perform(audit.pk, "revise", by=world.user("market"), fields=fields)
    late = login("leader").post(page, data | {"product": "乙的机型"})
    assert late.status_code == 409
    form = late.context["form"]
    assert (form["scope"].value(), form["product"].value()) == ("甲的范围", "乙的机型")
    again_data = {bound.html_name: bound.value() or "" for bound in form.visible_fields()} | {
        "seen": form["seen"].value()
    }
    assert login("leader").post(page, again_data).status_code == 302
    fresh = Audit.objects.get(pk=audit.pk)
    assert (fresh.scope, fresh.product) == ("甲的范围", "乙的机型")
    assert audit.events.filter(move="revise").last().facts["changed"] == {"product": ["", "乙的机型"]}


def test_containment_says_when_and_not_in_the_future(world: World) -> None:
    from findings.answer_forms import ContainmentForm

    finding = world.finding("issued")
    for value in ("明年吧", "2099-01-01T10:00"):
        assert "done_at" in ContainmentForm({"done_at": value}, subject=finding, user=world.user("owner")).errors


def test_publishing_asks_once_more(world: World, login: Any) -> None:
    from reports.models import Publication

    login("leader").post(reverse("reports:publish", args=["2026-03"]))
    assert not Publication.objects.exists()
    login("leader").post(reverse("reports:publish", args=["2026-03"]), {"sure": "on"})
    assert Publication.objects.exists()
