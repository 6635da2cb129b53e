"""Registers: one list of columns, sorted page by page without a row lost, and the same rows as Excel, CSV and over the API."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from audits.models import Audit
from audits.registers import AUDITS, PLAN
from clocks.registers import CLOCKS
from closure.registers import LEDGER
from customers.models import Customer
from findings.models import Finding
from findings.registers import FINDINGS
from lib import moment
from lib.register import Register, field_of, sorting, turn
from tests.world import World

REGISTERS: dict[str, tuple[Register[Any], Any]] = {
    "findings": (FINDINGS, Finding),
    "audits": (AUDITS, Audit),
    "ledger": (LEDGER, None),
    "clocks": (CLOCKS, None),
    "plan": (PLAN, None),
}


@pytest.fixture
def several(world: World, t0: datetime) -> list[Finding]:
    """Seven findings of two audits: some without a date of the customer's, some with the same."""
    days = (None, date(2026, 4, 2), None, date(2026, 4, 1), date(2026, 4, 2), date(2026, 3, 30), None)
    with moment.travel(t0):
        audits = [world.audit("on_site"), world.audit("on_site")]
        found = [world.draft(audits[n % 2], what=f"问题{n}") for n in range(len(days))]
    for finding, day in zip(found, days, strict=True):
        Finding.objects.filter(pk=finding.pk).update(customer_due_on=day)
    return list(Finding.objects.order_by("pk"))


def walked(register: Register[Any], rows: Any, sort: str, size: int = 2) -> list[Any]:
    """Every row of every page, page after page."""
    found, data = [], {"sort": sort}
    for _page in range(20):
        page, _by = turn(rows, register, data, size)
        found += page.rows
        if not page.next:
            return found
        data = {"sort": sort, "after": page.next}
    raise AssertionError("no end")


@pytest.mark.parametrize("kept", REGISTERS.values(), ids=REGISTERS)
def test_its_columns_are_told_apart_and_can_be_sorted(kept: tuple[Register[Any], Any]) -> None:
    register, model = kept
    keys = [one.key for one in register.columns]
    assert len(set(keys)) == len(keys) and all(one.on_page or one.in_file for one in register.columns)
    assert not any(str(one.label) == "" for one in register.columns)
    for column in register.sortable if model else ():
        assert field_of(model, column.order)


@pytest.mark.parametrize("column", [one.key for one in FINDINGS.sortable])
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_column_sorts_every_row_once(column: str, sign: str, several: list[Finding]) -> None:
    rows = Finding.objects.for_list()
    found = walked(FINDINGS, rows, f"{sign}{column}")
    assert sorted(one.pk for one in found) == sorted(one.pk for one in several)
    assert [one.pk for one in found] == [one.pk for one in walked(FINDINGS, rows, f"{sign}{column}", 50)]


def test_what_has_no_value_lies_before_the_rest(several: list[Finding]) -> None:
    days = [one.customer_due_on for one in walked(FINDINGS, Finding.objects.for_list(), "customer_due_on", 3)]
    told = [one for one in days if one]
    assert days[:3] == [None] * 3 and told == sorted(told) and len(told) == 4
    back = [one.customer_due_on for one in walked(FINDINGS, Finding.objects.for_list(), "-customer_due_on", 3)]
    assert back == days[::-1]


def test_a_column_that_is_not_there_sorts_nothing(several: list[Finding]) -> None:
    for text in ("nonsense", "-what", "audit__customer__name", ""):
        assert sorting(FINDINGS, text).column is None
    newest_first = [one.pk for one in walked(FINDINGS, Finding.objects.for_list(), "nonsense")]
    assert newest_first == [one.pk for one in Finding.objects.order_by("-created_at", "-id")]


@pytest.mark.parametrize(
    "cursor",
    ["x", "WyJhIl0", "WyIxIiwgIjIiLCAiMyJd", "WyJub25zZW5zZSIsICIxIl0", "WyJcdWQ4MDAiLCAiMSJd", "WyJcdTAwMDAiLCAiMSJd"],
)
def test_a_cursor_of_another_order_is_no_page(cursor: str, several: list[Finding], login: Any) -> None:
    assert login("leader").get("/findings/", {"sort": "customer_due_on", "after": cursor}).status_code == 404


# Pages ---------------------------------------------------------------------------------------------------------------


def test_the_heads_sort_and_say_how_the_list_lies(several: list[Finding], login: Any) -> None:
    client = login("leader")
    plain = client.get("/findings/?state=draft").content.decode()
    assert 'href="?state=draft&amp;sort=number&amp;after="' in plain and "aria-sort" not in plain
    sorted_ = client.get("/findings/?state=draft&sort=number").content.decode()
    assert 'aria-sort="ascending"' in sorted_ and "sort=-number" in sorted_
    numbers = [one.number for one in client.get("/findings/?sort=-number").context["page"].rows]
    assert numbers == sorted(numbers, reverse=True)
    assert '<option value="-number" selected>' in client.get("/findings/?sort=-number").content.decode()


@pytest.mark.parametrize(
    "url", ["/findings/?sort=customer", "/audits/?sort=leader", "/closure/?list=soon&all=1&sort=owes"]
)
def test_a_sorted_list_costs_the_same_for_one_and_three(url: str, world: World, t0: datetime, login: Any) -> None:
    def cost() -> int:
        client = login("leader")
        client.get("/")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    with moment.travel(t0):
        world.finding("issued")
        one = cost()
        for _n in range(2):
            world.finding("issued")
        assert cost() == one


# Files ---------------------------------------------------------------------------------------------------------------


def read(answer: Any) -> list[list[str]]:
    text = answer.content.decode()
    assert text.startswith("\ufeff") and answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_csv_and_excel_say_what_the_page_shows_in_its_order(several: list[Finding], login: Any) -> None:
    client = login("leader")
    ask = {"state": "draft", "sort": "-customer_due_on"}
    shown = [one.number for one in client.get("/findings/", ask).context["page"].rows]
    lines = read(client.get("/findings/export/", ask | {"format": "csv"}))
    sheet = load_workbook(io.BytesIO(client.get("/findings/export/", ask).content)).active
    assert sheet is not None
    assert [line[0] for line in lines[1:]] == [row[0].value for row in sheet.iter_rows(min_row=2)] == shown
    assert lines[0] == [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    assert len(lines[0]) == len(FINDINGS.filed)


def test_csv_carries_no_formula(several: list[Finding], login: Any) -> None:
    Finding.objects.filter(pk=several[0].pk).update(what='=HYPERLINK("x")')
    Finding.objects.filter(pk=several[1].pk).update(what="-5 pcs")
    place = [one.key for one in FINDINGS.filed].index("what")
    said = {line[place] for line in read(login("leader").get("/findings/export/?format=csv"))[1:]}
    assert {'\'=HYPERLINK("x")', "'-5 pcs"} < said


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/audits/export/", "audits"),
        ("/audits/plan/export/?month=2026-03", "plan-2026-03"),
        ("/closure/ledger/export/", "ledger"),
        ("/closure/export/soon/?all=1", "clocks-soon"),
    ],
)
def test_every_register_comes_as_both(url: str, name: str, world: World, t0: datetime, login: Any) -> None:
    with moment.travel(t0):
        world.finding("issued")
        client = login("leader")
        excel = client.get(url)
        lines = read(client.get(url, query_params={"format": "csv"} | _asked(url)))
    assert f'filename="{name}.xlsx"' in excel["Content-Disposition"] and load_workbook(io.BytesIO(excel.content))
    assert len(lines) == (1 if name == "ledger" else 2 if name != "clocks-soon" else 4)


def _asked(url: str) -> dict[str, str]:
    return dict(part.split("=") for part in url.partition("?")[2].split("&") if part)


def test_moments_are_those_of_the_plants_wall(world: World, t0: datetime, login: Any) -> None:
    world.units["F1"].time_zone = "America/Mexico_City"
    world.units["F1"].save()
    with moment.travel(t0):
        finding = world.finding("issued")
    keys = [one.key for one in FINDINGS.filed]
    [line] = read(login("leader").get("/findings/export/?format=csv"))[1:]
    wall = finding.site.unit.zone()
    assert line[keys.index("issued_at")] == t0.astimezone(wall).strftime("%Y-%m-%d %H:%M")
    assert line[keys.index("contain_due")] == (t0 + timedelta(hours=24)).astimezone(wall).strftime("%Y-%m-%d %H:%M")


# Programs ------------------------------------------------------------------------------------------------------------


def test_programs_sort_and_page_by_the_same_columns(several: list[Finding], api: Any) -> None:
    client, found, url = api("leader"), list[str](), "/api/v1/findings/?sort=-customer_due_on&page_size=2"
    while url:
        answer = client.get(url).json()
        found += [one["number"] for one in answer["results"]]
        url = answer["next"]
    assert found == [one.number for one in walked(FINDINGS, Finding.objects.for_list(), "-customer_due_on")]


def test_clocks_are_sorted_over_the_api_as_on_their_pages(world: World, api: Any) -> None:
    first = world.finding("issued")
    world.finding("contained", audit=first.audit)
    client, found, url = api("leader"), list[str](), "/api/v1/deadlines/?running=1&sort=-due_at&page_size=3"
    while url:
        answer = client.get(url).json()
        found += [one["due_at"] for one in answer["results"]]
        url = answer["next"]
    assert len(found) > 3 and found == sorted(found, reverse=True)
    by_step = client.get("/api/v1/deadlines/?running=1&sort=step&page_size=200").json()["results"]
    assert [one["step"] for one in by_step] == sorted(one["step"] for one in by_step)


def test_a_wrong_column_is_named_with_those_there_are(several: list[Finding], api: Any) -> None:
    for place in ("findings", "audits", "ledger"):
        answer = api("leader").get(f"/api/v1/{place}/?sort=nonsense")
        assert answer.status_code == 400 and "number" in answer.json()["sort"][0]
    answer = api("leader").get("/api/v1/deadlines/?sort=nonsense")
    assert answer.status_code == 400 and "due_at" in answer.json()["sort"][0]


def test_files_speak_the_readers_language(several: list[Finding], login: Any) -> None:
    client = login("leader")
    client.cookies["django_language"] = "en"
    head = read(client.get("/findings/export/?format=csv", headers={"Accept-Language": "en"}))[0]
    assert head[:3] == ["Number", "Audit", "Customer"]


def walked_by_program(client: Any, url: str, link: str = "next") -> tuple[list[str], str]:
    """The numbers page after page, and the address of the last page."""
    found: list[str] = []
    for _page in range(30):
        answer = client.get(url).json()
        numbers = [one["number"] for one in answer["results"]]
        found = found + numbers if link == "next" else numbers + found
        if not answer[link]:
            return found, url
        url = answer[link]
    raise AssertionError("no end")


@pytest.mark.parametrize("sort", ["state", "-state", "customer", "-owner", "issued_at"])
def test_a_program_reads_a_list_of_equals_forth_and_back(sort: str, several: list[Finding], api: Any) -> None:
    """Every row has the same value: only the id tells them apart."""
    client = api("leader")
    forth, last = walked_by_program(client, f"/api/v1/findings/?sort={sort}&page_size=2")
    back, _first = walked_by_program(client, last, "previous")
    assert sorted(forth) == sorted(one.number for one in several) and back == forth


def test_a_page_may_end_on_the_longest_name(several: list[Finding], login: Any) -> None:
    Customer.objects.update(name="名" * 120)
    page, _by = turn(Finding.objects.for_list(), FINDINGS, {"sort": "customer"}, 2)
    assert page.next and login("leader").get("/findings/", {"sort": "customer", "after": page.next}).status_code == 200


def test_states_lie_as_on_the_path_and_a_lead_by_its_own_name(world: World) -> None:
    for state in ("contained", "draft", "issued"):
        world.finding(state)
    assert [one.state for one in walked(FINDINGS, Finding.objects.for_list(), "state")] == [
        "draft",
        "issued",
        "contained",
    ]
    lead = world.audit("lead")
    Audit.objects.filter(pk=lead.pk).update(customer_name="A")
    assert walked(AUDITS, Audit.objects.for_list(), "customer")[0] == lead
