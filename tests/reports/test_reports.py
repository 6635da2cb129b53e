"""The monthly summary: figures against hand counts, drill-down, freezing, the PDF."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from closure.sweep import sweep
from findings.models import Finding
from reports import actions, fonts
from reports.figures import figures
from reports.months import Month
from reports.rows import RATE_KEYS, behind
from tests.times import HOUR
from tests.world import World, photo
from workflow import moment
from workflow.errors import StaleState
from workflow.storage import store

APRIL = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def month(world: World, t0: datetime) -> dict[str, Any]:
    """In March: one on time, one late, one never answered, one withdrawn, one of the self-inspection, one observation."""
    with moment.travel(t0):
        audit = world.audit("on_site", planned_start=t0.date(), planned_end=t0.date())
        good = world.finding("closed", audit)
        late = world.finding("issued", audit, grade="major", site=world.sites["B"])
        silent = world.finding("issued", audit, grade="critical")
        world.finding("withdrawn", audit)
        own = world.finding("issued", audit, source="self")
        remark = world.finding("issued", audit, grade="observation")
    with moment.travel(t0 + 30 * HOUR):
        world.contain(late)
    with moment.travel(t0 + 31 * HOUR):
        world.do(late, "accept_step", "closure", step="contain")
    with moment.travel(t0 + 40 * HOUR):
        world.analyse(Finding.objects.get(pk=late.pk))
    sweep(now=APRIL)
    return {"good": good, "late": late, "silent": silent, "own": own, "remark": remark}


def test_the_rates_match_a_hand_count(month: dict[str, Any]) -> None:
    rates = {row["key"]: row for row in figures(Month.parse("2026-03"), now=APRIL)["rates"]}
    count = lambda key: tuple(rates[key][name] for name in ("hit", "miss", "undecided", "rate"))  # noqa: E731
    assert count("contain") == (1, 2, 0, 33.3)  # good; late, silent
    assert count("analyse") == (1, 1, 1, 50.0)  # good; silent; late's answer waits for its verdict
    assert count("close") == (1, 3, 0, 25.0)  # good; late, silent, the observation


def test_a_due_time_not_reached_is_neither_hit_nor_miss(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        world.finding("issued")
    row = figures(Month.parse("2026-03"), now=t0 + HOUR)["rates"][0]
    assert (row["hit"], row["miss"], row["undecided"], row["rate"]) == (0, 0, 1, None)


def test_the_counts_match_a_hand_count(month: dict[str, Any]) -> None:
    said = figures(Month.parse("2026-03"), now=APRIL)
    assert said["total"] == 4
    assert {row["key"]: row["count"] for row in said["grade"]} == {
        "critical": 1,
        "major": 1,
        "minor": 1,
        "observation": 1,
    }
    assert {row["key"]: row["count"] for row in said["site"]} == {"S-A": 3, "S-B": 1}
    assert {row["key"]: row["count"] for row in said["audits"]} == {
        "planned": 1,
        "held": 1,
        "sudden": 0,
        "postponed": 0,
        "cancelled": 0,
    }
    assert {row["key"]: row["count"] for row in said["ledger"]} == {
        "late_contain": 2,
        "late_analyse": 1,
        "late_close": 3,
        "late_review": 1,
        "returned": 0,
    }
    assert {row["key"]: row["count"] for row in said["ageing"]} == {"0-5": 0, "6-30": 3, "31-90": 0, "90+": 0}
    assert {row["key"]: row["count"] for row in said["ageing_self"]} == {"0-5": 0, "6-30": 1, "31-90": 0, "90+": 0}


def test_every_figure_equals_the_rows_behind_it(month: dict[str, Any]) -> None:
    chosen = Month.parse("2026-03")
    said = figures(chosen, now=APRIL)
    for figure in ("audits", "grade", "category", "customer", "site", "ageing", "ageing_self", "ledger"):
        for row in said[figure]:
            assert behind(chosen, figure, row["key"], APRIL).count() == row["count"], (figure, row)
    for row in said["rates"]:
        for key in RATE_KEYS:
            assert behind(chosen, row["key"], key, APRIL).count() == row[key]


def test_a_published_month_never_changes(world: World, month: dict[str, Any], login: Any) -> None:
    with moment.travel(APRIL):
        published = actions.publish(Month.parse("2026-03"), by=world.user("leader"), words="说明")
    with moment.travel(APRIL + 24 * HOUR):
        world.do(month["silent"], "withdraw", "escort", reason="客户撤销", files=[store(photo())])
    client = login("leader")
    page = client.get(reverse("reports:month", args=["2026-03"]))
    assert page.context["f"]["total"] == 4 and "说明" in page.content.decode()
    rows = client.get(reverse("reports:rows", args=["2026-03", "grade", "critical"]))
    assert [row.pk for row in rows.context["findings"]] == [month["silent"].pk]
    with pytest.raises(StaleState):
        actions.publish(Month.parse("2026-03"), by=world.user("leader"))
    assert published.published_at == APRIL


def test_the_running_month_cannot_be_published(world: World, login: Any) -> None:
    from reports.models import Publication

    login("leader").post(reverse("reports:publish", args=[str(Month.current())]))
    assert not Publication.objects.exists()


@pytest.fixture
def pdf_libraries() -> None:
    if sentence := fonts.hint():
        pytest.skip(sentence)


@pytest.mark.usefixtures("pdf_libraries")
def test_the_pdf_holds_the_numbers_and_the_right_glyphs(
    world: World, month: dict[str, Any], login: Any, tmp_path: Path
) -> None:
    response = login("leader").get(reverse("reports:pdf", args=["2026-03"]))
    assert response["Content-Type"] == "application/pdf"
    path = tmp_path / "a.pdf"
    path.write_bytes(response.content)
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed: install poppler-utils to read the PDF back")
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    for wanted in ("客户稽核月度总结报告 2026-03", month["late"].number, "24小时临时对策", "33.3", "扭力点检记录缺失"):
        assert wanted in text, wanted
    fonts_used = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    assert "Noto-Sans-SC" in fonts_used.replace(" ", "-") or "NotoSansSC" in fonts_used


@pytest.mark.usefixtures("pdf_libraries")
def test_the_command_writes_equal_bytes_for_equal_figures(month: dict[str, Any], world: World, tmp_path: Path) -> None:
    with moment.travel(APRIL):
        actions.publish(Month.parse("2026-03"), by=world.user("leader"))
    out = StringIO()
    for name in ("a.pdf", "b.pdf"):
        call_command("report", "--month", "2026-03", "--pdf", str(tmp_path / name), stdout=out)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert "sha256" in out.getvalue()


def test_the_command_prints_figures_and_refuses_nonsense(world: World, tmp_path: Path) -> None:
    out = StringIO()
    call_command("report", "--month", "2026-03", stdout=out)
    assert json.loads(out.getvalue())["month"] == "2026-03"
    with pytest.raises(CommandError, match="2026-3"):
        call_command("report", "--month", "2026-3", stdout=out)


def test_months_step_over_the_year() -> None:
    assert str(Month(2026, 12).next) == "2027-01" and str(Month(2026, 1).previous) == "2025-12"
    assert [str(one) for one in Month(2026, 2).back(3)] == ["2025-12", "2026-01", "2026-02"]
    assert Month(2026, 2).last.day == 28


def test_an_empty_month_reads_well(world: World, login: Any) -> None:
    page = login("leader").get(reverse("reports:month", args=["2025-01"]))
    assert page.status_code == 200 and "—" in page.content.decode()


def test_publishing_a_second_time_is_told_and_a_refused_one_keeps_the_words(world: World, login: Any) -> None:
    url = f"/reports/{Month.current().previous}/publish/"
    client = login("leader")
    told = client.post(url, {"words": "没有打勾"})
    assert told.status_code == 400 and "没有打勾" in told.content.decode() and "请勾选" in told.content.decode()
    assert client.post(url, {"words": "好", "sure": "on"}).status_code == 302
    assert client.post(url, {"words": "又一次"}).status_code == 409
