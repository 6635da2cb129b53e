"""Every page in a real browser, on a desk and on a phone, in both languages: accessible, quiet, not too wide."""

import os
from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from calendars.models import Shift, WorkCalendar
from clocks.policy import Policy, next_version
from clocks.sweep import sweep
from lib import moment
from notices.models import Delivery
from tests.browser import faults, log_in, open_page, problems
from tests.defaults import load_policies
from tests.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def scene(transactional_db: None) -> dict[str, Any]:
    load_policies()
    world: World = build()
    then = timezone.now() - timedelta(days=3)
    with moment.travel(then):
        audit = world.audit("on_site")
        found = {
            state: world.finding(state, audit) for state in ("draft", "issued", "contained", "analysed", "implemented")
        }
    sweep()
    Delivery.objects.filter(pk=Delivery.objects.values_list("pk")[:1]).update(status="dead", error="no address")
    calendar = WorkCalendar.objects.create(code="CN", name="国内", name_en="China", country="CN")
    Shift.objects.create(calendar=calendar, weekday=0, begins=time(8), ends=time(17), breaks="12:00-13:00")
    draft = next_version(Policy.objects.get(code="2485"))
    draft.steps.filter(step="close").update(amount=9)
    return {"world": world, "audit": audit, "draft_policy": draft, **found}


def pages(scene: dict[str, Any]) -> list[tuple[str, str]]:
    month = f"{timezone.localdate():%Y-%m}"
    finding = {
        state: scene[state].get_absolute_url() for state in ("draft", "issued", "contained", "analysed", "implemented")
    }
    return [
        ("leader", "/"),
        ("leader", "/audits/"),
        ("leader", "/audits/plan/"),
        ("leader", "/findings/"),
        ("leader", scene["audit"].get_absolute_url()),
        ("leader", finding["implemented"]),
        ("leader", "/closure/?all=1"),
        ("leader", "/closure/ledger/"),
        ("leader", "/reports/"),
        ("leader", f"/reports/{month}/"),
        ("leader", f"/reports/{month}/rows/total/all/"),
        ("leader", "/inbox/"),
        ("market", "/audits/new/"),
        ("contact", "/audits/lead/"),
        ("owner", "/profile/"),
        ("leader", f"{scene['audit'].get_absolute_url()}moves/change_team/"),
        ("leader", f"{scene['audit'].get_absolute_url()}moves/revise/"),
        ("escort", f"{scene['audit'].get_absolute_url()}moves/hold_closing/"),
        ("escort", f"/findings/new/{scene['audit'].number}/"),
        ("escort", f"{finding['draft']}moves/edit/"),
        ("escort", f"{finding['draft']}moves/issue/"),
        ("escort", f"{finding['issued']}moves/withdraw/"),
        ("owner", f"{finding['issued']}moves/submit_containment/"),
        ("owner", f"{finding['contained']}moves/submit_analysis/"),
        ("owner", f"{finding['analysed']}moves/submit_implementation/"),
        ("owner", f"{finding['analysed']}moves/apply_exemption/"),
        ("closure", f"{finding['implemented']}moves/close/"),
        ("closure", f"{finding['implemented']}moves/send_back/"),
        ("leader", f"{finding['issued']}moves/reassign/"),
        ("leader", f"{finding['issued']}moves/leader_review/"),
        ("admin", "/clocks/"),
        ("admin", "/clocks/undelivered/"),
        ("admin", "/clocks/undelivered/?waiting=1"),
        ("admin", "/clocks/policies/"),
        ("admin", f"/clocks/policies/{scene['draft_policy'].pk}/"),
        ("admin", f"/clocks/policies/{scene['draft_policy'].pk}/edit/"),
        ("admin", f"/clocks/policies/{scene['draft_policy'].pk}/changes/"),
        ("admin", f"/clocks/ladders/{scene['draft_policy'].steps.all()[0].pk}/edit/"),
        ("office", "/settings/"),
        ("office", "/settings/customers/"),
        ("office", "/settings/kinds/new/"),
        ("office", "/settings/matrix/"),
        ("office", "/settings/matrix/new/"),
        ("office", "/settings/customers/CU/"),
        ("office", "/settings/people/owner/"),
        ("admin", "/settings/people/"),
        ("admin", "/settings/sites/S-A/"),
        ("leader", "/findings/?as=board"),
        ("leader", "/procedure/"),
        ("leader", "/search/?q=扭力"),
        ("leader", "/search/?q=没有"),
        ("office", "/people/?q=某"),
        ("office", "/people/closure/handover/"),
        ("owner", "/inbox/"),
        ("actor", f"{finding['analysed']}moves/complete_action/"),
        ("leader", f"{finding['issued']}moves/change_manager/"),
        ("leader", f"{finding['analysed']}moves/replace_action_owner/"),
        ("leader", f"{scene['audit'].get_absolute_url()}moves/replace_lead_escort/"),
        ("market", f"{scene['audit'].get_absolute_url()}moves/reschedule/"),
        ("leader", f"{finding['implemented']}revisions/{scene['implemented'].submissions.order_by('pk')[0].pk}/"),
        ("admin", "/calendars/"),
        ("admin", "/calendars/CN/"),
        ("admin", "/clocks/calendars/CN/days/"),
        ("admin", "/clocks/calendars/CN/changes/"),
        ("stranger", "/"),
        ("stranger", "/findings/"),
    ]


@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="looks the same on every database; make test opens them")
@pytest.mark.parametrize(
    ("size", "language"),
    [
        ("phone", "zh-hans"),
        ("desk", "en"),
        pytest.param("desk", "zh-hans", marks=pytest.mark.proof),
        pytest.param("phone", "en", marks=pytest.mark.proof),
    ],
)
def test_every_page(size: str, language: str, browser: Any, live_server: Any, scene: dict[str, Any]) -> None:
    context = browser.new_context(viewport=SIZES[size], locale="zh-CN", timezone_id="Asia/Shanghai")
    last, found = None, []
    for who, path in pages(scene):
        page = context.new_page()
        if who != last:
            log_in(page, live_server, scene["world"].user(who), language)
        last = who
        found += problems(page, live_server, path)
        assert page.get_attribute("html", "lang") == language
        page.close()
    context.close()
    assert found == []


def test_the_log_in_page(page: Any, live_server: Any, scene: dict[str, Any], settings: Any) -> None:
    settings.DEMO = True
    open_page(page, live_server, "/accounts/login/")
    page.get_by_role("button", name="某leader").first.click()
    page.wait_for_load_state()
    assert "我的工作" in page.inner_text("main")


def test_without_script_a_move_is_made_all_the_same(browser: Any, live_server: Any, scene: dict[str, Any]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server, scene["world"].user("closure"))
    page.goto(f"{live_server.url}{scene['contained'].get_absolute_url()}")
    page.get_by_role("link", name="退回").click()
    page.fill("[name=reason]", "没有数量")
    page.locator("form .card-footer button.btn-primary").click()
    assert "已退回" in page.inner_text("main")
    page.goto(f"{live_server.url}/findings/?q={scene['issued'].number}")
    assert page.locator("table tbody tr").count() == 1
    context.close()


def test_the_filter_narrows_without_reloading_and_back_works(
    page: Any, live_server: Any, scene: dict[str, Any]
) -> None:
    log_in(page, live_server, scene["world"].user("leader"))
    page.goto(f"{live_server.url}/findings/")
    assert page.locator("#rows tbody tr").count() == 5
    page.click("form[data-filter] summary")
    page.check("[name=state][value=draft]")
    page.wait_for_url("**/findings/?state=draft")
    page.wait_for_function("document.querySelectorAll('#rows tbody tr').length === 1")
    page.go_back()
    page.wait_for_function("document.querySelectorAll('#rows tbody tr').length === 5")


def test_what_was_typed_survives_a_closed_page(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    log_in(page, live_server, scene["world"].user("escort"))
    url = f"{live_server.url}/findings/new/{scene['audit'].number}/"
    page.goto(url)
    page.fill("[name=what]", "写到一半断网了")
    page.goto(f"{live_server.url}/")
    page.goto(url)
    assert page.input_value("[name=what]") == "写到一半断网了"


@pytest.mark.parametrize("path", ["/findings/nope/", "/reports/"])
def test_refusals_are_pages_too(path: str, page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    log_in(page, live_server, scene["world"].user("stranger"))
    page.goto(live_server.url + path)
    assert faults(page) == []
    assert page.get_by_role("link", name="回到我的工作").is_visible()
