"""The monthly summary: figures against hand counts, drill-down, freezing, the PDF."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import load_workbook

from audits.models import Audit
from clocks.sweep import sweep
from findings.models import Finding
from lib import moment
from lib.storage import store
from reports import actions, bundle, fonts
from reports.figures import FIGURES, behind, figures
from reports.models import Publication
from reports.periods import Period
from reports.rows import RATE_KEYS
from tests.times import DAY, HOUR
from tests.world import World, photo
from workflow.errors import StaleState

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
    rates = {row["key"]: row for row in figures(Period.parse("2026-03"), now=APRIL)["rates"]}
    count = lambda key: tuple(rates[key][name] for name in ("hit", "miss", "undecided", "rate"))  # noqa: E731
    assert count("contain") == (1, 2, 0, 33.3)  # good; late, silent
    assert count("analyse") == (1, 1, 1, 50.0)  # good; silent; late's answer waits for its verdict
    assert count("close") == (1, 3, 0, 25.0)  # good; late, silent, the observation


def test_a_due_time_not_reached_is_neither_hit_nor_miss(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        world.finding("issued")
    row = figures(Period.parse("2026-03"), now=t0 + HOUR)["rates"][0]
    assert (row["hit"], row["miss"], row["undecided"], row["rate"]) == (0, 0, 1, None)


def test_the_counts_match_a_hand_count(month: dict[str, Any]) -> None:
    said = figures(Period.parse("2026-03"), now=APRIL)
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


EVERY_KIND = ("2026-03", "2026-Q1", "2026-H1", "2026", "2026-03-02..2026-03-20")


@pytest.mark.parametrize("name", EVERY_KIND)
def test_every_figure_is_the_number_of_its_rows(name: str, month: dict[str, Any]) -> None:
    """For every figure that is registered: nobody has to remember to add it here."""
    chosen = Period.parse(name)
    said = figures(chosen, now=APRIL)
    shown = {
        **{(one.key, row["key"]): row["count"] for one in FIGURES for row in _entries(said[one.key]) if "count" in row},
        **{(row["key"], key): row[key] for row in said["rates"] for key in RATE_KEYS},
        ("total", "all"): said["total"],
        ("first_pass", "hit"): said["first_pass"]["hit"],
        ("first_pass", "total"): said["first_pass"]["total"],
        ("closing", "all"): said["closing"]["count"],
    }
    frozen = {pair for one in FIGURES for pair in one.keys(said[one.key])}
    assert set(shown) == frozen and sum(shown.values()) > 20
    assert {pair: behind(chosen, *pair, APRIL).count() for pair in shown} == shown


def _entries(said: Any) -> list[dict[str, Any]]:
    return said if isinstance(said, list) else []


@pytest.mark.parametrize("name", EVERY_KIND)
def test_every_kind_of_period_reads_on_page_api_and_excel(
    name: str, month: dict[str, Any], login: Any, api: Any
) -> None:
    with moment.travel(APRIL):
        page = login("leader").get(f"/reports/{name}/")
        told = api("leader").get(f"/api/v1/reports/{name}/").json()
        book = load_workbook(BytesIO(login("leader").get(f"/reports/{name}/figures.xlsx").content)).active
    assert page.status_code == 200 and page.context["f"]["total"] == told["total"] == 4
    assert (told.get("month") or told["period"]) == name and len(told["trend"]) == 6
    lines = {(row[0], row[1] or ""): row[2] for row in book.iter_rows(min_row=2, values_only=True)}
    called = {figure.key: str(figure.label) for figure in FIGURES}
    for figure in ("audits", "grade", "category", "customer", "site", "ageing", "ageing_self", "ledger"):
        written = {entry: number for (name_of, entry), number in lines.items() if name_of == called[figure]}
        assert written == {row["label"]: row["count"] for row in told[figure]}, figure
    assert lines[called["total"], ""] == 4
    assert lines[called["rates"], "24小时临时对策 · 逾期"] == told["rates"][0]["miss"] == 2
    assert lines[called["closing"], "数量"] == told["closing"]["count"] == 1


def test_two_rounds_in_two_months_are_one_finding_of_the_quarter(world: World, t0: datetime) -> None:
    with moment.travel(datetime(2026, 1, 30, 2, 0, tzinfo=UTC)):
        finding = world.finding("closed")
    with moment.travel(datetime(2026, 2, 10, 2, 0, tzinfo=UTC)):
        world.do(finding, "reopen", "escort", cause="customer", back_to="issued", reason="客户拒绝")
    rates = {one: figures(Period.parse(one), now=APRIL)["rates"][0] for one in ("2026-01", "2026-02", "2026-Q1")}
    assert {one: (row["hit"], row["miss"]) for one, row in rates.items()} == {
        "2026-01": (1, 0),
        "2026-02": (0, 1),
        "2026-Q1": (0, 1),
    }


def test_a_quarter_is_published_like_a_month_and_a_range_is_not(
    world: World, month: dict[str, Any], login: Any
) -> None:
    client = login("leader")
    with moment.travel(APRIL):
        sent = {"words": "季度说明", "sure": "on"}
        assert client.post("/reports/2026-03-01..2026-03-31/publish/", sent).status_code == 400
        assert client.post("/reports/2026-Q2/publish/", sent).status_code == 400  # it has not ended
        assert client.post("/reports/2026-Q1/publish/", sent).status_code == 302
    published = Publication.objects.get()
    assert published.period == "2026-Q1" and bundle.is_whole(published) and bundle.of(published)["period"] == "2026-Q1"
    with moment.travel(APRIL + 24 * HOUR):
        world.do(month["silent"], "withdraw", "escort", reason="客户撤销", files=[store(photo())])
        assert client.get("/reports/2026-Q1/").context["f"]["total"] == 4
        assert client.get("/reports/2026-03/").context["f"]["total"] == 3
        trend = client.get("/reports/2026-Q2/").context["f"]["trend"]
    assert [row["period"] for row in trend][-2:] == ["2026-Q1", "2026-Q2"] and trend[-2]["contain"] == 33.3


def test_a_finding_closed_twice_is_two_closures_with_two_rows(world: World, t0: datetime, login: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("closed")
    with moment.travel(t0 + 24 * HOUR):
        world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="客户拒绝")
        world.implement(Finding.objects.get(pk=finding.pk))
        world.do(finding, "close", "closure", verified_how="on_site", conclusion="看到了")
    with moment.travel(APRIL):
        page = login("leader").get("/reports/2026-03/rows/closing/all/")
        listed = page.content.decode()
        assert login("leader").get("/reports/2026-03/").context["f"]["closing"]["count"] == 2
    assert page.context["count"] == 2 and listed.count(f">{finding.number}</a>") == 2


def test_a_month_published_without_the_rows_of_closures_opens_none(world: World, month: Any, login: Any) -> None:
    with moment.travel(APRIL):
        published = actions.publish(Period.parse("2026-03"), by=world.user("leader"))
        opens = "rows/closing/all/"
        assert opens in login("leader").get("/reports/2026-03/").content.decode()
        older = {name: ids for name, ids in published.members.items() if not name.startswith(("closing", "first_pass"))}
        Publication.objects.update(members=older)
        assert opens not in login("leader").get("/reports/2026-03/").content.decode()


def test_a_report_whose_name_was_changed_is_not_whole(world: World, month: Any) -> None:
    with moment.travel(APRIL):
        published = actions.publish(Period.parse("2026-03"), by=world.user("leader"))
    assert bundle.is_whole(published)
    published.period = "no period"
    assert not bundle.is_whole(published)


def test_a_published_month_between_live_ones_keeps_its_rates_in_the_trend(world: World, month: Any, login: Any) -> None:
    with moment.travel(APRIL):
        actions.publish(Period.parse("2026-03"), by=world.user("leader"))
    shown = figures(Period.parse("2026-05"), now=datetime(2026, 5, 20, tzinfo=UTC))["trend"]
    assert {row["month"]: row["contain"] for row in shown} == {
        **dict.fromkeys(("2025-12", "2026-01", "2026-02", "2026-04", "2026-05")),
        "2026-03": 33.3,
    }
    for name in ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02"):
        with moment.travel(APRIL):
            actions.publish(Period.parse(name), by=world.user("leader"))
    assert figures(Period.parse("2026-03"), now=APRIL)["trend"][-1]["contain"] == 33.3


def test_what_an_exemption_carries_is_judged_by_its_new_date_in_a_line_of_its_own(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        in_time, late = world.finding("analysed"), world.finding("analysed")
        for finding in (in_time, late):
            asked = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
            world.do(finding, "apply_exemption", "owner", new_date=(t0 + 12 * DAY).date(), **asked)
            world.do(finding, "decide_exemption", "leader", approve=True, reason="同意")
    with moment.travel(t0 + 11 * DAY):
        world.implement(Finding.objects.get(pk=in_time.pk))
        world.do(in_time, "close", "closure", verified_how="on_site", conclusion="看到了")
    (row,) = [one for one in figures(Period.parse("2026-03"), now=APRIL)["rates"] if one["key"] == "close"]
    assert (row["hit"], row["miss"]) == (0, 0)
    assert (row["exempted"], row["exempted_hit"], row["exempted_miss"]) == (2, 1, 1)


@pytest.mark.parametrize("name", ["ledger", "closing", "contain", "first_pass", "audits", "nothing"])
def test_a_part_that_no_figure_has_is_not_found(name: str, world: World, login: Any) -> None:
    with pytest.raises(KeyError):
        behind(Period.parse("2026-03"), name, "nonsense", APRIL)
    assert login("leader").get(f"/reports/2026-03/rows/{name}/nonsense/").status_code == 404


def test_nothing_is_published_before_its_end_nor_a_range(world: World, t0: datetime) -> None:
    for name in ("2026-03", "2026-02-01..2026-02-28"):
        with moment.travel(t0), pytest.raises(StaleState, match="结束"):
            actions.publish(Period.parse(name), by=world.user("leader"))


def test_findings_of_a_customer_who_is_not_entered_yet_open_their_rows(world: World, month: Any) -> None:
    Audit.objects.update(customer=None)
    chosen = Period.parse("2026-03")
    (row,) = figures(chosen, now=APRIL)["customer"]
    assert behind(chosen, "customer", row["key"], APRIL).count() == row["count"] == 4
    with moment.travel(APRIL):
        published = actions.publish(chosen, by=world.user("leader"))
    assert len(published.members["customer/none"]) == 4


def test_any_days_are_chosen_on_the_list_of_reports(world: World, login: Any) -> None:
    client = login("leader")
    with moment.travel(APRIL):
        asked = {"first": "2026-03-02", "last": "2026-03-20"}
        assert client.get("/reports/", asked).url == "/reports/2026-03-02..2026-03-20/"
        turned = client.get("/reports/", {"first": "2026-03-20", "last": "2026-03-02"})
        assert turned.status_code == 400 and "2026-03-02" in turned.content.decode()
        listed = client.get("/reports/?from=a-link").content.decode()
    for name in ("2026-03", "2026-Q1", "2025-H2", "2026", "2022"):
        assert f'href="/reports/{name}/"' in listed, name


def test_a_published_month_never_changes(world: World, month: dict[str, Any], login: Any) -> None:
    with moment.travel(APRIL):
        published = actions.publish(Period.parse("2026-03"), by=world.user("leader"), words="说明")
    with moment.travel(APRIL + 24 * HOUR):
        world.do(month["silent"], "withdraw", "escort", reason="客户撤销", files=[store(photo())])
    client = login("leader")
    page = client.get(reverse("reports:period", args=["2026-03"]))
    assert page.context["f"]["total"] == 4 and "说明" in page.content.decode()
    rows = client.get(reverse("reports:rows", args=["2026-03", "grade", "critical"]))
    assert [row.pk for row in rows.context["findings"]] == [month["silent"].pk]
    with pytest.raises(StaleState):
        actions.publish(Period.parse("2026-03"), by=world.user("leader"))
    assert published.published_at == APRIL


def test_the_running_month_cannot_be_published(world: World, login: Any) -> None:
    login("leader").post(reverse("reports:publish", args=[str(Period.current())]))
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
        actions.publish(Period.parse("2026-03"), by=world.user("leader"))
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
    assert str(Period.month(2026, 12).next) == "2027-01" and str(Period.month(2026, 1).previous) == "2025-12"
    assert [str(one) for one in Period.month(2026, 2).back(3)] == ["2025-12", "2026-01", "2026-02"]
    assert Period.month(2026, 2).last.day == 28


def test_an_empty_month_reads_well(world: World, login: Any) -> None:
    page = login("leader").get(reverse("reports:period", args=["2025-01"]))
    assert page.status_code == 200 and "—" in page.content.decode()


def test_publishing_a_second_time_is_told_and_a_refused_one_keeps_the_words(world: World, login: Any) -> None:
    url = f"/reports/{Period.current().previous}/publish/"
    client = login("leader")
    told = client.post(url, {"words": "没有打勾"})
    assert told.status_code == 400 and "没有打勾" in told.content.decode() and "请勾选" in told.content.decode()
    assert client.post(url, {"words": "好", "sure": "on"}).status_code == 302
    assert client.post(url, {"words": "又一次"}).status_code == 409
