"""Months, quarters, half-years, years and any days: their names, bounds and neighbours."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from lib import moment
from reports.periods import KINDS, Period


@pytest.mark.parametrize(
    ("name", "first", "last", "before", "after"),
    [
        ("2026-10", "2026-10-01", "2026-10-31", "2026-09", "2026-11"),
        ("2026-12", "2026-12-01", "2026-12-31", "2026-11", "2027-01"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01", "2024-03"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4", "2026-Q2"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026-Q3", "2027-Q1"),
        ("2026-H1", "2026-01-01", "2026-06-30", "2025-H2", "2026-H2"),
        ("2026-H2", "2026-07-01", "2026-12-31", "2026-H1", "2027-H1"),
        ("2026", "2026-01-01", "2026-12-31", "2025", "2027"),
        ("2026-03-02..2026-03-20", "2026-03-02", "2026-03-20", "2026-02-11..2026-03-01", "2026-03-21..2026-04-08"),
    ],
)
def test_name_bounds_and_neighbours(name: str, first: str, last: str, before: str, after: str) -> None:
    period = Period.parse(name)
    assert (str(period), str(period.first), str(period.last)) == (name, first, last)
    assert (str(period.previous), str(period.next)) == (before, after)
    assert period.start.isoformat() == f"{first}T00:00:00+08:00" and period.end == period.next.start


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-3", "2026-13", "2026-00", "2026-Q5", "2026-q1", "2026-H3", "26", "1999", "2101-01", "２０２６"),
        *(
            "2026-03-02",
            "2026-03-20..2026-03-02",
            "2026-02-30..2026-03-02",
            "2020-01-01..2026-03-02",
            "2026-03..2026-04",
        ),
        *("9999-12-31..9999-12-31", "2026-03-02..", "x", "2026-10\n", "\x00"),
    ],
)
def test_what_is_none_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="2026-Q4"):
        Period.parse(text)


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(KINDS)))
def test_every_day_lies_in_one_period_of_each_kind(day: date, kind: str) -> None:
    period = Period.of(day, kind)
    assert period.first <= day <= period.last and Period.parse(str(period)) == period
    assert period.next.previous == period and (period.next.first - period.last).days == 1
    assert period.month_names[0] == f"{period.first:%Y-%m}" and period.month_names[-1] == f"{period.last:%Y-%m}"
    assert len(set(period.month_names)) == KINDS[kind].months


def test_the_day_of_a_moment_is_the_groups() -> None:
    assert str(Period.of(datetime(2026, 9, 30, 16, 30, tzinfo=UTC))) == "2026-10"
    with moment.travel(datetime(2026, 9, 30, 16, 30, tzinfo=UTC)):
        assert str(Period.current("quarter")) == "2026-Q4" and Period.parse("2026-Q3").is_over
        with pytest.raises(ValueError, match="2026-11"):
            Period.past_or_present("2026-11")


def test_every_kind_says_what_it_is_called() -> None:
    assert [Period.current(kind).title for kind in KINDS] == [
        "月度总结报告",
        "季度总结报告",
        "半年度总结报告",
        "年度总结报告",
    ]
    days = Period.parse("2026-03-02..2026-03-20")
    assert days.title == "总结报告" and "六个同长期间" in days.trend_title and days.month_names == []
    assert Period.parse("2026-Q1").named() == {"period": "2026-Q1"} and Period.parse("2026-01").named() == {
        "month": "2026-01"
    }
