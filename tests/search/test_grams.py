"""Text as the index keeps it, and what is looked for."""

import pytest

from search.grams import MOST_WORDS, begun, for_postgresql, for_sqlite, grams, phrases


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("流挂", "流挂 流 挂"),
        ("上海厂A12", "上海 海厂 上 海 厂 a12"),
        ("漆", "漆"),
        ("ＦＭＥＡ　表", "fmea 表"),
        ("0.45±0.05 N·m", "0 45 0 05 n m"),
        ("F-2026-0001", "f 2026 0001"),
        ("", ""),
    ],
)
def test_chinese_is_kept_in_pairs_and_signs_the_rest_in_words(text: str, kept: str) -> None:
    assert grams(text) == kept


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("上海厂 流挂", [["上海", "海厂"], ["流挂"]]),
        ("漆", [["漆"]]),
        ("F-2026-00", [["f", "2026", "00"]]),
        ("A12柱", [["a12"], ["柱"]]),
        ("  ", []),
        ("—·！", []),
    ],
)
def test_words_are_sought_as_they_were_typed(typed: str, sought: list[list[str]]) -> None:
    assert phrases(typed) == sought


def test_only_letters_may_go_on() -> None:
    assert begun(["torq"]) and begun(["f", "2026"]) and not begun(["扭力"])
    assert for_postgresql("torq 扭力矩") == "('torq':*) & ('扭力' <-> '力矩')"
    assert for_sqlite("torq 扭力矩") == '"torq" * AND "扭力 力矩"'


@pytest.mark.parametrize("typed", ["'", '"', "a'b", 'NEAR("a")', "a & | ! b", ":*", "()", "\\", "a*", "AND OR NOT"])
def test_signs_of_a_query_language_are_no_orders(typed: str) -> None:
    for said in (for_postgresql(typed), for_sqlite(typed)):
        inside = said.replace("'a':*", "").replace('"a" *', "")
        assert "\\" not in inside and "!" not in inside and "NEAR(" not in inside


def test_more_words_than_anybody_types_are_left_out() -> None:
    assert len(phrases(" ".join(f"w{n}" for n in range(40)))) == MOST_WORDS
