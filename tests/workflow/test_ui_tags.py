"""What templates say about times, facts and names, in both languages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation

from workflow.templatetags import ui

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(), "0分钟", "0 min"),
        (59 * MINUTE, "59分钟", "59 min"),
        (HOUR, "1小时", "1 h"),
        (3 * HOUR + 20 * MINUTE, "3小时20分", "3 h 20 min"),
        (DAY, "1天", "1 d"),
        (2 * DAY + 3 * HOUR + 59 * MINUTE, "2天3小时", "2 d 3 h"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(length: timedelta, zh: str, en: str) -> None:
    for language, said in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert ui.span(length).replace("分钟", "分") == said.replace("分钟", "分")


def test_what_is_left_and_what_is_late() -> None:
    with translation.override("en"):
        assert ui.time_left(NOW + 3 * HOUR, NOW) == "3 h left"
        assert ui.time_left(NOW - 3 * HOUR, NOW) == "late by 3 h"
        assert ui.time_left(NOW, NOW) == "0 min left" and ui.time_left(None, NOW) == ""


@pytest.mark.parametrize(
    ("due", "kind"),
    [
        (None, "running"),
        (NOW - MINUTE, "late"),
        (NOW, "soon"),
        (NOW + 8 * HOUR - MINUTE, "soon"),
        (NOW + 8 * HOUR, "running"),
    ],
)
def test_how_urgent_it_is(due: datetime | None, kind: str) -> None:
    assert ui.urgency(due, NOW) == kind


def test_a_moment_is_told_on_the_plants_clock_and_the_zone_where_it_is_another() -> None:
    assert ui.in_zone(NOW, "Asia/Shanghai") == "2026-03-06 18:00"
    assert ui.in_zone(NOW, "Europe/Berlin") == "2026-03-06 11:00 (Europe/Berlin)"
    assert ui.at(NOW) == "2026-03-06 18:00" and ui.at(None) == ui.in_zone(None, "x") == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"),
        (False, "no"),
        ([], "—"),
        ({}, "—"),
        ([1], "1 entry"),
        ([1, 2], "2 entries"),
        ("x" * 160, "x" * 160),
        ("x" * 161, "x" * 157 + "…"),
        (None, "None"),
    ],
)
def test_a_fact_of_the_trail_takes_one_line(value: Any, said: str) -> None:
    with translation.override("en"):
        assert ui.fact(value) == said


def test_minutes_from_the_due_time() -> None:
    with translation.override("en"):
        assert [ui.offset(n) for n in (0, -240, 1500)] == ["when it is due", "4 h before", "1 d 1 h after"]
        assert [ui.seconds(n) for n in (None, 3.4, 59.4, 60)] == ["—", "3 s", "59 s", "1 min"]
        assert ui.minutes(90) == "1 h 30 min"


def test_names_kept_in_two_languages_are_read_in_one() -> None:
    both, one = {"zh": "某厂", "en": "A plant"}, {"zh": "某厂", "en": ""}
    for language, said in (("zh-hans", "某厂、某厂、x"), ("en", "A plant、某厂、x")):
        with translation.override(language):
            assert ui.names([both, one, "x"]) == said
    assert ui.in_language(None) == ""


def test_the_query_is_kept_with_some_values_replaced() -> None:
    request = RequestFactory().get("/?q=扭力&page=2&state=issued")
    said = ui.with_query({"request": request}, page=3, new="x&y")
    assert said == "q=%E6%89%AD%E5%8A%9B&page=3&state=issued&new=x%26y"


def test_a_form_keeps_its_key_when_it_comes_back() -> None:
    fresh = ui.form_key({"request": RequestFactory().get("/")})
    other = ui.form_key({"request": RequestFactory().get("/")})
    assert fresh != other
    back = ui.form_key({"request": RequestFactory().post("/", {"form_key": '"><script>' + "x" * 40})})
    assert "<script>" not in back and 'value="&quot;&gt;&lt;script&gt;' in back


def test_every_state_has_a_colour_and_what_nobody_knows_is_under_way() -> None:
    assert (ui.colour("late"), ui.colour("closed"), ui.colour("nobody knows")) == ("red", "green", "blue")
    assert ui.button("next") == "primary" and ui.button("grave") == "outline-danger" and ui.button("x")
    assert ui.of({"a": 1}, "a") == 1 and ui.of(None, "a") == () and ui.of({}, "a") == ()
