"""Hints at weak causes and weak actions (domain §3.3): they ask, in both languages, and block nothing."""

import pytest
from django.utils import translation

from findings import hints
from findings.models import Finding
from tests.world import World


@pytest.mark.parametrize("text", ["员工责任心不强", "Operator ERROR on shift", "新员工未按SOP作业", "培训不到位导致"])
def test_a_cause_that_stops_at_a_person_is_asked_once_more(text: str) -> None:
    with translation.override("en"):
        assert hints.cause(text).endswith("why did the process allow it? Ask once more.")
    assert hints.cause("换线清单缺少扭力点检项") == ""


@pytest.mark.parametrize("text", ["加强培训", "Remind all operators", "要求员工下次注意"])
def test_an_action_that_binds_nobody_is_asked_what_makes_it_impossible(text: str) -> None:
    with translation.override("en"):
        assert "what makes the error impossible?" in hints.action(text)
    assert hints.action("增加互锁，未点检不能开机") == ""


def test_every_weak_word_that_was_found_is_named() -> None:
    said = hints.cause("新员工意识不足")
    assert "意识不足、新员工" in said or "新员工、意识不足" in said


@pytest.mark.parametrize(
    ("text", "short"), [("", False), ("  ", False), ("当班", True), ("3人", False), ("abc", True), ("停用复测", False)]
)
def test_a_word_without_a_figure_says_nothing(text: str, short: bool) -> None:
    assert hints.is_short(text) is short


def test_an_answer_is_asked_about_as_a_whole(world: World) -> None:
    finding = world.finding("contained")
    contained = finding.current("contain")
    assert contained is not None
    contained.data |= {"effect": "好", "scope": [{"area": "line", "applies": False, "note": "不涉及"}]}
    with translation.override("en"):
        short, scope = hints.of_answer(contained)
    assert "当班" in short and "好" in short and "affected" in scope
    contained.data |= {"done_at": "2026-03-06 18:00", "effect": "复测全部合格", "done_by": "班长甲乙", "scope": []}
    assert hints.of_answer(contained) == [] or all("当班" not in one for one in hints.of_answer(contained))


def test_an_analysis_is_read_rung_by_rung(world: World) -> None:
    finding = Finding.objects.get(pk=world.finding("analysed").pk)
    analysis = finding.current("analyse")
    assert analysis is not None
    analysis.whys.filter(position=1).update(because="忘了")
    analysis.roots.update(statement="疏忽")
    said = " ".join(hints.of_answer(Finding.objects.get(pk=finding.pk).current("analyse")))
    assert "忘了" in said and "疏忽" in said


def test_the_page_asks_with_the_same_words() -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words = hints.for_script()
            assert words["say_causes"].replace("%s", "新员工") == hints.cause("新员工")
            assert words["say_actions"].replace("%s", "宣导") == hints.action("宣导")
    assert {"human error", "意识不足"} <= set(words["causes"]) and "remind" in words["actions"]
