"""The whole job in a real browser, with a real worker: from the request to the month's PDF."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.models import Escalation, Heartbeat
from closure.models import LedgerEntry
from findings.models import Finding
from notices.models import Delivery
from reports import fonts
from tests.browser import choose, fill_analysis, log_in, open_page
from tests.defaults import load_policies
from tests.world import World, build, photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage(transactional_db: None) -> World:
    load_policies()
    return build()


@pytest.fixture
def worker() -> Iterator[Any]:
    """A Celery worker on the test's broker, in a thread with connections of its own."""
    from celery.contrib.testing.worker import start_worker

    from config.celery import app

    with start_worker(app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        yield app
    connections.close_all()


def wait_for(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the worker did not do it in time"
        time.sleep(0.1)


def press(page: Any, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_load_state()


def send(page: Any) -> None:
    with page.expect_navigation():
        page.locator("form .card-footer button.btn-primary").click()
    assert page.locator(".field-error").count() == 0, page.locator(".field-error").all_inner_texts()


def upload(page: Any, selector: str, name: str = "photo.png") -> None:
    page.set_input_files(selector, {"name": name, "mimeType": "image/png", "buffer": photo().read()})


def test_the_whole_job(  # noqa: C901  one story, told in one go
    page: Any, live_server: Any, stage: World, worker: Any, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    page.set_default_timeout(15_000)

    def as_(name: str, path: str) -> None:
        log_in(page, live_server, stage.user(name))
        open_page(page, live_server, path)

    # Market staff log the request and appoint the Leader the matrix proposes.
    as_("market", "/audits/new/")
    today = timezone.localdate()
    page.select_option("[name=customer]", label="客户甲")
    page.select_option("[name=kind]", label="体系审核")
    page.fill("[name=planned_start]", str(today))
    page.fill("[name=planned_end]", str(today))
    for site in ("A", "B"):
        page.check(f"[name=sites][value='{stage.sites[site].pk}']")
    page.fill("[name=scope]", "二期扩线的全部装配过程")
    page.fill("[name=agenda]", "第一天：首次会议、现场")
    page.fill("[name=headcount]", "2")
    page.select_option("[name=checklist]", "given")
    upload(page, "[name=notice_file]", "通知.png")
    send(page)
    audit = Audit.objects.get()
    assert audit.state == "drafted" and audit.files.count() == 1
    assert "推荐Leader： 某leader" in page.inner_text("main")
    press(page, "指定Leader")
    send(page)

    # The Leader names lead escort and team and confirms; the lead escort sends the notice, it is acknowledged, opens.
    as_("leader", audit.get_absolute_url())
    press(page, "指定主陪审员和团队")
    choose(page, "lead_escort", "某escort")
    choose(page, "team-0-user", "某teamer")
    send(page)
    press(page, "确认需求")
    send(page)
    as_("escort", audit.get_absolute_url())
    press(page, "发出稽核通知")
    page.fill("[name=message]", "请自查自纠")
    send(page)
    as_("site_contact", audit.get_absolute_url())
    page.get_by_role("button", name="确认收到").first.click()
    page.wait_for_load_state()
    as_("escort", audit.get_absolute_url())
    press(page, "首次会议（开始）")
    send(page)

    # Two findings, the first with a photo; issued together.
    for n, what in enumerate(("电动螺丝刀扭力点检记录缺失3天", "温湿度记录仪超限无处理记录")):
        open_page(page, live_server, f"/findings/new/{audit.number}/")
        page.select_option("[name=site]", label="场所A")
        for name in ("what", "when", "where", "found_by", "why", "how", "how_much"):
            page.fill(f"[name={name}]", what if name == "what" else "现场确认")
        if n == 0:
            upload(page, "[name=files]")
        send(page)
    open_page(page, live_server, audit.get_absolute_url())
    for box in page.locator("input[name=finding]").all():
        box.check()
    page.get_by_role("button", name="一并发出勾选的草稿").click()
    page.wait_for_load_state()
    first, second = Finding.objects.order_by("pk")
    assert {first.state, second.state} == {"issued"} and first.evidence.count() == 1

    # The owner contains, analyses and implements.
    as_("owner", "/")
    assert first.number in page.inner_text("main")
    open_page(page, live_server, f"{first.get_absolute_url()}moves/submit_containment/")
    for name in ("action", "done_by", "effect"):
        page.fill(f"[name={name}]", "停用并复测")
    page.fill("[name=done_at]", f"{timezone.localtime():%Y-%m-%dT%H:%M}")
    for place in range(6):
        page.fill(f"[name=scope-{place}-note]", "不涉及")
    send(page)
    open_page(page, live_server, f"{first.get_absolute_url()}moves/submit_analysis/")
    fill_analysis(page, "某actor")
    send(page)

    def implement() -> None:
        as_("owner", f"{first.get_absolute_url()}moves/submit_implementation/")
        page.fill("[name=summary]", "三天跟踪无再发")
        for place in range(3):
            page.fill(f"[name=results-{place}-done_on]", str(today))
            upload(page, f"[name=results-{place}-proof]")
        choose(page, "read_across-0-applies", "不适用")
        page.fill("[name=read_across-0-note]", "工艺不同")
        send(page)

    implement()

    # The closure manager sends it back once, then closes; the lead escort records the customer's acceptance.
    as_("closure", first.get_absolute_url())
    press(page, "退回")
    page.select_option("[name=step]", "close")
    page.fill("[name=reason]", "改善前后照片角度不同")
    send(page)
    implement()
    as_("closure", first.get_absolute_url())
    press(page, "关闭")
    page.fill("[name=conclusion]", "现场核对措施已落实")
    send(page)
    as_("escort", first.get_absolute_url())
    press(page, "客户关闭")
    page.fill("[name=statement]", "客户SQE邮件确认")
    upload(page, "[name=files]", "accept.png")
    send(page)
    first = Finding.objects.get(pk=first.pk)
    assert first.state == "customer_closed"
    assert first.submissions.filter(step="close").count() == 2

    # The second is left alone and time passes: its clocks are moved into the past, the real worker sweeps and delivers.
    for deadline in Deadline.objects.filter(finding=second):
        for name in ("started_at", "base_due_at", "due_at", "original_due_at", "judged_due_at", "next_alarm_at"):
            setattr(deadline, name, getattr(deadline, name) - timedelta(days=9))
        deadline.save()
    worker.send_task("clocks.sweep")
    wait_for(lambda: Heartbeat.objects.filter(job="sweep").exists())
    worker.send_task("notices.deliver")
    wait_for(lambda: not Delivery.objects.filter(status="pending").exists())
    assert LedgerEntry.objects.filter(finding=second, rule="late_contain").count() == 1
    told = {one["id"] for escalation in Escalation.objects.filter(deadline__finding=second) for one in escalation.told}
    assert {stage.users[name].pk for name in ("owner", "superior", "leader", "top")} <= told
    assert any(second.number in message.subject for message in mailoutbox)

    # The ledger shows it, the report shows both, and the PDF holds the number.
    as_("top", "/closure/ledger/")
    assert second.number in page.inner_text("main")
    month = f"{today:%Y-%m}"
    open_page(page, live_server, f"/reports/{month}/")
    open_page(page, live_server, f"/reports/{month}/rows/total/all/")
    assert first.number in page.inner_text("main") and second.number in page.inner_text("main")
    if sentence := fonts.hint():
        pytest.skip(sentence)
    content = page.request.get(f"{live_server.url}/reports/{month}/pdf/").body()
    assert content.startswith(b"%PDF")
    if shutil.which("pdftotext"):
        path = tmp_path / "month.pdf"
        path.write_bytes(content)
        text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
        assert second.number in text and first.number in text
