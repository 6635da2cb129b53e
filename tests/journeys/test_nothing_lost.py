"""Nothing typed is lost, nothing is made twice: every long form with the network cut, the session gone, the cookie gone, two
clicks, the back button, and two people on one machine.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from attachments.models import Attachment
from audits.models import Audit, AuditEvent
from clocks.policy import Policy, next_version
from customers.models import Customer
from findings.answers import Submission, Verdict
from findings.exemptions import Exemption
from findings.models import Finding, FindingEvent
from lib import moment
from notices.models import Notice
from reports.models import Publication
from reports.periods import Period
from tests.browser import choose, fill_analysis, log_in
from tests.defaults import load_policies
from tests.world import World, build, photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
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
    "a customer": ("office", "/settings/customers/new/", "name"),
    "a hand-over": ("office", "/people/owner/handover/", "reason"),
    "the Leader's words to a month": ("leader", "/reports/{month}/", "words"),
    "a policy": ("process_owner", "/clocks/policies/{policy}/edit/", "name"),
}


@pytest.fixture
def scene(transactional_db: None) -> dict[str, Any]:
    load_policies()
    world: World = build()
    with moment.travel(moment.now() - timedelta(hours=3)):
        audit = world.audit("on_site")
        found = {state: world.finding(state, audit) for state in ("issued", "contained", "analysed", "implemented")}
        early, closed = world.audit("drafted"), world.audit("closed")
    with transaction.atomic():
        policy = next_version(Policy.objects.get(code="2485"))
    addresses = {state: one.get_absolute_url() for state, one in found.items()}
    return {
        "world": world,
        "audit": audit,
        "number": audit.number,
        "early": early.get_absolute_url(),
        "closed": closed.get_absolute_url(),
        "month": Period.current().previous,
        "policy": policy.pk,
        **addresses,
    }


def opened(page: Any, live_server: Any, scene: dict[str, Any], what: str) -> str:
    """The form, open in front of its person, with a sentence typed in. Returns the field's selector."""
    who, path, field = LONG[what]
    log_in(page, live_server, scene["world"].user(who))
    page.goto(live_server.url + path.format(**scene))
    page.fill(f"[name={field}]", TYPED)
    return f"[name={field}]"


def submit(page: Any) -> None:
    page.locator(
        "form[data-keep] button.btn-primary[type=submit], form[data-keep] .card-footer button.btn-primary"
    ).first.click()


@pytest.mark.parametrize("what", LONG)
def test_neither_network_nor_session_nor_cookie_loses_what_was_typed(
    what: str, page: Any, live_server: Any, scene: dict[str, Any]
) -> None:
    field = opened(page, live_server, scene, what)
    before = made()
    page.context.set_offline(True)
    submit(page)
    page.wait_for_selector("[data-unsent]")
    assert "没有网络" in page.inner_text("[data-unsent]") and page.input_value(field) == TYPED
    page.context.set_offline(False)
    page.reload()
    assert page.input_value(field) == TYPED
    Session.objects.all().delete()
    submit(page)
    page.wait_for_selector("[data-unsent]")
    assert "登录" in page.inner_text("[data-unsent]") and page.input_value(field) == TYPED
    assert gained(before) == {}
    # Logged in again in another tab, the same page is sent, though the form's own cookie is gone as well.
    log_in(page, live_server, scene["world"].user(LONG[what][0]))
    page.context.clear_cookies(name=django_settings.CSRF_COOKIE_NAME)
    with page.expect_navigation():
        submit(page)
    assert "403" not in page.title() and page.locator("[data-unsent]").count() == 0
    if not gained(before):  # not complete: refused by the server, with everything in it
        assert page.locator(".alert-danger, .field-error").count() and page.input_value(field) == TYPED


def _request(page: Any) -> None:
    page.select_option("[name=customer]", label="客户甲")
    page.select_option("[name=kind]", label="体系审核")
    for name in ("planned_start", "planned_end"):
        page.fill(f"[name={name}]", str(moment.today() + timedelta(days=20)))
    page.locator("[name=sites]").first.check()
    page.fill("[name=agenda]", "第一天现场")
    page.select_option("[name=checklist]", "given")


def _finding(page: Any) -> None:
    page.select_option("[name=site]", label="场所A")


def _containment(page: Any) -> None:
    for name in ("done_by", "effect"):
        page.fill(f"[name={name}]", "班长，全部合格")
    page.fill("[name=done_at]", f"{timezone.localtime() - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    for place in range(6):
        page.fill(f"[name=scope-{place}-note]", "不涉及")


def _implementation(page: Any) -> None:
    for place in range(3):
        page.fill(f"[name=results-{place}-done_on]", str(moment.today()))
        page.set_input_files(f"[name=results-{place}-proof]", IMAGE)
    choose(page, "read_across-0-applies", "不适用")
    page.fill("[name=read_across-0-note]", "工艺不同")


def _exemption(page: Any) -> None:
    page.select_option("[name=reason]", "building")
    for name in ("interim_control", "milestones"):
        page.fill(f"[name={name}]", "每日点检，第20天完成")
    page.fill("[name=new_date]", str(moment.today() + timedelta(days=25)))
    page.set_input_files("[name=files]", IMAGE)


def nothing_more(_page: Any) -> None:
    """The sentence typed in is enough."""


def _handover(page: Any) -> None:
    choose(page, "to_site_owner", "某actor")


IMAGE = {"name": "p.png", "mimeType": "image/png", "buffer": photo().read()}
#: What each form needs besides the sentence of `opened`, so that the server takes it.
COMPLETE: dict[str, Callable[[Any], None]] = {
    "a new request": _request,
    "a lead": lambda page: page.fill("[name=customer_name]", "某客户"),
    "a changed request": nothing_more,
    "a retrospective": lambda page: page.fill("[name=plan_actual]", "一致"),
    "a finding": _finding,
    "a containment": _containment,
    "an analysis": lambda page: fill_analysis(page, "某actor"),
    "an implementation": _implementation,
    "an exemption": _exemption,
    "a closure": nothing_more,
    "a return": lambda page: page.select_option("[name=step]", "close"),
    "a customer": lambda page: page.fill("[name=code]", "NEU"),
    "a hand-over": _handover,
    "the Leader's words to a month": lambda page: page.check("[name=sure]"),
    "a policy": nothing_more,
}
#: What each leaves when it was sent once.
ONCE: dict[str, dict[str, int]] = {
    "a new request": {"Audit": 1, "AuditEvent": 2},
    "a lead": {"Audit": 1, "AuditEvent": 1, "Notice": 1},
    "a changed request": {"AuditEvent": 1},
    "a retrospective": {"AuditEvent": 1, "Notice": 2},
    "a finding": {"Finding": 1, "FindingEvent": 1},
    "a containment": {"FindingEvent": 1, "Submission": 1, "Notice": 1},
    "an analysis": {"FindingEvent": 1, "Submission": 1, "Notice": 2},
    "an implementation": {"FindingEvent": 1, "Submission": 1, "Attachment": 3, "Notice": 1},
    "an exemption": {"FindingEvent": 1, "Exemption": 1, "Attachment": 1, "Notice": 1},
    "a closure": {"FindingEvent": 1, "Verdict": 3, "Notice": 2},
    "a return": {"FindingEvent": 1, "Verdict": 1, "Notice": 1},
    "a customer": {"Customer": 1},
    "a hand-over": {"LogEntry": 4},
    "the Leader's words to a month": {"Publication": 1},
    "a policy": {"LogEntry": 1},
}


def made() -> dict[str, int]:
    """How many of everything a form can leave behind."""
    models = (
        Audit,
        AuditEvent,
        Finding,
        FindingEvent,
        Submission,
        Verdict,
        Exemption,
        Attachment,
        Customer,
        LogEntry,
        Notice,
        Publication,
    )
    return {model.__name__: model.objects.count() for model in models}


def gained(before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in made().items() if count > before[name]}


def completed(page: Any, live_server: Any, scene: dict[str, Any], what: str) -> dict[str, int]:
    """The form, ready to be sent and to be taken; what there was of everything before."""
    field = opened(page, live_server, scene, what)
    COMPLETE[what](page)
    page.fill(field, TYPED)
    return made()


def test_every_long_form_is_in_both_tables() -> None:
    assert set(LONG) == set(COMPLETE) == set(ONCE)


@pytest.mark.parametrize("what", LONG)
def test_two_clicks_and_the_way_back_do_it_once(what: str, page: Any, live_server: Any, scene: dict[str, Any]) -> None:
    """Back leads to a form with a key of its own and nothing of the old one in it, or to the sentence that it is done."""
    before = completed(page, live_server, scene, what)
    with page.expect_navigation():
        page.evaluate(
            "() => { const b = document.querySelector('form[data-keep] button.btn-primary'); b.click(); b.click(); }"
        )
    page.wait_for_load_state("networkidle")
    assert page.locator(".field-error, .alert-danger").all_inner_texts() == []
    assert gained(before) == ONCE[what]
    page.go_back()
    page.wait_for_load_state("networkidle")
    if page.locator("form[data-keep]").count():
        submit(page)
        page.wait_for_load_state("networkidle")
    assert gained(before) == ONCE[what]


@pytest.mark.parametrize("what", LONG)
def test_the_same_form_sent_by_two_requests_at_once_does_it_once(
    what: str, page: Any, live_server: Any, scene: dict[str, Any]
) -> None:
    """Without the script between: two requests with the same key, side by side, and both lead to the same page."""
    before = completed(page, live_server, scene, what)
    urls = page.evaluate(
        """async () => { const f = document.querySelector('form[data-keep]'); const url = f.getAttribute('action') || location.href;
        const send = () => fetch(url, {method: 'POST', body: new FormData(f)});
        const first = await send(); const again = await Promise.all([send(), send()]);
        return [first.url, ...again.map((one) => one.url)]; }"""
    )
    assert gained(before) == ONCE[what]
    assert len(set(urls)) == 1 and "moves" not in urls[0], urls


def test_two_people_on_one_machine_see_nothing_of_each_other(
    page: Any, live_server: Any, scene: dict[str, Any]
) -> None:
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


def test_a_draft_goes_when_the_server_has_taken_it_and_not_before(
    page: Any, live_server: Any, scene: dict[str, Any]
) -> None:
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
