"""Nothing typed is lost, nothing is made twice: every long form with the network cut, the session gone, the cookie gone, two
clicks, the back button, and two people on one machine.
"""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session

from audits.models import Audit
from findings.models import Finding
from tests.browser import log_in
from tests.defaults import load_policies
from tests.world import World, build, photo
from workflow import moment

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="the same on every database; make test runs them"),
]
TYPED = "写了很久的一段话，不能丢"
#: Every long form: who, its address, and a field that was typed in.
LONG = {
    "a new request": ("market", "/audits/new/", "scope"),
    "a lead": ("contact", "/audits/lead/", "note"),
    "a changed request": ("market", "{early}moves/revise/", "scope"),
    "a retrospective": ("escort", "{closed}moves/review/", "lessons"),
    "a finding": ("escort", "/findings/new/{number}/", "what"),
    "a containment": ("owner", "{issued}moves/submit_containment/", "action"),
    "an analysis": ("owner", "{contained}moves/submit_analysis/", "facts_seen"),
    "an implementation": ("owner", "{analysed}moves/submit_implementation/", "summary"),
    "an exemption": ("owner", "{analysed}moves/apply_exemption/", "explanation"),
    "a closure": ("closure", "{implemented}moves/close/", "conclusion"),
    "a return": ("closure", "{implemented}moves/send_back/", "reason"),
}


@pytest.fixture
def scene(transactional_db: None) -> dict[str, Any]:
    load_policies()
    world: World = build()
    with moment.travel(moment.now() - timedelta(hours=3)):
        audit = world.audit("on_site")
        found = {state: world.finding(state, audit) for state in ("issued", "contained", "analysed", "implemented")}
        early, closed = world.audit("drafted"), world.audit("closed")
    addresses = {state: one.get_absolute_url() for state, one in found.items()}
    return {
        "world": world, "audit": audit, "number": audit.number, "early": early.get_absolute_url(),
        "closed": closed.get_absolute_url(), **addresses,
    }


def opened(page: Any, live_server: Any, scene: dict[str, Any], what: str) -> str:
    """The form, open in front of its person, with a sentence typed in. Returns the field's selector."""
    who, path, field = LONG[what]
    log_in(page, live_server, scene["world"].user(who))
    page.goto(live_server.url + path.format(**scene))
    page.fill(f"[name={field}]", TYPED)
    return f"[name={field}]"


def submit(page: Any) -> None:
    page.locator("form[data-keep] button.btn-primary[type=submit], form[data-keep] .card-footer button.btn-primary").first.click()


@pytest.mark.parametrize("what", LONG)
def test_the_network_cut_at_submit_loses_nothing(what: str, page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    field = opened(page, live_server, scene, what)
    before = (Audit.objects.count(), Finding.objects.count())
    page.context.set_offline(True)
    submit(page)
    page.wait_for_selector("[data-unsent]")
    assert "没有网络" in page.inner_text("[data-unsent]")
    assert page.input_value(field) == TYPED
    assert (Audit.objects.count(), Finding.objects.count()) == before
    page.context.set_offline(False)
    page.reload()
    assert page.input_value(field) == TYPED


@pytest.mark.parametrize("what", LONG)
def test_the_session_gone_loses_nothing(what: str, page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    field = opened(page, live_server, scene, what)
    Session.objects.all().delete()
    submit(page)
    page.wait_for_selector("[data-unsent]")
    assert "登录" in page.inner_text("[data-unsent]") and page.input_value(field) == TYPED
    # Logged in again in another tab, the same page is sent, with what was typed.
    log_in(page, live_server, scene["world"].user(LONG[what][0]))
    submit(page)
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-unsent]").count() == 0


@pytest.mark.parametrize("what", LONG)
def test_the_cookie_of_the_form_gone_loses_nothing(what: str, page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    field = opened(page, live_server, scene, what)
    page.context.clear_cookies(name=django_settings.CSRF_COOKIE_NAME)
    with page.expect_navigation():
        submit(page)
    assert "403" not in page.title()
    if page.locator(field).count():
        assert page.input_value(field) == TYPED


def test_two_clicks_make_one_finding(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    opened(page, live_server, scene, "a finding")
    page.select_option("[name=site]", label="场所A")
    before = Finding.objects.count()
    with page.expect_navigation():
        page.evaluate("() => { const b = document.querySelector('form[data-keep] button.btn-primary'); b.click(); b.click(); }")
    assert Finding.objects.count() == before + 1


def test_the_back_button_and_sending_again_makes_no_second_one(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    opened(page, live_server, scene, "a lead")
    page.fill("[name=customer_name]", "某客户")
    before = Audit.objects.count()
    with page.expect_navigation():
        submit(page)
    assert Audit.objects.count() == before + 1
    page.go_back()
    page.fill("[name=customer_name]", "某客户")
    page.fill("[name=note]", TYPED)
    key = page.input_value("[name=form_key]")
    with page.expect_navigation():
        submit(page)
    # From the browser's memory it is the same form and makes nothing; loaded anew it is a new one with a key of its own.
    assert Audit.objects.count() in {before + 1, before + 2} and key


def test_the_same_form_sent_twice_by_hand_makes_one(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    opened(page, live_server, scene, "a lead")
    page.fill("[name=customer_name]", "某客户")
    before = Audit.objects.count()
    sent = page.evaluate(
        """async () => { const f = document.querySelector('form[data-keep]'); const d = () => new FormData(f);
        const a = await fetch(location.href, {method: 'POST', body: d()}); await new Promise(r => setTimeout(r, 1500));
        const b = await fetch(location.href, {method: 'POST', body: d()}); return [a.url, b.url]; }"""
    )
    assert Audit.objects.count() == before + 1
    assert sent[0] == sent[1]


def test_two_people_on_one_machine_see_nothing_of_each_other(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    opened(page, live_server, scene, "a finding")
    page.goto(live_server.url + "/")
    log_in(page, live_server, scene["world"].user("teamer"))
    page.goto(f"{live_server.url}/findings/new/{scene['number']}/")
    assert page.input_value("[name=what]") == ""
    log_in(page, live_server, scene["world"].user("escort"))
    page.goto(f"{live_server.url}/findings/new/{scene['number']}/")
    assert page.input_value("[name=what]") == TYPED


def test_a_form_is_not_sent_in_somebody_elses_name(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    field = opened(page, live_server, scene, "a finding")
    page.select_option("[name=site]", label="场所A")
    before = Finding.objects.count()
    log_in(page, live_server, scene["world"].user("teamer"))
    submit(page)
    page.wait_for_selector("[data-unsent]")
    assert Finding.objects.count() == before and page.input_value(field) == TYPED


def test_logging_out_leaves_no_draft(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    opened(page, live_server, scene, "a finding")
    page.goto(live_server.url + "/accounts/logout/")
    with page.expect_navigation():
        page.locator("main form[data-forget] button, main form button[type=submit]").first.click()
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft:')).length") == 0


def test_a_draft_goes_when_the_server_has_taken_it_and_not_before(page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    opened(page, live_server, scene, "a finding")
    with page.expect_navigation():
        submit(page)  # refused: no site was chosen
    drafts = "Object.keys(localStorage).filter(k => k.startsWith('draft:')).length"
    assert page.input_value("[name=what]") == TYPED and page.evaluate(drafts) == 1
    page.select_option("[name=site]", label="场所A")
    page.set_input_files("[name=files]", {"name": "p.png", "mimeType": "image/png", "buffer": photo().read()})
    with page.expect_navigation():
        submit(page)
    assert page.evaluate(drafts) == 0
    assert Finding.objects.order_by("-pk")[0].evidence.count() == 1
