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
    page.click("[data-list=auditors] [data-note] button")
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


def test_a_draft_of_a_list_that_somebody_changed_carries_nothing_back(
    page: Any, live_server: Any, world: World, api: Any
) -> None:
    audit = world.audit("drafted")
    url = audit.move_url("revise")
    log_in(page, live_server, world.user("market"))
    open_page(page, live_server, url)
    page.locator("[data-list=auditors] [data-remove]").first.click()
    page.fill("[name=documents-1-item]", "控制计划")
    page.goto(live_server.url + "/")
    names = [{"name": "审核员乙"}, {"name": "审核员丙"}]
    assert api("market").post(f"/api/v1{url}", {"auditors": names}, format="json").status_code == 200
    open_page(page, live_server, url)
    assert (
        page.locator("[name=auditors-0-name]").is_visible() and page.input_value("[name=auditors-0-name]") == "审核员乙"
    )
    # The other list is as it was: what was typed there is found again.
    assert page.input_value("[name=documents-1-item]") == "控制计划"


def test_a_row_taken_back_is_there_after_the_page_was_left(page: Any, live_server: Any, world: World) -> None:
    log_in(page, live_server, world.user("market"))
    open_page(page, live_server, "/audits/new/")
    page.fill("[name=auditors-0-name]", "审核员甲")
    page.locator("[data-list=auditors] [data-remove]").first.click()
    assert page.evaluate("document.activeElement.textContent") == "撤销"
    page.keyboard.press("Enter")
    page.goto(live_server.url + "/")
    open_page(page, live_server, "/audits/new/")
    assert page.locator("[name=auditors-0-name]").is_visible()
    assert page.input_value("[name=auditors-0-name]") == "审核员甲"


def test_a_pasted_table_goes_where_it_belongs_and_says_what_it_left(page: Any, live_server: Any, world: World) -> None:
    finding = world.finding("contained")
    log_in(page, live_server, world.user("owner"))
    open_page(page, live_server, finding.move_url("submit_analysis"))
    lines = "\n".join(f"问{n}\t因{n}" for n in range(1, 8))
    page.evaluate(PASTE, ["[name=whys-10-question]", lines])
    for place in (15, 16):
        assert page.input_value(f"[name=whys-{place}-leg]") == "system"
    assert page.input_value("[name=whys-16-because]") == "因7"
    page.evaluate(PASTE, ["[name=actions-0-text]", '"两行\n一格"\t防错不了\t某actor\t2026/12/1\tSIP'])
    assert page.input_value("[name=actions-0-text]") == "两行 一格"
    assert page.input_value("[name=actions-0-due_on]") == "2026-12-01"
    assert page.input_value("[name=actions-0-documents]") == "SIP"
    assert "防错不了" in page.inner_text("[data-list=actions] [data-note]")


def test_the_cursor_goes_to_what_is_seen(page: Any, live_server: Any, world: World) -> None:
    audit = world.audit("notified")
    log_in(page, live_server, world.user("leader"))
    open_page(page, live_server, audit.move_url("change_team"))
    page.locator("[data-list=team] [data-add]").click()
    page.keyboard.type("某escort")
    page.locator(".ts-dropdown-content .option.active", has_text="某escort").wait_for()
