"""Rows on a page with script: added, taken away, taken back, pasted from a table, and found again after the page was left."""

from typing import Any

import pytest

from tests.browser import log_in, open_page
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PASTE = """([selector, text]) => {
    const field = document.querySelector(selector), data = new DataTransfer();
    data.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def test_rows_come_go_and_come_back(page: Any, live_server: Any, world: World) -> None:
    log_in(page, live_server, world.user("market"))
    open_page(page, live_server, "/audits/new/")
    page.fill("[name=auditors-0-name]", "审核员甲")
    page.click("[data-add][value=auditors]")
    page.fill("[name=auditors-1-name]", "审核员乙")
    page.locator("[data-list=auditors] [data-remove]").first.click()
    assert not page.locator("[name=auditors-0-name]").is_visible()
    page.click("[data-list=auditors] [data-undo] button")
    assert page.input_value("[name=auditors-0-name]") == "审核员甲"
    page.evaluate(PASTE, ["[name=documents-0-item]", "质量手册\n控制计划\n作业指导书\n"])
    page.evaluate(PASTE, ["[name=auditors-1-name]", "乙\tSQE\t焊接\t中文\n丙\t经理\n"])
    rows = {name: page.input_value(f"[name={name}]") for name in ("auditors-1-position", "auditors-2-name")}
    assert rows == {"auditors-1-position": "SQE", "auditors-2-name": "丙"}
    page.locator("[data-list=auditors] [data-remove]").first.click()

    # The page is left and opened again: every row is where it was.
    page.goto(live_server.url + "/")
    open_page(page, live_server, "/audits/new/")
    assert [page.input_value(f"[name=documents-{n}-item]") for n in range(3)] == ["质量手册", "控制计划", "作业指导书"]
    assert page.input_value("[name=auditors-2-position]") == "经理"
    assert not page.locator("[name=auditors-0-name]").is_visible()


def test_the_enter_key_sends_the_form_and_no_button_of_a_row(page: Any, live_server: Any, world: World) -> None:
    finding = world.finding("contained")
    log_in(page, live_server, world.user("owner"))
    open_page(page, live_server, finding.move_url("submit_analysis"))
    for n, leg in enumerate(("making", "inspection", "system")):
        page.click(f"[data-add][value='whys:{leg}']")
        assert page.input_value(f"[name=whys-{15 + n}-leg]") == leg
    page.fill("[name=whys-16-question]", "再问一次")
    page.press("[name=whys-16-question]", "Enter")
    page.wait_for_selector(".alert-danger")
    # Refused, with the row that was added in its own leg.
    assert page.locator(".leg-inspection [name=whys-16-question]").input_value() == "再问一次"
    assert page.locator(".leg-inspection [data-row]").count() == 6
