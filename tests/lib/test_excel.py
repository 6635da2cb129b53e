"""Lists as Excel: the filtered rows one may see, and nothing that runs."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from clocks.sweep import sweep
from lib import moment
from lib.excel import download
from tests.world import World


def sheet(response: Any) -> list[tuple[Any, ...]]:
    assert response.status_code == 200
    return list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))


def test_the_findings_of_the_filter_and_no_others(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        major = world.finding("issued", audit, grade="major")
        world.finding("issued", audit)
    rows = sheet(login("leader").get("/findings/export/?grade=major"))
    assert rows[0][:3] == ("编号", "稽核", "客户")
    assert [row[0] for row in rows[1:]] == [major.number]
    assert "某owner" in rows[1] and datetime(2026, 3, 7, 18, 0) in rows[1]
    assert len(sheet(login("stranger").get("/findings/export/"))) == 1


def test_the_ledger_of_those_who_may_see_it(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0.replace(month=4))
    assert {row[3] for row in sheet(login("leader").get("/closure/ledger/export/"))[1:]} == {finding.number}
    assert sheet(login("operator").get("/closure/ledger/export/"))[1:] == []


def test_the_plan_of_the_month(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
    rows = sheet(login("market").get(f"/audits/plan/export/?month={audit.planned_start:%Y-%m}"))
    assert [row[0] for row in rows[1:]] == [audit.number]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("+1", "+1"),
        ("@x", "@x"),
        ("-5 pcs", "-5 pcs"),
        ("'quoted", "'quoted"),
        ("a\x07b", "ab"),
        ("甲\x0b乙", "甲\n乙"),
        (None, None),
        (3, 3),
        (datetime(2026, 3, 6, 10, tzinfo=UTC), datetime(2026, 3, 6, 18)),
    ],
)
def test_a_cell_holds_the_text_as_written_and_is_never_a_formula(value: Any, kept: Any) -> None:
    book = load_workbook(BytesIO(download("x", [("a", 9)], [[value]]).content))
    made = book.active["A2"]
    assert made.value == kept and made.data_type != "f"
    assert made.quotePrefix == (isinstance(value, str) and value[0] in "=+-@")


def test_a_register_that_is_too_long_says_how_many_rows_are_missing(world: World, monkeypatch: Any, login: Any) -> None:
    monkeypatch.setattr("lib.excel.MOST", 2)
    audit = world.audit("on_site")
    for _n in range(3):
        world.finding("draft", audit)
    rows = sheet(login("leader").get("/findings/export/"))
    assert len(rows) == 1 + 2 + 1 and "2" in rows[-1][0] and "3" in rows[-1][0]
